"""A backup made while everything works, put back elsewhere: whole, and nothing leaves, or leaves again, by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from models.tables.mail import Message, MessageState
from sandwich.clock import Clock, real_now
from sandwich.errors import BadInput
from sandwich.mail.deliver import deliver_due
from sandwich.rules.slots import SLOT
from sandwich.runtime import Runtime
from sandwich.services.backup import BackedUp, back_up, restore
from sandwich.services.hold import NotCaughtUp, NotHeld, look_at_hold, release
from sandwich.services.login import ask_code
from sandwich.services.remind import handle_due
from sandwich.store import Store
from sandwich.store.copying import InUse
from sandwich.store.replay import differences, replay, tables, verify
from tests.mail.conftest import mailing
from tests.mail.peers import Box, a_mailbox
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.driver import Play, local

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

Key = tuple[str | None, str, str]
"""Activity, person and mail: what a message is, also where it was written a second time."""

FEW = ["T2", "T3", "T5", "T6"]


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Box]:
    """A real mail server's mailbox."""
    async with a_mailbox() as box:
        yield box


@asynccontextmanager
async def put_back(runtime: Runtime, databases: Databases, archive: Path) -> AsyncIterator[Runtime]:
    """Restore an archive into an empty place, and open it."""
    url = databases.empty()
    settings = runtime.settings.model_copy(update={"database_url": url, "data": archive.parent / "elsewhere"})
    try:
        await restore(settings, archive)
        store = Store(url)
        try:
            yield replace(runtime, settings=settings, store=store, clock=Clock(store))
        finally:
            await store.close()
    finally:
        databases.forget(url)


async def in_state(runtime: Runtime, *states: MessageState) -> set[Key]:
    """Return the messages in one of these states."""
    async with runtime.store.read() as session:
        rows = await session.scalars(select(Message).where(Message.state.in_(states)))
        return {(row.activity_id, row.person_id, row.mail) for row in rows}


async def sent(runtime: Runtime) -> set[Key]:
    """Return what has left."""
    return await in_state(runtime, MessageState.SENT, MessageState.BUNDLED)


async def assert_true(runtime: Runtime) -> None:
    """The chain holds, and replaying it gives the tables."""
    async with runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


async def begun(runtime: Runtime, cast: Cast) -> list[Play]:
    """Two visits on the day on which everybody is asked; the requests to the host have been delivered."""
    plays = [await Play.begin(runtime, cast, title=title, teachers=FEW) for title in ("Een", "Twee")]
    for play in plays:
        await play.carry()
        await deliver_due(runtime)
        await play.answer(
            "P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible", turn=False
        )
        await play.carry()
        await deliver_due(runtime)
    await runtime.clock.set(local("2026-10-08 10:00"))
    await plays[0].carry()
    return plays


async def work_and_back_up(runtime: Runtime, plays: list[Play], archive: Path) -> BackedUp:
    """Answer, carry out steps, remind and deliver, all at once, and make a backup in the midst of it."""
    is_over = asyncio.Event()

    async def answers() -> None:
        for code in FEW:
            await plays[0].answer(code, "registration", attend="yes", turn=False)

    async def delivery() -> None:
        while not is_over.is_set():
            await deliver_due(runtime, limit=1)
            await handle_due(runtime)

    delivering = asyncio.create_task(delivery())
    _, _, made = await asyncio.gather(answers(), plays[1].carry(), back_up(runtime, archive))
    is_over.set()
    await delivering
    return made


async def test_put_back_under_load_nothing_leaves_and_nothing_is_sent_again(
    runtime: Runtime, cast: Cast, box: Box, databases: Databases, tmp_path: Path
) -> None:
    runtime = mailing(runtime, box.port)
    await runtime.ensure_own()
    plays = await begun(runtime, cast)
    archive = tmp_path / "copy.sandwich"

    made = await work_and_back_up(runtime, plays, archive)
    for play in plays:
        await play.carry()
    await deliver_due(runtime)
    arrived = len(box.mails)

    async with put_back(runtime, databases, archive) as restored:
        await assert_true(restored)
        async with restored.store.engine.connect() as connection:
            with pytest.raises(DBAPIError, match="never changed"):
                await connection.exec_driver_sql("UPDATE audit_entry SET actor = 'nobody'")
        in_hand = await in_state(restored, MessageState.SENDING)
        since = await sent(runtime) - await sent(restored) - in_hand
        assert since, "mail was sent after the backup"
        again = [replace(play, runtime=restored) for play in plays]

        async def go_on() -> None:
            for play in again:
                await play.carry()
            await handle_due(restored)
            assert await deliver_due(restored) == 0

        await go_on()
        assert len(box.mails) == arrived, "nothing leaves before somebody releases it"
        async with restored.store.read() as session:
            seen = await look_at_hold(session, await restored.clock.now())
        assert seen is not None
        assert seen.hold.backed_up_at == made.manifest.made_at
        assert seen.waited + seen.since >= len(since)
        assert since <= await in_state(restored, MessageState.QUEUED), "all of it waits, where somebody sees it"
        assert in_hand <= await in_state(restored, MessageState.UNKNOWN), "nobody knows whether it had arrived"

        now = await restored.clock.now()
        done = await release(restored, now=now, actor="somebody", discard_until=now)
        assert (done.discarded, done.going) == (seen.waited + seen.since, 0)
        await go_on()
        assert not (since | in_hand) & await sent(restored)
        assert len(box.mails) == arrived
        await assert_true(restored)

        # What becomes due from now on leaves as ever.
        await restored.clock.set(local("2026-10-20 10:00"))
        await handle_due(restored)
        assert await deliver_due(restored) > 0
        with pytest.raises(NotHeld):
            await release(restored, now=now, actor="somebody")
    await assert_true(runtime)


async def test_a_release_without_a_moment_sends_what_waits(
    runtime: Runtime, cast: Cast, box: Box, databases: Databases, tmp_path: Path
) -> None:
    runtime = mailing(runtime, box.port)
    await runtime.ensure_own()
    play = await Play.begin(runtime, cast, teachers=FEW)
    await back_up(runtime, tmp_path / "copy.sandwich")
    async with put_back(runtime, databases, tmp_path / "copy.sandwich") as restored:
        now = await restored.clock.now()
        with pytest.raises(NotCaughtUp):
            await release(restored, now=now, actor="somebody")
        with pytest.raises(BadInput):
            await release(restored, now=now, actor="somebody", discard_until=now + timedelta(hours=1), anyway=True)
        with pytest.raises(InUse):
            await restore(restored.settings, tmp_path / "copy.sandwich", overwrite=True)
        await replace(play, runtime=restored).carry()
        assert await deliver_due(restored) == 0
        # But for the code with which somebody signs in to release it.
        await ask_code(restored, cast.mail("C1"), now=await restored.clock.now(), real=real_now())
        assert await deliver_due(restored) == 1
        assert [mail.recipients for mail in box.mails] == [(cast.mail("C1"),)]
        box.mails.clear()
        now = await restored.clock.now()
        done = await release(restored, now=now, actor="somebody", discard_until=now - timedelta(days=1))
        assert (done.discarded, done.going) == (0, 1)
        await restored.clock.set(now + SLOT)  # it leaves in the slot that it was meant for
        assert await deliver_due(restored) == 1
        assert [mail.recipients for mail in box.mails] == [(cast.mail("P3"),)]
