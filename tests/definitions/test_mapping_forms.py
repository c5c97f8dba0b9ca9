"""``docs/mapping-forms.md`` names every question of the field's forms, and where it stands here."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from models.form import Question
from sandwich.definitions.library import Library

PAGE = Path(__file__).parents[2] / "docs" / "mapping-forms.md"

# The field's forms as they were specified, written down by hand: the name of each question with its mark,
# ● required, ○ optional, ◐ required under a condition. Two names in one row have two marks.
# F05 placement is ◐ in the field, for visits and internships: the form as it stands is the one of the visit.
# F25 dates is ● in the field; here a host who says no with a reason need not go through the dates.
# F32 present is ● in the field; here it is one tick when everybody is there.
FIELD = {
    "F01": "purpose ●|goal_1 ●|goal_2 / goal_3 ○○|goal_why ○|goal_link ●|questions_host ●|name_ok ●|know_now ●|"
    "conf_lesson ●|conf_career ●|intend ●|practical_hands ◐|needs ○|photo_self ●",
    "F02": "tasks ●|contact_day ●|guides ○|hours_plan ●|max_group ●|host_goal ●|confidential ●|safety ●|insurance ◐|"
    "photo_site ●|agree ●|counter ◐|valid_note ●",
    "F03": "address ●|arrive / end ●●|parking ○|id_needed ●|clothing ●|programme ●|lunch ○|phone_day ●|plan_b ●|"
    "ready ●",
    "F04": "saw ●|technique ○|occupation ○|skill ○|lesson_link ●|colleague_link ○|question_open ○|photo ○|"
    "spoken_word ○",
    "F05": "goal_result ●|goal_why_not ◐|know_after ●|conf_lesson, conf_career ●●|good_use ●|prep_ok ●|exec_ok ●|"
    "host_ok ●|tasks_ok ●|insp ●|overall ●|best / better ●○|quote_ok ●|plan_what ●|plan_when ◐|placement ●|again ●|"
    "hours_teacher ●|next_wish ○",
    "F06": "overall ●|goal_clear ●|tasks_clear ●|prep_teachers ●|own_goal ●|explain ●|gain ○|better ○|effort ●|again ●|"
    "again_form ◐|feedback_want ●|quote_ok ●|learn ○|plan_kept ◐|fit_variant ◐|visit_school ○",
    "F07": "headline ●|insight_1..3 ●○○|use_lesson ●|lob ○|materials ○|photo ○|contact_share ●|scope ●|host_check ●|"
    "meeting ○",
    "F08": "done ●|evidence ◐|pupils ○|colleagues ○|change_lesson ●|know_after, conf_lesson, conf_career ●●●|contact ●|"
    "blocked ○|next ○|story ●",
    "F21": "useful ●|use ●|wish ○",
    "F24": "decision ●|hours_ok ●|cover ●|travel ○|why_no ◐|team_slot ○|employer_ok ◐",
    "F25": "dates ◐|other ○|not_possible ○|ask_again ○|other_person ○",
    "F26": "hours_prep ●|hours_day ●|hours_after ○|material ○|rate ○|confirm ●|name_function ●|on_behalf ●",
    "F27": "what ●|why ○|replacement ◐|help ○|tell_others ●",
    "F28": "name ●|sector ●|techniques ○|size ○|contacts ●|mail_shared ●|offers ●|gain ○|recognised ○|sto_signed ○|"
    "via ○|limits ○|update_ok ●",
    "F30": "kind ●|about ○|text ○|reply ●",
    "F32": "present ◐|extra ○|incident ○|end_time ○",
}
COUNTS = {
    "F01": 14, "F02": 13, "F03": 10, "F04": 9, "F05": 19, "F06": 17, "F07": 10, "F08": 10, "F21": 3, "F24": 7,
    "F25": 5, "F26": 8, "F27": 5, "F28": 13, "F30": 4, "F32": 4,
}  # fmt: skip
REMARK = "remark"  # closes every form, by the field's common rules


class Row(NamedTuple):
    code: str
    name: str
    file: str
    keys: list[str]
    types: list[str]
    required: list[str]


def table() -> list[Row]:
    rows = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| F\d\d \|", line):
            code, name, file, keys, types, required = (cell.strip() for cell in line.strip("|").split("|"))
            rows.append(
                Row(
                    code, name, file.strip("`"), re.findall(r"`([^`]+)`", keys), types.split(", "), required.split(", ")
                )
            )
    return rows


def required_in_words(question: Question) -> str:
    if question.required_when:
        return f"if `{question.required_when.question}`"
    if not question.required:
        return "no"
    if question.variants:
        return f"in `{question.variants[0]}`"
    return "if asked" if question.shown_when else "yes"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load()


def test_every_question_of_the_field_has_its_row() -> None:
    expected = [
        (code, name)
        for code, questions in FIELD.items()
        for name in [*(question.rsplit(" ", 1)[0] for question in questions.split("|")), REMARK]
    ]
    assert [(row.code, row.name) for row in table()] == expected


def test_counts_per_form_are_those_of_the_field() -> None:
    rows = table()
    counts = {code: sum(row.code == code and row.name != REMARK for row in rows) for code in COUNTS}
    assert counts == COUNTS


def test_every_row_names_questions_that_exist_as_it_says(library: Library) -> None:
    for row in table():
        path = Path(row.file)
        assert (PAGE.parents[1] / path).is_file()
        form = library.form(path.stem)
        questions = [form.question(key) for key in row.keys]
        assert form.code == row.code
        assert [str(question.type) for question in questions] == row.types, row
        assert [required_in_words(question) for question in questions] == row.required, row


def test_every_question_of_these_forms_has_exactly_one_row(library: Library) -> None:
    listed: dict[str, list[str]] = {}
    for row in table():
        listed.setdefault(row.code, []).extend(row.keys)
    for form in library.forms.values():
        if form.code in FIELD:
            assert sorted(listed[form.code]) == sorted(question.key for question in form.questions), form.key
    assert {form.code for form in library.forms.values()} == {*FIELD, "R01", "R02"}


def test_what_the_field_requires_is_required_here() -> None:
    marks = {
        (code, question.rsplit(" ", 1)[0]): question.rsplit(" ", 1)[1]
        for code, questions in FIELD.items()
        for question in questions.split("|")
    }
    for row in table():
        for mark, required in zip(marks.get((row.code, row.name), "○"), row.required, strict=False):
            words = {"●": required == "yes", "○": required == "no", "◐": required.startswith(("if ", "in "))}
            assert words[mark], row
