"""Calls: what the coordinator must do. Each is made once, and told by mail."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.asking import OPEN, Invitation, Submission
from models.tables.mail import Call, CallState
from models.tables.network import Person
from sandwich.services.outbox import NeededIf, queue

NO_ANSWER = "no-answer"
"""What a call is about when nobody answered."""


async def open_call(
    session: AsyncSession,
    activity: Activity,
    what: str,
    *,
    key: str,
    now: datetime,
    step: str | None = None,
    invitation_id: str | None = None,
    submission_id: str | None = None,
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
        submission_id=submission_id,
        person_id=person_id,
        due_at=now,
    )
    session.add(call)
    await _open(session, activity, call, now, mail)
    return call


async def person_or_none(session: AsyncSession, actor: str | None) -> str | None:
    """Return ``actor`` where it is a person: a program, such as the command line, stands in the audit log alone."""
    return actor if actor is not None and await session.get(Person, actor) is not None else None


async def finish(session: AsyncSession, call: Call, actor: str | None, now: datetime) -> None:
    """Write down that a call is done, and by whom."""
    done_by = await person_or_none(session, actor)
    call.state, call.done_at, call.done_by_id = CallState.DONE, now, done_by


async def open_planned(session: AsyncSession, activity: Activity, call: Call, now: datetime) -> None:
    """Open a call that was planned by a watch."""
    await _open(session, activity, call, now, "call")


async def drop_calls(session: AsyncSession, invitation_id: str, now: datetime) -> None:
    """Drop the calls about an invitation: the answer came by itself.

    A call about several forms behind one link stays for those that are still missing.
    """
    calls = list(
        await session.scalars(
            select(Call).where(Call.invitation_id == invitation_id, Call.state.in_([CallState.OPEN, CallState.PLANNED]))
        )
    )
    missing = await _still_missing(session, invitation_id) if calls else None
    for call in calls:
        if call.what == NO_ANSWER and missing is not None:
            call.invitation_id = missing
        else:
            call.state, call.done_at = CallState.DROPPED, now


async def calls_of_answers(session: AsyncSession, activity_id: str, person_id: str) -> list[tuple[Call, Submission]]:
    """Return the open calls that what somebody answered has made, each with that answer."""
    rows = await session.execute(
        select(Call, Submission)
        .join(Submission, Submission.id == Call.submission_id)
        .where(Call.activity_id == activity_id, Submission.person_id == person_id, Call.state == CallState.OPEN)
        .order_by(Call.id)
    )
    return [(call, submission) for call, submission in rows]


async def _still_missing(session: AsyncSession, invitation_id: str) -> str | None:
    """Return another form behind the same link whose ladder of reminders has been climbed to its end in vain."""
    one = await session.get_one(Invitation, invitation_id)
    found: str | None = await session.scalar(
        select(Invitation.id)
        .where(
            Invitation.participation_id == one.participation_id,
            Invitation.step == one.step,
            Invitation.occurrence == one.occurrence,
            Invitation.id != one.id,
            Invitation.state.in_(OPEN),
            Invitation.next_at.is_(None),
        )
        .order_by(Invitation.id)
        .limit(1)
    )
    return found


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
