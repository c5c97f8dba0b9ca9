"""Whoever never says whether they come is a question for the coordinator once registration closes (field rule 46)."""

from typing import Any

import pytest

from models.roles import Role
from models.tables.activities import Standing
from models.tables.asking import OPEN, InvitationState, Via
from models.tables.mail import CallState
from sandwich.runtime import Runtime
from sandwich.services import steer
from tests.life.acting import lines
from tests.services.test_rounds import EVENING
from tests.services.test_silence import DRAFTS
from tests.support.cast import Cast
from tests.support.driver import Play, local
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

SILENT = ("T4", "T5", "T6", "T7", "T8", "T10")
CLOSED = "2026-10-12 09:00"
"""Registration was asked on 1 October, for 8 October; eleven days later the coordinator is called."""


async def closed(play: Play) -> None:
    """Two say yes, six never answer, until registration has closed."""
    await play.to("2026-10-01 11:00")
    await play.answer_all(("T2", "T3"), "registration", attend="yes")
    await play.to(CLOSED)


@pytest.mark.chapter("with_date")
async def test_until_registration_closes_everybody_who_was_invited_may_still_come(play: Play) -> None:
    await play.to("2026-10-09 12:00")
    assert {(await play.participation(code)).standing for code in SILENT} == {Standing.INVITED}
    await play.answer("T4", "registration", attend="yes")
    await play.to(CLOSED)
    assert (await play.participation("T4")).standing is Standing.REGISTERED


@pytest.mark.chapter("with_date")
async def test_then_who_never_answered_is_a_call_and_asked_nothing_more(play: Play) -> None:
    await closed(play)
    assert {(await play.participation(code)).standing for code in SILENT} == {Standing.UNANSWERED}
    for code in SILENT:
        states = {item.form: item.state for item in await play.invitations(code)}
        assert states.pop("registration") in OPEN, "a yes is still a yes"
        assert set(states.values()) <= {InvitationState.WITHDRAWN}
    assert sorted(what for what in await play.open_calls() if what == "no-answer") == ["no-answer"] * len(SILENT)
    said = (await lines(play))["no-answer"]
    assert said.reason.nl.startswith("Zei niet op tijd of er een plek nodig is")
    assert said.reason.en.endswith("until there is a yes.")
    assert said.action == "phone_in"
    before = {code: play.to_person(code) for code in SILENT}
    await play.answer_all(("L1", "L2"), "approval")
    await play.answer("T2", "goals")
    await play.answer("P3", "task-division", agree="agreed", hours_plan="10")
    await play.to("2026-10-28 12:00")
    await play.answer("P3", "practical-information")
    facts = await play.facts()
    assert facts.release_settled, "nobody waits for the release of who does not come"
    assert not facts.minimum_group
    await play.to("2026-11-05 17:00")
    await play.answer("T2", "attendance")
    await play.to("2026-11-27 12:00")
    assert {code: play.to_person(code) for code in SILENT} == before
    assert {to for mail in ("practical-info", "evaluation", "impressions") for _, to in play.sent(mail)} >= {"T2", "T3"}
    # Of the third school nobody comes, so its leader hears nothing of the day either.
    assert (await play.participation("L3")).standing is Standing.WITHDRAWN
    assert "L3" not in {to for _, to in play.sent("feedback-school-leader")}


@pytest.mark.chapter("with_date")
async def test_a_yes_on_the_phone_brings_somebody_back_with_everything_that_the_others_were_asked(play: Play) -> None:
    await closed(play)
    await play.answer("T6", "registration", via=Via.PHONE, entered_by=play.coordinator, attend="yes")
    await play.to("2026-10-13 12:00")
    assert (await play.participation("T6")).standing is Standing.REGISTERED
    assert (await play.invitation("T6", "goals")).state in OPEN
    assert (await play.participation("L3")).standing is Standing.INVITED, "the school takes part again"
    calls = [call for call in await play.calls() if call.what == "no-answer" and call.person_id == play.cast.id("T6")]
    assert calls == []


@pytest.mark.chapter("with_date")
async def test_the_coordinator_can_settle_it_without_an_answer(play: Play, runtime: Runtime) -> None:
    await closed(play)
    seat = await play.participation("T4")
    await steer.withdraw(runtime, seat.id, now=await play.now(), actor=play.coordinator)
    assert (await play.participation("T4")).standing is Standing.WITHDRAWN
    seat = await play.participation("T5")
    await steer.replace(runtime, seat.id, "T9", now=await play.now(), actor=play.coordinator)
    assert (await play.participation("T9")).standing is Standing.INVITED
    asked = await play.invitation("T8", "registration")
    await steer.waive(runtime, asked.id, "Ze doet mee", now=await play.now(), actor=play.coordinator)
    assert (await play.participation("T8")).standing is Standing.INVITED
    assert (await play.invitation("T8", "goals")).state in OPEN, "asked what the others were asked"
    about = {call.person_id for call in await play.calls(CallState.OPEN) if call.what == "no-answer"}
    assert about == {play.cast.id(code) for code in SILENT if code not in ("T4", "T5", "T8")}


