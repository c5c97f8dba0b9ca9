"""Calls: what the coordinator must do. Each is made once, and told by mail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.asking import OPEN, Invitation, Submission
from models.tables.base import new_id
from models.tables.mail import Call, CallState, Message
from models.tables.network import Person
from sandwich.services.outbox import NeededIf, queue_all

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
    if not await add_new(session, [call]):
        return None
    opened = open_now(activity, call, now, mail)
    await session.flush()
    await queue_all(session, opened)
    return call


async def add_new(session: AsyncSession, calls: Sequence[Call]) -> list[Call]:
    """Add the calls whose key is not there already and return those, each with its id; nobody is told yet."""
    wanted: dict[str, Call] = {}
    for call in calls:
        wanted.setdefault(call.key, call)
    if not wanted:
        return []
    with session.no_autoflush:
        known = set(await session.scalars(select(Call.key).where(Call.key.in_(wanted))))
    new = [call for key, call in wanted.items() if key not in known]
    for call in new:
        call.id = new_id()
    session.add_all(new)
    return new


def open_now(activity: Activity, call: Call, now: datetime, mail: str | None = "call") -> list[Message]:
    """Open a call, a new one or one that a watch planned; returns the mail to its coordinator, for the outbox."""
    call.state, call.opened_at = CallState.OPEN, now
    if mail is None or activity.coordinator_id is None:
        return []
    return [
        Message(
            key=f"{activity.id}:call:{call.id}",
            mail=mail,
            person_id=activity.coordinator_id,
            activity_id=activity.id,
            about={"call_id": call.id},
            needed_if=NeededIf.CALL_OPEN,
            queued_at=now,
            due_at=now,
        )
    ]


async def open_planned(session: AsyncSession, activity: Activity, call: Call, now: datetime) -> None:
    """Open a call that was planned, and write the mail to its coordinator."""
    await queue_all(session, open_now(activity, call, now))


async def person_or_none(session: AsyncSession, actor: str | None) -> str | None:
    """Return ``actor`` where it is a person: a program, such as the command line, stands in the audit log alone."""
    return actor if actor is not None and await session.get(Person, actor) is not None else None


async def finish(session: AsyncSession, call: Call, actor: str | None, now: datetime) -> None:
    """Write down that a call is done, and by whom."""
    done_by = await person_or_none(session, actor)
    call.state, call.done_at, call.done_by_id = CallState.DONE, now, done_by


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
