"""What can become of all runs in Prefect at once, by a hand in its pages or by a crash; none may hold anything up."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelling, Running, Scheduled

from sandwich.clock import real_now
from sandwich.orchestration.park import WAITING

A_YEAR = timedelta(days=365)

Harm = Callable[[PrefectClient, FlowRun], Awaitable[object]]


async def cancel(client: PrefectClient, run: FlowRun) -> None:
    """Press *Cancel*."""
    await client.set_flow_run_state(run.id, Cancelling())


async def delete(client: PrefectClient, run: FlowRun) -> None:
    """Press *Delete*."""
    await client.delete_flow_run(run.id)


async def put_off(client: PrefectClient, run: FlowRun) -> None:
    """Plan it anew for next year: its wake is lost."""
    later = Scheduled(name=WAITING, scheduled_time=real_now() + A_YEAR)
    await client.set_flow_run_state(run.id, later, force=True)


async def leave_running(client: PrefectClient, run: FlowRun) -> None:
    """Let it say that it runs, with no process behind it: its worker died."""
    await client.set_flow_run_state(run.id, Running(), force=True)


async def harm_all(client: PrefectClient, harm: Harm) -> int:
    """Do this to every parked run, and return how many there were."""
    parked = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])))
    runs = await client.read_flow_runs(flow_run_filter=parked)
    for run in runs:
        await harm(client, run)
    return len(runs)
