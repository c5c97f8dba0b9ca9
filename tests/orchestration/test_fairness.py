"""A school with more due than Prefect gives in one answer does not hold up another school's few."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from prefect.client.schemas.objects import StateType

from sandwich.orchestration.naming import activity_of
from sandwich.orchestration.runs import PAGE
from sandwich.services.waking import due_wakes, schools_of
from tests.support.carried import Carried, Installation
from tests.support.prefect import our_worker

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(600)]

HEAP = PAGE + 12
HEAPED, OTHERS = "T2", "T6"  # of two schools


async def test_what_is_due_behind_a_full_page_has_its_turn(
    carried: Carried, installation: Installation, folder: Path
) -> None:
    heap = [await carried.start(f"Heap {number}", [HEAPED]) for number in range(HEAP)]
    few = [await carried.start(f"Few {number}", [OTHERS]) for number in range(3)]
    schools = await schools_of(carried.runtime, [heap[0], few[0]])
    assert schools[heap[0]].isdisjoint(schools[few[0]])

    # Our own database gives them out in turns.
    first = [wake.activity_id for wake in await due_wakes(carried.runtime, 6)]
    assert [activity_id in few for activity_id in first] == [False, True] * 3

    await carried.make_due([*heap, *few])
    # Prefect gives the heap alone.
    page = await carried.client.get_scheduled_flow_runs_for_work_pool(installation.settings.work_pool)
    assert len(page) == PAGE
    assert not {activity_of(entry.flow_run.tags) for entry in page} & set(few)

    try:
        with our_worker(folder / "worker.log", installation.environ) as worker:
            for activity_id in few:
                await carried.until_parked(activity_id, worker)
            waits = [wake for wake in await due_wakes(carried.runtime, 2 * PAGE) if wake.activity_id in heap]
            assert len(waits) > HEAP / 2, "the heap was carried first"
            carried_of_heap = HEAP - len(waits)
            assert carried_of_heap <= 40
            for activity_id in (*few, *heap[:1]):
                run = await carried.run(activity_id)
                assert run is not None
                assert (run.run_count, run.state_type) == (1, StateType.SCHEDULED)
            assert await asyncio.to_thread(worker.stop) == 0, worker.said()[-2000:]
    finally:
        await forget(carried, heap)


async def forget(carried: Carried, activities: Sequence[str]) -> None:
    """Leave nothing due for the workers of other tests, which share the server."""
    for activity_id in activities:
        run = await carried.run(activity_id)
        if run is not None:
            await carried.client.delete_flow_run(run.id)
