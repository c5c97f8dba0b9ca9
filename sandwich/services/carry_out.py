"""Carry out one step of an activity: ask, tell, and do what the playbook says; once, however often it is called."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.steps import Step
from models.tables.activities import Activity, PlanStep, StepState
from sandwich.errors import NotFound, RunReplaced
from sandwich.failpoints import failpoint
from sandwich.rules.facts import Facts
from sandwich.rules.gates import closed_by_itself
from sandwich.rules.moments import due_at
from sandwich.runtime import Runtime
from sandwich.services.capabilities import CAPABILITIES
from sandwich.services.facts import gather
from sandwich.services.invite import ask_people, tell_people
from sandwich.services.loaded import Loaded, load
from sandwich.services.settle import settle

ACTOR = "flow"


async def carry_out(runtime: Runtime, activity_id: str, step: str, run_id: str) -> None:
    """Carry out a step that is due. Nothing happens when it was carried out before, or is not due any more.

    Raises ``RunReplaced`` when ``run_id`` does not carry the activity any more.
    """
    async with runtime.change(actor=ACTOR, stream=activity_id) as (session, now):
        loaded = await load(session, runtime.settings.timezone, activity_id)
        own_only(loaded.activity, run_id)
        row = loaded.steps.get(step)
        if row is None:
            raise NotFound(what="step", name=step)
        if row.state is not StepState.PLANNED:
            return
        settled = await settle(session, loaded, now)
        if step not in [item.key for item in settled.outlook.due]:
            return
        await perform(session, runtime, loaded, loaded.playbook.step(step), settled.facts, now)
        await settle(session, loaded, now)
        await failpoint("step-performed")


async def perform(
    session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, facts: Facts, now: datetime
) -> None:
    """Do what a step says and write it down as done, in the caller's transaction."""
    row = loaded.steps[step.key]
    reason = _reason_to_skip(step, loaded, facts, now)
    if reason is not None:
        _finish(row, StepState.SKIPPED, now)
        row.skip_reason = reason
        return
    if step.does is not None:
        await CAPABILITIES[step.does](session, runtime, loaded, step, now)
    # A deadline may count from the step itself, so the step is done before anybody is asked.
    _finish(row, StepState.DONE, now)
    await session.flush()
    if step.does is not None:
        facts = await gather(session, loaded, now)
    for ask in step.asks_at_once:
        await ask_people(session, runtime.library, loaded, step, ask, facts, now)
    for key in step.opens:
        await _open(session, runtime, loaded, loaded.playbook.step(key), facts, now)
    for tell in step.tells:
        await tell_people(session, loaded, step, tell, facts, now)


async def _open(
    session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, facts: Facts, now: datetime
) -> None:
    """Let what a later step asks be answered already; its mail leaves when that step is due."""
    later = due_at(step, loaded.dates, loaded.calendars)
    if loaded.steps[step.key].state is StepState.PLANNED and later is not None:
        for ask in step.asks_at_once:
            await ask_people(session, runtime.library, loaded, step, ask, facts, now, not_before=later)


def own_only(activity: Activity, run_id: str) -> None:
    """Raise ``RunReplaced`` when a run does not carry the activity."""
    if activity.run_id != run_id:
        raise RunReplaced(run=run_id, activity=activity.id)


def _reason_to_skip(step: Step, loaded: Loaded, facts: Facts, now: datetime) -> str | None:
    """Return why a step is not carried out any more: its slice is over, or it came too late from the start."""
    if not facts.all_hold(step.needs):
        return "overtaken"
    if step.unless is not None and facts.holds(step.unless):
        return "not-needed"
    if closed_by_itself(loaded.activity.overrides) and not step.after_closing:
        return "closed"
    if (step.asks or step.tells) and loaded.is_over(step, now):
        return "too-late"
    due_at = loaded.steps[step.key].due_at
    if step.droppable and due_at is not None and due_at < loaded.activity.started_at:
        return "too-late"
    return None


def _finish(row: PlanStep, state: StepState, now: datetime) -> None:
    row.state = state
    row.done_at = now
