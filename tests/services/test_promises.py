"""What a form promises after an answer happens: the coordinator is told."""

import pytest

from models.form import QuestionType
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rules.answer_values import options_of
from sandwich.runtime import Runtime
from sandwich.services.call_lines import call_lines
from sandwich.services.call_words import WORDS
from sandwich.services.consequences.promises import PROMISED
from tests.services.test_silence import DRAFTS
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

LIBRARY = Library.load()


@pytest.mark.parametrize("question", PROMISED)
def test_a_promise_is_about_an_answer_that_can_be_given_and_has_words(question: str) -> None:
    possible: set[object] = set()
    for form in LIBRARY.forms.values():
        for variant in (None, *form.variants):
            for one in LIBRARY.resolved(form, variant).questions:
                if one.key == question:
                    by_type = {QuestionType.YESNO: {True, False}, QuestionType.SCALE5: {1, 2, 3, 4, 5}}
                    possible |= by_type.get(one.type) or {option.key for option in options_of(one)}
    assert PROMISED[question].keys() <= possible
    assert set(PROMISED[question].values()) <= WORDS.keys()


def test_every_fact_that_a_playbook_adds_is_asked_for() -> None:
    for book in load_playbooks(LIBRARY).values():
        gates = (book.gates.before, book.gates.during, book.gates.after)
        named = {fact for gate in gates for fact in (*gate.hard, *gate.soft)}
        named |= {fact for variant in book.variants for fact in variant.hard}
        for step in book.steps:
            named |= {*step.needs, *step.as_soon_as, step.unless or ""}
            named |= {ask.when or "" for ask in step.asks} | {watch.unless for watch in step.watches}
        assert {fact.key for fact in book.facts} <= named, book.key


@pytest.mark.asyncio
async def test_off_course_halfway_an_internship_reaches_the_coordinator_the_same_day(
    runtime: Runtime, cast: Cast
) -> None:
    draft = {**DRAFTS["teacher-internship"], "kind": "teacher-internship", "place": "Spantlaan 12"}
    play = await Play.begin(runtime, cast, **draft)
    says = {"internship-plan": {"variant": "exploratory"}, "day-log mid": {"mid_on_course": "off-course"}}
    await Living(play, says).to("2027-01-22 20:00")
    calls = [call for call in await play.calls() if call.what == "off-course"]
    assert {call.person_id for call in calls} == {cast.id("T2"), cast.id("P1")}
    assert {call.due_at.date().isoformat() for call in calls} == {"2027-01-22"}


@pytest.mark.asyncio
@pytest.mark.parametrize(("mark", "is_called"), [("2", True), ("3", False)])
async def test_a_team_behind_schedule_is_helped_by_its_coach(
    runtime: Runtime, cast: Cast, mark: str, is_called: bool
) -> None:
    play = await Play.begin(runtime, cast, **{**DRAFTS["teacher-design-team"], "kind": "teacher-design-team"})
    await Living(play, {"session-log": {"on_track": mark}}).to("2027-02-19 12:00")
    assert [item.form for item in await play.invitations()].count("session-log") == 1
    async with runtime.store.read() as session:
        calls = [call for call in await play.calls() if call.what == "off-schedule"]
        lines = await call_lines(session, runtime.settings, await play.loaded(), calls, await play.now())
    shown = [(line.what, [one.name for one in line.people]) for line in lines if line.what == "off-schedule"]
    assert shown == ([("off-schedule", [f"{cast.name('D1')}, coach"])] if is_called else [])


@pytest.mark.asyncio
async def test_schools_that_want_to_go_on_together_are_helped_on(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast, **{**DRAFTS["school-visit"], "kind": "school-visit"})
    says = {
        "visit-question": {"question_1": "Hoe blijven zij aan het werk?"},
        "viewing-framework": {"my_question": "question_1"},
        "impact-check school": {"together": "later"},
        "impact-check school-host": {"together": "design-team"},
    }
    await Living(play, says).to("2027-03-20 12:00")
    calls = [call for call in await play.calls() if call.what == "follow-up"]
    assert [call.person_id for call in calls] == [cast.id("L3")]
