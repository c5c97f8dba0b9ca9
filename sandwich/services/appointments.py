"""What stands in somebody's calendar because of us, and the mail that takes it out for who takes part no more."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ACTIVE, Activity, ContactMoment, Participation
from models.tables.mail import Message, MessageState
from sandwich.services.hold import RESTORED
from sandwich.services.loaded import Loaded
from sandwich.services.outbox import NeededIf, queue

LEFT = "left"
"""The mail to somebody who has left."""

PUT_OFF = "on-hold"
"""The mail that an activity is on hold."""

RESUMED = "resumed"
"""The mail that an activity goes on which was on hold."""

BRINGS = ("practical-info", "rounds", "moved", "online", RESUMED)
"""The mails that put an appointment into somebody's calendar, or renew it."""

TAKES = ("cancelled", PUT_OFF, LEFT)
"""The mails that take it out."""

_WAITING = (MessageState.QUEUED, MessageState.HELD)
_ARRIVED = Message.state.in_([MessageState.SENT, MessageState.UNKNOWN]) | (
    (Message.state == MessageState.DISCARDED) & (Message.reason == RESTORED)
)
"""What may have arrived, also by the word of somebody who put a backup back."""


class Why(StrEnum):
    """Why somebody takes part no more."""

    OWN = "own"
    REPLACED = "replaced"
    SCHOOL = "school"  # the own school gives no release
    COORDINATOR = "coordinator"
    NOBODY = "nobody"  # no teacher of the own school takes part any more
    UNANSWERED = "unanswered"  # never said whether they come


class Appointment(StrEnum):
    """What is known of the appointment in somebody's calendar."""

    NONE = "none"
    IN_HAND = "in-hand"  # the mail that brings it, or puts it off, is leaving at this moment
    STANDS = "stands"
    PUT_OFF = "put-off"  # it stood, and went because the activity was put on hold

    @property
    def may_stand(self) -> bool:
        """Whether it may be in the calendar."""
        return self in {Appointment.IN_HAND, Appointment.STANDS}


async def appointment_of(
    session: AsyncSession, activity_id: str, person_id: str, *, but: str | None = None
) -> Appointment:
    """Return what our mails made of somebody's calendar, leaving out the message ``but``.

    The last mail counts. One whose outcome nobody knows may have arrived, and counts as well.
    """
    rows = await session.scalars(
        select(Message).where(
            Message.activity_id == activity_id,
            Message.person_id == person_id,
            Message.mail.in_([*BRINGS, *TAKES]),
            _ARRIVED | (Message.state == MessageState.SENDING),
        )
    )
    mails = sorted((row for row in rows if row.id != but), key=lambda row: (row.sent_at or row.due_at, row.queued_at))
    leaving = {row.mail for row in mails if row.state is MessageState.SENDING}
    arrived = [row.mail for row in mails if row.state is not MessageState.SENDING]
    if leaving.intersection(BRINGS):
        return Appointment.IN_HAND
    if arrived and arrived[-1] in BRINGS:
        return Appointment.IN_HAND if PUT_OFF in leaving else Appointment.STANDS
    while arrived and arrived[-1] == PUT_OFF:
        arrived.pop()
    return Appointment.PUT_OFF if arrived and arrived[-1] in BRINGS else Appointment.NONE


async def is_still_theirs(session: AsyncSession, activity_id: str, person_id: str, *, but: str | None = None) -> bool:
    """Whether somebody still takes part in a role that gets the appointment, leaving out the participation ``but``."""
    found = await session.scalar(
        select(Participation.id)
        .where(
            Participation.activity_id == activity_id,
            Participation.person_id == person_id,
            Participation.standing.in_(ACTIVE),
            Participation.id != (but or ""),
            Participation.role.in_(
                select(Participation.role)
                .join(Message, Message.participation_id == Participation.id)
                .where(Message.activity_id == activity_id, Message.mail.in_(BRINGS), _ARRIVED)
            ),
        )
        .limit(1)
    )
    return found is not None


