"""The holidays that come with a version: written at the start, once, and counted with at once."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.tables.activities import Activity
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.network import HolidayRegion, School
from sandwich.runtime import Runtime
from sandwich.services.advance import look_ahead
from sandwich.services.free_days import regions_without_holidays, renew_holidays
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.rows import a_school

pytestmark = [pytest.mark.asyncio, pytest.mark.both]


async def blocks(runtime: Runtime) -> int:
    """Return how many runs of free days there are."""
    async with runtime.store.read() as session:
        return await session.scalar(select(func.count()).select_from(CalendarBlock)) or 0


async def test_a_new_installation_has_them_once_however_many_start_at_once(runtime: Runtime, now: datetime) -> None:
    assert await blocks(runtime) == 0
    written = await asyncio.gather(*(renew_holidays(runtime, now) for _ in range(4)))
    assert sorted(written)[:3] == [0, 0, 0]
    assert await blocks(runtime) == max(written) > 0
    async with runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


async def test_what_a_school_entered_itself_stays(runtime: Runtime, cast: Cast, now: datetime) -> None:
    own = CalendarBlock(
        kind=BlockKind.HOLIDAY,
        name="Herfstvakantie",
        first_on=date(2026, 10, 12),
        last_on=date(2026, 10, 16),
        school_id=cast.id("S1"),
    )
    async with runtime.store.change(now=now, actor="test") as session:
        session.add(own)
    assert await renew_holidays(runtime, now) == 0
    async with runtime.store.read() as session:
        kept = await session.get_one(CalendarBlock, own.id)
        assert (kept.first_on, kept.last_on) == (own.first_on, own.last_on)


async def test_an_activity_under_way_counts_with_them_at_once(play: Play, runtime: Runtime) -> None:
    """An installation of before had none: the steps before the visit counted back through the autumn holiday."""
    right = await moments(play)
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        for block in await session.scalars(select(CalendarBlock).where(CalendarBlock.school_id.is_(None))):
            await session.delete(block)
    await look_ahead(runtime, play.activity_id)
    without = await moments(play)
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        (await session.get_one(Activity, play.activity_id)).wake_at = None
    assert await renew_holidays(runtime, await play.now()) > 0
    assert await moments(play) == right != without
    async with runtime.store.read() as session:
        assert (await session.get_one(Activity, play.activity_id)).wake_at is not None


async def moments(play: Play) -> dict[str, datetime]:
    """Return when each step is planned."""
    return {key: row.due_at for key, row in (await play.loaded()).steps.items()}


async def test_a_region_without_holidays_in_the_coming_year_is_named(
    runtime: Runtime, cast: Cast, now: datetime
) -> None:
    today, later = now.date(), now.date() + timedelta(days=3650)
    async with runtime.store.read() as session:
        assert await regions_without_holidays(session, today) == []
        used = set(await session.scalars(select(School.holiday_region)))
        assert set(await regions_without_holidays(session, later)) == used
    async with runtime.store.change(now=now, actor="test") as session:
        lone = await a_school(session)
        lone.holiday_region = HolidayRegion.NORTH
        for block in await session.scalars(
            select(CalendarBlock).where(CalendarBlock.holiday_region == HolidayRegion.NORTH)
        ):
            await session.delete(block)
    async with runtime.store.read() as session:
        assert await regions_without_holidays(session, today) == [HolidayRegion.NORTH], "what all have is not enough"
    own = CalendarBlock(
        kind=BlockKind.HOLIDAY,
        name="Herfstvakantie",
        first_on=today + timedelta(days=30),
        last_on=today + timedelta(days=37),
        school_id=lone.id,
    )
    async with runtime.store.change(now=now, actor="test") as session:
        session.add(own)
    async with runtime.store.read() as session:
        assert await regions_without_holidays(session, today) == [], "it has its own"
