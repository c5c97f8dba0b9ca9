"""The overview of Monday: each coordinator gets one mail a week about everything, if there is anything to say."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.mail import ON_ITS_WAY, Message
from models.tables.network import Person, School
from sandwich.rules.calendar import Block, Calendar, calendar_of
from sandwich.rules.slots import monday_of
from sandwich.runtime import Runtime
from sandwich.services.loaded import read_blocks
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.overview import GOES_ON
from sandwich.services.register import lock_registry

ACTOR = "overview"
MAIL = "week"
AT = time(8, 0)
"""When it leaves: before the working day begins."""

PLANNED = 2
"""How many wait: when one leaves, the next is there already, however fast the clock of a demo moves."""

WEEKS = 12
"""How many weeks are looked through for those with a working day in them."""


async def plan_overviews(runtime: Runtime) -> int:
    """Write the next overviews of each coordinator into the outbox who has something going on and too few that wait.

    Each is due at eight on the first working day of a week (field rule 56), and worded then; returns how many were
    written. There is one a week, however often and by however many processes this is called.
    """
    async with runtime.store.read() as session:
        now = await runtime.clock.now(session)
        zone = ZoneInfo(runtime.settings.timezone)
        waiting = await _due(session, zone, await _without(session), now)
    if not waiting:
        return 0
    written = 0
    async with runtime.store.change(now=now, actor=ACTOR) as session:
        await lock_registry(session)
        for person_id, due_at in sorted(waiting):
            message = await queue(
                session,
                key=key_of(person_id, due_at.astimezone(zone).date()),
                mail=MAIL,
                person_id=person_id,
                activity_id=None,
                needed_if=NeededIf.WEEK_SAYS,
                due_at=due_at,
                now=now,
            )
            written += message is not None
    return written


def key_of(person_id: str, day: date) -> str:
    """Return the key of somebody's overview of the week that a day is in."""
    return f"{MAIL}:{monday_of(day)}:{person_id}"


async def works_on(session: AsyncSession, zone: ZoneInfo, person_id: str, day: date) -> bool:
    """Whether somebody works on a day: free days may have come to be known since the overview was planned."""
    own = await _schools(session, [person_id])
    blocks = await read_blocks(session, {school.id for school in own[person_id]})
    return any(calendar.is_working(day) for calendar in _calendars(blocks, zone, own[person_id]))


async def _without(session: AsyncSession) -> list[str]:
    """Return who coordinates something that goes on and has too few overviews that wait."""
    waiting = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.person_id == Activity.coordinator_id,
            Message.mail == MAIL,
            Message.state.in_(ON_ITS_WAY),
        )
        .scalar_subquery()
    )
    going = select(Activity.coordinator_id).where(Activity.status.in_(GOES_ON), Activity.coordinator_id.is_not(None))
    rows = await session.scalars(going.where(waiting < PLANNED).distinct())
    return [person for person in rows if person is not None]


async def _due(
    session: AsyncSession, zone: ZoneInfo, people: Collection[str], now: datetime
) -> list[tuple[str, datetime]]:
    """Return when each of these people gets the next overviews."""
    if not people:
        return []
    own = await _schools(session, people)
    blocks = await read_blocks(session, {school.id for schools in own.values() for school in schools})
    return [
        (person, due_at)
        for person, schools in own.items()
        for due_at in next_overviews(_calendars(blocks, zone, schools), now)
    ]


def next_overviews(calendars: Sequence[Calendar], now: datetime) -> list[datetime]:
    """Return the first moments after ``now`` at which who lives by such calendars gets an overview.

    Who belongs to several schools works on a day on which one of them does.
    """
    monday = monday_of(calendars[0].day_of(now))
    found: list[datetime] = []
    for week in range(WEEKS):
        days = (monday + timedelta(weeks=week, days=number) for number in range(5))
        first = next((day for day in days if any(calendar.is_working(day) for calendar in calendars)), None)
        if first is not None and (due_at := calendars[0].at(first, AT)) > now:
            found.append(due_at)
    return found[:PLANNED]


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
