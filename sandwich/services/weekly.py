"""The overview of Monday: each coordinator gets one mail a week about everything, if there is anything to say."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.mail import Message
from models.tables.network import Person, School
from sandwich.rules.calendar import Block, Calendar, calendar_of
from sandwich.runtime import Runtime
from sandwich.services.invite import OFFICE
from sandwich.services.loaded import read_blocks
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.overview import GOES_ON
from sandwich.services.register import lock_registry

ACTOR = "overview"
MAIL = "week"
AT = time(8, 0)
"""When it leaves: before the working day begins."""

MOST_LATE = 1
"""How many working days after the first of the week it may still leave, where nothing ran on that one."""


async def queue_overviews(runtime: Runtime) -> int:
    """Write the overview of this week into the outbox of each coordinator whose day has come; returns how many.

    That is at eight on their first working day of the week (field rule 56), once a week however often and by however
    many processes this is called. Whether there is anything to say is looked at when it leaves.
    """
    async with runtime.store.read() as session:
        now = await runtime.clock.now(session)
        zone = ZoneInfo(runtime.settings.timezone)
        local = now.astimezone(zone)
        if not AT <= local.time() < OFFICE[1] or local.weekday() > 4:
            return 0
        waiting = await _waiting(session, local, zone)
    if not waiting:
        return 0
    written = 0
    async with runtime.store.change(now=now, actor=ACTOR) as session:
        await lock_registry(session)
        for person_id in sorted(waiting):
            message = await queue(
                session,
                key=key_of(person_id, local.date()),
                mail=MAIL,
                person_id=person_id,
                activity_id=None,
                about={"week": monday_of(local.date()).isoformat()},
                needed_if=NeededIf.WEEK_SAYS,
                due_at=now,
                now=now,
            )
            written += message is not None
    return written


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def key_of(person_id: str, day: date) -> str:
    """Return the key of somebody's overview of the week that a day is in."""
    return f"{MAIL}:{monday_of(day)}:{person_id}"


def is_time(calendars: Collection[Calendar], today: date) -> bool:
    """Whether a coordinator who lives by such calendars gets the overview of this week today.

    Who belongs to several schools works on a day on which one of them does.
    """
    week = (monday_of(today) + timedelta(days=number) for number in range(5))
    days = [day for day in week if any(calendar.is_working(day) for calendar in calendars)]
    return today in days[: MOST_LATE + 1]


async def _waiting(session: AsyncSession, local: datetime, zone: ZoneInfo) -> Collection[str]:
    """Return the coordinators who get one today and have none of this week yet.

    Who had nothing going on when the morning began gets none: an activity that starts today brings no overview.
    """
    since = datetime.combine(local.date(), AT, zone)
    people = set(
        await session.scalars(
            select(Activity.coordinator_id).where(
                Activity.status.in_(GOES_ON), Activity.started_at < since, Activity.coordinator_id.is_not(None)
            )
        )
    )
    keys = {key_of(person, local.date()): person for person in people if person is not None}
    for known in await session.scalars(select(Message.key).where(Message.key.in_(keys))):
        del keys[known]
    if not keys:
        return ()
    own = await _schools(session, keys.values())
    blocks = await read_blocks(session, {school.id for schools in own.values() for school in schools})
    return [person for person, schools in own.items() if is_time(_calendars(blocks, zone, schools), local.date())]


async def _schools(session: AsyncSession, people: Collection[str]) -> dict[str, list[School]]:
    """Return by whose holidays coordinators live: those of the own school, or of all schools of the own activities'
    regions where somebody belongs to none.
    """
    found: dict[str, list[School]] = {person: [] for person in people}
    at = select(Person.id, School).join(School, School.id == Person.school_id).where(Person.id.in_(people))
    for person, school in await session.execute(at):
        found[person].append(school)
    without = [person for person, schools in found.items() if not schools]
    among = (
        select(Activity.coordinator_id, School)
        .join(School, School.region_id == Activity.region_id)
        .where(Activity.coordinator_id.in_(without), Activity.status.in_(GOES_ON))
        .order_by(School.id)
        .distinct()
    )
    for owner, school in await session.execute(among) if without else ():
        found[owner or ""].append(school)
    return found


def _calendars(blocks: Iterable[Block], zone: ZoneInfo, schools: Iterable[School]) -> list[Calendar]:
    """Return the calendar of each school; without any, that of weekends and public holidays."""
    found = [calendar_of(blocks, zone, [(school.id, school.holiday_region)]) for school in schools]
    return found or [calendar_of(blocks, zone)]
