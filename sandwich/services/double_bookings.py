"""Who has to be somewhere else at the same time: told as a warning, never a reason to refuse (field rule 36)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import ActivityDraft
from models.roles import Role
from models.tables.activities import ACTIVE, Activity, ActivityStatus, ContactMoment, Participation
from models.tables.network import Person
from models.text import Text
from sandwich.rules.calendar import Span
from sandwich.rules.names import full_name
from sandwich.services.loaded import Loaded
from sandwich.services.register import find_person
from sandwich.services.waits import short_day
from sandwich.store.scope import HIDDEN, hidden_from, of_the_region

THERE = frozenset(
    {Role.TEACHER, Role.TRIP_LEADER, Role.HOST_CONTACT, Role.PROFESSIONAL, Role.MENTOR, Role.COACH, Role.CHAIR}
)
"""Roles of people who have to be there at the contact moments."""

_STANDS_STILL = (ActivityStatus.CANCELLED, ActivityStatus.ON_HOLD)


@dataclass(frozen=True)
class DoubleBooking:
    """Somebody with a contact moment of another activity at the same time; its ``title``, start and end."""

    person_id: str
    name: str
    title: str
    starts_at: datetime
    ends_at: datetime

    def sentence(self, zone: ZoneInfo) -> Text:
        """Return the warning: who, when, and where else."""
        day = short_day(self.starts_at, zone)
        hours = f"{self.starts_at.astimezone(zone):%H:%M}–{self.ends_at.astimezone(zone):%H:%M}"
        return Text(
            nl=f"{self.name} doet op {day.nl}, {hours} uur, ook mee aan ‘{self.title}’.",
            en=f"{self.name} takes part in ‘{self.title}’ too, on {day.en}, {hours}.",
        )


async def double_bookings(
    session: AsyncSession, people: Collection[str], spans: Sequence[Span], *, but: Activity | None = None
) -> tuple[DoubleBooking, ...]:
    """Return what ``people`` have to do elsewhere during ``spans``, in the order of time.

    An activity and its parts share their meetings, so those of ``but``, of its whole and of its parts do not count.
    """
    if not people or not spans:
        return ()
    own = {but.id, but.part_of_id} - {None} if but is not None else set()
    query = (
        select(ContactMoment, Activity, Person)
        .join(Activity, Activity.id == ContactMoment.activity_id)
        .join(Participation, Participation.activity_id == Activity.id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Person.id.in_(people),
            Participation.role.in_(THERE),
            Participation.standing.in_(ACTIVE),
            Activity.status.not_in(_STANDS_STILL),
            Activity.id.not_in(own),
            or_(Activity.part_of_id.is_(None), Activity.part_of_id.not_in(own)),
            or_(*(and_(ContactMoment.starts_at < end, ContactMoment.ends_at > start) for start, end in spans)),
        )
        .order_by(ContactMoment.starts_at, Person.family_name, Person.id)
    )
    async with of_the_region(session):
        rows = (await session.execute(query)).all()
    hidden = await hidden_from(session, {row[1].id for row in rows})
    found = [
        DoubleBooking(
            person.id,
            full_name(person),
            HIDDEN if activity.id in hidden else activity.title,
            moment.starts_at,
            moment.ends_at,
        )
        for moment, activity, person in rows
    ]
    return tuple(dict.fromkeys(found))  # who leads the trip is a teacher as well


async def double_bookings_in(session: AsyncSession, loaded: Loaded, now: datetime) -> tuple[DoubleBooking, ...]:
    """Return the same for everybody who has to be at the contact moments of an activity that are still to come."""
    people = {item.person_id for item in loaded.participations if item.role in THERE and item.standing in ACTIVE}
    spans = [(moment.starts_at, moment.ends_at) for moment in loaded.moments if moment.ends_at > now]
    return await double_bookings(session, people, spans, but=loaded.activity)


async def double_bookings_of_draft(
    session: AsyncSession, draft: ActivityDraft, spans: Sequence[Span]
) -> tuple[DoubleBooking, ...]:
    """Return the same for those whom a draft names and who are known already; raises ``BadInput`` for who is not."""
    others = [ref for role, refs in draft.others.items() if role in THERE for ref in refs]
    refs = [*draft.hosts, *draft.teachers, *([draft.trip_leader] if draft.trip_leader else []), *others]
    people = {(await find_person(session, ref)).id for ref in refs if isinstance(ref, str)}
    return await double_bookings(session, people, spans)
