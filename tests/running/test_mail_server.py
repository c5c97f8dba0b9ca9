"""What the doctor says of the mail server, by what a real one does."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from sandwich.running import mail_server
from sandwich.running.findings import Finding
from sandwich.running.mail_server import look_at_mail_server
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.mail.conftest import mailing
from tests.mail.peers import a_mailbox, a_script
from tests.mail.test_relay import contexts
from tests.support.certificates import write_certificate

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def over_tls(runtime: Runtime, folder: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool) -> Finding:
    """Look at a mail server with a certificate of our own."""
    certificate = write_certificate(folder, "localhost", x509.DNSName("localhost"))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with a_mailbox(contexts(certificate)[0]) as box:
        encrypted = {"smtp_host": "localhost", "smtp_encryption": Encryption.STARTTLS}
        return await look_at_mail_server(mailing(runtime, box.port, **encrypted))


async def test_a_server_that_takes_mail_from_us_is_well(runtime: Runtime) -> None:
    async with a_script() as peer:
        found = await look_at_mail_server(mailing(runtime, peer.port))

    assert found.is_well
    assert "MAIL FROM:<sandwich@grienden.example>" in peer.heard
    assert not any(line.startswith(("RCPT", "DATA")) for line in peer.heard)


async def test_a_server_that_refuses_our_sender_is_told_apart_from_one_that_is_gone(runtime: Runtime) -> None:
    async with a_script(MAIL="550 5.7.1 who are you") as peer:
        refused = await look_at_mail_server(mailing(runtime, peer.port))
    gone = await look_at_mail_server(mailing(runtime, peer.port))

    assert not (refused.is_well)
    assert not (gone.is_well)
    assert "SANDWICH_MAIL_FROM" in refused.words.nl
    assert "(550)" in refused.words.en
    assert "geen verbinding" in gone.words.nl


async def test_protection_is_named_and_a_certificate_must_be_trusted_and_last(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = await over_tls(runtime, tmp_path, monkeypatch, trusted=False)
    ending = await over_tls(runtime, tmp_path, monkeypatch, trusted=True)
    monkeypatch.setattr(mail_server, "NEARLY_OVER", timedelta(hours=1))
    known = await over_tls(runtime, tmp_path, monkeypatch, trusted=True)

    assert [strange.is_well, ending.is_well, known.is_well] == [False, False, True]
    assert "certificaat klopt niet" in strange.words.nl
    assert "its certificate is not right" in strange.words.en
    assert "Let whoever runs it renew it" in ending.words.en
    assert "TLSv1.3" in known.words.nl
