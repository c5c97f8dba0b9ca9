"""Ten codes at seven stages, and a line that drops or hangs at each: 84 cells, each with one outcome."""

import asyncio
import ssl
from dataclasses import replace

import pytest
from cryptography import x509

from sandwich.mail.relay import Delivery, Relay, Result
from sandwich.settings import Encryption
from tests.mail.peers import DROP, HANG, a_script
from tests.mail.test_relay import MAIL, contexts, settings
from tests.support.certificates import write_certificate

pytestmark = pytest.mark.asyncio

SOON = Delivery(Result.RETRY, is_relay_down=True)
"""Again in five minutes, and so for every mail: nothing else is tried in this round."""

NEXT = Delivery(Result.RETRY)
"""Again in five minutes; the next mail may fare better."""

SLOW = Delivery(Result.RETRY, is_slow=True)
"""Again in a quarter of an hour: it is for the recipient's server to come round."""

SETUP = Delivery(Result.RETRY, is_relay_down=True, is_setup_wrong=True)
"""Waits until somebody changes a setting, and never fails by it."""

DEAD = Delivery(Result.REFUSED, is_box_dead=True)
"""The address is marked, the coordinator gets a call."""

REFUSED = Delivery(Result.REFUSED)
"""The mail is not taken, the coordinator gets a call; the address stays as it is."""

UNKNOWN = Delivery(Result.UNKNOWN, is_relay_down=True)
"""It may have arrived."""

CODES = ("421", "450", "451", "452", "432", "535", "550", "552", "553", "554", DROP, HANG)
_OF_US = (SOON, SOON, SOON, SOON, SOON, SETUP, SETUP, SETUP, SETUP, SETUP, SOON, SOON)
MATRIX = {
    "connect": _OF_US,
    "EHLO": _OF_US,
    "AUTH": _OF_US,
    "MAIL": _OF_US,
    "RCPT": (SOON, SLOW, SLOW, NEXT, SOON, SETUP, DEAD, REFUSED, DEAD, DEAD, SOON, SOON),
    "DATA": (SOON, SLOW, SLOW, NEXT, SOON, SETUP, REFUSED, REFUSED, REFUSED, REFUSED, SOON, SOON),
    "dot": (SOON, SLOW, SLOW, NEXT, SOON, SETUP, REFUSED, REFUSED, REFUSED, REFUSED, UNKNOWN, UNKNOWN),
}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS of a server, without which no password is said, and of a client that trusts it."""
    return contexts(write_certificate(tmp_path_factory.mktemp("tls"), "localhost", x509.DNSName("localhost")))


@pytest.mark.parametrize("stage", MATRIX)
async def test_every_answer_has_one_outcome(stage: str, tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = tls if stage == "AUTH" else (None, None)

    async def outcome(code: str) -> Delivery:
        said = f"{code} in those words" if code.isdigit() else code
        async with a_script(server, **{stage: said}) as peer:
            asked = settings(peer.port, smtp_timeout=3.0)
            if server:
                login = {"smtp_user": "sandwich", "smtp_password": "hunter2"}
                asked = settings(peer.port, Encryption.TLS, smtp_host="localhost", smtp_timeout=3.0, **login)
            async with Relay(asked, client) as relay:
                delivery = await asyncio.wait_for(relay.send(MAIL), 30)
        assert len(peer.mails) == (stage == "dot"), (stage, code)
        assert delivery.code == (int(code) if code.isdigit() else None), (stage, code)
        assert stage == "connect" or any(line.startswith(stage) for line in [*peer.heard, "dot"])
        return delivery

    came = await asyncio.gather(*(outcome(code) for code in CODES))

    found = {code: replace(one, code=None, said="") for code, one in zip(CODES, came, strict=True)}
    assert found == dict(zip(CODES, MATRIX[stage], strict=True))
