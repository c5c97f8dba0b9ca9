"""Deliver the outbox: claim, send, write down. One that fails holds up no other: few are taken each by itself, many in
small lots, which fall apart into single mails as soon as something is wrong with one.
"""

import asyncio
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select

from models.tables.mail import Message, MessageState
from models.tables.running import Lease
from sandwich.clock import NOW, real_now, whether
from sandwich.errors import StoreUnavailable, loggable
from sandwich.failpoints import failpoint
from sandwich.mail.case import MessageIncomplete
from sandwich.mail.claim import Claimed, Holder, NotTogether, claim, claim_some, let_go
from sandwich.mail.outcome import Try, judge, poisoned, record
from sandwich.mail.relay import STEPS, Delivery, Line, Relay, Result
from sandwich.mail.render import MailNotRendered
from sandwich.mail.turns import MANY, Due, Rates, due
from sandwich.runtime import Runtime

PAUSE = 1.0
"""Seconds between two looks at the outbox."""

PAUSE_WHILE_DOWN = 15.0
"""Seconds until the next look where the mail server does not answer."""

PAUSE_WHILE_REFUSED = 300.0
"""Seconds until the next look where it does not want us: who tries a wrong password every few seconds is shut out."""

AT_ONCE = 200
"""How many due messages are looked up at a time."""

MOST_TOGETHER = 8
"""How many mails are claimed in one transaction, and recorded in one, where many wait. After a sudden death nobody
knows of any of them whether it arrived.
"""

FEW = 6
"""Fewer due mails than these are claimed each by itself: what an installation of a few schools has on most days."""

AMONG = 8
"""Among so many times that number they are chosen, for others may have some of them in hand."""

LANES = 3
"""How many lines to the mail server this process has open where many wait: while one waits for an answer from there or
from PostgreSQL, another goes on. On SQLite, where one writes at a time, it is one, and so it is where few wait.
"""

LONGEST_TOGETHER = 5.0
"""Seconds after their claim in which the next of them may be begun."""

MARGIN = timedelta(seconds=30)
"""How much longer a lease lasts than the slowest mail server may take."""

_IS_DUE = whether(
    or_(
        select(Message.id).where(Message.state == MessageState.SENDING).exists(),
        select(Message.id).where(Message.state == MessageState.QUEUED, Message.due_at <= NOW).exists(),
    )
)
"""Whether a mail is due, or was left behind in the middle."""

OpenLine = Callable[[], AbstractAsyncContextManager[Line]]
"""Opens what mails leave by: the mail server, unless somebody rehearses."""

_HOLDER = secrets.token_hex(8)
_log = structlog.get_logger(__name__)


