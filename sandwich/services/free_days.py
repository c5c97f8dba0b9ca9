"""The free days of an installation: written from the files that came with this version, and where they end."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.network import HolidayRegion, School
from sandwich.runtime import Runtime
from sandwich.services.holidays import write_holidays
from sandwich.services.loaded import load
from sandwich.services.settle import RESTS, settle
from sandwich.store.chain import REGISTRY

COMING = timedelta(days=365)
"""How far ahead the holidays of a region must be known."""

ACTOR = "holidays"


async def renew_holidays(runtime: Runtime, now: datetime) -> int:
    """Write what the files have and the store has not; return how many.

    What schools and companies entered themselves stays.
    Plans under way count with the new days at once: a step that they bring forward is not waited for.
    """
    async with runtime.store.change(now=now, actor=ACTOR, stream=REGISTRY) as session:  # one at a time
        changed = await write_holidays(session)
    if changed:
        await count_anew(runtime, now, ACTOR)
    return changed


async def count_anew(runtime: Runtime, now: datetime, actor: str, *which: ColumnElement[bool]) -> None:
    """Let the activities that go on, or ``which`` of them, count with the free days as they are now."""
    over = (*RESTS, ActivityStatus.FINISHED)
    async with runtime.store.read() as session:
        going = list(await session.scalars(select(Activity.id).where(Activity.status.not_in(over), *which)))
    for activity_id in going:
        async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
            await settle(session, await load(session, runtime.settings.timezone, activity_id), now)


async def regions_without_holidays(session: AsyncSession, today: date) -> list[HolidayRegion]:
    """Return the regions of which no holiday begins in the coming year and whose schools count with those.

    What is free in the whole country is not enough, and a school with holidays of its own needs none of its region.
    """
    coming = (CalendarBlock.kind == BlockKind.HOLIDAY, CalendarBlock.first_on.between(today, today + COMING))
    own = select(CalendarBlock.school_id).where(CalendarBlock.school_id.is_not(None), *coming)
    known = select(CalendarBlock.holiday_region).where(CalendarBlock.holiday_region.is_not(None), *coming)
    found = await session.scalars(
        select(School.holiday_region)
        .where(School.id.not_in(own), School.holiday_region.not_in(known))
        .distinct()
        .order_by(School.holiday_region)
    )
    return list(found)
