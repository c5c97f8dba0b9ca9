"""Carry one flow run in the process that is already there: what a worker's child process does, without the child."""

import time
from datetime import timedelta
from enum import StrEnum
from inspect import isawaitable
from typing import Any
from uuid import UUID

import anyio.to_thread
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import run_flow
from prefect.flows import Flow, load_flow_from_flow_run
from prefect.logging.loggers import flow_run_logger
from prefect.settings import get_current_settings
from prefect.states import Crashed, Pending, Scheduled
from prefect.utilities.engine import propose_state

from sandwich.clock import real_now
from sandwich.failpoints import failpoint
from sandwich.orchestration.faults import place_of
from sandwich.orchestration.park import WAITING
from sandwich.orchestration.run_client import holding

EARLY = timedelta(seconds=2)
"""How much ahead of its moment a run may be begun; the clocks of two machines are never quite the same."""


class Outcome(StrEnum):
    """What became of a run that was begun."""

    CARRIED = "carried"  # it ended well, or parked
    FAILED = "failed"
    LEFT = "left"  # another worker has it, or its moment is still to come


_KEEP_SECONDS = 60.0
_flows: dict[tuple[UUID, bool], tuple[float, Flow[..., Any]]] = {}
_PLAIN = {"activity_id"}
"""The parameters of a run that we made: nothing to convert in them, and to check them costs a class each time."""


async def carry_flow_run(flow_run: FlowRun) -> Outcome:
    """Claim the run, load its flow, run it until it ends or parks, and return what became of it.

    A run that another worker claimed first is left alone. Nothing that the flow does wrong comes out of here:
    Prefect's engine has written it down by then. Cancelling this breaks the run off, and leaves it Crashed.
    """
    async with get_client() as client:
        if not await _claim(client, flow_run):
            return Outcome.LEFT
        await failpoint("run-claimed")
        try:
            with holding(client, flow_run):
                state = await _run(await _load(flow_run), flow_run)
        except (Pause, Abort):
            return Outcome.CARRIED  # parked, or Prefect no longer wants this run; both are written down
        except Exception as error:
            message = f"The run could not begin: {type(error).__name__} in {place_of(error)}."
            flow_run_logger(flow_run).error(message)
            await propose_state(client, Crashed(message=message), flow_run_id=flow_run.id)
            return Outcome.FAILED
        return Outcome.FAILED if state.is_failed() or state.is_crashed() else Outcome.CARRIED


async def _claim(client: PrefectClient, flow_run: FlowRun) -> bool:
    # Prefect lets one worker in: of two who propose Pending, the second is turned away.
    try:
        state = await propose_state(client, Pending(), flow_run_id=flow_run.id)
    except (Abort, ObjectNotFound):
        return False
    if not state.is_pending():
        return False
    moment = state.state_details.scheduled_time
    if moment is not None and moment > real_now() + EARLY:
        # It was due when it was put in line, and has been carried and parked again since, perhaps by another worker.
        await client.set_flow_run_state(flow_run.id, Scheduled(name=WAITING, scheduled_time=moment))
        return False
    flow_run.state = state
    return True


async def _load(flow_run: FlowRun) -> Flow[..., Any]:
    if flow_run.deployment_id is None:
        raise ValueError("a run without a deployment cannot be carried by a worker")
    is_plain = flow_run.parameters.keys() == _PLAIN
    kept = _flows.get((flow_run.deployment_id, is_plain))
    if kept is not None and time.monotonic() - kept[0] < _KEEP_SECONDS:
        return kept[1]
    loaded: Flow[..., Any] = await load_flow_from_flow_run(flow_run, use_placeholder_flow=False)
    # Results go nowhere, but the engine wants to know where they would go; without an answer it asks the server at
    # every run, by a call that holds up this whole loop, with a new TLS context each time.
    flow = loaded.with_options(
        result_storage=get_current_settings().results.local_storage_path, validate_parameters=not is_plain
    )
    _flows[flow_run.deployment_id, is_plain] = (time.monotonic(), flow)
    return flow


async def _run(flow: Flow[..., Any], flow_run: FlowRun) -> State[Any]:
    # Without its deployment: for a run that has one, the engine starts a thread with an event loop and a websocket of
    # its own, to learn of a suspension, and holds up this whole loop until it is connected. We never suspend.
    alone = flow_run.model_copy(update={"deployment_id": None})

    def run() -> Any:
        return run_flow(flow, flow_run=alone, return_type="state")

    running = run() if flow.isasync else await anyio.to_thread.run_sync(run)
    state: State[Any] = await running if isawaitable(running) else running
    return state
