"""The forms that come with Sandwich keep the common rules of the field."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from models.form import Audience, Form, Question, QuestionType, Visibility
from models.text import Language, Text
from sandwich.definitions.library import Library, digest
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rules.conditions import open_questions

LIBRARY = Library.load()
FORMS = sorted(LIBRARY.forms.values(), key=lambda form: form.key)
MINUTES = {
    Audience.TEACHER: 6,
    Audience.HOST: 4,
    Audience.SCHOOL_LEADER: 4,
    Audience.COLLEAGUES: 1,
    Audience.ANYONE: 3,
}
MINUTES_OF_ITS_OWN = {
    "impressions": 8, "field-note": 2, "impact-check": 3, "attendance": 3, "day-log": 3, "session-log": 3,
    "round-card": 1, "twinning-intake": 4, "material-review": 4, "pair-plan": 5,
}  # fmt: skip
"""Notes of the day are shorter than other forms; what a pair fills in together, at their first talk, may be longer."""
SHOWN_ALWAYS = {"attendance": {"present"}, "date-poll": {"dates"}, "task-division": {"counter"}}
"""Needed under a condition and always there: a list, the dates that are asked for, a remark beside a yes."""
SAME_IN_BOTH = {
    "1–9", "10–49", "50–249", "Contact", "ICT", "Job Twinning", "Later", "Lunch", "Masterclass", "Online", "STO",
    "Sector", "Tester", "Tips", "Website", "mail", "school",
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
        for cut in everything(form):
            assert cut.minutes <= MINUTES_OF_ITS_OWN.get(form.key, MINUTES[cut.audience])

    def test_ends_with_the_private_remark(self, form: Form) -> None:
        last = form.questions[-1]
        assert (last.key, last.type, last.required, last.visibility) == (
            "remark", QuestionType.LONG, False, Visibility.PRIVATE,
        )  # fmt: skip
        assert (last.variants, last.except_variants) == ((), ())

    def test_tells_why_an_answer_is_needed(self, form: Form) -> None:
        for cut in everything(form):
            needed = [q for q in cut.questions if q.required or q.required_when]
            assert needed
            assert [question.key for question in needed if question.missing is None] == []
            for question in needed:
                for sentence in (question.missing.nl, question.missing.en) if question.missing else ():
                    assert sentence.endswith(".")

    def test_every_variant_asks_something_else(self, form: Form) -> None:
        cuts = [digest(cut) for cut in everything(form)]
        assert len(cuts) == len(set(cuts))

    def test_hides_what_is_needed_only_now_and_then(self, form: Form) -> None:
        shown = {q.key for q in form.questions if q.required_when and q.shown_when is None}
        assert shown == SHOWN_ALWAYS.get(form.key, set())

    def test_says_everything_in_two_languages(self, form: Form) -> None:
        found = [text for resolved in everything(form) for text in texts(resolved)]
        assert len(found) > 4
        same = {text.nl for text in found if text.nl == text.en}
        assert same <= SAME_IN_BOTH

    def test_addresses_its_reader_rightly(self, form: Form) -> None:
        for cut, text in ((one, text) for one in everything(form) for text in texts(one)):
            informal, formal = text.to(Language.DUTCH), text.to(Language.DUTCH, formal=True)
            if cut.audience is not Audience.HOST:
                assert not U.search(informal), informal
            if cut.audience in {Audience.HOST, Audience.ANYONE}:
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
        ("practical-information", "online_link"): 30,
        ("professional-profile", "needs"): 30,
    }


def test_words_go_out_only_where_the_person_said_so() -> None:
    released = {(form.key, q.key): q.released_by for form in FORMS for q in form.questions if q.released_by}
    assert released == {
        ("teacher-evaluation", "best"): "quote_ok",
        ("host-evaluation", "gain"): "quote_ok",
        ("host-evaluation", "learn"): "quote_ok",
        ("impact-check", "evidence"): "story",
        ("change", "why"): "tell_others",
        ("impact-check", "pair_story"): "story",
        ("day-log", "question"): "question_share",
        **{
            ("twinning-intake", key): "share_profile"
            for key in (
                "role_now",
                "topics_give",
                "topics_give_note",
                "topics_get",
                "topics_get_note",
                "goal",
                "forms",
            )
        },
    }


def test_consent_is_never_given_beforehand() -> None:
    defaults = {(form.key, q.key): q.default for form in FORMS for q in form.questions if isinstance(q.default, bool)}
    assert defaults == {
        ("round-card", "noshow"): False,
        ("day-log", "question_share"): False,
        ("goals", "name_ok"): False,
        ("change", "tell_others"): False,
        ("card-release", "photos"): False,
    }


def test_the_scales_are_those_of_the_field() -> None:
    assert {scale.code for scale in LIBRARY.scales.values()} == {
        "S-AGREE", "S-GOAL", "S-SAT", "S-CONF", "S-KNOW", "S-LIKELY", "S-SEEN",
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
    steps = [step for book in load_playbooks(LIBRARY).values() for step in book.steps if step.proposal]
    assert steps
    for step in steps:
        for ask in step.asks:
            tasks = LIBRARY.resolved(ask.form, ask.variant).question("tasks")
            assert set(step.proposal) <= {row.key for row in tasks.rows}
            assert set(step.proposal.values()) <= {option.key for option in LIBRARY.options(tasks.columns[0])}


def asked(form: str, variant: str | None = None) -> set[str]:
    return {question.key for question in LIBRARY.resolved(form, variant).questions}


@pytest.mark.parametrize(
    ("form", "variant", "more"),
    [
        ("goals", "hands-on", "previous_knowledge practical_hands"),
        ("goals", "individual", "internship_kind company_wish practical_hands"),
        ("goals", "design-team", "team_need team_bring"),
        (
            "task-division",
            "hands-on",
            "stations group_split materials_needed safety_briefing protective_sizes insurance",
        ),
        ("task-division", "individual", "insurance"),
        ("practical-information", "school", "observed_agree"),
        ("practical-information", "online", "online_link"),
        ("field-note", "station", "station practised"),
        ("field-note", "pulse", "tempo question_next"),
        ("teacher-evaluation", "hands-on", "do_self tempo"),
        ("teacher-evaluation", "twin", "match balance continue"),
        ("teacher-evaluation", "design-team", "ownership shared_leadership use_self"),
        ("host-evaluation", "mentor", "learn plan_kept fit_variant visit_school"),
        ("host-evaluation", "twin", "match balance continue"),
        ("impact-check", "twin", "pair_alive pair_result pair_story"),
        ("impact-check", "school", "idea_adopted together"),
        ("impact-check", "design-team", "use_count used_by adapted"),
        ("approval", "employer", "employer_ok limits"),
        ("date-poll", "hands-on", "topic level"),
        ("attendance", "school", "oral_feedback"),
    ],
)
def test_variants_have_their_questions(form: str, variant: str, more: str) -> None:
    assert asked(form, variant) - asked(form) == set(more.split())


@pytest.mark.parametrize(
    ("form", "variant", "only"),
    [
        ("goals", "short", "goal_1 know_now conf_career"),
        ("task-division", "event", "tasks agree counter"),
        ("field-note", "pulse", "tempo question_next"),
        ("teacher-evaluation", "short", "goal_result good_use overall best quote_ok plan_what hours_teacher"),
        ("meeting-log", "mid", "goal_ok match_ok help stop"),
        ("round-card", "last-page", "talks"),
        ("viewing-framework", "setup", "items division"),
        ("visit-feedback", "host", "shared_ok shared_change"),
        ("internship-plan", "intake", "internship_kind background intake_done intake_date"),
        ("internship-plan", "intake-mentor", "intake_done intake_date"),
        (
            "internship-plan",
            "mentor",
            "period work talk guidance guidance_hours rules rules_note network company_goal agree counter",
        ),
        ("internship-plan", "school-leader", "agree counter"),
        ("day-log", "mid", "mid_on_course mid_change"),
        ("day-log", "closing", "closing_done"),
        ("guest-lesson", "after", "result pupils again"),
        ("guest-lesson", "after-host", "result again host_hours"),
    ],
)
def test_short_variants_ask_little(form: str, variant: str, only: str) -> None:
    assert asked(form, variant) == {*only.split(), "remark"}


def test_each_of_a_pair_is_asked_for_the_own_goal_only() -> None:
    assert asked("pair-plan") - asked("pair-plan", "professional") == {"goal_teacher"}
    assert asked("pair-plan", "professional") - asked("pair-plan") == {"goal_prof"}


def test_the_kind_of_internship_decides_what_its_plan_asks() -> None:
    form = LIBRARY.resolved("internship-plan")
    conditional = {"inquiry", "prior_level", "pathway"}
    for kind, more in (
        ("exploratory", set()),
        ("investigating", {"inquiry"}),
        ("deepening", {"prior_level"}),
        ("mbo-colleague", {"pathway"}),
    ):
        open_ones = {q.key for q in open_questions(form, {"internship_kind": kind})}
        assert open_ones & conditional == more


def test_what_only_the_coordinator_may_know_goes_to_nobody_else() -> None:
    for form, keys in {
        "twinning-intake": "avoid employer_ok days travel number",
        "meeting-log": "goal_ok match_ok help stop",
        "speeddate-preferences": "sectors prefs avoid",
        "day-log": "mid_on_course mid_change",
        "professional-profile": "needs photo_self",
    }.items():
        assert {question(form, key).visibility for key in keys.split()} == {Visibility.PRIVATE}, form
    assert {question("round-card", key).visibility for key in ("more", "what", "talks")} == {Visibility.MUTUAL}
