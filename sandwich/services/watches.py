"""Watches: each is a planned call from the moment that there is something to miss, and none before."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Stage
from models.steps import Step, Watch
from models.tables.activities import ActivityStatus
from models.tables.mail import Call, CallState
from sandwich.rules.facts import Facts
from sandwich.rules.moments import ROUTINE_TIME, watch_at
from sandwich.rules.plan import may_look
from sandwich.services.loaded import Loaded

LATE = ":late"
"""How the key of a watch ends that came too late to look, with a newer version of the playbook."""

_WATCHES_NOTHING = frozenset({ActivityStatus.CONCEPT, ActivityStatus.CANCELLED, ActivityStatus.FINISHED})


async def write_watches(session: AsyncSession, loaded: Loaded, facts: Facts, now: datetime) -> None:
    """Write a planned call for every watch that may look, and take away those that may not any more.

    So nothing has to look again every morning whether its slice has begun: whatever begins it comes through here.
    """
    known = await _watching(session, loaded)
    for call in known:
        # What it was about has come true after all: there is nothing left to do.
        if call.state is CallState.OPEN and call.unless is not None and facts.holds(call.unless):
            call.state, call.done_at = CallState.DROPPED, now
    is_awake = loaded.activity.status not in _WATCHES_NOTHING
    for step, watch in loaded.playbook.watched():
        mine = _calls_of(known, watch_key(loaded, watch))
        if not is_awake or not may_look(step, watch, facts):
            for call in mine:
                if call.state is CallState.PLANNED:
                    await session.delete(call)
            continue
        at = moment_of(loaded, step, watch)
        if at is None:
            continue
        if not mine:
            session.add(planned_call(loaded, step, watch, watch_key(loaded, watch), _not_past(loaded, at, now)))
        elif _is_so_no_more(loaded, step, watch, mine, facts, now):
            session.add(planned_call(loaded, step, watch, f"{watch_key(loaded, watch)}:again-{len(mine)}", now))
        for call in mine:
            if call.state is CallState.PLANNED and call.due_at != at and at > now:
                call.due_at = at


def _is_so_no_more(
    loaded: Loaded, step: Step | None, watch: Watch, calls: Sequence[Call], facts: Facts, now: datetime
) -> bool:
    """Whether a watch found before the day that all was well, and now it is not: somebody has left since.

    What the coordinator has dealt with is not told again, and what came too late to look found nothing.
    """
    if any(call.key.endswith(LATE) for call in calls):
        return False
    if watch.call is None or step is None or step.stage is not Stage.BEFORE or now >= loaded.starts_at:
        return False
    return all(call.state is CallState.DROPPED for call in calls) and not facts.holds(watch.unless)


async def look_again(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Let the watches follow a move: one whose moment lies ahead looks once more, one that it passed looks now."""
    calls = await _watching(session, loaded)
    for step, watch in loaded.playbook.watched():
        at = moment_of(loaded, step, watch)
        mine = _calls_of(calls, watch_key(loaded, watch))
        if at is None or not mine:
            continue
        if at <= now:
            for call in mine:
                if call.state is CallState.PLANNED:
                    call.due_at = min(call.due_at, now)
        elif all(call.state is not CallState.PLANNED for call in mine):
            for call in mine:
                if call.state is CallState.OPEN:
                    call.state, call.done_at = CallState.DROPPED, now
            key = f"{watch_key(loaded, watch)}:{len(loaded.activity.moves)}"
            session.add(planned_call(loaded, step, watch, key, at))


def planned_call(loaded: Loaded, step: Step | None, watch: Watch, key: str, at: datetime) -> Call:
    """Return the row with which a watch waits for its moment."""
    return Call(
        key=key,
        activity_id=loaded.activity.id,
        what=watch.call or watch.key,
        step=step.key if step else None,
        unless=watch.unless,
        does=watch.does,
        state=CallState.PLANNED,
        due_at=at,
    )


def watch_key(loaded: Loaded, watch: Watch) -> str:
    """Return how the keys of the calls of a watch begin: it looks once, and again after each move."""
    return f"{loaded.activity.id}:watch:{watch.key}"


_WATCHING = select(Call).where(Call.activity_id == bindparam("activity"), Call.unless.is_not(None))


async def _watching(session: AsyncSession, loaded: Loaded) -> Sequence[Call]:
    return list(await session.scalars(_WATCHING, {"activity": loaded.activity.id}))


def _calls_of(calls: Iterable[Call], key: str) -> list[Call]:
    return [call for call in calls if call.key == key or call.key.startswith(f"{key}:")]


def moment_of(loaded: Loaded, step: Step | None, watch: Watch) -> datetime | None:
    """Return when a watch looks; ``None`` while what it counts from is not known."""
    return watch_at(watch.at, loaded.dates, loaded.calendars, step.stage if step else Stage.AFTER)


def _not_past(loaded: Loaded, at: datetime, now: datetime) -> datetime:
    """Return ``at``, or the next working morning for a watch that is late: it begins only now."""
    calendar = loaded.calendars.schools
    return at if at > now else calendar.at(calendar.count(calendar.day_of(now), 1), ROUTINE_TIME)
