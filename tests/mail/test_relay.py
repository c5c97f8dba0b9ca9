"""What comes of a try, by what the mail server says and when: accepted, again later, refused, or unknown."""

import asyncio
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from sandwich.mail.compose import Composed
from sandwich.mail.relay import Relay, Result
from sandwich.settings import Encryption, Environment, Settings
from tests.mail.peers import DROP, a_mailbox, a_script
from tests.support.certificates import write_certificate

pytestmark = pytest.mark.asyncio

MAIL = Composed(
    "sandwich@grienden.example", "erik@kompas.example", "<1@grienden.example>", b"Subject: x\r\n\r\nDag\r\n"
)


def settings(port: int, encryption: Encryption = Encryption.NONE, **more: object) -> Settings:
    """Return settings that send mail to a port on this machine."""
    return Settings(
        environment=Environment.DEMO,
        mail_from="sandwich@grienden.example",
        smtp_port=port,
        smtp_encryption=encryption,
        **{"smtp_timeout": 1.0, **more},
    )


CODES = [
    # stage, what the server says, result, is the box dead, is the setup wrong; all others stand in test_matrix.py
    ("MAIL", "530 log in first", Result.RETRY, False, True),
    ("RCPT", "452 4.2.2 full", Result.RETRY, False, False),
    ("RCPT", "550 5.1.1 no such user", Result.REFUSED, True, False),
    ("RCPT", "550 5.7.1 we do not like you", Result.REFUSED, False, False),
    ("RCPT", "552 5.2.2 mailbox full", Result.REFUSED, False, False),
    ("RCPT", "553 5.1.3 no such name", Result.REFUSED, True, False),
    ("RCPT", "554 5.2.1 mailbox disabled", Result.REFUSED, True, False),
    ("RCPT", "554 5.7.1 <erik@kompas.example>: Relay access denied", Result.RETRY, False, True),
    ("RCPT", "530 5.7.0 log in first", Result.RETRY, False, True),
    ("dot", "250 2.0.0 queued", Result.ACCEPTED, False, False),
    ("dot", "nonsense", Result.UNKNOWN, False, False),
]


@pytest.mark.parametrize(("stage", "said", "result", "is_dead", "is_wrong"), CODES)
async def test_what_a_server_adds_to_its_code_counts(
    stage: str, said: str, result: Result, is_dead: bool, is_wrong: bool
) -> None:
    async with a_script(**{stage: said}) as peer, Relay(settings(peer.port)) as relay:
        delivery = await asyncio.wait_for(relay.send(MAIL), 10)

    assert (delivery.result, delivery.is_box_dead, delivery.is_setup_wrong) == (result, is_dead, is_wrong)
    assert delivery.code == (int(said[:3]) if said[:3].isdigit() else None)
    assert len(delivery.said) <= 200


async def test_nobody_there_is_a_retry() -> None:
    async with a_script() as peer:
        port = peer.port
    async with Relay(settings(port)) as relay:
        delivery = await relay.send(MAIL)

    assert (delivery.result, delivery.is_relay_down) == (Result.RETRY, True)


async def test_a_whole_run_uses_one_connection_also_after_a_refusal() -> None:
    async with a_script() as peer, Relay(settings(peer.port)) as relay:
        for number in range(3):
            mail = Composed(MAIL.sender, f"t{number}@kompas.example", MAIL.message_id, MAIL.data)
            assert (await relay.send(mail)).result is Result.ACCEPTED
        peer.says = {"RCPT": "550 no such user"}
        assert (await relay.send(MAIL)).result is Result.REFUSED
        peer.says = {}
        assert (await relay.send(MAIL)).result is Result.ACCEPTED

        assert peer.connections == 1
        assert len(peer.mails) == 4
        assert peer.heard.count("RSET") == 1