@pytest.mark.chapter("with_date")
async def test_who_led_the_trip_and_never_answered_leads_it_no_more(play: Play) -> None:
    await play.to("2026-10-01 11:00")
    await play.answer("T3", "registration", attend="yes")
    await play.to(CLOSED)
    assert (await play.participation("T2", Role.TRIP_LEADER)).standing is Standing.UNANSWERED
    assert "no-trip-leader" in await play.open_calls()


@pytest.mark.chapter("with_date")
async def test_another_date_is_another_chance_to_say_yes(play: Play, runtime: Runtime) -> None:
    await closed(play)
    span = (local("2026-12-03 13:30"), local("2026-12-03 16:30"))
    await steer.move(runtime, play.activity_id, [span], "Storm", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert {to for _, to in play.sent("moved")} >= {"T2", *SILENT}
    assert {(await play.participation(code)).standing for code in SILENT} == {Standing.INVITED}
    assert (await play.participation("L3")).standing is Standing.INVITED, "their school is back with them"
    await play.answer("T4", "registration", attend="yes")
    assert (await play.invitation("T4", "goals")).state in OPEN
    await play.to("2026-11-06 12:00")
    assert (await play.participation("T4")).standing is Standing.REGISTERED
    assert (await play.participation("T5")).standing is Standing.UNANSWERED


async def test_an_evening_reaches_who_was_invited_until_registration_closes(runtime: Runtime, cast: Cast) -> None:
    """Professionals hear a month before that they still can; three weeks before it is too late to be counted on."""
    play = await Play.begin(runtime, cast, words=True, **EVENING)
    await Living(play, silent=("registration",)).to("2027-01-12 12:00")
    assert (await play.participation("P5")).standing is Standing.INVITED
    assert "P5" in {to for _, to in play.sent("tell")}
    await Living(play, silent=("registration",)).to("2027-01-15 12:00")
    assert (await play.participation("P5")).standing is Standing.UNANSWERED
    await Living(play, silent=("registration",)).to("2027-02-20 12:00")
    assert [mail for _, mail in play.to_person("P5")] == ["ask", "reminder", "reminder", "tell"]


async def test_who_would_know_later_is_a_call_when_registration_closes(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast, **EVENING)
    living = Living(play, silent=("speeddate-preferences",))
    await living.to("2027-01-08 12:00")
    for code in ("T1", "T2", "T3"):
        await play.answer(code, "speeddate-preferences", attend="later" if code == "T3" else "coming")
    await living.to("2027-01-13 12:00")
    assert (await play.participation("T3")).standing is Standing.INVITED
    assert [mail for _, mail in play.to_person("T3")] == ["ask"], "nobody who will know later is reminded"
    await living.to("2027-01-14 12:00")
    assert (await play.participation("T3")).standing is Standing.UNANSWERED
    about = [call.person_id for call in await play.calls() if call.what == "no-answer"]
    assert cast.id("T3") in about
    await play.answer("T3", "speeddate-preferences", attend="coming")
    assert (await play.participation("T3")).standing is Standing.REGISTERED


@pytest.mark.parametrize("how", ["waived", "answered"])
async def test_a_team_goes_on_without_the_word_of_who_need_not_give_it(runtime: Runtime, cast: Cast, how: str) -> None:
    """All members must agree with the plan; one who never does holds up the team until the coordinator decides."""
    draft: dict[str, Any] = {**DRAFTS["teacher-design-team"], "kind": "teacher-design-team"}
    play = await Play.begin(runtime, cast, **draft)
    await Living(play, silent=("plan-consent",)).to("2027-01-25 12:00")
    for code in ("T1", "T4"):
        await play.answer(code, "plan-consent", agree="agreed")
    assert not (await play.facts()).own["plan_agreed"]
    if how == "waived":
        asked = await play.invitation("T7", "plan-consent")
        await steer.waive(runtime, asked.id, "Is akkoord, zei hij", now=await play.now(), actor=play.coordinator)
    else:
        await play.answer("T7", "plan-consent", agree="agreed")
    assert (await play.facts()).own["plan_agreed"]
    assert (await play.facts()).gate_before
