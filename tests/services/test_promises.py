"""What a form promises after an answer happens: the coordinator is told."""

import pytest

from models.form import QuestionType
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rules.answer_values import options_of
from sandwich.runtime import Runtime
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
                    yes_or_no = one.type is QuestionType.YESNO
                    possible |= {True, False} if yes_or_no else {option.key for option in options_of(one)}
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
@pytest.mark.timeout(120)
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
