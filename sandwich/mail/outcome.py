"""Write down what came of a try, and what follows: tried again, failed, unknown, and a call where a hand is needed."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import Invitation
from models.tables.mail import ON_ITS_WAY, Attempt, AttemptOutcome, Call, Message, MessageState
from models.tables.network import Contact, ContactKind, Person
from sandwich.errors import StoreUnavailable
from sandwich.failpoints import failpoint
from sandwich.mail.claim import ACTOR, Claimed, activity_of, stream_of
from sandwich.mail.mails import Travels
from sandwich.mail.relay import Delivery, Result
from sandwich.mail.wording import kind_of
from sandwich.runtime import Runtime
from sandwich.services.calls import BOUNCED, FAILED, UNKNOWN, key_of_mail, open_call
from sandwich.services.loaded import load
from sandwich.services.outbox import mark_asked
from sandwich.services.settle import settle
from sandwich.store.audit import take_all

WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 180, 360, 720, 1440, 1440, 1440, 1440))
"""How long after each try the next one comes: eleven tries within five days."""

SLOW_WAITS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 180, 360, 720, 1440, 1440, 1440, 1440))
"""The same where it is for the recipient's server to come round, which greylists for minutes to hours."""

SETUP_WAIT = timedelta(minutes=15)
"""How long a mail waits where the server does not want us; that never makes it fail, and is no try of the mail."""

SETUP = "setup"
"""The reason of a message that the mail server does not take from us."""


ERASED = "erased"
"""The reason of a message whose reader was erased before or while it left."""


@dataclass(frozen=True)
class Try:
    """A claimed mail and what came of it; ``None`` where nothing was said to the mail server about it."""

    claimed: Claimed
    delivery: Delivery | None


_PATIENCE = (0.5, 2.0, 5.0, 10.0)
_OVER = (ActivityStatus.CONCEPT, ActivityStatus.FINISHED, ActivityStatus.CANCELLED)
_log = structlog.get_logger(__name__)
_OUTCOMES = {
    Result.ACCEPTED: AttemptOutcome.ACCEPTED,
    Result.RETRY: AttemptOutcome.RETRY,
    Result.REFUSED: AttemptOutcome.REFUSED,
    Result.UNKNOWN: AttemptOutcome.UNKNOWN,
}


async def record(runtime: Runtime, tries: Sequence[Try], now: datetime) -> None:
    """Write down what came of claimed mails; one that another process has judged meanwhile is left as it is.

    They have left: a database that is locked for a while, or a mistake in what follows for one activity, must not make
    their outcome unknown.
    """
    for pause in (*_PATIENCE, None):
        try:
            await _record(runtime, tries, now, settles=True)
            return
        except StoreUnavailable:
            if pause is None:
                raise
            await asyncio.sleep(pause)
        except Exception as error:  # the outcome counts more than what follows from it
            if len(tries) > 1:
                for one in tries:
                    await record(runtime, [one], now)
                return
            claimed = tries[0].claimed
            _log.error("activity not settled after a mail", activity=claimed.activity_id, error=type(error).__name__)
            await _record(runtime, tries, now, settles=False)
            return


async def _record(runtime: Runtime, tries: Sequence[Try], now: datetime, *, settles: bool) -> None:
    async with runtime.store.change(now=now, actor=ACTOR) as session:
        await take_all(session, {stream_of(one.claimed.activity_id) for one in tries})
        found = await _messages(session, [key for one in tries for key in one.claimed.message_ids])
        attempts = {
            attempt.id: attempt
            for attempt in await session.scalars(
                select(Attempt).where(Attempt.id.in_([one.claimed.attempt_id for one in tries]))
            )
        }
        erased = await _erased(session, found.values())
        recorded: list[Message] = []
        accepted: list[Message] = []
        for one in tries:
            messages = [found[key] for key in one.claimed.message_ids if key in found]
            if not messages or any(message.state is not MessageState.SENDING for message in messages):
                continue
            attempt = attempts[one.claimed.attempt_id]
            recorded += messages
            if messages[0].person_id in erased:
                await _record_quietly(session, messages, attempt, one.delivery, now)
                continue
            if one.delivery is None:
                await _give_back(session, messages, attempt)
                continue
            attempt.ended_at, attempt.outcome = now, _OUTCOMES[one.delivery.result]
            attempt.code, attempt.remark = one.delivery.code, one.delivery.said or None
            match one.delivery.result:
                case Result.ACCEPTED:
                    accepted += messages
                case Result.RETRY if one.delivery.is_setup_wrong:
                    await _give_back(session, messages, attempt)
                    for message in messages:
                        message.reason, message.due_at = SETUP, now + SETUP_WAIT
                case Result.RETRY:
                    attempt.counts_for = None
                    waits = SLOW_WAITS if one.delivery.is_slow else WAITS
                    reason = "relay" if one.delivery.is_relay_down else "deferred"
                    await postpone(session, messages, reason, now, waits)
                case Result.REFUSED:
                    to, is_dead = one.claimed.composed.recipient, one.delivery.is_box_dead
                    await refused(session, messages, to, now, is_box_dead=is_dead)
                case Result.UNKNOWN:
                    await unknown(session, messages, now)
        await _sent(session, accepted, now)
        await follow(runtime, session, recorded, now, settles=settles)
        await failpoint("outcome-committing")


