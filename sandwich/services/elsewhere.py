"""What is still asked of somebody in other activities, so that one page says all of it. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation
from models.tables.asking import OPEN, Invitation

_ASKS_NOTHING = (ActivityStatus.CONCEPT, ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED)


@dataclass(frozen=True)
class Elsewhere:
    """Another activity in which somebody has open questions, and how many."""

    title: str
    number: int


async def open_elsewhere(
    session: AsyncSession, activity_id: str, person_id: str, now: datetime
) -> tuple[Elsewhere, ...]:
    """Return the other activities in which somebody was asked something that they have not answered."""
    rows = await session.execute(
        select(Activity.title, func.count())
        .join(Invitation, Invitation.activity_id == Activity.id)
        .join(Participation, Participation.id == Invitation.participation_id)
        .where(
            Participation.person_id == person_id,
            Participation.standing.in_(ACTIVE),
            Activity.id != activity_id,
            Activity.status.not_in(_ASKS_NOTHING),
            Invitation.state.in_(OPEN),
            Invitation.asked_at <= now,
        )
        .group_by(Activity.id, Activity.title)
        .order_by(Activity.title, Activity.id)
    )
    return tuple(Elsewhere(title, number) for title, number in rows)
