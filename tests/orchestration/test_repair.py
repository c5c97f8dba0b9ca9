"""The repair: whatever became of a run in Prefect, the activity is the same and has one live run again."""

from datetime import timedelta
from uuid import UUID

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled, Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, Scheduled
from sqlalchemy import select

from models.tables.mail import Call
from sandwich.clock import real_now
from sandwich.orchestration import repair
from sandwich.orchestration.park import FAR, WAITING
from sandwich.orchestration.repair import EACH_AT_LEAST_EVERY, UNOWNED_AFTER, Repair
from sandwich.orchestration.runs import start_run
from sandwich.orchestration.verdict import CANCELLING_AFTER, DEAD_AFTER
from sandwich.orchestration.waker import Doubts
from sandwich.services import halting
from sandwich.services.advance import look_ahead
from sandwich.services.asleep import asleep
from sandwich.services.carry_out import carry_out
from sandwich.services.waking import take_run
from tests.support.carried import Carried

pytestmark = pytest.mark.asyncio

NO_TIME = timedelta(0)
LONG = DEAD_AFTER + timedelta(seconds=5)


async def resting(carried: Carried) -> tuple[str, FlowRun]:
    """Return an activity that waits for its host, and its parked run: what a first wake leaves."""
    activity_id = await carried.start()
    run_id = await start_run(carried.runtime, carried.client, await carried.wake(activity_id), None)
    assert run_id is not None
    await carry_out(carried.runtime, activity_id, "request", str(run_id))
    assert not (await look_ahead(carried.runtime, activity_id, str(run_id), ["request"])).due
    await carried.client.set_flow_run_state(run_id, Scheduled(name=WAITING, scheduled_time=real_now() + FAR))
    return activity_id, await carried.client.read_flow_run(run_id)


async def sweep(carried: Carried, later: timedelta = NO_TIME) -> None:
    """Sweep twice, as the service does before it is sure, ``later`` than now."""
    repair = Repair(carried.runtime, carried.client, Doubts(seconds=0))
    await repair.sweep(real_now() + later)
    await repair.sweep(real_now() + later)


async def put(carried: Carried, run: FlowRun, state: State[None]) -> None:
    """Put a run, that a stock worker once started, into a state, whatever Prefect thinks of it."""
    # Without this mark of a process Prefect ends a parked run that is cancelled by itself.
    await carried.client.update_flow_run(run.id, infrastructure_pid="4711")
    await carried.client.set_flow_run_state(run.id, state, force=True)


async def test_a_run_that_prefect_cannot_have_is_replaced(carried: Carried) -> None:
    activity_id, run = await resting(carried)
    assert await take_run(carried.runtime, activity_id, "run-1", str(run.id))
    await sweep(carried)
    assert (await carried.wake(activity_id)).run_id not in {"run-1", str(run.id)}
    assert await carried.run(activity_id) is not None


async def test_who_is_on_hold_may_lose_its_run_and_gets_another_when_it_goes_on(carried: Carried) -> None:
    activity_id, run = await resting(carried)
    now = await carried.runtime.clock.now()
    await halting.hold(carried.runtime, activity_id, "date", now=now, actor="test")
    await carried.client.delete_flow_run(run.id)
    await sweep(carried)
    assert (await carried.wake(activity_id)).run_id == str(run.id), "nothing wakes it, so it needs none"
    await halting.resume(carried.runtime, activity_id, now=now, actor="test")
    await sweep(carried)
    assert (await carried.wake(activity_id)).run_id != str(run.id)
    assert await carried.run(activity_id) is not None


async def test_what_rests_without_anything_that_looks_at_it_is_found(carried: Carried) -> None:
    """So an activity comes out of a database of an older release."""
    activity_id, _run = await resting(carried)
    now = await carried.runtime.clock.now()
    await halting.hold(carried.runtime, activity_id, "date", now=now, actor="test")
    async with carried.runtime.store.change(now=now, actor="test", stream=activity_id) as session:
        for call in await session.scalars(select(Call).where(Call.activity_id == activity_id)):
            await session.delete(call)
    async with carried.runtime.store.read() as session:
        assert [row.id for row in await asleep(session)] == [activity_id]
    await sweep(carried)
    async with carried.runtime.store.read() as session:
        assert await asleep(session) == []


