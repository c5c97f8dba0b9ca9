"""The day itself on somebody's own page: where, when, what, who to phone; and its calendar file. Reads only."""

from collections.abc import Sequence
from datetime import timedelta

from models.roles import HOST_ROLES, Role
from models.tables.activities import ACTIVE, Activity, ActivityStatus, ContactMoment, Participation
from sandwich.mail import ics
from sandwich.mail.compose import own_domain
from sandwich.mail.contexts.practical import Day, Practical, practical
from sandwich.services.appointments import dated, sequence_for
from sandwich.services.appointments import to_come as coming
from sandwich.services.asking import Frame, frame_of
from sandwich.services.loaded import load
from sandwich.web.participant.access import Visit

_READS = HOST_ROLES | {Role.TEACHER, Role.TRIP_LEADER, Role.COACH, Role.CHAIR}
"""Who is there on the day: nobody else reads whom to phone then."""

_IS_NOT = (ActivityStatus.CONCEPT, ActivityStatus.CANCELLED, ActivityStatus.ON_HOLD)

LONGEST = timedelta(days=1)
"""The day stays on the page until so long after its end."""


async def day_of_visit(visit: Visit) -> Practical | None:
    """Return what is known of the day; ``None`` without a date, after it, and for who is not there."""
    async with visit.runtime.store.read() as session:
        participation = await session.get_one(Participation, visit.link.participation_id)
        activity = await session.get_one(Activity, participation.activity_id)
        meetings = await dated(session, activity)
        ends_at = max((one.ends_at for one in meetings), default=None)
        if not _is_there(participation, activity) or ends_at is None or visit.now > ends_at + LONGEST:
            return None
        link = visit.link
        return await practical(Day(session, activity, link.language, link.formal, visit.runtime.settings.timezone))


async def has_calendar(visit: Visit) -> bool:
    """Whether there is something to put into a calendar."""
    async with visit.runtime.store.read() as session:
        participation = await session.get_one(Participation, visit.link.participation_id)
        activity = await session.get_one(Activity, participation.activity_id)
        return _is_there(participation, activity) and bool(await coming(session, activity, visit.now))


async def calendar_file(visit: Visit) -> bytes | None:
    """Return the meetings as a calendar file to download; ``None`` where there is nothing to put into a calendar."""
    settings = visit.runtime.settings
    async with visit.runtime.store.read() as session:
        participation = await session.get_one(Participation, visit.link.participation_id)
        loaded = await load(session, settings.timezone, participation.activity_id)
        activity = loaded.activity
        meetings = await dated(session, activity)
        if not _is_there(participation, activity) or not meetings:
            return None
        frame = await frame_of(session, loaded, participation)
        sequence = await sequence_for(session, activity, participation.person_id, leaves=False)
    person_id = participation.person_id
    return ics.published(
        [ics.Meeting(activity.id, row.number, person_id, row.starts_at, row.ends_at) for row in meetings],
        title=activity.title,
        place=activity.meets_at,
        description=_whom_to_call(frame),
        sequence=sequence,
        domain=own_domain(settings),
        timezone=settings.timezone,
        now=visit.now,
    )


def to_come(visit: Visit, meetings: Sequence[ContactMoment]) -> list[ContactMoment]:
    """Return the meetings that are not over, where there are several."""
    return [one for one in meetings if one.ends_at > visit.now] if len(meetings) > 1 else []


def _is_there(participation: Participation, activity: Activity) -> bool:
    return participation.role in _READS and participation.standing in ACTIVE and activity.status not in _IS_NOT


def _whom_to_call(frame: Frame) -> str:
    who = frame.coordinator
    return "\n".join(part for part in (who.name, who.phone) if part) if who else ""
