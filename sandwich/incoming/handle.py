"""Handle what came in: say what each mail is, and let follow what follows. None holds up another.

``sorting.py`` says what it is, ``effects.py`` and ``chosen.py`` what follows from it.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Via
from models.tables.incoming import Came, Incoming, IncomingContent
from sandwich.errors import BadInput, NotFound, StoreUnavailable, loggable
from sandwich.failpoints import failpoint
from sandwich.incoming.case import Arrival, arrival
from sandwich.incoming.chosen import FORM, chosen, proposal_of
from sandwich.incoming.effects import EFFECTS, MAIL_TOO_LARGE, MAIL_UNREADABLE, hand_over
from sandwich.incoming.keep import ACTOR
from sandwich.incoming.letter import Letter, read_letter
from sandwich.incoming.sorting import Sorted, sort_letter
from sandwich.runtime import Runtime
from sandwich.services.collect import report_change
from sandwich.store.chain import REGISTRY

LOOK_SECONDS = 5.0
"""Pause between two looks at what another process has left behind; what comes in here is handled at once."""

MOST_TRIES = 5
"""After so many a mail is left to the coordinator."""

BETWEEN_TRIES = timedelta(minutes=2)
AT_ONCE = 100

_WAITS = (Came.NEW, Came.TOO_LARGE)
_log = structlog.get_logger(__name__)


async def run(runtime: Runtime, stop: asyncio.Event, came: asyncio.Event) -> None:
    """Handle what comes in until ``stop``; ``came`` says that something did."""
    while not stop.is_set():
        came.clear()
        try:
            if await handle_new(runtime):
                continue
        except Exception as error:  # the loop outlives every mistake; what it was must not name anybody
            _log.error("mail that came in waits", **loggable(error))
        waiting = [asyncio.create_task(one.wait()) for one in (stop, came)]
        await asyncio.wait(waiting, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


async def handle_new(runtime: Runtime, limit: int = AT_ONCE) -> int:
    """Handle what nobody has looked at yet, the oldest first; returns how many mails were handled."""
    async with runtime.store.read() as session:
        now = await runtime.clock.now(session)
        rows = await session.execute(
            select(Incoming.id, Incoming.tries, Incoming.received_at)
            .where(Incoming.kind.in_(_WAITS), Incoming.handled_at.is_(None))
            .order_by(Incoming.received_at, Incoming.id)
            .limit(limit)
        )
        due = [key for key, tries, at in rows if at + tries * BETWEEN_TRIES <= now]
    handled = 0
    for key in due:
        try:
            await _handle(runtime, key, now)
        except StoreUnavailable:
            raise
        except Exception as error:  # whatever is wrong with one mail, the others go on
            _log.warning("mail that came in not handled", letter=key, error=type(error).__name__)
            await _failed(runtime, key, now)
        handled += 1
    return handled


async def _handle(runtime: Runtime, key: str, now: datetime) -> None:
    """Say what one mail is and let follow what follows, in one transaction.

    But for what is filled in on a form, which has its own: the mail's id keeps it from being filled in twice.
    """
    async with runtime.store.read() as session:
        row = await session.get_one(Incoming, key)
        content = await session.get(IncomingContent, key)
        raw, sender = (content.content, content.sender) if content else (b"", "")
        today = row.received_at.astimezone(ZoneInfo(runtime.settings.timezone)).date()
        letter = await asyncio.to_thread(read_letter, raw, sender)
        is_cut = row.kind is Came.TOO_LARGE
        found = Sorted(Came.TOO_LARGE) if is_cut else await asyncio.to_thread(sort_letter, letter, today)
        proposal = reply = None
        if found.kind is Came.REPLY:
            reply = await arrival(runtime, session, row, letter, found, now)
        if found.kind is Came.CALENDAR:
            case = await arrival(runtime, session, row, letter, found, now)
            proposal = await proposal_of(case)
            who = row.person_id
    proposed = False
    if proposal is not None:
        with suppress(BadInput, NotFound):  # it is over meanwhile: the coordinator hears of it all the same
            outcome = await report_change(
                runtime, proposal.participation_id, FORM, proposal.posted, now=now, key=key, via=Via.MAIL, actor=who
            )
            proposed = outcome.accepted or outcome.kept_id is not None
    taken = await hand_over(reply) if reply is not None else None
    async with runtime.store.change(now=now, actor=ACTOR, stream=row.activity_id or REGISTRY) as session:
        own = await _arrival(runtime, session, key, letter, found, now)
        if own is None:
            return
        own.taken = taken
        own.row.kind, own.row.handled_at = found.kind, now
        own.row.about = about = await _follows(own, proposed) or None
    await failpoint("letter-handled")
    _log.info("mail came in", letter=key, activity=row.activity_id, kind=found.kind.value, about=about)


async def _follows(case: Arrival, proposed: bool) -> str:
    if case.found.kind is Came.CALENDAR:
        return await chosen(case, proposed)
    if case.found.kind is Came.TOO_LARGE:
        await case.tell_coordinator(MAIL_TOO_LARGE)
        return ""
    return await EFFECTS[case.found.kind](case)


async def _arrival(
    runtime: Runtime, session: AsyncSession, key: str, letter: Letter, found: Sorted, now: datetime
) -> Arrival | None:
    """Read what a mail is about; ``None`` where another process has handled it meanwhile."""
    row = await session.get_one(Incoming, key)
    return await arrival(runtime, session, row, letter, found, now) if row.handled_at is None else None


async def _failed(runtime: Runtime, key: str, now: datetime) -> None:
    """Count a try; after the last one the mail is the coordinator's, as it came."""
    async with runtime.store.read() as session:
        stream = (await session.get_one(Incoming, key)).activity_id or REGISTRY
    async with runtime.store.change(now=now, actor=ACTOR, stream=stream) as session:
        case = await _arrival(runtime, session, key, read_letter(b""), Sorted(Came.UNREADABLE), now)
        if case is None:
            return
        case.row.tries += 1
        if case.row.tries >= MOST_TRIES:
            case.row.kind, case.row.handled_at = Came.UNREADABLE, now
            await case.tell_coordinator(MAIL_UNREADABLE)