@pytest.mark.parametrize(
    ("state", "later", "ends"),
    [
        (Pending(), LONG, StateType.CRASHED),
        (Running(), LONG, StateType.CRASHED),  # the worker was killed in the middle
        (Cancelling(), CANCELLING_AFTER * 2, StateType.CANCELLED),  # a parked run has no worker that would end it
        (Paused(), LONG, StateType.CANCELLED),
        (Cancelled(), NO_TIME, StateType.CANCELLED),
        (Completed(), NO_TIME, StateType.COMPLETED),
        (Crashed(), NO_TIME, StateType.CRASHED),
        (Failed(), NO_TIME, StateType.FAILED),
    ],
    ids=lambda value: value.name if isinstance(value, State) else "",
)
async def test_a_run_that_will_not_move_is_ended_and_replaced(
    carried: Carried, state: State[None], later: timedelta, ends: StateType
) -> None:
    activity_id, run = await resting(carried)
    before = await carried.activity(activity_id)
    await put(carried, run, state)
    if later > NO_TIME:
        await sweep(carried)
        assert (await carried.wake(activity_id)).run_id == str(run.id), "it gets its time first"
    await sweep(carried, later)
    assert (await carried.client.read_flow_run(run.id)).state_type is ends
    wake = await carried.wake(activity_id)
    assert wake.run_id != str(run.id)
    assert wake.run_number == 2
    after = await carried.activity(activity_id)
    assert (after.status, after.wake_at, after.progress) == (before.status, before.wake_at, before.progress)
    live = [one for one in await carried.runs(activity_id) if one.state is not None and not one.state.is_final()]
    assert [str(one.id) for one in live] == [wake.run_id]
    await sweep(carried)
    assert (await carried.wake(activity_id)).run_id == wake.run_id, "and then it is left in peace"


async def test_a_deleted_run_is_replaced(carried: Carried) -> None:
    activity_id, run = await resting(carried)
    await carried.client.delete_flow_run(run.id)
    await sweep(carried)
    wake = await carried.wake(activity_id)
    assert wake.run_id not in {None, str(run.id)}
    renewed = await carried.client.read_flow_run(UUID(wake.run_id))
    assert renewed.state_name == WAITING
    assert renewed.state is not None
    moment = renewed.state.state_details.scheduled_time
    assert moment is not None
    assert moment > real_now() + timedelta(days=300), "nothing is due, so nothing is started"


async def test_after_failures_it_waits_longer_and_longer(carried: Carried) -> None:
    activity_id, run = await resting(carried)
    await put(carried, run, Failed())
    await sweep(carried)
    second = await carried.run(activity_id)
    assert second is not None
    assert second.id != run.id, "at once after the first"
    await put(carried, second, Failed())
    await sweep(carried)
    assert (await carried.wake(activity_id)).run_id == str(second.id)
    await sweep(carried, timedelta(seconds=35))
    assert (await carried.wake(activity_id)).run_id != str(second.id)


async def test_a_run_that_broke_off_is_followed_by_one_that_starts_at_once(carried: Carried) -> None:
    activity_id, run = await resting(carried)
    await put(carried, run, Running())
    await sweep(carried, LONG)
    renewed = await carried.run(activity_id)
    assert renewed is not None
    assert renewed.state is not None
    moment = renewed.state.state_details.scheduled_time
    assert moment is not None
    assert moment <= real_now(), "something may be half done"


async def test_runs_that_no_activity_needs_are_ended(carried: Carried) -> None:
    activity_id, run = await resting(carried)
    copy = await carried.client.create_flow_run_from_deployment(
        run.deployment_id,  # type: ignore[arg-type]
        parameters={"activity_id": activity_id},
        state=Scheduled(name=WAITING, scheduled_time=real_now() + FAR),
    )
    await sweep(carried)
    assert (await carried.client.read_flow_run(copy.id)).state_name == WAITING, "it may just be being taken"
    await sweep(carried, UNOWNED_AFTER + timedelta(seconds=5))
    assert (await carried.client.read_flow_run(copy.id)).state_type is StateType.CANCELLED
    assert (await carried.client.read_flow_run(run.id)).state_name == WAITING
    assert (await carried.wake(activity_id)).run_id == str(run.id)


async def test_a_parked_run_cancelled_in_prefect_does_not_cancel_the_activity(carried: Carried) -> None:
    activity_id, run = await resting(carried)
    # As the button does, not by force: Prefect decides what it becomes.
    await carried.client.set_flow_run_state(run.id, Cancelling())
    await sweep(carried, CANCELLING_AFTER * 2)
    assert (await carried.client.read_flow_run(run.id)).state_type is StateType.CANCELLED
    wake = await carried.wake(activity_id)
    assert wake.run_id != str(run.id)
    assert (await carried.activity(activity_id)).status.value != "cancelled"


async def test_no_run_can_be_missing_behind_another_that_nobody_needs(
    carried: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With thousands of them Prefect only counts: by their ids, or one too many would hide one that is gone."""
    monkeypatch.setattr(repair, "SMALL", 0)
    monkeypatch.setattr(repair, "COUNTED", 0)
    gone, lost = await resting(carried)
    other, kept = await resting(carried)
    await carried.client.delete_flow_run(lost.id)
    await carried.client.create_flow_run_from_deployment(
        lost.deployment_id,  # type: ignore[arg-type]
        parameters={"activity_id": gone},
        state=Scheduled(name=WAITING, scheduled_time=real_now() + FAR),
        tags=lost.tags,
    )
    sweeper = Repair(carried.runtime, carried.client, Doubts(seconds=0))
    await sweeper.sweep(real_now())
    await sweeper.sweep(real_now() + EACH_AT_LEAST_EVERY)
    assert (await carried.wake(gone)).run_id not in {None, str(lost.id)}
    assert (await carried.wake(other)).run_id == str(kept.id)
