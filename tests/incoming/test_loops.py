"""No mail goes round: machines that answer everything, and two installations that write to each other."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import select

from models.tables.network import Contact, ContactKind
from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.incoming.handle import handle_new
from sandwich.runtime import Runtime
from sandwich.store import Store
from tests.incoming.conftest import Post, a_mail, answering
from tests.incoming.test_listen import Line, a_line
from tests.mail.peers import Arrived, a_mailbox
from tests.mail.telling import Telling
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.stages import NOW, REGION, played

pytestmark = pytest.mark.asyncio

ROUNDS = 6


async def answers_all(line: Line, mails: list[Arrived]) -> None:
    """Answer every mail, to wherever it says and to wherever it came from, with nothing that tells a machine."""
    for mail in mails:
        [own] = mail.recipients
        for to in {str(mail.message["Reply-To"].addresses[0].addr_spec), mail.sender}:
            await line.brings([to], a_mail(own, to, "Ik ben er even niet.", f"Re: {mail.subject}"), own)


async def test_a_machine_that_answers_everything_gets_nothing_for_it(telling: Telling, post: Post) -> None:
    got = await telling.go("2026-09-28T11:00")
    async with a_line(telling.runtime) as line:
        for _ in range(ROUNDS):
            mails = got[-10:]
            await answers_all(line, mails)
            await handle_new(telling.runtime)
            await telling.runtime.clock.set(await telling.runtime.clock.now() + timedelta(hours=1))
            await telling.happen()
            got += telling.new()
    times = Counter((mail.recipients, mail.subject) for mail in got)
    assert max(times.values()) == 1, times
    assert {mail.recipients for mail in got} == {(telling.cast.mail("P3"),), (telling.cast.mail("C1"),)}
    assert len(await post.rows()) > ROUNDS


@pytest_asyncio.fixture
async def other(databases: Databases, library: Library) -> AsyncIterator[Telling]:
    """Another installation, with a database and a key of its own, and the same visit."""
    url = databases.copy(played(databases, library, REGION).url)
    store = Store(url)
    try:
        async with a_mailbox() as box:
            clock = Clock(store)
            await clock.set(NOW)
            settings = (await _settings(url)).model_copy(update={"secret_key": SecretStr("k" * 40)})
            runtime = answering(
                Runtime(settings, store, clock, library),
                box.port,
                reply_address="antwoord@post.ander.example",
                mail_from="sandwich@ander.example",
            )
            yield await Telling.start(runtime, await Cast.read(runtime), box)
    finally:
        await store.close()
        databases.forget(url)


async def _settings(url: str):  # type: ignore[no-untyped-def]
    from sandwich.settings import read_settings

    return read_settings({}, environment="development", database_url=url)


async def moved_to(telling: Telling, code: str, address: str) -> None:
    """Give somebody another mail address."""
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test") as session:
        query = select(Contact).where(Contact.person_id == telling.cast.id(code), Contact.kind == ContactKind.MAIL)
        (await session.scalars(query)).one().address = address


async def test_two_installations_that_write_to_each_other_stop(telling: Telling, other: Telling) -> None:
    both = (telling, other)
    for one in both:
        await one.go("2026-09-28T11:00")
    firsts = [one.to("P3")[0] for one in both]
    for one, first in zip(both, reversed(firsts), strict=True):
        await moved_to(one, "P3", str(first.message["Reply-To"].addresses[0].addr_spec))
        one.new()
    got: list[Arrived] = []
    async with a_line(telling.runtime) as line, a_line(other.runtime) as other_line:
        for _ in range(ROUNDS):
            for one, towards, theirs in ((telling, other_line, other), (other, line, telling)):
                await one.runtime.clock.set(await one.runtime.clock.now() + timedelta(hours=20))
                await one.happen()
                mails = one.new()
                got += mails
                for mail in mails:
                    if mail.recipients[0].endswith(theirs.runtime.settings.reply_address.partition("@")[2]):
                        said = await towards.brings(list(mail.recipients), mail.data, mail.sender)
                        assert said[-1].startswith("250")
                await handle_new(theirs.runtime)
    crossed = [mail for mail in got if "+" in mail.recipients[0]]
    assert crossed, "they did write to each other"
    assert max(Counter((mail.recipients, mail.subject) for mail in crossed).values()) == 1
    calls = [call.what for one in both for call in await one.calls()]
    assert not [what for what in calls if what.startswith("mail-")], "a machine wrote it: nobody is asked to look"
