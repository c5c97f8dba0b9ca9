"""Claim what is due: one transaction takes a message with its siblings, words it and writes the attempt down."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.base import new_id
from models.tables.mail import Attempt, Message, MessageState
from models.tables.running import Lease
from sandwich.clock import real_now
from sandwich.errors import SandwichError
from sandwich.failpoints import failpoint
from sandwich.mail.case import Case, open_cases
from sandwich.mail.compose import Composed
from sandwich.mail.mails import Travels
from sandwich.mail.needed import BY_HAND, NO_ADDRESS, NO_ROOM, Verdict, verdict
from sandwich.mail.quota import Quota
from sandwich.mail.room import Room, does_count
from sandwich.mail.turns import is_waiting
from sandwich.mail.wording import kind_of, worded
from sandwich.runtime import Runtime
from sandwich.services.calls import open_call, open_once
from sandwich.services.loaded import load
from sandwich.services.settle import settle
from sandwich.store.audit import take_free
from sandwich.store.chain import REGISTRY

ACTOR = "delivery"
_TOGETHER = (
    frozenset({Travels.ASKS, Travels.TELLS, Travels.REMINDS}),
    frozenset({Travels.CALLS}),
)


class NotTogether(SandwichError):
    """These messages cannot be worded in one mail."""

    dutch = "Deze berichten zijn niet in één mail op te stellen."


@dataclass(frozen=True)
class Claimed:
    """A finished mail that this process alone may send, and the messages that it carries."""

    carrier_id: str
    message_ids: tuple[str, ...]
    activity_id: str | None
    attempt_id: str
    composed: Composed


@dataclass(frozen=True)
class Holder:
    """Who sends. Its lease, on real time, names the messages in hand; when it has run out their fate is unknown."""

    name: str
    length: timedelta

    @property
    def lease(self) -> str:
        """The name of the lease."""
        return f"delivery:{self.name}"

    def of_lane(self, place: int) -> "Holder":
        """Return who sends in one of several lanes of the same process; the first is the process itself."""
        return self if place == 0 else replace(self, name=f"{self.name}-{place}")


def stream_of(activity_id: str | None) -> str:
    """Return the stream that a message's changes belong to."""
    return activity_id or REGISTRY


async def claim(
    runtime: Runtime, holder: Holder, message_id: str, activity_id: str | None, now: datetime, *, alone: bool = False
) -> Claimed | None:
    """Take a message if it is still due and still needed; ``None`` where nothing has to be sent.

    Raises what goes wrong in wording it, :class:`NotTogether` where it was to carry others; then nothing was changed.
    """
    async with runtime.store.change(now=now, actor=ACTOR, stream=stream_of(activity_id)) as session:
        message = await session.get(Message, message_id)
        if message is None or message.state is not MessageState.QUEUED or message.due_at > now:
            return None
        siblings: Sequence[Message] = ()
        if not alone and _family_of(message) is not None:
            waiting = _waiting(now).where(
                Message.activity_id == message.activity_id, Message.person_id == message.person_id
            )
            siblings = (await session.scalars(waiting)).all()
        zone = ZoneInfo(runtime.settings.timezone)
        taken = await _take(runtime, session, holder, [_together(message, siblings, zone)], now)
        return taken[0] if taken else None


async def claim_some(
    runtime: Runtime, holder: Holder, candidates: Sequence[tuple[str, str | None]], most: int, now: datetime
) -> tuple[list[Claimed], set[str]]:
    """Take at most ``most`` mails of ``candidates`` (message and activity) whose activities nobody else has in hand.

    Returns them with the ids of all candidates that need no more looking at: claimed, put aside, or not due any more.
    One person gets at most one mail about an activity, for the next one names it. Raises what goes wrong with any of
    them; then nothing was changed.
    """
    async with runtime.store.change(now=now, actor=ACTOR) as session:
        ids = {key for key, _ in candidates}
        rows = await session.execute(select(Message.id, Message.person_id).where(Message.id.in_(ids), *is_waiting(now)))
        still = dict(rows.all())
        left = [stream_of(activity) for key, activity in candidates if key in still]
        free = await take_free(session, list(dict.fromkeys(left)), len(set(left[:most])))
        waiting: dict[str, list[Message]] = defaultdict(list)
        mine = {key: activity for key, activity in candidates if key in still and stream_of(activity) in free}
        theirs = Message.activity_id.in_({activity for activity in mine.values() if activity})
        readers = Message.person_id.in_({still[key] for key in mine})  # whose turn it is, and nobody else
        for message in await session.scalars(_waiting(now).where((theirs & readers) | Message.id.in_(mine))):
            waiting[stream_of(message.activity_id)].append(message)
        mails: dict[tuple[str | None, str], list[Message]] = {}
        zone = ZoneInfo(runtime.settings.timezone)
        for message in [one for stream in free for one in waiting[stream]]:
            to = message.activity_id, message.person_id
            if message.id in mine and to not in mails and len(mails) < most:
                mails[to] = _together(message, waiting[stream_of(message.activity_id)], zone)
        taken = await _take(runtime, session, holder, list(mails.values()), now)
        found = {message.id for messages in waiting.values() for message in messages}
        gone = (ids - still.keys()) | (mine.keys() - found)
        return taken, gone | {message.id for group in mails.values() for message in group}


