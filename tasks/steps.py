"""One step of an activity as one Prefect task run, named after the step, tried again when it fails."""

from typing import Any
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled

from sandwich.errors import RunReplaced
from sandwich.failpoints import failpoint
from sandwich.orchestration.carrying import Carrying
from sandwich.orchestration.faults import WorkFailed, without_details
from sandwich.orchestration.naming import step_name
from sandwich.runtime import runtime
from sandwich.services.advance import DueStep
from sandwich.services.carry_out import carry_out

RETRY_SECONDS = [1.0, 4.0, 15.0]
"""Pauses between the attempts at one step. Together well below the time after which a run counts as dead."""


async def carry_out_due(carrying: Carrying, stage: str) -> None:
    """Carry out every step of ``stage`` that is due, each as one task run, until none is left."""
    carried = set[str]()
    while due := carrying.due(stage):
        if again := carried.intersection(step.key for step in due):
            raise WorkFailed(what="Carrying out", kind="a step that stays due", place=", ".join(sorted(again)))
        carried.update(step.key for step in due)
        shown = await carrying.shown_before()
        for step in due:
            if step.key in shown or step.is_shown:
                # A run that died showed it to Prefect and could not write that down: nothing is left to show.
                await _carry_out(carrying.activity_id, step.key, carrying.run_id)
            else:
                await _show(carrying, step)
                await failpoint("step-shown")
        await carrying.look(just_shown=[step.key for step in due])


async def _show(carrying: Carrying, step: DueStep) -> None:
    named = carry_out_step.with_options(task_run_name=lambda: step_name(step.title, step.key))
    replaced = await named(carrying.activity_id, step.key, carrying.run_id)
    if replaced is not None:
        raise RunReplaced(run=carrying.run_id, activity=carrying.activity_id)


@task(
    name="step",
    retries=len(RETRY_SECONDS),
    retry_delay_seconds=RETRY_SECONDS,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def carry_out_step(activity_id: str, step: str, run_id: UUID) -> State[Any] | None:
    """Carry out one step. Cancelled, and not tried again, when another run has taken the activity over."""
    try:
        await _carry_out(activity_id, step, run_id)
    except RunReplaced:
        return Cancelled(message="Another run carries this activity now.")
    return None


async def _carry_out(activity_id: str, step: str, run_id: UUID) -> None:
    opened = await runtime()
    with without_details(f"Step {step}"):
        await carry_out(opened, activity_id, step, str(run_id))
    await failpoint("step-committed")
