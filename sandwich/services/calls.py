"""Calls: what the coordinator must do. Each is made once, and told by mail."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ACTIVE, Activity, Participation
from models.tables.asking import OPEN, Invitation, Submission
from models.tables.base import new_id
from models.tables.mail import Call, CallState, Message
from models.tables.network import Person
from models.tables.replies import ReplyText
from sandwich.rules.calendar import Calendar
from sandwich.rules.moments import ROUTINE_TIME
from sandwich.services.outbox import NeededIf, queue_all

NO_ANSWER = "no-answer"
"""What a call is about when nobody answered."""

CHECK_WORDS = "check-words"
"""What a call is about when there is doubt about words that would stand on the card: it waits until they are seen."""

FAILED, BOUNCED, UNKNOWN = "mail-failed", "bounced", "mail-unknown"
"""The calls that a mail can cause which did not arrive, or perhaps did not."""

QUIET = timedelta(hours=24)
"""For so long after a call about one person and one kind of mail no second mail goes to the coordinator about it."""

DEPUTY_AFTER = 2
"""Working days without anybody's hand after which a call goes to the deputy too (field rule 35)."""


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
    opened = open_now(activity, call, await _deputies(session, activity.id), now, mail)
    await session.flush()
    await queue_all(session, opened)
    return call


def key_of_mail(what: str, message_id: str) -> str:
    """Return the key of the call that a mail causes."""
    return f"{what}:{message_id}"


async def open_once(
    session: AsyncSession, activity: Activity, what: str, *, key: str, now: datetime, person_id: str
) -> None:
    """Open a call about somebody, unless one like it is open: that one says everything that there is."""
    waits = await session.scalar(
        select(Call.id).where(
            Call.activity_id == activity.id,
            Call.what == what,
            Call.person_id == person_id,
            Call.state == CallState.OPEN,
        )
    )
    if waits is None:
        await open_call(session, activity, what, key=key, now=now, person_id=person_id)


async def told_lately(
    session: AsyncSession, activity_id: str, person_id: str | None, whats: Collection[str], now: datetime
) -> bool:
    """Whether the coordinator was told within ``QUIET`` what somebody wrote: a machine may answer everything."""
    last = await session.scalar(
        select(Call.id)
        .where(
            Call.activity_id == activity_id,
            Call.what.in_(whats),
            Call.person_id == person_id,
            Call.opened_at > now - QUIET,
        )
        .limit(1)
    )
    return last is not None


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


def open_now(
    activity: Activity, call: Call, deputies: Sequence[Participation], now: datetime, mail: str | None = "call"
) -> list[Message]:
    """Open a call, a new one or one that a watch planned; returns the mails about it, for the outbox.

    One goes to its coordinator, and one to each deputy, who gets it only where it is still open after
    ``DEPUTY_AFTER`` working days.
    """
    call.state, call.opened_at = CallState.OPEN, now
    later = [_to_deputy(activity, call, item, now) for item in deputies if item.person_id != activity.coordinator_id]
    if mail is None or activity.coordinator_id is None:
        return later
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
        ),
        *later,
    ]


async def open_planned(session: AsyncSession, activity: Activity, call: Call, now: datetime) -> None:
    """Open a call that was planned, and write the mails about it."""
    await queue_all(session, open_now(activity, call, await _deputies(session, activity.id), now))


async def tell_deputy(session: AsyncSession, activity: Activity, deputy: Participation, now: datetime) -> None:
    """Let somebody who has become the deputy have the calls that are open, each when it has waited long enough."""
    calls = select(Call).where(
        Call.activity_id == activity.id, Call.state == CallState.OPEN, Call.opened_at.is_not(None)
    )
    await queue_all(
        session, [_to_deputy(activity, call, deputy, now) for call in await session.scalars(calls.order_by(Call.id))]
    )


def goes_to_deputy_at(opened_at: datetime, calendar: Calendar) -> datetime:
    """Return when a call that is still open goes to the deputy: working days later, at the same time of day.

    One that opened before office hours goes at their beginning.
    """
    clock: time = opened_at.astimezone(calendar.zone).time()
    return calendar.at(calendar.count(calendar.day_of(opened_at), DEPUTY_AFTER), max(clock, ROUTINE_TIME))


def _to_deputy(activity: Activity, call: Call, deputy: Participation, now: datetime) -> Message:
    """Return the mail about a call to a deputy. Which days are working days is looked at when it is due."""
    return Message(
        key=f"{activity.id}:call:{call.id}:{deputy.id}",
        mail="call",
        person_id=deputy.person_id,
        activity_id=activity.id,
        participation_id=deputy.id,
        about={"call_id": call.id, "waited": True},
        needed_if=NeededIf.CALL_WAITS,
        queued_at=now,
        due_at=max(now, (call.opened_at or now) + timedelta(days=DEPUTY_AFTER)),
    )


async def _deputies(session: AsyncSession, activity_id: str) -> Sequence[Participation]:
    with session.no_autoflush:
        rows = await session.scalars(
            select(Participation)
            .where(
                Participation.activity_id == activity_id,
                Participation.role == Role.DEPUTY,
                Participation.standing.in_(ACTIVE),
            )
            .order_by(Participation.id)
        )
    return list(rows)


async def waits_for_a_look(session: AsyncSession, activity_ids: Collection[str], what: str) -> frozenset[str]:
    """Return which of these activities have an open call about ``what``."""
    rows = await session.scalars(
        select(Call.activity_id).where(
            Call.activity_id.in_(activity_ids), Call.what == what, Call.state == CallState.OPEN
        )
    )
    return frozenset(rows)


async def person_or_none(session: AsyncSession, actor: str | None) -> str | None:
    """Return ``actor`` where it is a person: a program, such as the command line, stands in the audit log alone."""
    return actor if actor is not None and await session.get(Person, actor) is not None else None


async def finish(session: AsyncSession, call: Call, actor: str | None, now: datetime) -> None:
    """Write down that a call is done, and by whom."""
    done_by = await person_or_none(session, actor)
    call.state, call.done_at, call.done_by_id = CallState.DONE, now, done_by
    await forget_words(session)


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
    if calls:
        await forget_words(session)


async def forget_words(session: AsyncSession) -> None:
    """Let go of the words of replies whose call is over, whichever way it ended."""
    await session.flush()
    over = select(Call.id).where(Call.id == ReplyText.call_id, Call.state.in_([CallState.DONE, CallState.DROPPED]))
    await session.execute(delete(ReplyText).where(over.exists()))


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
