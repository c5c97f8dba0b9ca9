"""Wakes per second with one Prefect server and with two on the same PostgreSQL, and what no shared broker costs.

Two of our workers carry the same wakes each time: both on one server; each on a server of its own, the second of which
runs without any services (``--no-services``); the same with the two services that write down what its own workers tell
it. Events stay in the memory of the server that got them, so *shown* counts how many of the steps that were carried out
Prefect shows afterwards as task runs.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import StateType

from benchmarks.place import Place, a_server
from benchmarks.wakes import AT_ONCE, KIND, PAGE, wake
from sandwich.orchestration.deployments import register_playbooks
from sandwich.orchestration.server import Prefect
from sandwich.runtime import Runtime
from tests.support.prefect import free_port

WAKES = 160
WORKERS = 2
SETTLE_SECONDS = 10
"""Events of task runs reach Prefect's tables some seconds after a run has parked."""

OWN_EVENTS_ONLY = {
    f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
    for service in (
        "SCHEDULER",
        "LATE_RUNS",
        "FOREMAN",
        "CANCELLATION_CLEANUP",
        "PAUSE_EXPIRATIONS",
        "TRIGGERS",
    )
}
"""What a second server leaves to the first; it goes on writing down task runs and events."""


@dataclass(frozen=True)
class Shape:
    """How the servers stand: what the second one is started with, if there is one."""

    title: str
    second: tuple[str, ...] | None
    environ: dict[str, str]


SHAPES = (
    Shape("one server", None, {}),
    Shape("two, second --no-services", ("--no-services",), {}),
    Shape("two, second keeps its events", (), OWN_EVENTS_ONLY),
)


async def measure(place: Place, shapes: Sequence[Shape] = SHAPES, wakes: int = WAKES) -> None:
    """Measure every shape; some minutes each."""
    print(__doc__)
    print(
        f"{'':<34}{'wakes':>6}{'s':>9}{'per s':>9}{'CPU each':>11}{'server':>11}{'database':>11}{'shown':>8}",
        flush=True,
    )
    for shape in shapes:
        await _measure(place, shape, wakes)


async def _measure(place: Place, shape: Shape, wakes: int) -> None:
    opened = await place.fresh()
    pool = f"bench-{free_port()}"
    place.environ |= {"SANDWICH_WORK_POOL": pool, "SANDWICH_CONCURRENCY": str(AT_ONCE // WORKERS)}
    settings = opened.settings.model_copy(update={"work_pool": pool})
    opened = Runtime(settings, opened.store, opened.clock, opened.library)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(opened.close)
        other = place.prefect
        if shape.second is not None:
            other = Prefect(place.folder / "prefect", free_port(), place.prefect.secret)
            await stack.enter_async_context(a_server(place, other, *shape.second, **shape.environ))
        client = await stack.enter_async_context(get_client())
        await register_playbooks(opened, client)
        deployment = (await client.read_deployment_by_name(f"activity/{KIND}")).id
        workers = [
            stack.enter_context(
                place.process(f"worker-{number}", "-m", "sandwich.orchestration.work", PREFECT_API_URL=prefect.api_url)
            )
            for number, prefect in enumerate((place.prefect, other))
        ]
        before = await _shown(client, deployment)
        pids = [worker.pid for worker in workers]
        figure = await wake(place, opened, client, deployment, pids, shape.title, wakes)
        await asyncio.sleep(SETTLE_SECONDS)
        print(f"{figure.line()}{await _shown(client, deployment) - before:>8}", flush=True)


async def _shown(client: PrefectClient, deployment: object) -> int:
    """Return how many steps Prefect shows as carried out."""
    found = 0
    while True:
        page = await client.read_task_runs(
            flow_run_filter=FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment])),
            task_run_filter=TaskRunFilter(
                state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.COMPLETED]))
            ),
            limit=PAGE,
            offset=found,
        )
        found += len(page)
        if len(page) < PAGE:
            return found