async def _record_quietly(
    session: AsyncSession, messages: Sequence[Message], attempt: Attempt, delivery: Delivery | None, now: datetime
) -> None:
    """Write down what came of a mail whose reader was erased while it left: not what was said of the address, and
    nothing that would be tried again or told to anybody.
    """
    if delivery is None:
        await _give_back(session, messages, attempt)
    else:
        attempt.ended_at, attempt.outcome, attempt.code = now, _OUTCOMES[delivery.result], delivery.code
    if delivery is not None and delivery.result is Result.ACCEPTED:
        await _sent(session, messages, now)
        return
    is_unknown = delivery is not None and delivery.result is Result.UNKNOWN
    for message in messages:
        message.state = MessageState.UNKNOWN if is_unknown else MessageState.DISCARDED
        message.reason = ERASED


async def _erased(session: AsyncSession, messages: Iterable[Message]) -> set[str]:
    """Return who of the readers of these messages was erased."""
    readers = {message.person_id for message in messages}
    return set(await session.scalars(select(Person.id).where(Person.id.in_(readers), Person.erased_on.is_not(None))))


async def _give_back(session: AsyncSession, messages: Sequence[Message], attempt: Attempt) -> None:
    """Let messages wait again that the mail server did not look at: there was no try."""
    for message in messages:
        message.state, message.carrier_id, message.counted_on = MessageState.QUEUED, None, None
    messages[0].attempts -= 1
    await session.delete(attempt)


async def poisoned(runtime: Runtime, message_id: str, activity_id: str | None, now: datetime) -> None:
    """Write down that a message could not be worded: it is tried again later, and holds up nobody meanwhile."""
    async with runtime.store.change(now=now, actor=ACTOR, stream=stream_of(activity_id)) as session:
        messages = list((await _messages(session, [message_id])).values())
        if messages and messages[0].state is MessageState.QUEUED:
            messages[0].attempts += 1
            await postpone(session, messages, "not-worded", now)
            await follow(runtime, session, messages, now)
    await failpoint("message-postponed")


async def judge(
    runtime: Runtime, carrier_id: str, activity_id: str | None, message_ids: Sequence[str], now: datetime
) -> int:
    """Judge messages that a process left behind while it sent them; returns how many.

    With an attempt nobody can know whether they arrived; without one nothing has left, and they wait again.
    """
    async with runtime.store.change(now=now, actor=ACTOR, stream=stream_of(activity_id)) as session:
        found = await _messages(session, message_ids)
        messages = [found[key] for key in message_ids if key in found and found[key].state is MessageState.SENDING]
        if not messages:
            return 0
        attempt = await session.scalar(
            select(Attempt)
            .where(Attempt.message_id == carrier_id, Attempt.outcome == AttemptOutcome.STARTED)
            .order_by(Attempt.number.desc())
            .limit(1)
        )
        if attempt is None:
            for message in messages:
                message.state, message.carrier_id, message.counted_on = MessageState.QUEUED, None, None
            return len(messages)
        attempt.ended_at, attempt.outcome = now, AttemptOutcome.UNKNOWN
        await unknown(session, messages, now)
        await follow(runtime, session, messages, now)
    await failpoint("message-judged")
    _log.warning("message left behind", message=carrier_id, carries=len(messages))
    return len(messages)


