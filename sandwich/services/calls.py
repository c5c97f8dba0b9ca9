"""Calls: what the coordinator must do. Each is made once, and told by mail."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.mail import Call, CallState
from sandwich.services.outbox import NeededIf, queue


async def open_call(
    session: AsyncSession,
    activity: Activity,
    what: str,
    *,
    key: str,
    now: datetime,
    step: str | None = None,
    invitation_id: str | None = None,
    person_id: str | None = None,
    mail: str | None = "call",
) -> Call | None:
    """Open a call and mail the coordinator; ``None`` when the same call was made before.

    ``mail`` is ``None`` where another mail brings it.
    """
    if await session.scalar(select(Call.id).where(Call.key == key)):
        return None
    call = Call(
        key=key,
        activity_id=activity.id,
        what=what,
        step=step,
        invitation_id=invitation_id,
        person_id=person_id,
        due_at=now,
    )
    session.add(call)
    await _open(session, activity, call, now, mail)
    return call


async def open_planned(session: AsyncSession, activity: Activity, call: Call, now: datetime) -> None:
    """Open a call that was planned by a watch."""
    await _open(session, activity, call, now, "call")


async def drop_calls(session: AsyncSession, invitation_id: str, now: datetime) -> None:
    """Drop the calls about an invitation: the answer came by itself."""
    calls = await session.scalars(
        select(Call).where(Call.invitation_id == invitation_id, Call.state.in_([CallState.OPEN, CallState.PLANNED]))
    )
    for call in calls:
        call.state = CallState.DROPPED
        call.done_at = now


async def _open(session: AsyncSession, activity: Activity, call: Call, now: datetime, mail: str | None) -> None:
    call.state = CallState.OPEN
    call.opened_at = now
    await session.flush()
    if mail is not None and activity.coordinator_id is not None:
        await queue(
            session,
            key=f"{activity.id}:call:{call.id}",
            mail=mail,
            person_id=activity.coordinator_id,
            activity_id=activity.id,
            about={"call_id": call.id},
            needed_if=NeededIf.CALL_OPEN,
            due_at=now,
            now=now,
        )
