"""The upkeep, carried by our worker on a real server: what is long over goes, and nothing else changes."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterTags,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Running, Scheduled

from sandwich.clock import real_now
from sandwich.orchestration.naming import STAGES, UPKEEP, UPKEEP_TAG, progress_key
from sandwich.orchestration.nightly import next_night, plan_upkeep
from sandwich.orchestration.pruning import Pruned, prune
from sandwich.orchestration.repair import Repair
from sandwich.orchestration.verdict import DEAD_AFTER
from sandwich.orchestration.waker import Doubts
from sandwich.services import steer
from tests.support.carried import Carried
from tests.support.prefect import Worker, eventually

FAR = datetime(2100, 1, 1, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


async def cancelled(carried: Carried, worker: Worker) -> str:
    """Return an activity that was asked for and then cancelled, and whose run has ended."""
    activity_id = await carried.start()
    await carried.until_parked(activity_id, worker)
    now = await carried.runtime.clock.now()
    await steer.cancel(carried.runtime, activity_id, "Storm", now=now, actor="test")

    async def is_over() -> bool:
        run, wake = await carried.run(activity_id), await carried.wake(activity_id)
        return run is not None and run.state_type is StateType.COMPLETED and wake.wake_at is None

    await eventually(is_over, worker=worker)
    return activity_id


async def artifacts(carried: Carried, activity_id: str) -> int:
    """Return how many progress artifacts Prefect has of an activity."""
    keys = ArtifactFilterKey(any_=[progress_key(stage, activity_id) for stage in STAGES])
    return len(await carried.client.read_artifacts(artifact_filter=ArtifactFilter(key=keys)))


@pytest.mark.asyncio
async def test_what_is_long_over_goes_and_the_rest_stays(carried: Carried, worker: Worker) -> None:
    over = [await cancelled(carried, worker) for _ in range(2)]
    going = await carried.start()
    await carried.until_parked(going, worker)
    shown = await carried.shown(going)
    assert shown == Counter(["request"])
    [gone, *_] = await carried.runs(over[0])
    began = await carried.runtime.clock.now()

    await carried.runtime.clock.set(began + timedelta(days=29))
    assert await prune(carried.runtime, carried.client) == Pruned(0, 0)
    await carried.runtime.clock.set(began + timedelta(days=31))
    assert await prune(carried.runtime, carried.client, batch=1, most=1) == Pruned(1, 3), "no more than it may"
    assert sum([len(await carried.runs(one)) for one in over]) == 1

    # The rest is done by the flow itself, as it is scheduled.
    deployment = await carried.client.read_deployment_by_name(f"{UPKEEP}/{UPKEEP}")
    run = await carried.client.create_flow_run_from_deployment(deployment.id)

    async def ended() -> FlowRun | None:
        found = await carried.client.read_flow_run(run.id)
        return found if found.state_type in {StateType.COMPLETED, StateType.FAILED, StateType.CRASHED} else None

    done = await eventually(ended, worker=worker)
    assert done is not None
    assert done.state is not None
    told = "Deleted: 1 runs, 3 artifacts. Over their term: 0 removed, 0 wait for a yes."
    assert (done.state_type, done.state.message) == (StateType.COMPLETED, told)
    assert not done.parameters
    for activity_id in over:
        assert await carried.runs(activity_id) == []
        assert await carried.shown_now(activity_id) == Counter()
        assert await artifacts(carried, activity_id) == 0

    async def no_logs() -> bool:
        return not await carried.client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[gone.id])))

    await eventually(no_logs)
    await others_are_as_they_were(carried, worker, over, going)


async def others_are_as_they_were(carried: Carried, worker: Worker, over: list[str], going: str) -> None:
    """The repair makes no run for what was pruned, and a replaced run still shows each step once."""
    assert await artifacts(carried, going) == len(STAGES)
    before = {one: await carried.wake(one) for one in over}
    repair = Repair(carried.runtime, carried.client, Doubts(seconds=0))
    for _ in range(2):
        await repair.sweep(real_now() + DEAD_AFTER)
    for one in over:
        assert (await carried.runs(one), await carried.wake(one)) == ([], before[one])

    first = await carried.until_parked(going, worker)
    shown = await carried.shown(going)
    await carried.client.set_flow_run_state(first.id, Cancelled(), force=True)
    for _ in range(2):
        await repair.sweep()
    await carried.until_parked(going, worker)
    assert (await carried.wake(going)).run_id != str(first.id)
    assert await prune(carried.runtime, carried.client) == Pruned(0, 0), "the ended run of one that goes on is kept"
    assert await carried.shown(going) == shown
    assert set(shown.values()) == {1}


@pytest.mark.asyncio
async def test_old_runs_of_its_own_go_too_and_one_that_lost_its_process_ends(carried: Carried) -> None:
    deployment = await carried.client.read_deployment_by_name(f"{UPKEEP}/{UPKEEP}")
    states = (Cancelled(), Running())
    ended, lost = [
        (await carried.client.create_flow_run_from_deployment(deployment.id, state=Scheduled(scheduled_time=FAR))).id
        for _ in states
    ]
    for run, state in zip((ended, lost), states, strict=True):
        await carried.client.set_flow_run_state(run, state, force=True)

    assert (await prune(carried.runtime, carried.client, real=real_now() + timedelta(days=29))).runs == 0
    assert (await carried.client.read_flow_run(ended)).id == ended
    assert (await carried.client.read_flow_run(lost)).state_type is StateType.CRASHED
    assert (await prune(carried.runtime, carried.client, real=real_now() + timedelta(days=31))).runs >= 1
    for run in (ended, lost):
        with pytest.raises(ObjectNotFound):
            await carried.client.read_flow_run(run)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-10-24T10:00+02:00", "2026-10-25T03:17+01:00"),  # the night in which summer time ends
        ("2026-10-25T02:30+02:00", "2026-10-25T03:17+01:00"),
        ("2027-03-28T01:30+01:00", "2027-03-28T03:17+02:00"),  # and begins
        ("2026-11-26T03:17+01:00", "2026-11-27T03:17+01:00"),
    ],
)
def test_the_coming_night_is_local(now: str, then: str) -> None:
    assert next_night(datetime.fromisoformat(now), AMSTERDAM) == datetime.fromisoformat(then)


@pytest.mark.asyncio
async def test_every_night_has_one_run_however_often_it_is_planned(carried: Carried) -> None:
    now = real_now() + timedelta(days=400)
    for moment in (now, now, now + timedelta(days=1)):
        await plan_upkeep(carried.client, "Europe/Amsterdam", moment)
    chosen = FlowRunFilter(tags=FlowRunFilterTags(all_=[UPKEEP_TAG]))
    planned = await carried.client.read_flow_runs(flow_run_filter=chosen)
    moments = sorted(run.next_scheduled_start_time for run in planned if run.name.startswith(f"{UPKEEP} "))
    assert [moment for moment in moments if moment > now] == [
        next_night(now, AMSTERDAM),
        next_night(now + timedelta(days=1), AMSTERDAM),
    ]
