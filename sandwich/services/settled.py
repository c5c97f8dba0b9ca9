"""Whether everything of this moment has happened, and what happens next: what the movable clock looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus, PlanStep, StepState
from models.tables.asking import OPEN, Invitation
from models.tables.base import Table
from models.tables.mail import Call, CallState, Message, MessageState
from models.text import Text

_FROZEN = (ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED)
_RESTING = (*_FROZEN, ActivityStatus.CONCEPT)
_MOVING = select(Activity.id).where(Activity.status.not_in(_FROZEN))


@dataclass(frozen=True)
class Outlook:
    """What lies at and after a moment. ``waiting`` counts what is due and has not happened; none is *settled*."""

    now: datetime
    waiting: int
    next_at: datetime | None
    next_what: Text | None
    next_title: str | None

    @property
    def is_settled(self) -> bool:
        """Whether everything of this moment has happened."""
        return self.waiting == 0


@dataclass(frozen=True)
class _Source:
    """One kind of thing that happens at a moment: the rows, their moment, and which of them still count."""

    table: type[Table]
    at: ColumnElement[Any]
    counts: Sequence[ColumnElement[bool]]
    what: Text


_SOURCES = (
    _Source(
        Message,
        Message.due_at.expression,
        (Message.state == MessageState.QUEUED,),
        Text(nl="een mail gaat weg", en="a mail leaves"),
    ),
    _Source(
        Invitation,
        Invitation.next_at.expression,
        (Invitation.state.in_(OPEN), Invitation.activity_id.in_(_MOVING)),
        Text(nl="een antwoord is er nog niet: herinneren of bellen", en="an answer is missing: remind or phone"),
    ),
    _Source(
        Call,
        Call.due_at.expression,
        (Call.state == CallState.PLANNED, Call.activity_id.in_(_MOVING)),
        Text(nl="kijken of de coördinator iets moet doen", en="look whether the coordinator must do something"),
    ),
    _Source(
        Activity,
        Activity.wake_at.expression,
        (Activity.status.not_in(_RESTING),),
        Text(nl="een stap van het draaiboek", en="a step of the playbook"),
    ),
    _Source(
        Activity,
        Activity.forget_at.expression,
        (Activity.status != ActivityStatus.ON_HOLD,),
        Text(nl="wissen wat alleen voor de dag zelf was", en="erase what was for the day only"),
    ),
)


async def look(session: AsyncSession, now: datetime) -> Outlook:
    """Look at everything that is due at ``now`` and at the first thing after it."""
    waiting = 0
    first: tuple[datetime, _Source] | None = None
    for source in _SOURCES:
        due = select(func.count()).select_from(source.table).where(source.at <= now, *source.counts)
        waiting += await session.scalar(due) or 0
        later = await session.scalar(select(func.min(source.at)).where(source.at > now, *source.counts))
        if later is not None and (first is None or later < first[0]):
            first = (later, source)
    waiting += await _under_way(session)
    if first is None:
        return Outlook(now, waiting, None, None, None)
    return Outlook(now, waiting, first[0], first[1].what, await _title(session, first[0], first[1]))


async def _under_way(session: AsyncSession) -> int:
    """Count mails on the line, and steps that were carried out by a run that has not finished showing them."""
    sending = select(func.count()).select_from(Message).where(Message.state == MessageState.SENDING)
    unshown = (
        select(func.count())
        .select_from(PlanStep)
        .join(Activity, Activity.id == PlanStep.activity_id)
        .where(PlanStep.state == StepState.DONE, PlanStep.shown_at.is_(None), Activity.status.not_in(_RESTING))
    )
    return (await session.scalar(sending) or 0) + (await session.scalar(unshown) or 0)


async def _title(session: AsyncSession, at: datetime, source: _Source) -> str | None:
    """Return the activity that the next thing belongs to, by its title."""
    if source.table is Activity:
        query = select(Activity.title).where(source.at == at, *source.counts)
    else:
        own = source.table.__table__.c["activity_id"]
        query = select(Activity.title).join(source.table, own == Activity.id).where(source.at == at, *source.counts)
    return await session.scalar(query.limit(1))
