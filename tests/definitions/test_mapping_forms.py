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
# F05 placement is ◐ in the field, for visits and internships: the form without a variant is the one of the visit.
# F10 goal_prof is ● in the field, where each owns the own field: only the professional is asked to write it.
# F12: everything below attend is ● in the field; here it is asked of who comes, so "if asked".
# F14 more is ● in the field; here it is not asked where the talk did not take place.
# F16 special is ◐ in the field, where the school asked something: a table without rows is not asked.
# F17 shared_ok is ● in the field, for the receiving school: it stands in the variant of that school.
# F22 D (guidance, rules, company_goal) is ● in the field, for the mentor: it stands in the variant of the mentor.
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
    "hours_teacher ●|next_wish ○|ownership ◐|shared leadership ◐|use_self ◐|match ◐|balance ◐|continue ◐|do_self ◐|"
    "tempo ◐",
    "F06": "overall ●|goal_clear ●|tasks_clear ●|prep_teachers ●|own_goal ●|explain ●|gain ○|better ○|effort ●|again ●|"
    "again_form ◐|feedback_want ●|quote_ok ●|learn ○|plan_kept ◐|fit_variant ◐|visit_school ○",
    "F07": "headline ●|insight_1..3 ●○○|use_lesson ●|lob ○|materials ○|photo ○|contact_share ●|scope ●|host_check ●|"
    "meeting ○",
    "F08": "done ●|evidence ◐|pupils ○|colleagues ○|change_lesson ●|know_after, conf_lesson, conf_career ●●●|contact ●|"
    "blocked ○|next ○|story ●|bestaat het koppel nog ◐|welk idee is ingevoerd ◐|"
    "hoe vaak gebruikt / door wie / aangepast ◐◐◐",
    "F09": "role_now ●|topics_give ●|topics_get ●|goal ●|forms ●|days ●|travel ●|number ●|avoid ○|employer_ok ●|"
    "language ○|share_profile ●",
    "F10": "goal_teacher / goal_prof ●◐|success ●|meetings ●|tasks ●|agreements ●|stop_rule ●",
    "F11": "date / duration ●●|where ●|form ●|learned ●|next_date ○|goal_ok ◐|match_ok ◐|help ○|stop ◐",
    "F12": "attend ●|goal_1 ◐|sectors ◐|prefs ◐|avoid ○|follow_interest ○|leave_at ○|know_now, conf_career ◐◐",
    "F13": "function ●|path ●|day ●|motive ●|bring ○|topics ●|rounds ●|learn ○|needs ○|photo_self ●",
    "F14": "line ○|more ◐|what ◐|noshow ○|last page ◐",
    "F15": "question_1..3 ●○○|why ○|where ●|sources ○|want ●|rules ●",
    "F16": "what ●|group ●|my_question ●|see ●|why_it ○|core ●|special ●|take_home ●|top / tip / question ●○○|"
    "talked ●|setup ○",
    "F17": "answer ●|evidence ●|tops ●|tips ●|own_idea ●|next ●|shared_ok ◐|no_names ●",
    "F18": "need ●|product ●|target ●|goals_pupil ●|exam_link ○|hours ●|roles ●|company_role ○|planning ●|test_class ●|"
    "licence ●|evidence ●",
    "F19": "reviewer_role ●|criteria ●|best ●|improve ●|detail ○|file ○|ready ●|name_ok ●",
    "F20": "date ●|class ●|minutes ●|went ●|stuck ●|goal_pupil ●|pupil_voice ○|change ●|again ●|file ○",
    "F21": "useful ●|use ●|wish ○",
    "F22": "A variant ●|A background ●|A intake_done ●|B question ●|B goals ●|B inquiry ◐|B product ●|B pathway ◐|"
    "C period ●|C work ●|C talk ●|D guidance ◐|D rules ◐|D network ○|D company_goal ◐|agree_* ●",
    "F23": "did ●|learned ●|goal_today ●|lesson ○|met ○|hours ●|question ○|photo ○|mid_on_course ◐|mid_change ◐",
    "F24": "decision ●|hours_ok ●|cover ●|travel ○|why_no ◐|team_slot ○|employer_ok ◐",
    "F25": "dates ◐|other ○|not_possible ○|ask_again ○|other_person ○",
    "F26": "hours_prep ●|hours_day ●|hours_after ○|material ○|rate ○|confirm ●|name_function ●|on_behalf ●",
    "F27": "what ●|why ○|replacement ◐|help ○|tell_others ●",
    "F28": "name ●|sector ●|techniques ○|size ○|contacts ●|mail_shared ●|offers ●|gain ○|recognised ○|sto_signed ○|"
    "via ○|limits ○|update_ok ●",
    "F29": "aim ●|question_pro ●|class ●|prior ●|minutes ●|role_teacher ●|facilities ○|assignment ○|vog ●|photo ●|"
    "result ◐|pupils ○|again ◐|host_hours ◐",
    "F30": "kind ●|about ○|text ○|reply ●",
    "F31": "work ●|why ○|subject ●|hours_week ●|period ●|employer_ok ●|trial ●|contact_ok ●",
    "F32": "present ◐|extra ○|incident ○|end_time ○",
    "F33": "session_no ●|present ●|done ●|decisions ○|todo ●|on_track ●|file ○",
}
COUNTS = {
    "F01": 14, "F02": 13, "F03": 10, "F04": 9, "F05": 27, "F06": 17, "F07": 10, "F08": 13, "F09": 12, "F10": 6,
    "F11": 9, "F12": 8, "F13": 10, "F14": 5, "F15": 6, "F16": 11, "F17": 8, "F18": 12, "F19": 8, "F20": 10, "F21": 3,
    "F22": 16, "F23": 10, "F24": 7, "F25": 5, "F26": 8, "F27": 5, "F28": 13, "F29": 14, "F30": 4, "F31": 8, "F32": 4,
    "F33": 7,
}  # fmt: skip
# What the field asks in the timelines of its kinds and not in the tables of its forms: no mark of its own.
TIMELINE = {
    "F01": "previous knowledge|company or 'zoek mee'|needs part",
    "F02": "programme and stations",
    "F03": "observed teachers agree|link",
    "F04": "station|practised|pulse",
    "F06": "F06-twin",
    "F08": "samen verder|matches",
    "F10": "both accept",
    "F18": "accepted by all members",
    "F22": "prior level|counter-proposal",
    "F23": "gesprek gehad",
    "F24": "limits",
    "F25": "topic and practice level",
    "F29": "task division",
    "F32": "oral feedback",
}
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
        if re.match(r"\| F\d\d \|.*\| `forms/", line):
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
        return "in " + " / ".join(f"`{variant}`" for variant in question.variants)
    return "if asked" if question.shown_when else "yes"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load()


