"""Whether everything of this moment has happened, and when something happens next: for the movable clock, and for
whoever watches over an installation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus, PlanStep, StepState
from models.tables.asking import TIMED, Invitation
from models.tables.base import Table, UtcDateTime
from models.tables.mail import UNSETTLED, Call, CallState, Message, MessageState
from sandwich.services.resting import LOOKS

_FROZEN = (ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED)
_RESTING = (*_FROZEN, ActivityStatus.CONCEPT)
_MOVING = select(Activity.id).where(Activity.status.not_in(_FROZEN))


@dataclass(frozen=True)
class Outlook:
    """What lies at and after a moment. ``waiting`` counts what is due and has not happened; none is *settled*."""

    now: datetime
    waiting: int
    next_at: datetime | None

    @property
    def is_settled(self) -> bool:
        """Whether everything of this moment has happened."""
        return self.waiting == 0


@dataclass(frozen=True)
class Source:
    """One kind of thing that happens at a moment: the rows, their moment, and which of them still count."""

    table: type[Table]
    at: ColumnElement[Any]
    counts: Sequence[ColumnElement[bool]]


SOURCES = (
    Source(Message, Message.due_at.expression, (Message.state == MessageState.QUEUED,)),
    Source(
        Invitation,
        Invitation.next_at.expression,
        (Invitation.state.in_(TIMED), Invitation.activity_id.in_(_MOVING)),
    ),
    Source(
        Call,
        Call.due_at.expression,
        (Call.state == CallState.PLANNED, Call.activity_id.in_(_MOVING) | Call.what.in_(LOOKS)),
    ),
    Source(Activity, Activity.wake_at.expression, (Activity.status.not_in(_RESTING),)),
)
"""Everything that waits for a moment."""


@dataclass(frozen=True)
class Backlog:
    """How many rows of a table are due, and for how long the oldest of them has been."""

    table: str
    number: int
    oldest: timedelta


@dataclass(frozen=True)
class Counts:
    """How many activities there are by status, and messages by state; also those of which there are none.

    Only messages that wait for something are counted: those that left stay in their table and may be millions.
    """

    activities: dict[str, int]
    messages: dict[str, int]


async def backlog(session: AsyncSession, now: datetime) -> list[Backlog]:
    """Return for every table of which rows wait for a moment what is due at ``now``."""
    found = []
    for source in SOURCES:
        due = (
            select(func.count(), func.min(source.at)).select_from(source.table).where(source.at <= now, *source.counts)
        )
        number, first = (await session.execute(due)).one()
        found.append(Backlog(source.table.__tablename__, number, now - first if first else timedelta()))
    return found


async def counts(session: AsyncSession) -> Counts:
    """Return how many activities there are, and how many messages wait; the index of their state answers that."""
    activities = dict.fromkeys(ActivityStatus, 0)
    for status, number in await session.execute(select(Activity.status, func.count()).group_by(Activity.status)):
        activities[status] = number
    messages = dict.fromkeys(UNSETTLED, 0)
    waiting = select(Message.state, func.count()).where(Message.state.in_(UNSETTLED)).group_by(Message.state)
    for state, number in await session.execute(waiting):
        messages[state] = number
    return Counts(
        {key.value: number for key, number in activities.items()}, {key.value: n for key, n in messages.items()}
    )


_NOW = bindparam("now", type_=UtcDateTime())
_LOOKS = tuple(
    (
        select(func.count()).select_from(source.table).where(source.at <= _NOW, *source.counts),
        select(func.min(source.at)).where(source.at > _NOW, *source.counts),
    )
    for source in SOURCES
)
_SENDING = select(func.count()).select_from(Message).where(Message.state == MessageState.SENDING)
_UNSHOWN = (
    select(func.count())
    .select_from(PlanStep)
    .join(Activity, Activity.id == PlanStep.activity_id)
    .where(PlanStep.state == StepState.DONE, PlanStep.shown_at.is_(None), Activity.status.not_in(_RESTING))
)


async def look(session: AsyncSession, now: datetime) -> Outlook:
    """Look at everything that is due at ``now`` and at the first moment after it."""
    waiting = 0
    moments = []
    for due, following in _LOOKS:
        waiting += await session.scalar(due, {"now": now}) or 0
        moments.append(await session.scalar(following, {"now": now}))
    waiting += await _under_way(session)
    return Outlook(now, waiting, min((at for at in moments if at is not None), default=None))


async def _under_way(session: AsyncSession) -> int:
    """Count mails on the line, and steps that were carried out by a run that has not finished showing them."""
    return (await session.scalar(_SENDING) or 0) + (await session.scalar(_UNSHOWN) or 0)
