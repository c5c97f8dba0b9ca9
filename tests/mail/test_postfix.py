"""A real Postfix in front of us, killed in the middle: every mail goes through it once."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select

from models.tables.mail import Message, MessageState
from sandwich.mail.deliver import deliver_due
from sandwich.mail.outcome import WAITS
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.mail.conftest import mailing
from tests.mail.queueing import put_for_many
from tests.support import postfix
from tests.support.certificates import write_certificate
from tests.support.need import need

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

MANY = 200
BEFORE = 60
"""How many arrive before it is killed."""


async def test_two_hundred_mails_pass_a_postfix_that_is_killed_in_the_middle_each_once(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(postfix.is_here(), postfix.MISSING)
    certificate, key = write_certificate(tmp_path, "localhost", x509.DNSName("localhost"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr("sandwich.mail.relay.shared_context", ssl.create_default_context)
    await put_for_many(runtime, MANY)
    tls = {"smtpd_tls_cert_file": certificate, "smtpd_tls_key_file": key, "smtpd_tls_security_level": "encrypt"}
    with postfix.a_sink(tmp_path / "arrived") as sink, postfix.a_postfix(sink.port, **tls) as relay:
        encrypted = {"smtp_host": "localhost", "smtp_encryption": Encryption.STARTTLS, "smtp_timeout": 20.0}
        here = mailing(runtime, relay.port, **encrypted)

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
