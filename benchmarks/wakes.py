"""Wakes per second and what a wake costs: our worker, Prefect's process worker, and ``flow.serve()``.

All three wake the same flow, for activities alike, on the same Prefect server and the same PostgreSQL, one after the
other in one run. A wake begins when Prefect may start the run and ends when it is parked again, with one step carried
out and shown. CPU is that of the worker with everything it starts; Prefect's server and PostgreSQL are given apart.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.states import Scheduled
from sqlalchemy import func, select

from benchmarks.machine import cost_of
from benchmarks.many import copy_activities
from benchmarks.place import FIRST, Place, start_activities
from benchmarks.scene import start_runs_at
from models.tables.activities import PlanStep
from sandwich.clock import real_now
from sandwich.orchestration.deployments import register_playbooks
from sandwich.orchestration.park import FAR, WAITING
from sandwich.runtime import Runtime
from sandwich.services.waking import take_run

KIND = "company-visit"
PAGE = 200
AT_ONCE = 8
"""Runs at once, for all three alike."""

SERVE = f"""
import asyncio
from flows.activity import activity
activity.serve(name="served", limit={AT_ONCE}, pause_on_shutdown=False, print_starting_message=False)
"""


@dataclass(frozen=True)
class Figure:
    """What one of them needed."""

    name: str
    wakes: int
    seconds: float
    worker_cpu: float
    prefect_cpu: float
    postgres_cpu: float

    @property
    def rate(self) -> float:
        """Wakes per second."""
        return self.wakes / self.seconds

    @property
    def cpu(self) -> float:
        """CPU seconds of the worker per wake."""
        return self.worker_cpu / self.wakes

    def line(self) -> str:
        """Return it as a line of a table."""
        return (
            f"{self.name:<34}{self.wakes:>6}{self.seconds:>9.1f}{self.rate:>9.2f}{self.cpu:>11.3f}"
            f"{self.prefect_cpu / self.wakes:>11.3f}{self.postgres_cpu / self.wakes:>11.3f}"
        )


async def measure(place: Place, ours: int, stock: int) -> list[Figure]:
    """Measure all three: ``ours`` wakes of our worker, ``stock`` wakes of each of the others."""
    print(__doc__)
    print(f"{'':<34}{'wakes':>6}{'s':>9}{'per s':>9}{'CPU each':>11}{'server':>11}{'database':>11}", flush=True)
    figures = []
    for name, count in (("process", stock), ("serve", stock), ("sandwich", ours)):
        async with _worker(place, name) as (opened, client, deployment, pid):
            figures.append(await wake(place, opened, client, deployment, [pid], TITLES[name], count))
            print(figures[-1].line(), flush=True)
    process, serve, best = figures
    print(f"\nours : process worker   rate {best.rate / process.rate:6.1f} x   CPU 1/{process.cpu / best.cpu:.1f}")
    print(
        f"ours : flow.serve()     rate {best.rate / serve.rate:6.1f} x   CPU 1/{serve.cpu / best.cpu:.1f}\n", flush=True
    )
    return figures


async def our_wakes(place: Place, count: int) -> Figure:
    """Measure our worker alone, with thousands of activities: a few that the product made, and copies of these.

    To make six thousand one by one takes longer than to wake them.
    """
    async with _worker(place, "sandwich") as (opened, client, deployment, pid):
        warm = await _warm(opened, client, deployment)
        own, prefect = [
            await asyncpg.connect(url.replace("+asyncpg", "")) for url in (place.raw_url, place.prefect_url)
        ]
        try:
            ids = [row["id"] for row in await own.fetch("SELECT id FROM activity")]
            copies = [UUID(run) for _key, run in await copy_activities(place, ids, count - len(warm)) if run]
            runs, ahead = warm + copies, timedelta(seconds=15 + count / 100)
            moment, began = real_now() + ahead, time.monotonic() + ahead.total_seconds()
            await opened.clock.set(FIRST - ahead)
            await start_runs_at(prefect, [str(run) for run in runs], [moment] * len(runs))
            await _sleep_until(began)
        finally:
            await own.close()
            await prefect.close()
        return await _carried(place, opened, client, [pid], TITLES["sandwich"], runs, began)


TITLES = {"process": "Prefect's process worker", "serve": "flow.serve()", "sandwich": "our worker"}


@contextlib.asynccontextmanager
async def _worker(place: Place, name: str) -> AsyncIterator[tuple[Runtime, PrefectClient, UUID, int]]:
    opened = await place.fresh()
    place.environ |= {"SANDWICH_WORK_POOL": f"bench-{name}", "SANDWICH_CONCURRENCY": str(AT_ONCE)}
    if name == "process":
        place.environ["SANDWICH_WORK_POOL_TYPE"] = "process"
    settings = opened.settings.model_copy(
        update={"work_pool": f"bench-{name}", "work_pool_type": "process" if name == "process" else "sandwich"}
    )
    opened = Runtime(settings, opened.store, opened.clock, opened.library)
    try:
        async with get_client() as client:
            with _process(place, name) as pid:
                deployment = await _deployment(opened, client, name)
                yield opened, client, deployment, pid
    finally:
        await opened.close()


@contextlib.contextmanager
def _process(place: Place, name: str) -> Iterator[int]:
    arguments = {
        # Without our waker and repair beside it: the runs are woken by this program, for all three alike.
        "process": ("-m", "prefect", "worker", "start", "--pool", f"bench-{name}", "--type", "process"),
        "serve": ("-c", SERVE),
        "sandwich": ("-m", "sandwich.orchestration.work"),
    }[name]
    with place.process(name, *arguments) as process:
        yield process.pid


async def _deployment(opened: Runtime, client: PrefectClient, name: str) -> UUID:
    if name != "serve":
        await register_playbooks(opened, client)
        return (await client.read_deployment_by_name(f"activity/{KIND}")).id
    async with asyncio.timeout(120):
        while True:
            with contextlib.suppress(Exception):
                return (await client.read_deployment_by_name("activity/served")).id
            await asyncio.sleep(0.5)


async def wake(
    place: Place,
    opened: Runtime,
    client: PrefectClient,
    deployment: UUID,
    pids: Sequence[int],
    title: str,
    count: int,
) -> Figure:
    """Let ``count`` activities fall due at one moment and wait until the workers ``pids`` have carried them all."""
    warm = await _warm(opened, client, deployment)
    making = time.monotonic()
    runs = warm + await _parked_runs(opened, client, deployment, count - len(warm))
    ahead = timedelta(seconds=15 + 2 * (time.monotonic() - making))  # parking a run takes less than making one
    began = await _due_soon(opened, client, runs, ahead)
    return await _carried(place, opened, client, pids, title, runs, began)


async def _warm(opened: Runtime, client: PrefectClient, deployment: UUID) -> list[UUID]:
    """Let some wake with nothing to do: what a process does once, at its first, is not what a wake costs."""
    warm = await _parked_runs(opened, client, deployment, AT_ONCE)
    await _park_until(client, warm, real_now())
    await _until_parked(opened, client, warm, steps=0)
    return warm


async def _carried(
    place: Place,
    opened: Runtime,
    client: PrefectClient,
    pids: Sequence[int],
    title: str,
    runs: list[UUID],
    began: float,
) -> Figure:
    """Wait until all runs were carried, from ``began`` on, and return what it took."""
    count = len(runs)
    before = cost_of(*pids), place.cost_of_prefect(), place.cost_of_postgres()
    await _until_parked(opened, client, runs, steps=count)
    seconds = time.monotonic() - began
    after = cost_of(*pids), place.cost_of_prefect(), place.cost_of_postgres()
    worker, prefect, database = (then.cpu - earlier.cpu for then, earlier in zip(after, before, strict=True))
    return Figure(title, count, seconds, worker, prefect, database)


async def _parked_runs(opened: Runtime, client: PrefectClient, deployment: UUID, count: int) -> list[UUID]:
    """Start activities, each with a parked run that carries it."""
    runs = []
    for activity_id in await start_activities(opened, count):
        run = await client.create_flow_run_from_deployment(
            deployment,
            parameters={"activity_id": activity_id},
            state=Scheduled(name="Asleep", scheduled_time=real_now() + FAR),
            tags=["sandwich"],
        )
        await take_run(opened, activity_id, str(run.id), None)
        runs.append(run.id)
    return runs


async def _due_soon(opened: Runtime, client: PrefectClient, runs: list[UUID], ahead: timedelta) -> float:
    """Park all runs until one moment, at which their activities are due as well; returns at that moment.

    So everybody's run is started by Prefect itself, as at eight in the morning, and nobody has to wake it: no activity
    is due a second earlier, or our waker would begin before the time is taken.
    """
    moment, began = real_now() + ahead, time.monotonic() + ahead.total_seconds()
    await opened.clock.set(FIRST - ahead)
    await _park_until(client, runs, moment)
    await _sleep_until(began)
    return began


async def _sleep_until(began: float) -> None:
    left = began - time.monotonic()
    if left < 0:
        raise TimeoutError("parking took longer than there was time")
    await asyncio.sleep(left)


async def _park_until(client: PrefectClient, runs: list[UUID], moment: datetime) -> None:
    together = asyncio.Semaphore(4)

    async def one(run: UUID) -> None:
        async with together:
            await client.set_flow_run_state(run, Scheduled(name="Asleep", scheduled_time=moment))

    await asyncio.gather(*(one(run) for run in runs))


async def _until_parked(opened: Runtime, client: PrefectClient, runs: list[UUID], steps: int) -> None:
    """Wait until all runs are parked and so many steps are shown; two minutes without progress fail."""
    until, best = time.monotonic() + 120, -1
    while True:
        await asyncio.sleep(0.5)
        async with opened.store.read() as session:
            shown = await session.scalar(select(func.count(PlanStep.shown_at))) or 0
        parked = 0
        for start in range(0, len(runs), PAGE):
            chosen = FlowRunFilter(
                id=FlowRunFilterId(any_=runs[start : start + PAGE]),
                state=FlowRunFilterState(name=FlowRunFilterStateName(any_=[WAITING])),
            )
            parked += await client.count_flow_runs(flow_run_filter=chosen)
        if shown == steps and parked == len(runs):
            return
        if shown + parked > best:
            until, best = time.monotonic() + 120, shown + parked
        if time.monotonic() > until:
            raise TimeoutError(f"{parked} of {len(runs)} runs are parked, {shown} of {steps} steps shown")