async def postpone(
    session: AsyncSession, messages: Sequence[Message], reason: str, now: datetime, waits: Sequence[timedelta] = WAITS
) -> None:
    """Put messages back into the queue for a later try; after the last one they fail."""
    tried = messages[0].attempts
    for message in messages:
        message.reason, message.carrier_id, message.counted_on = reason, None, None
        message.attempts = max(message.attempts, tried)  # one that was tried by itself before keeps its number
        if tried > len(waits):
            message.state = MessageState.FAILED
        else:
            message.state, message.due_at = MessageState.QUEUED, now + waits[tried - 1]
    if tried > len(waits):
        await _call(session, messages[0], FAILED, now)


async def unknown(session: AsyncSession, messages: Sequence[Message], now: datetime) -> None:
    """Note that messages may have arrived: they are never sent again by themselves."""
    for message in messages:
        message.state, message.reason = MessageState.UNKNOWN, "unknown"
    await mark_asked(session, messages)
    await _call(session, messages[0], UNKNOWN, now)


async def _sent(session: AsyncSession, messages: Sequence[Message], now: datetime) -> None:
    for message in messages:
        message.state = MessageState.BUNDLED if message.carrier_id else MessageState.SENT
        message.sent_at, message.reason = now, None
    await mark_asked(session, messages)


async def refused(
    session: AsyncSession,
    messages: Sequence[Message],
    recipient: str,
    now: datetime,
    *,
    is_box_dead: bool,
    is_known: bool = False,
) -> Call | None:
    """Note that messages will not arrive, at once or by what came back; a box that is not there is marked.

    Returns the call that this makes; none where the box ``is_known`` to be dead: one says all that there is.
    """
    reason = BOUNCED if is_box_dead else "refused"
    for message in messages:
        message.state, message.reason, message.counted_on = MessageState.FAILED, reason, None
    if is_box_dead:
        for contact in await session.scalars(
            select(Contact).where(Contact.person_id == messages[0].person_id, Contact.kind == ContactKind.MAIL)
        ):
            if contact.is_valid and contact.address.casefold() == recipient.casefold():
                contact.is_valid = False
    if is_known:
        return None
    return await _call(session, messages[0], BOUNCED if is_box_dead else FAILED, now)


async def _call(session: AsyncSession, message: Message, what: str, now: datetime) -> Call | None:
    """Let the coordinator know; not by mail about mail to the coordinator, which would go round in circles."""
    activity = await activity_of(session, message.activity_id)
    if activity is None or await _erased(session, [message]):
        return None
    invitation = await session.get(Invitation, message.invitation_id) if message.invitation_id else None
    return await open_call(
        session,
        activity,
        what,
        key=key_of_mail(what, message.id),
        now=now,
        step=invitation.step if invitation else None,
        invitation_id=message.invitation_id,
        person_id=message.person_id,
        mail=None if message.person_id == activity.coordinator_id else "call",
    )


async def _messages(session: AsyncSession, ids: Sequence[str]) -> dict[str, Message]:
    return {row.id: row for row in await session.scalars(select(Message).where(Message.id.in_(ids)))}


async def follow(
    runtime: Runtime, session: AsyncSession, messages: Sequence[Message], now: datetime, *, settles: bool = True
) -> None:
    """Settle activities when the last mail of a step has left: thanks and feedback are facts only then.

    Where one cannot be settled here, its flow is woken to do it. No fact follows from a call's mail.
    """
    steps = {
        (message.activity_id, ":".join(message.key.split(":")[:2]))
        for message in messages
        if message.activity_id and message.key.startswith(message.activity_id)
        if kind_of(message).travels is not Travels.CALLS
    }
    if not steps:
        return
    await session.flush()
    waiting = set(
        await session.scalars(
            select(Message.key).where(
                Message.activity_id.in_({activity for activity, _ in steps}), Message.state.in_(ON_ITS_WAY)
            )
        )
    )
    done = {activity for activity, step in steps if not any(key.startswith(f"{step}:") for key in waiting)}
    for activity_id in sorted(done):
        if settles:
            await settle(session, await load(session, runtime.settings.timezone, activity_id), now)
            continue
        activity = await session.get_one(Activity, activity_id)
        if activity.status not in _OVER:
            activity.wake_at = now
