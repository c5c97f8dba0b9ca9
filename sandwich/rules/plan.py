"""The plan: every step with its moment, which of them is due, when to wake, how far each slice is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.playbook import Playbook
from models.roles import Stage
from models.steps import Step, Watch
from models.tables.activities import ActivityStatus, StepState
from sandwich.rules.facts import Facts
from sandwich.rules.moments import Calendars, Dates, due_at


@dataclass(frozen=True)
class PlannedStep:
    """A step and when it is due; ``None`` while what it counts from has not happened."""

    step: Step
    due_at: datetime | None


@dataclass(frozen=True)
class Outlook:
    """What lies ahead of an activity at one moment."""

    due: tuple[Step, ...]
    wake_at: datetime | None
    stage: Stage
    finished: bool


ASLEEP = frozenset({ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED})
"""Statuses in which no step is carried out."""


def plan(playbook: Playbook, dates: Dates, calendars: Calendars) -> tuple[PlannedStep, ...]:
    """Return every step of the playbook with the moment that follows from the dates."""
    return tuple(PlannedStep(step, due_at(step, dates, calendars)) for step in playbook.steps)


def look_ahead(
    planned: Sequence[PlannedStep],
    states: Mapping[str, StepState],
    facts: Facts,
    status: ActivityStatus,
    now: datetime,
) -> Outlook:
    """Return which steps are due now, in the order of the plan, and when to look again.

    A step that waits for a fact is not waited for by the clock: whatever changes the fact looks again. One that can
    not happen any more, because its slice is over, is due too, to be written down as skipped.
    """
    if status is ActivityStatus.CANCELLED:
        return Outlook((), None, Stage.AFTER, finished=True)
    open_steps = [item for item in planned if states.get(item.step.key, StepState.PLANNED) is StepState.PLANNED]
    stage = open_steps[0].step.stage if open_steps else Stage.AFTER
    if status in ASLEEP or status is ActivityStatus.CONCEPT:
        return Outlook((), None, stage, finished=False)
    due: list[Step] = []
    wake_at: datetime | None = None
    for item in open_steps:
        if not facts.all_hold(item.step.needs) or not slice_open(item.step.stage, facts):
            continue
        early = bool(item.step.as_soon_as) and facts.all_hold(item.step.as_soon_as)
        if early or (item.due_at is not None and item.due_at <= now):
            due.append(item.step)
        elif item.due_at is not None:
            wake_at = min(wake_at, item.due_at) if wake_at else item.due_at
    is_last_look = status is ActivityStatus.FINISHED and not due and wake_at is None
    due += [item.step for item in open_steps if item.step not in due and _overtaken(item.step, facts, is_last_look)]
    due.sort(key=lambda step: _moment_of(step, planned, now))
    return Outlook(tuple(due), wake_at, stage, finished=not open_steps)


def _overtaken(step: Step, facts: Facts, is_last_look: bool) -> bool:
    """Whether a step still waits for a fact although its slice is over."""
    if facts.all_hold(step.needs):
        return False
    over = {
        Stage.BEFORE: facts.gate_before and facts.last_moment_over,
        Stage.DURING: facts.gate_during,
        Stage.AFTER: is_last_look,
    }
    return over[step.stage]


def turning_point(
    playbook: Playbook, facts: Facts, ends_at: datetime, window_ends_at: datetime | None
) -> datetime | None:
    """Return the moment at which the clock alone opens the next gate, where nothing else is missing any more.

    That is the end of the activity for the second gate, the end of the evaluation window for the third.
    """
    missing = [name for name in playbook.gates.during.hard if not facts.holds(name)]
    if facts.gate_before and not facts.gate_during:
        return ends_at if missing == ["last_moment_over"] else None
    missing = [name for name in playbook.gates.after.hard if not facts.holds(name)]
    return window_ends_at if facts.gate_during and missing == ["evaluation_closed"] else None


def _moment_of(step: Step, planned: Sequence[PlannedStep], now: datetime) -> datetime:
    found = next(item.due_at for item in planned if item.step is step)
    return min(found, now) if found else now


def slice_open(stage: Stage, facts: Facts) -> bool:
    """Return whether a slice has begun: the gate before it is open."""
    return {Stage.BEFORE: True, Stage.DURING: facts.gate_before, Stage.AFTER: facts.gate_during}[stage]


def may_look(step: Step | None, watch: Watch, facts: Facts) -> bool:
    """Return whether a watch has something to miss: its slice has begun, and what its step waits for is there.

    What the watch itself looks for is not waited for. A watch without a step always may.
    """
    if step is None:
        return True
    return slice_open(step.stage, facts) and facts.all_hold(tuple(name for name in step.needs if name != watch.unless))


def status_of(current: ActivityStatus, facts: Facts, *, request_done: bool, is_day: bool) -> ActivityStatus:
    """Return the status that follows from the facts; a side state or an end is left only by a person.

    ``is_day`` says that the day of the first contact moment has come.
    """
    if current in {ActivityStatus.CONCEPT, ActivityStatus.FINISHED, *ASLEEP}:
        return current
    if facts.gate_after:
        return ActivityStatus.FINISHED
    if facts.gate_during:
        return ActivityStatus.AFTER
    if facts.gate_before and is_day:
        return ActivityStatus.DURING
    return ActivityStatus.BEFORE if facts.date_fixed and request_done else ActivityStatus.REQUESTED


def progress(planned: Sequence[PlannedStep], states: Mapping[str, StepState], facts: Facts) -> dict[str, int]:
    """Return how far each slice is, in whole per cents of its steps; one without steps is done when its gate is."""
    gates = {Stage.BEFORE: facts.gate_before, Stage.DURING: facts.gate_during, Stage.AFTER: facts.gate_after}
    result: dict[str, int] = {}
    for stage in Stage:
        keys = [item.step.key for item in planned if item.step.stage is stage]
        done = sum(states.get(key, StepState.PLANNED) is not StepState.PLANNED for key in keys)
        result[stage.value] = round(100 * done / len(keys)) if keys else 100 * gates[stage]
    return result
