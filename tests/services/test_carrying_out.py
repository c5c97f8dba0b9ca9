"""Steps are carried out once, by the run that owns the activity, and people are asked once."""

import asyncio

import pytest
from sqlalchemy import func, select

from models.tables.activities import Activity, StepState
from models.tables.asking import FormVersion, Invitation, InvitationState
from models.tables.mail import Message
from sandwich.errors import NotFound, RunReplaced
from sandwich.runtime import Runtime
from sandwich.services import advance, carry_out, steer, waking
from tests.support.cast import Cast
from tests.support.driver import RUN, TEACHERS, Play

pytestmark = [pytest.mark.asyncio, pytest.mark.both]


@pytest.mark.chapter("asked")
async def test_carrying_out_a_step_twice_changes_nothing(play: Play, runtime: Runtime) -> None:
    before = await play.snapshot()
    for step in ("request", "invitation", "goals", "task-division"):
        await carry_out.carry_out(runtime, play.activity_id, step, RUN)
    assert await play.snapshot() == before


@pytest.mark.chapter("asked")
async def test_everybody_is_asked_once_per_form(play: Play, runtime: Runtime) -> None:
    asked = await play.invitations()
    keys = [(item.step, item.form, item.participation_id, item.occurrence) for item in asked]
    assert len(set(keys)) == len(keys)
    assert sum(item.form == "goals" for item in asked) == len(TEACHERS)
    assert {item.state for item in asked if item.form == "goals"} == {InvitationState.SENT}
    async with runtime.store.read() as session:
        found = await session.scalar(select(func.count()).select_from(Message).where(Message.mail == "goals"))
    assert found == len(TEACHERS)


async def test_a_step_that_is_not_due_is_not_carried_out(play: Play, runtime: Runtime) -> None:
    await carry_out.carry_out(runtime, play.activity_id, "goals", RUN)
    assert (await play.step("goals")).state is StepState.PLANNED
    assert await play.invitations() == []


async def test_a_step_that_the_playbook_does_not_have_is_an_error(play: Play, runtime: Runtime) -> None:
    with pytest.raises(NotFound, match="There is no step picnic"):
        await carry_out.carry_out(runtime, play.activity_id, "picnic", RUN)


async def test_a_run_that_was_replaced_carries_nothing_out(play: Play, runtime: Runtime) -> None:
    assert await waking.take_run(runtime, play.activity_id, "run-2", RUN)
    assert not await waking.take_run(runtime, play.activity_id, "run-3", RUN)
    before = await play.snapshot()
    with pytest.raises(RunReplaced, match="another run does"):
        await carry_out.carry_out(runtime, play.activity_id, "request", RUN)
    with pytest.raises(RunReplaced):
        await advance.look_ahead(runtime, play.activity_id, RUN, ["request"])
    assert await play.snapshot() == before
    await carry_out.carry_out(runtime, play.activity_id, "request", "run-2")
    assert (await play.step("request")).state is StepState.DONE


async def test_two_workers_that_carry_out_the_same_step_at_once_ask_once(play: Play, runtime: Runtime) -> None:
    work = (carry_out.carry_out(runtime, play.activity_id, "request", RUN) for _ in range(3))
    await asyncio.gather(*work)
    assert [item.form for item in await play.invitations()] == ["date-poll"]


async def test_two_activities_that_ask_a_form_for_the_first_time_at_once(runtime: Runtime, cast: Cast) -> None:
    plays = [await Play.begin(runtime, cast) for _ in range(4)]
    work = (carry_out.carry_out(runtime, play.activity_id, "request", RUN) for play in plays)
    await asyncio.gather(*work)
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).where(FormVersion.key == "date-poll")) == 1
        assert await session.scalar(select(func.count()).where(Invitation.form == "date-poll")) == 4


async def test_a_step_that_was_done_but_not_shown_is_due_until_it_is_shown(play: Play, runtime: Runtime) -> None:
    await carry_out.carry_out(runtime, play.activity_id, "request", RUN)
    outlook = await advance.look_ahead(runtime, play.activity_id)
    assert [step.key for step in outlook.due] == ["request"]
    await advance.look_ahead(runtime, play.activity_id, RUN, ["request"])
    assert (await advance.look_ahead(runtime, play.activity_id)).due == ()


async def test_a_new_company_is_asked_for_its_profile_behind_the_same_link(runtime: Runtime, cast: Cast) -> None:
    host = {"given_name": "Wil", "family_name": "Zon", "mail": "wil@griendstroom.example", "company": "B5"}
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        company = await session.merge(cast.companies["B5"])
        company.tags = []
    play = await Play.begin(runtime, cast, company="B5", hosts=[host])
    await play.turn()
    assert [left.forms for left in play.mails] == [("company-profile", "date-poll")]


async def test_due_wakes_are_those_with_something_to_do(play: Play, runtime: Runtime) -> None:
    assert [wake.activity_id for wake in await waking.due_wakes(runtime)] == [play.activity_id]
    await play.turn()
    assert await waking.due_wakes(runtime) == []
    await play.answer("P3", "date-poll", turn=False, dates__date_1__answer="suits", dates__date_2__answer="suits")
    assert [wake.activity_id for wake in await waking.due_wakes(runtime)] == [play.activity_id]
    await play.turn()
    assert await waking.due_wakes(runtime) == []


async def test_a_run_takes_up_an_activity_that_has_none_and_no_other(play: Play, runtime: Runtime) -> None:
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        activity = await session.get_one(Activity, play.activity_id)
        activity.run_id, activity.run_number = None, 0
    outlook = await advance.take_up(runtime, play.activity_id, "run-2")
    assert [step.key for step in outlook.due] == ["request"]
    with pytest.raises(RunReplaced):
        await advance.take_up(runtime, play.activity_id, RUN)
    with pytest.raises(RunReplaced):
        await advance.look_ahead(runtime, play.activity_id, RUN, ["request"])
    taken = await waking.run_of(runtime, play.activity_id)
    assert (taken.run_id, taken.run_number) == ("run-2", 1)


@pytest.mark.chapter("with_date")
async def test_a_cancelled_activity_wakes_its_run_once_more_and_no_more(play: Play, runtime: Runtime) -> None:
    await steer.cancel(runtime, play.activity_id, "Storm", now=await play.now(), actor=play.coordinator)
    assert [wake.activity_id for wake in await waking.due_wakes(runtime)] == [play.activity_id]
    outlook = await advance.look_ahead(runtime, play.activity_id)
    assert (outlook.finished, outlook.due, outlook.wake_at) == (True, (), None)
    assert await waking.due_wakes(runtime) == []


async def test_on_hold_nothing_wakes(play: Play, runtime: Runtime) -> None:
    await steer.hold(runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)
    assert await waking.due_wakes(runtime) == []
    await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    assert [wake.activity_id for wake in await waking.due_wakes(runtime)] == [play.activity_id]
