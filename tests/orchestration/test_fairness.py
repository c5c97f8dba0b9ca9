"""Whose turn it is, with Prefect's own page, limits and queues: schools take turns, and a higher queue goes first."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.states import Scheduled

from sandwich.clock import real_now
from sandwich.orchestration.naming import activity_of
from sandwich.orchestration.park import FAR
from sandwich.services.waking import due_wakes, schools_of, take_run
from tests.support.carried import Carried, Installation
from tests.support.prefect import our_worker

pytestmark = pytest.mark.asyncio

PAGE = 4
"""What Prefect gives at once: no more than may run in the pool. Without a limit it is two hundred."""

HEAP, FEW = 14, 3
HEAPED, OTHERS = "T2", "T6"  # of two schools


@pytest_asyncio.fixture
async def limited(carried: Carried, installation: Installation) -> AsyncIterator[str]:
    """The work pool, in which no more than a page may run at once."""
    pool = installation.settings.work_pool
    await carried.client.update_work_pool(pool, WorkPoolUpdate(concurrency_limit=PAGE))
    yield pool
    await carried.client.update_work_pool(pool, WorkPoolUpdate(concurrency_limit=None))


async def test_what_is_due_behind_a_full_page_has_its_turn(
    carried: Carried, installation: Installation, folder: Path, limited: str
) -> None:
    heap = [await carried.start(f"Heap {number}", [HEAPED]) for number in range(HEAP)]
    few = [await carried.start(f"Few {number}", [OTHERS]) for number in range(FEW)]
    schools = await schools_of(carried.runtime, [heap[0], few[0]])
    assert schools[heap[0]].isdisjoint(schools[few[0]])

    # Our own database gives them out in turns.
    first = [wake.activity_id for wake in await due_wakes(carried.runtime, 2 * FEW)]
    assert [activity_id in few for activity_id in first] == [False, True] * FEW

    await carried.make_due([*heap, *few])
    # Prefect gives the heap alone.
    page = await carried.client.get_scheduled_flow_runs_for_work_pool(limited)
    assert len(page) == PAGE
    assert not {activity_of(entry.flow_run.tags) for entry in page} & set(few)

    with our_worker(folder / "worker.log", installation.environ | {"SANDWICH_CONCURRENCY": "1"}) as worker:
        for activity_id in (*few, *heap):
            await carried.until_parked(activity_id, worker)
        assert await asyncio.to_thread(worker.stop) == 0, worker.said()[-2000:]
    order = await begun(carried, [*heap, *few])
    last = max(order.index(activity_id) for activity_id in few)
    assert last <= 2 * FEW + PAGE, "the heap was carried first"


async def test_a_queue_with_priority_goes_first_though_it_waits_shorter(
    carried: Carried, installation: Installation, folder: Path
) -> None:
    pool = installation.settings.work_pool
    await carried.client.create_work_queue("urgent", priority=1, work_pool_name=pool)
    deployment = (await carried.client.read_deployment_by_name("activity/company-visit")).id
    now = real_now()
    runs: dict[str, UUID] = {}
    for number, queue in enumerate(["default"] * 5 + ["urgent"] * 3):
        activity_id = await carried.start(f"Queued {number}", [HEAPED])
        run = await carried.client.create_flow_run_from_deployment(
            deployment,
            parameters={"activity_id": activity_id},
            state=Scheduled(scheduled_time=now + FAR),
            work_queue_name=queue,
            tags=["sandwich"],
        )
        assert await take_run(carried.runtime, activity_id, str(run.id), None)
        runs[activity_id] = run.id
    for number, run_id in enumerate(runs.values()):
        due = now - timedelta(seconds=60 - number)
        await carried.client.set_flow_run_state(run_id, Scheduled(scheduled_time=due))

    with our_worker(folder / "worker.log", installation.environ | {"SANDWICH_CONCURRENCY": "1"}) as worker:
        for activity_id in runs:
            await carried.until_parked(activity_id, worker)
        assert await asyncio.to_thread(worker.stop) == 0, worker.said()[-2000:]
    order = await begun(carried, list(runs))
    assert set(order[:3]) == set(list(runs)[5:])


async def begun(carried: Carried, activities: Sequence[str]) -> list[str]:
    """Return the activities in the order in which their runs were begun; each once."""
    at = {}
    for activity_id in activities:
        run = await carried.run(activity_id)
        assert run is not None
        assert run.run_count == 1
        at[activity_id] = run.start_time
    return sorted(at, key=lambda activity_id: (at[activity_id] is None, at[activity_id]))
