"""Settle an activity after a change: moments, status, progress and the next wake follow from the facts.

Every transaction that changes an activity ends here, so that the consequences of an answer are committed with it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus, PlanStep, StepState
from sandwich.rules.facts import Facts
from sandwich.rules.plan import ASLEEP, Outlook, PlannedStep, look_ahead, progress, status_of, turning_point
from sandwich.services.facts import gather, window_ends_at
from sandwich.services.loaded import Loaded
from sandwich.services.resting import plan_look
from sandwich.services.watches import write_watches

RESTS = frozenset({ActivityStatus.CONCEPT, *ASLEEP})


@dataclass(frozen=True)
class Settled:
    """What settling found."""

    facts: Facts
    planned: tuple[PlannedStep, ...]
    outlook: Outlook


async def settle(session: AsyncSession, loaded: Loaded, now: datetime) -> Settled:
    """Bring steps, status, progress and ``wake_at`` of an activity up to date with the facts at ``now``."""
    await session.flush()
    planned = loaded.plan()
    _write_moments(session, loaded, planned)
    await session.flush()
    facts = await gather(session, loaded, now)
    activity = loaded.activity
    status = status_of(
        activity.status,
        facts,
        request_done=any(step.state is not StepState.PLANNED for step in loaded.steps.values()),
        is_day=loaded.calendars.schools.day_of(now) >= loaded.calendars.schools.day_of(loaded.starts_at),
    )
    before = activity.status
    if status is not before:
        activity.status = status
        if status is ActivityStatus.FINISHED:
            activity.finished_at = now
    await write_watches(session, loaded, facts, now)
    await plan_look(session, loaded, now)
    figures = progress(planned, loaded.states, facts)
    if activity.part_of_id is not None and (figures != activity.progress or status is not before):
        await _wake_whole(session, activity, now)
    if figures != activity.progress:
        activity.progress = figures
    outlook = look_ahead(planned, loaded.states, facts, status, now)
    outlook = replace(outlook, wake_at=_first(outlook.wake_at, _turns_at(loaded, facts, status, now)))
    wake_at = now if outlook.due else outlook.wake_at
    waits_already = activity.wake_at is not None and outlook.due and activity.wake_at <= now
    if wake_at != activity.wake_at and not waits_already:
        activity.wake_at = wake_at
    await session.flush()
    return Settled(facts, planned, outlook)


async def _wake_whole(session: AsyncSession, part: Activity, now: datetime) -> None:
    """Let the activity that a part belongs to look again: the part came further."""
    whole = await session.get(Activity, part.part_of_id)
    ended = whole is None or whole.status in RESTS or whole.status is ActivityStatus.FINISHED
    if whole is not None and not ended and (whole.wake_at is None or whole.wake_at > now):
        whole.wake_at = now


def _turns_at(loaded: Loaded, facts: Facts, status: ActivityStatus, now: datetime) -> datetime | None:
    """Return the moment still to come at which the clock alone opens a gate, or the silence ends of a host that got the
    card late.
    """
    if status in RESTS:
        return None
    opens_at = turning_point(loaded.playbook, facts, loaded.ends_at, window_ends_at(loaded))
    return _first(*(at for at in (opens_at, facts.looked_at_until) if at is not None and at > now))


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _write_moments(session: AsyncSession, loaded: Loaded, planned: tuple[PlannedStep, ...]) -> None:
    for position, item in enumerate(planned):
        row = loaded.steps.get(item.step.key)
        if row is None:
            row = PlanStep(
                activity_id=loaded.activity.id,
                step=item.step.key,
                stage=item.step.stage,
                position=position,
                state=StepState.PLANNED,
                due_at=item.due_at,
            )
            session.add(row)
            loaded.steps[item.step.key] = row
        elif row.state is StepState.PLANNED and row.due_at != item.due_at:
            row.due_at = item.due_at
