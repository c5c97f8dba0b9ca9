"""Real mail servers in front: Postfix hands mail over by LMTP, Dovecot keeps a mailbox that is read by IMAP."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import pytest_asyncio
from pydantic import SecretStr

from models.tables.incoming import Came
from sandwich.incoming.handle import handle_new
from sandwich.incoming.listen import listening
from sandwich.incoming.mailbox import Looked, MailboxUnavailable, look_inside, take_mail
from sandwich.mail.deliver import deliver_due
from sandwich.running.incoming import look_at_incoming
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.incoming.conftest import Post, a_bounce, a_mail
from tests.mail.queueing import put
from tests.mail.telling import Telling
from tests.support import dovecot, postfix
from tests.support.dovecot import HOST, Dovecot
from tests.support.need import need

pytestmark = [pytest.mark.asyncio, pytest.mark.both]
PATIENCE = 120


@pytest.fixture(params=["sqlite"])
def databases(request: pytest.FixtureRequest) -> object:
    """One database: what is looked at is the line to another program."""
    return request.getfixturevalue("sqlite_databases")


def changed(runtime: Runtime, **settings: object) -> Runtime:
    return Runtime(runtime.settings.model_copy(update=settings), runtime.store, runtime.clock, runtime.library)


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(PATIENCE * 5):
        if await condition():
            return
        await asyncio.sleep(0.2)
    pytest.fail(what)


@pytest_asyncio.fixture
async def door(telling: Telling) -> AsyncIterator[str]:
    """Where our own door listens, while what comes in is handled."""
    async with listening(telling.runtime) as where:
        yield where


@pytest.fixture
def postfix_port(door: str) -> Iterator[int]:
    """The port of a Postfix of our own, set up as docs/running.md says: what comes to our domain goes on by LMTP."""
    need(postfix.is_here(), postfix.MISSING)
    own = {
        "recipient_delimiter": "+",
        "virtual_mailbox_domains": "post.grienden.example",
        "virtual_transport": f"lmtp:inet:{door}",
        "lmtp_destination_recipient_limit": 1,
    }
    with postfix.a_postfix(postfix.NOWHERE, **own) as running:
        yield running.port


async def test_postfix_hands_over_what_comes_back(telling: Telling, post: Post, postfix_port: int) -> None:
    keys = [await put(telling, code) for code in ("T3", "T5")]
    assert await deliver_due(telling.runtime) == len(keys)
    mail, other = telling.to("T3")[0], telling.to("T5")[0]

    def bring() -> None:
        with smtplib.SMTP(HOST, postfix_port, timeout=PATIENCE) as line:
            own = telling.cast.mail("T5")
            line.sendmail("", [mail.sender], a_bounce())
            line.sendmail(own, [post.reply_to(other)], a_mail(own, post.reply_to(other), "Ja, graag."))

    await asyncio.to_thread(bring)

    async def came() -> bool:
        return len(await post.rows()) == 2

    await until(came, "Postfix did not hand it over; see log in its folder")
    await handle_new(telling.runtime)
    rows = {row.kind: row for row in await post.rows()}
    assert rows.keys() == {Came.BOUNCE, Came.REPLY}
    assert rows[Came.BOUNCE].about == "bounced"
    assert rows[Came.REPLY].call_id is not None


@pytest.fixture
def mailbox() -> Iterator[Dovecot]:
    """A mailbox that is read by IMAP."""
    need(dovecot.is_here(), dovecot.MISSING)
    with dovecot.a_dovecot() as running:
        yield running


async def test_a_mailbox_is_emptied_of_what_is_ours_and_of_nothing_else(
    telling: Telling, post: Post, mailbox: Dovecot
) -> None:
    runtime = changed(
        telling.runtime,
        incoming_imap_host=HOST,
        incoming_imap_port=mailbox.port,
        incoming_imap_encryption=Encryption.NONE,
        incoming_imap_user=dovecot.USER,
        incoming_imap_password=SecretStr(dovecot.PASSWORD),
    )
    for code in ("T3", "T5"):
        await put(telling, code)
    await deliver_due(telling.runtime)
    mail, other = telling.to("T3")[0], telling.to("T5")[0]
    reply = a_mail(telling.cast.mail("T5"), post.reply_to(other), "Ja")
    large = a_mail(telling.cast.mail("T5"), post.reply_to(other), "Met foto's\n" + "a" * 70 + "\n", "foto's")
    large += b"b" * 70 + b"\r\n"
    large += (b"c" * 76 + b"\r\n") * 260_000
    bounce = f"Return-Path: <>\r\nDelivered-To: {mail.sender}\r\n".encode() + a_bounce()
    for name, raw in {
        "1": bounce,
        "2": reply,
        "3": reply,
        "4": large,
        "5": a_mail("a@b.example", "x@y.example", "Hoi"),
    }.items():
        mailbox.put(name, raw)

    async def opens() -> bool:
        try:
            await look_inside(runtime.settings)
        except MailboxUnavailable:
            return False
        return True

    await until(opens, "Dovecot does not open the mailbox; see log in its folder")
    looked = await take_mail(runtime)
    assert looked == Looked(kept=3, left=2), (mailbox.folder / "log").read_text()
    assert await take_mail(runtime) == Looked()
    await handle_new(runtime)
    rows = await post.rows()
    assert sorted(row.kind for row in rows) == [Came.BOUNCE, Came.REPLY, Came.TOO_LARGE]
    assert max(row.size for row in rows) > 20_000_000
    left = [path for path in mailbox.kept.rglob("*") if path.is_file() and path.parent.name in {"cur", "new"}]
    assert len(left) == 2, "what is not ours, and what is too large, stays"
    assert "mail-too-large" in await post.open_calls()
    assert (await look_at_incoming(changed(runtime, incoming_listen=""))).is_well
    wrong = changed(runtime, incoming_imap_password=SecretStr("fout"))
    with pytest.raises(MailboxUnavailable):
        await take_mail(wrong)