async def test_a_line_that_the_server_closed_meanwhile_is_opened_again() -> None:
    async with a_script() as peer, Relay(settings(peer.port)) as relay:
        assert (await relay.send(MAIL)).result is Result.ACCEPTED
        peer.once = {"MAIL": DROP}

        assert (await relay.send(MAIL)).result is Result.ACCEPTED
        assert (peer.connections, len(peer.mails)) == (2, 2)


@pytest.mark.parametrize("lost", [DROP, "nonsense"])
async def test_a_line_lost_behind_the_final_dot_is_unknown_and_not_sent_again_also_when_it_was_open_before(
    lost: str,
) -> None:
    async with a_script() as peer, Relay(settings(peer.port)) as relay:
        assert (await relay.send(MAIL)).result is Result.ACCEPTED
        peer.once = {"dot": lost}

        assert (await relay.send(MAIL)).result is Result.UNKNOWN
        assert len(peer.mails) == 2


@pytest.mark.parametrize(
    "recipient", ["erik@kompas.example", "o'brien+les=1@x-y.example", "UPPER@x.example", "a!#$%&'*/=^_`{|}~@x.example"]
)
async def test_control_07_the_wire_says_exactly_what_was_asked(recipient: str) -> None:
    async with a_script() as peer, Relay(settings(peer.port)) as relay:
        delivery = await relay.send(Composed(MAIL.sender, recipient, MAIL.message_id, MAIL.data))

    assert f"RCPT TO:<{recipient}>" in peer.heard
    assert f"MAIL FROM:<{MAIL.sender}>" in peer.heard
    assert delivery.recipient == recipient


async def test_dots_and_line_ends_arrive_as_they_were() -> None:
    data = b"Subject: x\r\n\r\n.\r\n..two\r\nlone\nlf\r.cr\r\n"
    async with a_mailbox() as box, Relay(settings(box.port)) as relay:
        assert (await relay.send(Composed(MAIL.sender, MAIL.recipient, "<1@x>", data))).result is Result.ACCEPTED

    assert box.mails[0].data == b"Subject: x\r\n\r\n.\r\n..two\r\nlone\r\nlf\r\n.cr\r\n"
    assert len(box.mails) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine that nobody knows, and its key."""
    return write_certificate(tmp_path_factory.mktemp("tls"), "localhost", x509.DNSName("localhost"))


def contexts(certificate: tuple[Path, Path]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's TLS context, and that of a client which trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificate)
    return server, ssl.create_default_context(cafile=str(certificate[0]))


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_mail_goes_over_tls_to_a_server_that_is_trusted(
    certificate: tuple[Path, Path], encryption: Encryption
) -> None:
    server, client = contexts(certificate)
    async with (
        a_mailbox(server, implicit=encryption is Encryption.TLS) as box,
        Relay(settings(box.port, encryption, smtp_host="localhost"), client) as relay,
    ):
        assert (await relay.send(MAIL)).result is Result.ACCEPTED

    assert len(box.mails) == 1


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_control_11_nothing_goes_to_a_server_whose_certificate_is_not_trusted_or_has_another_name(
    certificate: tuple[Path, Path], encryption: Encryption
) -> None:
    server, client = contexts(certificate)
    async with a_mailbox(server, implicit=encryption is Encryption.TLS) as box:
        for host, context in (("localhost", ssl.create_default_context()), ("127.0.0.1", client)):
            async with Relay(settings(box.port, encryption, smtp_host=host), context) as relay:
                delivery = await relay.send(MAIL)
            assert (delivery.result, delivery.is_relay_down) == (Result.RETRY, True)

    assert box.mails == []


async def test_control_11_without_starttls_nothing_goes_over_the_open_line_and_no_password_is_said() -> None:
    async with a_script() as peer:
        asked = settings(peer.port, Encryption.STARTTLS, smtp_user="sandwich", smtp_password="hunter2")
        async with Relay(asked) as relay:
            delivery = await relay.send(MAIL)

    assert (delivery.result, delivery.is_relay_down) == (Result.RETRY, True)
    assert not any(line.startswith(("MAIL", "AUTH")) for line in peer.heard)
    assert peer.mails == []
