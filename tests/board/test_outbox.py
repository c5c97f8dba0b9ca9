"""After a backup was put back: the board says so, and a coordinator lets the mail go."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.tables.mail import Message, MessageState
from models.tables.running import Installation
from sandwich.runtime import Runtime
from sandwich.services.hold import hold_of
from sandwich.store.belonging import ONLY
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.web.visit import Visit, local

pytestmark = pytest.mark.asyncio


async def restored(visit: Visit) -> None:
    """Let it be so that a backup of this morning was put back just now, and mail waits."""
    runtime = visit.runtime
    await runtime.ensure_own()
    now = await runtime.clock.now()
    async with runtime.store.maintain() as session:
        installation = await session.get_one(Installation, ONLY)
        installation.backed_up_at, installation.restored_at = now - timedelta(hours=2), now
    async with runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        for message in await session.scalars(select(Message)):
            message.state, message.sent_at = MessageState.QUEUED, None
            message.due_at = now - timedelta(hours=1)


async def states(runtime: Runtime) -> dict[MessageState, int]:
    async with runtime.store.read() as session:
        rows = await session.execute(select(Message.state, func.count()).group_by(Message.state))
        return {row[0]: row[1] for row in rows}


async def test_a_coordinator_throws_away_what_was_sent(jolanda: Browser, visit: Visit, runtime: Runtime) -> None:
    assert "Hersteld op" not in (await jolanda.open("/board")).text
    await restored(visit)

    board = await jolanda.open("/board")
    assert "Hersteld op do 24 sep 2026" in board.text or "Hersteld op donderdag 24 september" in board.text
    assert ("/board/outbox", "Kijk wat er wacht") in board.links
    page = await jolanda.open("/board/outbox")
    assert "Sindsdien aan de beurt gekomen, en misschien al verstuurd: 1" in page.text
    assert "verzoek aan het bedrijf: 1" in page.text

    wrong = await jolanda.send(page, "/board/outbox", {"date": "morgen"}, press="_action=discard")
    assert jolanda.status == 422
    assert "Vul een datum en een tijd in." in wrong.text
    later = await jolanda.send(page, "/board/outbox", {"date": "2026-12-01"}, press="_action=discard")
    assert "Dat moment moet nog komen" in later.text
    async with runtime.store.read() as session:
        assert await hold_of(session) is not None

    board = await jolanda.send(page, "/board/outbox", press="_action=discard")
    assert jolanda.path == "/board"
    assert "Hersteld op" not in board.text
    assert await states(runtime) == {MessageState.DISCARDED: 1}
    await jolanda.open("/board/outbox")
    assert jolanda.path == "/board", "there is nothing to release any more"


async def test_a_coordinator_sends_what_waits(jolanda: Browser, visit: Visit, runtime: Runtime, cast: Cast) -> None:
    await restored(visit)
    page = await jolanda.open("/board/outbox")
    await jolanda.send(page, "/board/outbox", press="_action=send")
    assert await states(runtime) == {MessageState.QUEUED: 1}
    async with runtime.store.read() as session:
        assert await hold_of(session) is None
        assert (await session.get_one(Installation, ONLY)).released_by == cast.id("C1")


async def test_what_is_behind_is_waited_for(jolanda: Browser, visit: Visit, runtime: Runtime) -> None:
    await runtime.clock.set(local("2026-10-20 10:00"))  # reminders have become due meanwhile
    await restored(visit)
    page = await jolanda.open("/board/outbox")
    said = await jolanda.send(page, "/board/outbox", press="_action=send")
    assert jolanda.status == 422
    assert "Wacht een paar minuten" in said.text
