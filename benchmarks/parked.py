"""What parked activities cost while nothing happens: processes, memory, and CPU of an idle minute.

The same worker, waker and repair, delivery and Prefect's server on PostgreSQL, first without activities, then with so
many that are parked. Idle CPU is given in per cent of one core: ours (worker with waker and repair, delivery) and
Prefect's server apart.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from benchmarks.machine import Cost, cost_of
from benchmarks.place import Place, start_activities
from sandwich.clock import real_now
from sandwich.orchestration.deployments import register_playbooks
from sandwich.orchestration.naming import run_tags
from sandwich.orchestration.park import FAR, WAITING
from sandwich.runtime import Runtime
from sandwich.services.waking import take_run

KIND = "company-visit"
SETTLE_SECONDS = 30
IDLE_SECONDS = 60
TOGETHER = 4


async def measure(place: Place, parked: Sequence[int] = (0, 1000)) -> None:
    """Measure an idle minute with each number of parked activities, the smallest first."""
    print(__doc__)
    print(f"{'parked':>8}{'processes':>11}{'ours MB':>10}{'Prefect MB':>12}{'ours %':>9}{'Prefect %':>11}", flush=True)
    opened = await place.fresh()
    there = 0
    try:
        async with get_client() as client:
            await register_playbooks(opened, client)
        for wanted in parked:
            await _park(opened, wanted - there)
            there = wanted
            with contextlib.ExitStack() as stack:
                pids = [
                    stack.enter_context(place.process(name, "-m", "sandwich", name)).pid
                    for name in ("worker", "deliver")
                ]
                await asyncio.sleep(SETTLE_SECONDS)
                before = cost_of(*pids), place.cost_of_prefect()
                await asyncio.sleep(IDLE_SECONDS)
                after = cost_of(*pids), place.cost_of_prefect()
            print(_line(wanted, before, after), flush=True)
    finally:
        await opened.close()


def _line(parked: int, before: tuple[Cost, Cost], after: tuple[Cost, Cost]) -> str:
    ours, prefect = ((then - earlier).cpu for then, earlier in zip(after, before, strict=True))
    return (
        f"{parked:>8}{after[0].processes:>11}{after[0].resident / 2**20:>10.0f}{after[1].resident / 2**20:>12.0f}"
        f"{100 * ours / IDLE_SECONDS:>9.1f}{100 * prefect / IDLE_SECONDS:>11.1f}"
    )


async def _park(opened: Runtime, how_many: int) -> None:
    """Start activities of which nothing is due, each with a parked run, as a worker would leave them."""
    ids = await start_activities(opened, how_many)
    together = asyncio.Semaphore(TOGETHER)
    async with get_client() as client:
        deployment = (await client.read_deployment_by_name(f"activity/{KIND}")).id

        async def one(activity_id: str) -> None:
            async with together:
                run = await client.create_flow_run_from_deployment(
                    deployment,
                    parameters={"activity_id": activity_id},
                    state=Scheduled(name=WAITING, scheduled_time=real_now() + FAR),
                    tags=run_tags(KIND, activity_id, []),
                )
                await take_run(opened, activity_id, str(run.id), None)

        await asyncio.gather(*(one(activity_id) for activity_id in ids))
