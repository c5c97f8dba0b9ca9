"""A real Postfix in front of us, killed in the middle: every mail goes through it once."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from pydantic import SecretStr
from sqlalchemy import select

from models.tables.mail import Message, MessageState
from sandwich.mail.deliver import deliver_due
from sandwich.mail.outcome import WAITS
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.mail.conftest import mailing
from tests.mail.queueing import put_for_many
from tests.support import dovecot, postfix
from tests.support.certificates import write_certificate
from tests.support.need import need

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

ENCRYPTED = {"smtp_host": "localhost", "smtp_encryption": Encryption.STARTTLS, "smtp_timeout": 20.0}
MANY = 200
BEFORE = 60
"""How many arrive before it is killed."""


async def test_two_hundred_mails_pass_a_postfix_that_is_killed_in_the_middle_each_once(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(postfix.is_here(), postfix.MISSING)
    tls = trusted(tmp_path, monkeypatch)
    await put_for_many(runtime, MANY)
    with postfix.a_sink(tmp_path / "arrived") as sink, postfix.a_postfix(sink.port, **tls) as relay:
        here = mailing(runtime, relay.port, **ENCRYPTED)

        delivering = asyncio.create_task(_deliver_all(here))
        await _until(lambda: len(sink.arrived()) >= BEFORE)
        await asyncio.to_thread(relay.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(relay.start)
        await delivering
        await _until(lambda: relay.waiting() == 0)

        came = sink.arrived()
    async with runtime.store.read() as session:
        rows = list(await session.scalars(select(Message)))
    states = Counter(row.state for row in rows)
    assert states.keys() <= {MessageState.SENT, MessageState.UNKNOWN}
    assert states[MessageState.UNKNOWN] <= 1, "one line, one mail on it"
    for row in rows:
        # Two with one queue identifier are one mail that Postfix, killed before it could note it, handed on again.
        handed = set(came.get(row.message_id or "", []))
        assert len(handed) == 1 or (row.state is MessageState.UNKNOWN and not handed), (row.key, handed)


async def test_a_mail_server_that_wants_a_login_gets_it_and_a_wrong_password_loses_nothing(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(postfix.is_here(), postfix.MISSING)
    need(dovecot.is_here(), dovecot.MISSING)
    tls = trusted(tmp_path, monkeypatch)
    await put_for_many(runtime, 3)
    with postfix.a_sink(tmp_path / "arrived") as sink, dovecot.a_dovecot() as knows:
        asks = {
            "smtpd_sasl_auth_enable": "yes",
            "smtpd_sasl_type": "dovecot",
            "smtpd_sasl_path": knows.asked,
            "smtpd_tls_auth_only": "yes",
            "smtpd_relay_restrictions": "permit_sasl_authenticated, reject_unauth_destination",
        }
        with postfix.a_postfix(sink.port, **tls, **asks) as relay:
            for user, password in (("", ""), (dovecot.USER, "fout")):
                wrong = ENCRYPTED | {"smtp_user": user, "smtp_password": SecretStr(password)}
                await deliver_due(mailing(runtime, relay.port, **wrong))
                assert not sink.arrived()
                assert await _states(runtime) == {MessageState.QUEUED: 3}, "it waits until somebody has mended it"
                await runtime.clock.set(await runtime.clock.now() + timedelta(days=1))
            right = ENCRYPTED | {"smtp_user": dovecot.USER, "smtp_password": SecretStr(dovecot.PASSWORD)}
            await _deliver_all(mailing(runtime, relay.port, **right))
            await _until(lambda: len(sink.arrived()) == 3)
    assert await _states(runtime) == {MessageState.SENT: 3}


def trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Trust a certificate of our own, and return what makes Postfix show it."""
    certificate, key = write_certificate(folder, "localhost", x509.DNSName("localhost"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr("sandwich.mail.relay.shared_context", ssl.create_default_context)
    return {"smtpd_tls_cert_file": certificate, "smtpd_tls_key_file": key, "smtpd_tls_security_level": "encrypt"}


async def _states(runtime: Runtime) -> Counter[MessageState]:
    async with runtime.store.read() as session:
        return Counter(await session.scalars(select(Message.state)))


async def _deliver_all(runtime: Runtime) -> None:
    """Deliver until nothing waits, with time going on whenever the mail server is not there."""
    waiting = select(Message.id).where(Message.state == MessageState.QUEUED).limit(1)
    async with asyncio.timeout(100):
        while True:
            if not await deliver_due(runtime):
                async with runtime.store.read() as session:
                    if await session.scalar(waiting) is None:
                        return
                await runtime.clock.set(await runtime.clock.now() + WAITS[0] + timedelta(seconds=1))
                await asyncio.sleep(0.2)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(100):
        while not await asyncio.to_thread(is_so):  # noqa: ASYNC110 - another program's files have no event
            await asyncio.sleep(0.1)
