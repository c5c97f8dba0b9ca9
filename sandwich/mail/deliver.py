"""Deliver the outbox: claim, send, write down. Every mail by itself, so that one that fails holds up no other."""

import asyncio
import secrets
import ssl
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, or_, select

from models.tables.mail import Message, MessageState
from models.tables.running import Lease
from sandwich.clock import real_now
from sandwich.errors import StoreUnavailable, loggable
from sandwich.failpoints import failpoint
from sandwich.mail.case import MessageIncomplete
from sandwich.mail.claim import Claimed, Holder, NotTogether, claim, due, let_go
from sandwich.mail.outcome import judge, poisoned, record
from sandwich.mail.relay import STEPS, Delivery, Relay, Result
from sandwich.mail.render import MailNotRendered
from sandwich.runtime import Runtime

PAUSE = 1.0
"""Seconds between two looks at the outbox."""

PAUSE_WHILE_DOWN = 15.0
"""Seconds until the next look where the mail server does not answer."""

MARGIN = timedelta(seconds=30)
"""How much longer a lease lasts than the slowest mail server may take."""

_HOLDER = secrets.token_hex(8)
_log = structlog.get_logger(__name__)


async def deliver_due(
    runtime: Runtime, limit: int = 200, *, context: ssl.SSLContext | None = None, holder: Holder | None = None
) -> int:
    """Deliver what is due now; returns how many messages left (several may share one mail).

    Stops early where the mail server does not answer: what was not tried stays as it is.
    """
    return (await _round(runtime, limit, context, holder or own_holder(runtime))).sent


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Deliver until ``stop`` is set. What goes wrong is logged by its kind, and tried again."""
    holder = own_holder(runtime)
    while not stop.is_set():
        pause = PAUSE_WHILE_DOWN
        try:
            done = await _round(runtime, 200, None, holder)
            pause = PAUSE_WHILE_DOWN if done.is_relay_down else PAUSE
        except Exception as error:  # the loop outlives every mistake; what it was must not name anybody
            _log.error("delivery waits", **loggable(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


@dataclass(frozen=True)
class _Round:
    sent: int
    is_relay_down: bool


async def _round(runtime: Runtime, limit: int, context: ssl.SSLContext | None, holder: Holder) -> _Round:
    async with runtime.store.read() as session:
        now = await runtime.clock.now(session)
        left = Message.state == MessageState.SENDING
        is_due = and_(Message.state == MessageState.QUEUED, Message.due_at <= now)
        if not await session.scalar(
            select(or_(select(Message.id).where(left).exists(), select(Message.id).where(is_due).exists()))
        ):
            return _Round(0, False)
    await recover(runtime, now)
    waiting = await due(runtime, now, limit)
    if not waiting:
        return _Round(0, False)
    sent = 0
    try:
        async with Relay(runtime.settings, context) as relay:
            for message_id, activity_id in waiting:
                claimed = await _claim(runtime, holder, message_id, activity_id)
                if claimed is None:
                    continue
                await failpoint("message-claimed")
                delivery = await relay.send(claimed.composed)
                await record(runtime, claimed, delivery, await runtime.clock.now())
                await failpoint("outcome-recorded")
                _note(claimed, delivery)
                sent += len(claimed.message_ids) if delivery.result is Result.ACCEPTED else 0
                if delivery.is_relay_down:
                    return _Round(sent, True)
    finally:
        await let_go(runtime, holder)
    return _Round(sent, False)


def own_holder(runtime: Runtime) -> Holder:
    """Return who this process is when it sends, and how long it may take for one mail."""
    return Holder(_HOLDER, timedelta(seconds=STEPS * runtime.settings.smtp_timeout) + MARGIN)


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
