"""Reminders and calls: they stop with the answer, rest on hold, wait for the morning, and never pile up."""

import pytest

from models.roles import Role
from models.tables.asking import InvitationState, Via
from models.tables.mail import CallState
from models.tables.network import Person
from sandwich.errors import BadInput
from sandwich.rules.slots import SLOT
from sandwich.runtime import Runtime
from sandwich.services import remind, steer
from tests.support.cast import Cast
from tests.support.driver import Play, local, told

pytestmark = pytest.mark.asyncio


def reminders(play: Play, code: str) -> list[tuple[str, int | None]]:
    """Return when somebody was reminded, and which time it was."""
    return [(left.at, left.number) for left in play.mails if left.mail == "reminder" and left.to == code]


async def test_vector_5_a_silent_host_is_reminded_twice_and_then_phoned(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.to("2026-10-12 09:00")
    assert reminders(play, "P3") == [("Thu 01 Oct 08:00", 1), ("Wed 07 Oct 08:00", 2)]
    call = next(call for call in await play.calls() if call.what == "no-answer")
    assert (told(call.opened_at or call.due_at), call.person_id) == ("Fri 09 Oct 08:00", cast.id("P3"))
    assert "no-date" in await play.open_calls()
    invitation = await play.invitation("P3", "date-poll")
    assert (invitation.state, invitation.next_at) == (InvitationState.SENT, None)
    await steer.waive(runtime, invitation.id, "Koen heeft vrij", now=await play.now(), actor=play.coordinator)
    assert await play.open_calls() == ["no-date"]
    await steer.fix_date(runtime, play.activity_id, 0, now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert ("Mon 12 Oct 09:00", "invitation") in [(left.at, left.mail) for left in play.mails]


@pytest.mark.chapter("asked")
async def test_reminders_stop_at_once_when_the_answer_comes(play: Play) -> None:
    await play.to("2026-10-12 12:00")
    assert reminders(play, "T3")[0] == ("Mon 12 Oct 08:00", 1)
    await play.answer("T3", "goals")
    await play.answer("T3", "registration", attend="yes")
    assert (await play.invitation("T3", "goals")).next_at is None
    await play.to("2026-10-30 12:00")
    assert [at for at, _ in reminders(play, "T3") if not at.startswith("Mon 12 Oct")] == []
    assert reminders(play, "T5") == [("Mon 12 Oct 08:00", 1), ("Fri 16 Oct 08:00", 2)]


@pytest.mark.chapter("asked")
async def test_whoever_has_not_answered_the_invitation_is_reminded_of_nothing_else(play: Play, cast: Cast) -> None:
    await play.to("2026-10-13 12:00")
    assert (await play.invitation("T5", "goals")).next_at is None
    await play.answer("T5", "registration", attend="yes")
    await play.to("2026-11-02 12:00")
    of_goals = [(left.at, left.to) for left in play.mails if left.mail == "reminder" and "goals" in left.forms]
    assert of_goals == [("Fri 16 Oct 08:00", "T5")]
    called = {(call.step, call.person_id) for call in await play.calls() if call.what == "no-answer"}
    assert ("goals", cast.id("T5")) in called
    assert {person for step, person in called if step == "goals"} == {cast.id("T5")}
    assert ("invitation", cast.id("T6")) in called


@pytest.mark.chapter("turn")
async def test_an_answer_between_writing_and_sending_skips_the_reminder(play: Play, runtime: Runtime) -> None:
    await runtime.clock.set(local("2026-10-01 08:00"))
    assert await remind.handle_due(runtime) == 2  # the reminder, and the look whether there is a date
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="suits")
    assert reminders(play, "P3") == []


async def test_a_call_is_dropped_when_the_answer_comes_after_all(play: Play) -> None:
    await play.to("2026-10-09 09:00")
    assert "no-answer" in await play.open_calls()
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="suits")
    assert await play.open_calls() == []


@pytest.mark.chapter("turn")
async def test_after_an_outage_one_reminder_goes_and_the_call_waits_a_day(play: Play) -> None:
    await play.sleep_to("2026-10-20 12:00")
    assert "no-answer" not in await play.open_calls()
    await play.to("2026-10-21 08:00")
    assert reminders(play, "P3") == [("Wed 21 Oct 08:00", 1)]
    assert "no-answer" in await play.open_calls()


@pytest.mark.chapter("turn")
async def test_after_an_outage_until_the_weekend_reminders_wait_for_monday(play: Play) -> None:
    await play.sleep_to("2026-10-03 23:00")  # a Saturday night
    assert reminders(play, "P3") == []
    await play.to("2026-10-05 12:00")
    assert reminders(play, "P3") == [("Mon 05 Oct 08:00", 1)]


