"""Activities that would sleep for ever: they go on, and nothing will wake them or ask a person to look."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.asking import OPEN, Invitation
from models.tables.mail import Call, CallState, Message, MessageState
from sandwich.services.overview import ENDED
from sandwich.services.resting import unlooked
from sandwich.services.settle import RESTS


async def asleep(session: AsyncSession) -> list[Activity]:
    """Return every activity that has no moment to wake, no question with a next moment, no call and no mail to come.

    One that rests must have something that looks at it instead.
    """
    stirs = (
        select(Invitation.id).where(
            Invitation.activity_id == Activity.id, Invitation.state.in_(OPEN), Invitation.next_at.is_not(None)
        ),
        select(Call.id).where(Call.activity_id == Activity.id, Call.state.in_([CallState.PLANNED, CallState.OPEN])),
        select(Message.id).where(
            Message.activity_id == Activity.id, Message.state.in_([MessageState.QUEUED, MessageState.SENDING])
        ),
    )
    goes_on = Activity.status.not_in([*RESTS, *ENDED])
    sleeps = goes_on & Activity.wake_at.is_(None) & ~or_(*(rows.exists() for rows in stirs))
    rows = await session.scalars(
        select(Activity).where(or_(sleeps, Activity.id.in_(await unlooked(session)))).order_by(Activity.id)
    )
    return list(rows)
