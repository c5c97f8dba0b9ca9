"""Our worker as a process: killed in the worst moments, cancelled, stopped, and with more to do than it may at once."""

import asyncio
import time
from collections import Counter
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelling, Pending, Scheduled

from sandwich.clock import real_now
from sandwich.orchestration.in_process import carry_flow_run
from sandwich.orchestration.park import FAR, WAITING
from sandwich.orchestration.repair import Repair
from sandwich.orchestration.runs import start_run
from sandwich.orchestration.verdict import DEAD_AFTER
from sandwich.orchestration.waker import Doubts
from sandwich.orchestration.worker import GRACE_SECONDS
from tests.support.carried import Carried, Installation
from tests.support.prefect import Worker, eventually, our_worker

pytestmark = pytest.mark.asyncio

LONG = DEAD_AFTER + timedelta(seconds=5)


def worker(installation: Installation, folder: Path, failpoint: str = "") -> AbstractContextManager[Worker]:
    """Return our worker, with a place at which it dies or hangs."""
    environ = installation.environ | ({"SANDWICH_FAILPOINT": failpoint} if failpoint else {})
    return our_worker(folder / f"worker-{failpoint or 'well'}.log", environ)


async def repaired(carried: Carried) -> None:
    """Let the repair run as it would when a dead run is old enough to be sure of it."""
    repair = Repair(carried.runtime, carried.client, Doubts(seconds=0))
    for _ in range(2):
        await repair.sweep(real_now() + LONG)


async def test_killed_at_the_worst_moments_each_step_is_shown_and_done_once(
    carried: Carried, installation: Installation, folder: Path
) -> None:
    activity_id = await carried.start()
    # Dead after our commit, before Prefect heard that the step is done.
    with worker(installation, folder, "step-committed=kill") as doomed:
        assert await asyncio.to_thread(doomed.wait_dead) == -9
    assert (await carried.states(activity_id))["request"] == "done"
    assert await carried.shown(activity_id) == Counter()
    await repaired(carried)
    # Dead after Prefect heard it, before we wrote down that it did.
    with worker(installation, folder, "step-shown=hang") as doomed:
        await eventually(lambda: carried.shown(activity_id), worker=doomed)
        doomed.kill()
    assert await carried.done(activity_id) == set()
    await repaired(carried)
    # Dead between our leave to park and Prefect's.
    with worker(installation, folder, "progress-shown=kill") as doomed:
        assert await asyncio.to_thread(doomed.wait_dead) == -9
    assert await carried.done(activity_id) == {"request"}
    await repaired(carried)
    mails = await carried.mails(activity_id)
    with worker(installation, folder) as well:
        await carried.until_parked(activity_id, well)
        assert await carried.shown(activity_id) == Counter(["request"])
        assert await carried.done(activity_id) == {"request"}
        assert await carried.mails(activity_id) == mails
        ends = Counter(run.state_type for run in await carried.runs(activity_id))
        assert ends == {StateType.CRASHED: 3, StateType.SCHEDULED: 1}

        await many_at_once(carried, well)
        assert await asyncio.to_thread(well.stop) == 0, well.said()[-2000:]
        assert "Traceback" not in well.said(), well.said()[-3000:]


async def many_at_once(carried: Carried, well: Worker) -> None:
    """Many due activities are all carried, and none twice; how many at once, test_back_pressure.py tells."""
    activities = [await carried.start() for _ in range(9)]
    for activity_id in activities:
        await carried.until_parked(activity_id, well)
        assert await carried.shown(activity_id) == Counter(["request"])
    runs = [await carried.run(activity_id) for activity_id in activities]
    assert [run.run_count for run in runs if run is not None] == [1] * 9


async def test_what_does_not_end_in_time_is_broken_off_when_the_worker_stops(
    carried: Carried, installation: Installation, folder: Path
) -> None:
    activity_id = await carried.start()
    with worker(installation, folder, "step-committed=hang") as hanging:

        async def hangs() -> bool:
            return "failpoint step-committed: hang" in hanging.said()

        await eventually(hangs, worker=hanging)
        told = time.monotonic()
        assert await asyncio.to_thread(hanging.stop) == 0, hanging.said()[-2000:]
        assert time.monotonic() - told >= GRACE_SECONDS, "it had its time"
    assert (await carried.states(activity_id))["request"] == "done"
    assert await carried.done(activity_id) == set()
    mails = await carried.mails(activity_id)
    await repaired(carried)
    with worker(installation, folder) as well:
        await eventually(lambda: carried.done(activity_id), worker=well)
        await carried.until_parked(activity_id, well)
        assert await carried.shown(activity_id) == Counter(["request"])
        assert await carried.mails(activity_id) == mails


async def test_a_run_cancelled_while_it_works_is_broken_off_and_the_activity_goes_on(
    carried: Carried, installation: Installation, folder: Path
) -> None:
    activity_id = await carried.start()
    with worker(installation, folder, "step-committed=hang") as hanging:

        async def hangs() -> FlowRun | None:
            run = await carried.run(activity_id)
            done = (await carried.states(activity_id))["request"] == "done"
            return run if run is not None and done and run.state_type is StateType.RUNNING else None

        run = await eventually(hangs, worker=hanging)
        assert run is not None
        await carried.client.set_flow_run_state(run.id, Cancelling())

        async def broken_off() -> bool:
            return (await carried.client.read_flow_run(run.id)).state_type is StateType.CANCELLED

        await eventually(broken_off, worker=hanging)
        await repaired(carried)

        async def carried_by_another() -> bool:
            return (await carried.wake(activity_id)).run_id != str(run.id)

        await eventually(carried_by_another, worker=hanging)
    assert (await carried.activity(activity_id)).status.value == "requested"


async def test_a_run_that_was_put_in_line_and_has_been_parked_since_is_left_alone(carried: Carried) -> None:
    activity_id = await carried.start()
    run_id = await start_run(carried.runtime, carried.client, await carried.wake(activity_id), None)
    assert run_id is not None
    in_line = await carried.client.read_flow_run(run_id)
    moment = real_now() + FAR
    await carried.client.set_flow_run_state(run_id, Scheduled(name=WAITING, scheduled_time=moment))
    await asyncio.wait_for(carry_flow_run(in_line), 60)
    run = await carried.client.read_flow_run(run_id)
    assert run.state is not None
    assert (run.state.name, run.state.state_details.scheduled_time) == (WAITING, moment)
    assert run.run_count == 0


async def test_a_run_that_another_worker_claimed_is_left_alone(carried: Carried) -> None:
    activity_id = await carried.start()
    run_id = await start_run(carried.runtime, carried.client, await carried.wake(activity_id), None)
    assert run_id is not None
    due = await carried.client.read_flow_run(run_id)
    await carried.client.set_flow_run_state(run_id, Pending())
    await asyncio.wait_for(carry_flow_run(due), 60)
    assert (await carried.client.read_flow_run(run_id)).state_type is StateType.PENDING
