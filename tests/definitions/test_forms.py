"""The forms that come with Sandwich keep the common rules of the field."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from models.form import Audience, Form, Question, QuestionType, Visibility
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks

LIBRARY = Library.load()
FORMS = sorted(LIBRARY.forms.values(), key=lambda form: form.key)
MINUTES = {
    Audience.TEACHER: 6,
    Audience.HOST: 4,
    Audience.SCHOOL_LEADER: 4,
    Audience.COLLEAGUES: 1,
    Audience.ANYONE: 3,
}
MINUTES_OF_ITS_OWN = {"impressions": 8, "field-note": 2, "impact-check": 3, "attendance": 3}
SHOWN_ALWAYS = {"attendance": {"present"}, "date-poll": {"dates"}, "task-division": {"counter"}}
"""Needed under a condition and always there: a list, the dates that are asked for, a remark beside a yes."""
SAME_IN_BOTH = {
    "1–9", "10–49", "50–249", "Contact", "ICT", "Job Twinning", "Later", "Masterclass", "Online", "STO", "Sector",
    "Website", "mail", "school",
}  # fmt: skip
JE = re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.IGNORECASE)
U = re.compile(r"\b(u|uw)\b", re.IGNORECASE)


def texts(model: BaseModel) -> Iterator[Text]:
    """Yield every text in a model, however deep."""
    if isinstance(model, Text):
        yield model
        return
    for name in type(model).model_fields:
        value = getattr(model, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from texts(part)


def everything(form: Form) -> Iterator[Form]:
    """Yield the form in every variant, with lists and scales in it."""
    for variant in (None, *form.variants):
        yield LIBRARY.resolved(form, variant)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
class TestEveryForm:
    def test_promises_a_time_within_the_limit(self, form: Form) -> None:
        assert form.minutes <= MINUTES_OF_ITS_OWN.get(form.key, MINUTES[form.audience])

    def test_ends_with_the_private_remark(self, form: Form) -> None:
        last = form.questions[-1]
        assert (last.key, last.type, last.required, last.visibility) == (
            "remark", QuestionType.LONG, False, Visibility.PRIVATE,
        )  # fmt: skip
        assert (last.variants, last.except_variants) == ((), ())

    def test_tells_why_an_answer_is_needed(self, form: Form) -> None:
        needed = [q for q in form.questions if q.required or q.required_when]
        assert needed
        assert [question.key for question in needed if question.missing is None] == []
        for question in needed:
            for sentence in (question.missing.nl, question.missing.en) if question.missing else ():
                assert sentence.endswith(".")

    def test_hides_what_is_needed_only_now_and_then(self, form: Form) -> None:
        shown = {q.key for q in form.questions if q.required_when and q.shown_when is None}
        assert shown == SHOWN_ALWAYS.get(form.key, set())

    def test_says_everything_in_two_languages(self, form: Form) -> None:
        found = [text for resolved in everything(form) for text in texts(resolved)]
        assert len(found) > 5
        same = {text.nl for text in found if text.nl == text.en}
        assert same <= SAME_IN_BOTH

    def test_addresses_its_reader_rightly(self, form: Form) -> None:
        for text in (text for resolved in everything(form) for text in texts(resolved)):
            informal, formal = text.to(Language.DUTCH), text.to(Language.DUTCH, formal=True)
            if form.audience is not Audience.HOST:
                assert not U.search(informal), informal
            if form.audience in {Audience.HOST, Audience.ANYONE}:
                assert not JE.search(formal), formal

    def test_has_short_sentences(self, form: Form) -> None:
        for text in texts(form):
            for sentence in re.split(r"[.!?:]’? ", text.nl):
                assert len(sentence.split()) <= 24, sentence

    def test_survives_being_stored(self, form: Form) -> None:
        for resolved in everything(form):
            assert Form.model_validate_json(resolved.model_dump_json()) == resolved
            assert Form.model_validate_json(resolved.model_dump_json(exclude_defaults=True)) == resolved


def question(form: str, key: str) -> Question:
    return LIBRARY.form(form).question(key)


def test_practical_data_is_kept_thirty_days() -> None:
    kept = {(form.key, q.key): q.keep_days for form in FORMS for q in form.questions if q.keep_days is not None}
    assert kept == {
        ("goals", "needs"): 30,
        ("practical-information", "id_needed_note"): 30,
        ("practical-information", "phone_day"): 30,
    }


def test_words_go_out_only_where_the_person_said_so() -> None:
    released = {(form.key, q.key): q.released_by for form in FORMS for q in form.questions if q.released_by}
    assert released == {
        ("teacher-evaluation", "best"): "quote_ok",
        ("host-evaluation", "gain"): "quote_ok",
        ("host-evaluation", "learn"): "quote_ok",
        ("impact-check", "evidence"): "story",
        ("change", "why"): "tell_others",
    }


def test_consent_is_never_given_beforehand() -> None:
    defaults = {(form.key, q.key): q.default for form in FORMS for q in form.questions if q.default is not None}
    assert defaults == {
        ("goals", "name_ok"): False,
        ("change", "tell_others"): False,
        ("card-release", "photos"): False,
    }


def test_the_scales_are_those_of_the_field() -> None:
    assert {scale.code for scale in LIBRARY.scales.values()} == {
        "S-AGREE", "S-GOAL", "S-SAT", "S-CONF", "S-KNOW", "S-LIKELY",
    }  # fmt: skip
    assert [label.nl for label in LIBRARY.scale("knowledge").labels] == [
        "weet er niets van", "heb ervan gehoord", "weet de basis", "kan het toepassen",
        "kan het uitleggen aan leerlingen",
    ]  # fmt: skip
    assert [label.nl for label in LIBRARY.scale("goal").labels] == [
        "niet bereikt", "een beetje", "deels", "grotendeels", "helemaal bereikt",
    ]  # fmt: skip


def test_the_same_thing_is_measured_three_times() -> None:
    for key in ("conf_lesson", "conf_career"):
        scales = {question(form, key).scale for form in ("goals", "teacher-evaluation", "impact-check")}
        assert scales == {"confidence"}
    assert question("goals", "know_now").scale == "knowledge"
    assert {question(form, "know_after").scale for form in ("teacher-evaluation", "impact-check")} == {"knowledge"}


def test_plans_can_be_compared_with_intentions() -> None:
    intended = LIBRARY.options(question("goals", "intend"))
    planned = LIBRARY.options(question("teacher-evaluation", "plan_what"))
    assert [option for option in planned if option.key != "share-team"] == list(intended)


def test_the_menu_card_is_the_same_everywhere() -> None:
    assert question("company-profile", "offers").rows == LIBRARY.options(question("host-evaluation", "again_form"))


def test_the_proposals_of_the_playbooks_fit_the_task_division() -> None:
    tasks = question("task-division", "tasks")
    rows = {row.key for row in tasks.rows}
    who = {option.key for option in LIBRARY.options(tasks.columns[0])}
    proposals = [step.proposal for book in load_playbooks(LIBRARY).values() for step in book.steps if step.proposal]
    assert proposals
    for proposal in proposals:
        assert set(proposal) == rows
        assert set(proposal.values()) <= who


def test_variants_have_their_questions() -> None:
    hands_on = {q.key for q in LIBRARY.resolved("goals", "hands-on").questions}
    assert hands_on - {q.key for q in LIBRARY.resolved("goals").questions} == {"practical_hands"}
    mentor = {q.key for q in LIBRARY.resolved("host-evaluation", "mentor").questions}
    base = {q.key for q in LIBRARY.resolved("host-evaluation").questions}
    assert mentor - base == {"learn", "plan_kept", "fit_variant", "visit_school"}