async def dated(session: AsyncSession, activity: Activity) -> list[ContactMoment]:
    """Return the meetings in order; none while there is no date."""
    if activity.date_fixed_at is None:
        return []
    return list(
        await session.scalars(
            select(ContactMoment).where(ContactMoment.activity_id == activity.id).order_by(ContactMoment.number)
        )
    )


async def to_come(session: AsyncSession, activity: Activity, now: datetime) -> list[ContactMoment]:
    """Return the meetings that have not begun."""
    return [row for row in await dated(session, activity) if row.starts_at > now]


async def times_taken(session: AsyncSession, activity_id: str, person_id: str) -> int:
    """Return how often an appointment was taken out of somebody's calendar because they left."""
    found = await session.scalar(
        select(func.count())
        .select_from(Message)
        .where(Message.activity_id == activity_id, Message.person_id == person_id, Message.mail == LEFT)
    )
    return found or 0


async def sequence_for(session: AsyncSession, activity: Activity, person_id: str, *, leaves: bool) -> int:
    """Return the number of the next calendar file of somebody: higher than that of every one before it.

    The activity's own counter, and two for every time that they left: one for leaving, one for coming back.
    """
    times = await times_taken(session, activity.id, person_id)
    return activity.calendar_sequence + 2 * times - (1 if leaves else 0)


async def takes_back(session: AsyncSession, activity: Activity, participation: Participation, now: datetime) -> bool:
    """Whether it takes an appointment out of somebody's calendar that they leave."""
    person_id = participation.person_id
    return (
        bool(await to_come(session, activity, now))
        and (await appointment_of(session, activity.id, person_id)).may_stand
        and not await is_still_theirs(session, activity.id, person_id, but=participation.id)
        and not await _is_on_its_way(session, activity.id, person_id)
    )


async def take_back(
    session: AsyncSession, loaded: Loaded, participation: Participation, why: Why, now: datetime
) -> None:
    """Queue the mail that takes an appointment out of the calendar of somebody who left, where there is one."""
    activity, person_id = loaded.activity, participation.person_id
    if not await takes_back(session, activity, participation, now):
        return
    number = await times_taken(session, activity.id, person_id) + 1
    await queue(
        session,
        key=f"{activity.id}:{LEFT}:{person_id}:{number}",
        mail=LEFT,
        person_id=person_id,
        activity_id=activity.id,
        participation_id=participation.id,
        about={"why": why.value},
        needed_if=NeededIf.GONE,
        due_at=now,
        now=now,
    )


async def put_off(session: AsyncSession, loaded: Loaded, now: datetime) -> set[str]:
    """Return who takes part and misses an appointment that is still to come, because it was taken out by a hold.

    Nobody to whom a mail waits that brings it.
    """
    activity = loaded.activity
    if not await to_come(session, activity, now):
        return set()
    people = {item.person_id for item in loaded.participations if item.standing in ACTIVE}
    people -= await awaiting(session, activity.id, BRINGS)
    found = {person_id: await appointment_of(session, activity.id, person_id) for person_id in people}
    return {key for key, state in found.items() if state in {Appointment.PUT_OFF, Appointment.IN_HAND}}


async def awaiting(
    session: AsyncSession, activity_id: str, mails: Sequence[str], *, but: str | None = None
) -> set[str]:
    """Return to whom one of ``mails`` waits, leaving out the message ``but``."""
    rows = await session.scalars(
        select(Message.person_id).where(
            Message.activity_id == activity_id,
            Message.mail.in_(mails),
            Message.state.in_(_WAITING),
            Message.id != (but or ""),
        )
    )
    return set(rows)


async def _is_on_its_way(session: AsyncSession, activity_id: str, person_id: str) -> bool:
    """Whether such a mail waits already: who had two roles leaves both."""
    found = await session.scalar(
        select(Message.id).where(
            Message.activity_id == activity_id,
            Message.person_id == person_id,
            Message.mail == LEFT,
            Message.state.in_([*_WAITING, MessageState.SENDING]),
        )
    )
    return found is not None