@pytest.mark.chapter("asked")
async def test_on_hold_nobody_is_reminded_and_then_it_goes_on(play: Play, runtime: Runtime) -> None:
    await steer.hold(runtime, play.activity_id, "Verbouwing", now=await play.now(), actor=play.coordinator)
    await play.to("2026-10-15 12:00")
    assert [left.mail for left in play.mails if left.at > "Thu 08 Oct 10:00" and left.mail == "reminder"] == []
    assert {to for _, to in play.sent("on-hold")} == {"T2", "T3", "T4", "T5", "T6", "T7", "T8", "T10"}
    with pytest.raises(BadInput, match="on hold already"):
        await steer.hold(runtime, play.activity_id, "Nog eens", now=await play.now(), actor=play.coordinator)
    await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    await play.to("2026-10-16 08:00")
    assert reminders(play, "T3")[0][0] == "Fri 16 Oct 08:00"
    with pytest.raises(BadInput, match="not on hold"):
        await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)


@pytest.mark.chapter("asked")
async def test_an_answer_during_a_hold_counts(play: Play, runtime: Runtime) -> None:
    await steer.hold(runtime, play.activity_id, "Verbouwing", now=await play.now(), actor=play.coordinator)
    await play.answer("T3", "goals")
    assert (await play.facts()).group_goal
    assert (await play.activity()).wake_at is None


@pytest.mark.chapter("asked")
async def test_who_is_asked_in_the_last_days_climbs_the_tight_ladder_with_a_fair_deadline(
    play: Play, runtime: Runtime
) -> None:
    await play.sleep_to("2026-10-27 09:00")
    await steer.add_person(runtime, play.activity_id, "T9", Role.TEACHER, now=await play.now(), actor=play.coordinator)
    await play.turn()
    goals = await play.invitation("T9", "goals")
    assert (goals.profile, told(goals.deadline_at or goals.asked_at)) == ("tight", "Thu 29 Oct 00:00")
    await play.to("2026-10-30 09:00")
    assert [at for at, _ in reminders(play, "T9")] == ["Wed 28 Oct 08:00", "Thu 29 Oct 08:00"]


@pytest.mark.chapter("afterwards")
async def test_a_call_about_two_forms_stays_while_one_is_missing(play: Play, cast: Cast) -> None:
    await play.to("2026-11-26 09:00")
    calls = [call for call in await play.calls() if call.what == "no-answer" and call.person_id == cast.id("P3")]
    both = [call for call in calls if call.step == "evaluation"]
    assert len(both) == 1
    first = await play.invitation("P3", "host-evaluation")
    second = await play.invitation("P3", "host-hours")
    answered, missing = (first, second) if both[0].invitation_id == first.id else (second, first)
    await play.answer("P3", answered.form, via=Via.PHONE, entered_by=play.coordinator)
    kept = [call for call in await play.calls() if call.id == both[0].id]
    assert [(call.state, call.invitation_id) for call in kept] == [(CallState.OPEN, missing.id)]
    await play.answer("P3", missing.form, via=Via.PHONE, entered_by=play.coordinator)
    assert both[0].id not in [call.id for call in await play.calls()]


async def test_one_activity_that_cannot_be_handled_holds_up_no_other(runtime: Runtime, cast: Cast) -> None:
    broken = await Play.begin(runtime, cast)
    await broken.turn()
    async with runtime.store.change(now=await runtime.clock.now(), actor="test", stream=broken.activity_id) as session:
        invitation = await session.merge(await broken.invitation("P3", "date-poll"))
        invitation.profile = "no-such-ladder"
    sound = await Play.begin(runtime, cast)
    await sound.carry()
    await runtime.clock.set(local("2026-10-01 08:00"))
    assert await remind.handle_due(runtime) == 2
    assert (await sound.invitation("P3", "date-poll")).rung == 1
    assert (await broken.invitation("P3", "date-poll")).rung == 0


@pytest.mark.chapter("asked")
async def test_the_watches_call_only_when_something_is_missing(play: Play, runtime: Runtime) -> None:
    await play.to("2026-10-16 09:00")
    dropped = {call.what for call in await play.calls(CallState.DROPPED)}
    opened = {call.what: told(call.opened_at or call.due_at) for call in await play.calls() if call.unless}
    assert dropped >= {"no-date"}
    assert opened == {"below-minimum": "Thu 15 Oct 08:00", "no-goal": "Fri 16 Oct 08:00"}
    await play.to("2026-10-29 09:00")
    assert "not-ready" in await play.open_calls()
    call = next(call for call in await play.calls() if call.what == "no-goal")
    await steer.finish_call(runtime, call.id, "Gebeld met Nadia", now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="done already"):
        await steer.finish_call(runtime, call.id, "Nog eens", now=await play.now(), actor=play.coordinator)
    kept = next(each for each in await play.calls(CallState.DONE) if each.id == call.id)
    assert (kept.note, kept.done_by_id) == ("Gebeld met Nadia", play.coordinator)


@pytest.mark.chapter("with_date")
async def test_who_wants_no_mail_gets_none_of_ours(play: Play, runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        (await session.get_one(Person, cast.id("T7"))).no_mail = True
    await play.sleep_to("2026-10-08 10:00")
    assert play.to_person("T7") == []
    assert (await play.invitation("T7", "goals")).asked_at - await play.now() < SLOT
