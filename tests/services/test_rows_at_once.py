"""Many rows due at once: in few queries, by several processes, each row once."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from models.tables.asking import Invitation
from models.tables.mail import Message
from sandwich.clock import Clock
from sandwich.runtime import Runtime
from sandwich.services import remind
from sandwich.store import Store
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.driver import Play, local

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

MORNING = "2026-10-01 08:00"
EACH = 2
"""Rows due of every activity that morning: a reminder, and the look whether there is a date."""


async def asked(runtime: Runtime, cast: Cast, how_many: int) -> list[str]:
    """Start activities whose host does not answer; returns their ids."""
    ids = []
    for _ in range(how_many):
        play = await Play.begin(runtime, cast)
        await play.carry()
        ids.append(play.activity_id)
    return ids


async def test_more_activities_take_no_more_queries(runtime: Runtime, cast: Cast) -> None:
    async def queries() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(runtime.store.engine.sync_engine, "before_cursor_execute", note)
        try:
            assert await remind.handle_due(runtime)
        finally:
            event.remove(runtime.store.engine.sync_engine, "before_cursor_execute", note)
        return len(seen)

    await asked(runtime, cast, 1)
    await runtime.clock.set(local(MORNING))
    of_one = await queries()
    await runtime.clock.set(local("2026-09-24 10:00"))
    await asked(runtime, cast, 3)
    await runtime.clock.set(local(MORNING))
    assert await queries() <= of_one + 1  # the ends of several streams of the log are found in another way


async def test_two_that_handle_rows_at_the_same_time_handle_each_once(
    runtime: Runtime, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remind, "MOST_AT_ONCE", 2)
    ids = await asked(runtime, cast, 5)
    await runtime.clock.set(local(MORNING))
    stores = [Store(runtime.store.url.render_as_string(hide_password=False)) for _ in range(2)]
    try:
        both = [replace(runtime, store=store, clock=Clock(store)) for store in stores]
        handled = await asyncio.gather(*(remind.handle_due(one) for one in both))
    finally:
        for store in stores:
            await store.close()
    assert sum(handled) == EACH * len(ids)
    async with runtime.store.read() as session:
        rungs = await session.scalars(select(Invitation.rung).where(Invitation.form == "date-poll"))
        assert list(rungs) == [1] * len(ids)
        reminders = await session.scalar(select(func.count()).select_from(Message).where(Message.mail == "reminder"))
        assert reminders == len(ids)
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


async def test_so_many_whole_activities_share_a_transaction_as_have_few_enough_rows() -> None:
    assert remind.most_of([1] * 50) == remind.MOST_AT_ONCE
    assert remind.most_of([remind.MOST_ROWS // 2] * 3) == 2
    assert remind.most_of([2 * remind.MOST_ROWS, 1]) == 1
