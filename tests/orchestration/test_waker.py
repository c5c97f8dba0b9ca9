"""The waker: what is due is brought to Prefect's attention, once, and what Prefect has in hand is left to it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Pending, Running, Scheduled

from sandwich.clock import real_now
from sandwich.orchestration.naming import FLOW
from sandwich.orchestration.park import FAR, WAITING
from sandwich.orchestration.runs import start_run
from sandwich.orchestration.waker import Doubts, Waker
from sandwich.services.waking import take_run
from tests.support.carried import Carried

pytestmark = pytest.mark.asyncio


def waker(carried: Carried, doubts: Doubts | None = None) -> Waker:
    """Return a waker that does not wait before it is sure, only until it has looked twice."""
    return Waker(carried.runtime, carried.client, doubts or Doubts(seconds=0))


async def started(carried: Carried) -> tuple[str, FlowRun]:
    """Start an activity and wake it for the first time."""
    activity_id = await carried.start()
    await waker(carried).wake_due()
    run = await carried.run(activity_id)
    assert run is not None
    return activity_id, run


def is_due(run: FlowRun) -> bool:
    """Whether Prefect would give the run to a worker now."""
    assert run.state is not None
    moment = run.state.state_details.scheduled_time
    return run.state.type is StateType.SCHEDULED and moment is not None and moment <= real_now()


async def test_a_due_activity_without_a_run_gets_one(carried: Carried) -> None:
    activity_id, run = await started(carried)
    assert is_due(run)
    assert run.parameters == {"kind": "company-visit", "activity_id": activity_id}
    assert (await carried.wake(activity_id)).run_number == 1


async def test_two_wakers_at_once_make_one_run(carried: Carried) -> None:
    activity_id = await carried.start()
    await asyncio.gather(*(waker(carried).wake_due() for _ in range(2)))
    assert len(await carried.runs(activity_id)) == 1
    assert (await carried.wake(activity_id)).run_number == 1


async def test_a_run_that_was_made_before_a_crash_is_used_afterwards(carried: Carried) -> None:
    activity_id = await carried.start()
    wake = await carried.wake(activity_id)
    await start_run(carried.runtime, carried.client, wake, None)
    first = await carried.run(activity_id)
    assert first is not None
    # What a crash between making and taking leaves: a parked run that nobody owns, and the number not used up.
    assert await start_run(carried.runtime, carried.client, wake, None) == first.id
    assert len(await carried.runs(activity_id)) == 1


async def test_a_parked_run_is_woken_when_something_is_due(carried: Carried) -> None:
    _activity_id, run = await started(carried)
    await carried.client.set_flow_run_state(run.id, Scheduled(name=WAITING, scheduled_time=real_now() + FAR))
    assert await waker(carried).wake_due() >= 1
    woken = await carried.client.read_flow_run(run.id)
    assert is_due(woken)


async def test_what_prefect_has_in_hand_is_left_alone(carried: Carried) -> None:
    activity_id, run = await started(carried)
    soon = real_now() + timedelta(seconds=5)
    states: list[State[None]] = [Scheduled(name=WAITING, scheduled_time=soon), Pending(), Running()]
    for state in states:
        await carried.client.set_flow_run_state(run.id, state, force=True)
        before = await carried.client.read_flow_run(run.id)
        await waker(carried).wake_due()
        assert (await carried.client.read_flow_run(run.id)).state_id == before.state_id
    assert len(await carried.runs(activity_id)) == 1


async def test_a_run_that_ended_or_was_deleted_is_replaced_when_that_is_sure(carried: Carried) -> None:
    activity_id, run = await started(carried)
    await carried.client.set_flow_run_state(run.id, Cancelled(), force=True)
    doubts = Doubts(seconds=0)
    await waker(carried, doubts).wake_due()
    assert (await carried.wake(activity_id)).run_id == str(run.id), "it may have just ended well"
    await waker(carried, doubts).wake_due()
    second = (await carried.wake(activity_id)).run_id
    assert second not in {None, str(run.id)}

    await carried.client.delete_flow_run(UUID(second))
    with pytest.raises(ObjectNotFound):
        await carried.client.read_flow_run(UUID(second))
    await waker(carried, doubts).wake_due()
    await waker(carried, doubts).wake_due()
    third = await carried.run(activity_id)
    assert third is not None
    assert is_due(third)
    assert (await carried.wake(activity_id)).run_number == 3


async def test_a_run_that_prefect_cannot_have_holds_up_nobody(carried: Carried) -> None:
    strange, usual = await carried.start(), await carried.start()
    await take_run(carried.runtime, strange, "run-1", None)  # what came along with a database from elsewhere
    doubts = Doubts(seconds=0)
    await waker(carried, doubts).wake_due()
    await waker(carried, doubts).wake_due()
    for activity_id in (strange, usual):
        run = await carried.run(activity_id)
        assert run is not None
        assert is_due(run)


async def test_without_its_deployment_the_playbooks_are_registered_again(carried: Carried) -> None:
    deployment = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    await carried.client.delete_deployment(deployment.id)
    _, run = await started(carried)
    renewed = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    assert run.deployment_id == renewed.id != deployment.id


async def test_a_run_that_came_too_late_gets_nothing(carried: Carried) -> None:
    activity_id = await carried.start()
    wake = await carried.wake(activity_id)
    assert await take_run(carried.runtime, activity_id, "0" * 8, None)
    assert await start_run(carried.runtime, carried.client, wake, None) is None
    assert (await carried.wake(activity_id)).run_id == "0" * 8
    left = [run for run in await carried.runs(activity_id) if is_due(run)]
    assert left == [], "nobody starts it"
    assert await take_run(carried.runtime, activity_id, "0" * 8, "0" * 8)