async def deliver_due(
    runtime: Runtime, limit: int = AT_ONCE, *, open_line: OpenLine | None = None, holder: Holder | None = None
) -> int:
    """Deliver what is due now; returns how many messages left (several may share one mail).

    Stops early where the mail server does not answer: what was not tried stays as it is. Somebody waits for what is
    delivered like this: it keeps to the hours and the room of its readers, not to the rates of their domains.
    """
    return (await _round(runtime, limit, open_line, holder or own_holder(runtime), asyncio.Event(), None)).sent


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Deliver until ``stop`` is set. What goes wrong is logged by its kind, and tried again."""
    holder, rates = own_holder(runtime), Rates(runtime.settings.mails_per_minute)
    while not stop.is_set():
        pause = PAUSE_WHILE_DOWN
        try:
            done = await _round(runtime, AT_ONCE, None, holder, stop, rates)
            pause = PAUSE_WHILE_DOWN if done.is_relay_down else 0 if done.is_full else PAUSE
            if done.is_setup_wrong:
                _log.error("the mail server does not take mail from us; `sandwich doctor` says what to do")
                pause = PAUSE_WHILE_REFUSED
        except Exception as error:  # the loop outlives every mistake; what it was must not name anybody
            _log.error("delivery waits", **loggable(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


@dataclass
class _Round:
    """How many messages left; whether the mail server is down or does not want us, and whether more may be due than was
    looked at.
    """

    sent: int = 0
    is_relay_down: bool = False
    is_setup_wrong: bool = False
    is_full: bool = False


async def _round(
    runtime: Runtime,
    limit: int,
    open_line: OpenLine | None,
    holder: Holder,
    stop: asyncio.Event,
    rates: Rates | None,
) -> _Round:
    done = _Round()
    ahead = await runtime.clock.sees(_IS_DUE)
    if ahead is None:
        return done
    now = runtime.clock.with_offset(ahead)
    await recover(runtime, now)
    waiting = await due(runtime, now, limit, rates)
    if not waiting:
        return done
    number = 1 if runtime.store.is_sqlite or len(waiting) < MANY else LANES
    lanes = await asyncio.gather(
        *(
            _lane(runtime, ahead, lane, most_together(len(waiting)), open_line, holder.of_lane(place), stop)
            for place, lane in enumerate(lanes_of(waiting, number))
        ),
        return_exceptions=True,
    )
    for lane in lanes:
        if isinstance(lane, BaseException):
            raise lane
        done.sent += lane.sent
        done.is_relay_down |= lane.is_relay_down
        done.is_setup_wrong |= lane.is_setup_wrong
    done.is_full = len(waiting) == limit and any(isinstance(lane, _Round) and lane.is_full for lane in lanes)
    return done


def lanes_of(waiting: Sequence[Due], number: int) -> list[list[Due]]:
    """Share out what waits; mails about one activity stay in line behind each other."""
    lanes: list[list[Due]] = [[] for _ in range(number)]
    place: dict[str | None, int] = {}
    for message_id, activity_id in waiting:
        lanes[place.setdefault(activity_id, len(place) % number)].append((message_id, activity_id))
    return lanes


async def _lane(
    runtime: Runtime,
    ahead: timedelta,
    waiting: list[Due],
    most: int,
    open_line: OpenLine | None,
    holder: Holder,
    stop: asyncio.Event,
) -> _Round:
    """Send what waits in one lane. ``ahead``: how far the clock was ahead of real time when the round began."""
    done, singly = _Round(is_full=True), 0
    try:
        opened: AbstractAsyncContextManager[Line] = open_line() if open_line else Relay(runtime.settings)
        async with opened as line:
            while waiting and not stop.is_set() and not done.is_relay_down:
                if most == 1 or singly:
                    (message_id, activity_id), *waiting = waiting
                    singly = max(0, singly - 1)
                    claimed = await _claim(runtime, holder, message_id, activity_id)
                    await _send(runtime, ahead, line, [claimed] if claimed else [], done)
                    continue
                try:
                    first = waiting[: most * AMONG]
                    some, looked_at = await claim_some(runtime, holder, first, most, runtime.clock.with_offset(ahead))
                except StoreUnavailable:
                    raise
                except Exception as error:  # something is wrong with one of them; each by itself it shows with which
                    _log.warning("mails claimed one by one", error=type(error).__name__)
                    singly = most
                    continue
                if not looked_at:  # others have in hand what is left: no reason to look again at once
                    done.is_full = False
                    break
                waiting = [one for one in waiting if one[0] not in looked_at]
                await _send(runtime, ahead, line, some, done)
    finally:
        await let_go(runtime, holder)
    return done


def most_together(waiting: int) -> int:
    """Return how many mails share a transaction where so many wait: one as long as they are few, else half of them."""
    return 1 if waiting < FEW else min(MOST_TOGETHER, waiting // 2)


async def _send(runtime: Runtime, ahead: timedelta, line: Line, some: Sequence[Claimed], done: _Round) -> None:
    """Send claimed mails one after the other and record what came of them. When that takes long, or the mail server
    goes down, those that were not begun wait again.
    """
    if not some:
        return
    until = time.monotonic() + LONGEST_TOGETHER
    tries: list[Try] = []
    left = deque(some)
    try:
        while left and not done.is_relay_down and (not tries or time.monotonic() < until):
            claimed = left.popleft()
            await failpoint("message-claimed")
            delivery = await line.send(claimed.composed)
            tries.append(Try(claimed, delivery))
            done.is_relay_down = delivery.is_relay_down
            done.is_setup_wrong |= delivery.is_setup_wrong and delivery.is_relay_down
            done.sent += len(claimed.message_ids) if delivery.result is Result.ACCEPTED else 0
    finally:  # also when told to stop in the middle: what was not begun must not look as if it may have arrived
        tries += [Try(claimed, None) for claimed in left]
        if tries:
            await record(runtime, tries, runtime.clock.with_offset(ahead))
            await failpoint("outcome-recorded")
    for one in tries:
        if one.delivery is not None:
            _note(one.claimed, one.delivery)


def own_holder(runtime: Runtime) -> Holder:
    """Return who this process is when it sends, and how long it may take for one mail."""
    return Holder(_HOLDER, timedelta(seconds=LONGEST_TOGETHER + STEPS * runtime.settings.smtp_timeout) + MARGIN)


async def recover(runtime: Runtime, now: datetime) -> int:
    """Judge messages that a process left behind in the middle: with an attempt nobody can know whether they arrived.

    Returns how many. Messages in a lease that still runs are left alone.
    """
    async with runtime.store.read() as session:
        rows = await session.execute(
            select(Message.id, Message.activity_id, Message.carrier_id).where(Message.state == MessageState.SENDING)
        )
        left: dict[tuple[str, str | None], list[str]] = defaultdict(list)
        for key, activity, carrier in rows:
            left[carrier or key, activity].append(key)
        if not left:
            return 0
        leases = await session.scalars(select(Lease).where(Lease.until > real_now()))
        held = {key for lease in leases for key in lease.details.get("messages", [])}
    judged = 0
    for (carrier_id, activity_id), ids in left.items():
        if not held.intersection(ids):
            judged += await judge(runtime, carrier_id, activity_id, ids, now)
    return judged


async def _claim(runtime: Runtime, holder: Holder, message_id: str, activity_id: str | None) -> Claimed | None:
    """Claim a message with its siblings; where they cannot be worded together, alone; where not even that, later."""
    now = await runtime.clock.now()
    try:
        try:
            return await claim(runtime, holder, message_id, activity_id, now)
        except NotTogether:
            _log.warning("messages cannot be worded together", message=message_id)
            return await claim(runtime, holder, message_id, activity_id, now, alone=True)
    except StoreUnavailable:
        raise
    except Exception as error:  # whatever is wrong with one message, the others go
        detail = str(error) if isinstance(error, MailNotRendered | MessageIncomplete) else None
        _log.warning("message cannot be worded", message=message_id, error=type(error).__name__, detail=detail)
    await poisoned(runtime, message_id, activity_id, now)
    return None


def _note(claimed: Claimed, delivery: Delivery) -> None:
    _log.info(
        "mail",
        message=claimed.carrier_id,
        activity=claimed.activity_id,
        outcome=delivery.result.value,
        code=delivery.code,
        carries=len(claimed.message_ids),
    )