def test_every_question_of_the_field_has_its_row() -> None:
    expected = [
        (code, name)
        for code, questions in FIELD.items()
        for name in [
            *(question.rsplit(" ", 1)[0] for question in questions.split("|")),
            *(name for name in TIMELINE.get(code, "").split("|") if name),
            REMARK,
        ]
    ]
    assert [(row.code, row.name) for row in table()] == expected


def test_counts_per_form_are_those_of_the_field() -> None:
    rows = table()
    further = {code: {REMARK, *TIMELINE.get(code, "").split("|")} for code in COUNTS}
    counts = {code: sum(row.code == code and row.name not in further[code] for row in rows) for code in COUNTS}
    assert counts == COUNTS
    assert list(COUNTS) == [f"F{number:02}" for number in range(1, 34)]


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
    assert {form.code for form in library.forms.values()} == {*FIELD, *(f"R0{number}" for number in range(1, 8))}


def test_what_the_field_requires_is_required_here() -> None:
    marks = {
        (code, question.rsplit(" ", 1)[0]): question.rsplit(" ", 1)[1]
        for code, questions in FIELD.items()
        for question in questions.split("|")
    }
    for row in table():
        if row.name in TIMELINE.get(row.code, "").split("|"):
            continue
        for mark, required in zip(marks.get((row.code, row.name), "○"), row.required, strict=False):
            words = {"●": required == "yes", "○": required == "no", "◐": required.startswith(("if ", "in "))}
            assert words[mark], row


def test_every_variant_has_its_row(library: Library) -> None:
    found = re.findall(
        r"^\| (F\d\d) \| `([^`]+)` `([^`]+)` \| (\w+) \| ([\d.]+) \| \S.*\|$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    cuts = [
        (form.code, form.key, variant, library.resolved(form, variant))
        for form in sorted(library.forms.values(), key=lambda form: form.code)
        for variant in form.variants
    ]
    assert found == [(code, key, variant, str(cut.audience), f"{cut.minutes:g}") for code, key, variant, cut in cuts]