async def _take(
    runtime: Runtime, session: AsyncSession, holder: Holder, mails: Sequence[Sequence[Message]], now: datetime
) -> list[Claimed]:
    """Word ``mails``, each of messages that travel together, and write their attempts down; what nobody needs any more
    is put aside.
    """
    cases = await open_cases(session, runtime.settings, [message for mail in mails for message in mail], now)
    by_id = {case.message.id: case for case in cases}
    quota = await Quota.of(session, runtime.settings, [by_id[mail[0].id] for mail in mails], now)
    room = await Room.of(session, runtime.settings, cases, now)
    taken: list[Claimed] = []
    quiet: set[str] = set()
    for mail in mails:
        if not quota.lets(by_id[mail[0].id]):
            continue
        going: list[Case] = []
        for case in (by_id[message.id] for message in mail):
            found = await verdict(case, kind_of(case.message))
            if found.goes:
                going.append(case)
            else:
                await _put_aside(session, case, found, now)
                await failpoint("message-put-aside")
        going, by_hand = await room.lets(going) if going else (going, [])
        for case, found in by_hand:
            await _put_aside(session, case, found, now)
        if going:
            taken.append(await _begin(session, going, quota.take(going[0]), now))
            if all(does_count(case.message.mail, case.about) for case in going):
                room.take(going[0].message)
        elif mail[0].activity_id is not None and mail[0].state is not MessageState.QUEUED:
            quiet.add(mail[0].activity_id)
    for activity_id in sorted(quiet):
        # It was the last mail of its step, perhaps: thanks and feedback are facts only when none is waiting.
        await settle(session, await load(session, runtime.settings.timezone, activity_id), now)
    if taken:
        await _hold(session, holder, [key for one in taken for key in one.message_ids])
        await session.flush()
        await failpoint("attempt-written")
    return taken


async def _begin(session: AsyncSession, going: Sequence[Case], counts_for: str | None, now: datetime) -> Claimed:
    """Word one mail and write down that it is tried."""
    try:
        with session.no_autoflush:  # what the mails before this one have changed is written with all of them
            mail = await worded(going)
    except Exception as error:
        if len(going) > 1:
            raise NotTogether from error
        raise
    carrier = going[0].message
    for case in going:
        case.message.state = MessageState.SENDING
        case.message.carrier_id = carrier.id if case.message is not carrier else None
        case.message.message_id = mail.composed.message_id
    carrier.attempts += 1
    attempt = Attempt(
        id=new_id(),
        message_id=carrier.id,
        activity_id=carrier.activity_id,
        number=carrier.attempts,
        started_at=now,
        person_id=carrier.person_id,
        counts_for=counts_for,
    )
    session.add(attempt)
    ids = tuple(case.message.id for case in going)
    return Claimed(carrier.id, ids, carrier.activity_id, attempt.id, mail.composed)


async def let_go(runtime: Runtime, holder: Holder) -> None:
    """Give the lease up: nothing is in hand any more."""
    async with runtime.store.maintain() as session:
        lease = await session.get(Lease, holder.lease)
        if lease is not None:
            await session.delete(lease)
    await failpoint("lease-given-up")


def _waiting(now: datetime) -> Select[Message]:
    """Return the query for what is due, the longest waiting first."""
    return select(Message).where(*is_waiting(now)).order_by(Message.due_at, Message.queued_at, Message.id)


def _family_of(message: Message) -> frozenset[Travels] | None:
    """Return what may share an envelope with a message. One that a coordinator added a word to goes by itself."""
    if message.activity_id is None or message.word:
        return None
    return next((one for one in _TOGETHER if kind_of(message).travels in one), None)


def _together(message: Message, waiting: Sequence[Message], zone: ZoneInfo) -> list[Message]:
    """Return a message with those of ``waiting`` that go to the same person about the same activity on the same day
    and may share an envelope.
    """
    family, day = _family_of(message), message.due_at.astimezone(zone).date()
    return [
        message,
        *(
            one
            for one in waiting
            if one is not message
            and family is not None
            and (one.activity_id, one.person_id) == (message.activity_id, message.person_id)
            and kind_of(one).travels in family
            and not one.word
            and one.due_at.astimezone(zone).date() == day
        ),
    ]


async def _put_aside(session: AsyncSession, case: Case, found: Verdict, now: datetime) -> None:
    message = case.message
    message.reason = found.reason
    if found.later is not None:
        message.due_at = now + found.later
        return
    message.state = MessageState.FAILED if found.fails else MessageState.SKIPPED
    what = BY_HAND.get(found.reason or "")
    if what is None or case.activity is None or message.person_id == case.activity.coordinator_id:
        return
    told_by = kind_of(message).else_call if found.reason != NO_ADDRESS else None
    invitations = case.invitations()
    step = invitations[0].step if invitations else case.about.get("step")
    if told_by is not None:
        key = f"{case.activity.id}:{told_by}:{message.id}"
        await open_once(session, case.activity, told_by, key=key, now=now, person_id=message.person_id)
    elif message.invitation_id is not None or found.reason in {NO_ADDRESS, NO_ROOM}:
        await open_call(
            session,
            case.activity,
            what,
            key=f"{case.activity.id}:{what}:{message.person_id}:{step or ''}",
            now=now,
            step=step,
            invitation_id=invitations[0].id if invitations else None,
            person_id=message.person_id,
        )


async def _hold(session: AsyncSession, holder: Holder, ids: Sequence[str]) -> None:
    lease = await session.get(Lease, holder.lease)
    if lease is None:
        lease = Lease(name=holder.lease, holder=holder.name)
        session.add(lease)
    lease.until = real_now() + holder.length
    lease.details = {"messages": list(ids)}


async def activity_of(session: AsyncSession, activity_id: str | None) -> Activity | None:
    """Return an activity, or ``None`` for a message that belongs to none."""
    return await session.get(Activity, activity_id) if activity_id else None
