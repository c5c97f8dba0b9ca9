"""Every form of the library as HTML: each question labelled, each word escaped, each typed value shown again."""

import pytest

from models.choices import Option
from models.form import Form, QuestionType
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.rules.form_fields import as_fields, field_names
from sandwich.settings import read_settings
from sandwich.web.pages import Pages
from sandwich.web.participant.conditions import only_if
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.questions import QuestionView, question_views, summary
from tests.web.reading import Page, read

HOSTILE = "</textarea><script>alert('1')</script>\" onfocus=\"x & é 👩‍🏫 {{ 7*7 }}"
PAGES = Pages(read_settings({}, environment="development"))
READERS = [Reader(Language.DUTCH, False), Reader(Language.DUTCH, True), Reader(Language.ENGLISH, False)]


def drawn(views: list[QuestionView], reader: Reader) -> Page:
    """Return the questions as a page with one form."""
    template = PAGES.environment.from_string(
        '{% from "form/question.html" import question with context %}'
        '<form action="/f" method="post">{% for view in views %}{{ question(view) }}{% endfor %}</form>'
    )
    return read(template.render(views=views, language=str(reader.language), formal=reader.formal))


def some_rows(form: Form) -> dict[str, list[Option]]:
    """Return two rows for every grid, and two options for every choice, that takes them from elsewhere."""
    return {
        question.key: [Option(key=f"row-{n}", label=Text(nl=f"Rij {n} <b>", en=f"Row {n} <b>")) for n in (1, 2)]
        for question in form.questions
        if question.rows_from or question.options_from
    }


def all_forms(library: Library) -> list[Form]:
    return [library.resolved(form, variant) for form in library.forms.values() for variant in (None, *form.variants)]


@pytest.mark.parametrize("reader", READERS)
def test_every_control_of_every_form_has_its_label(library: Library, reader: Reader) -> None:
    for form in all_forms(library):
        rows = some_rows(form)
        page = drawn(question_views(form, rows, {}, {}, reader), reader)
        assert page.unclosed == [], form.key
        assert page.unlabelled == [], form.key
        assert len(page.ids) == len(set(page.ids)), form.key
        assert set(page.labels_for) <= set(page.ids), form.key
        assert set(page.described_by) <= set(page.ids), form.key
        assert set(page.form.names) == set(field_names(form, rows)), form.key


@pytest.mark.parametrize("reader", READERS)
def test_every_problem_is_told_twice_and_leads_to_its_question(library: Library, reader: Reader) -> None:
    for form in all_forms(library):
        rows = some_rows(form)
        problems = {name: f"Kijk naar {name}." for name in field_names(form, rows)}
        problems |= {question.key: f"Kijk naar {question.key}." for question in form.questions}
        views = question_views(form, rows, {}, problems, reader)
        page = drawn(views, reader)
        found = summary(views)
        assert {anchor for anchor, _ in found} <= set(page.ids), form.key
        assert len(found) >= len(form.questions), form.key
        assert page.unlabelled == [], form.key
        assert len(page.ids) == len(set(page.ids)), form.key
        assert set(page.described_by) <= set(page.ids), form.key
        for question in form.questions:
            assert page.content.count(f"Kijk naar {question.key}.") >= 1, question.key


def test_every_typed_value_comes_back_and_stays_text(library: Library) -> None:
    reader = READERS[0]
    for form in all_forms(library):
        rows = some_rows(form)
        views = question_views(form, rows, {}, {}, reader)
        typed: dict[str, list[str]] = {}
        for view in views:
            for one in [view.control, view.other, *(c for r in (*view.rows, *view.more_rows) for c in r.controls)]:
                if one is None:
                    continue
                typed[one.name] = [one.choices[-1].value] if one.choices else [HOSTILE]
        page = drawn(question_views(form, rows, typed, {}, reader), reader)
        sent = {name: [value for value in values if value] for name, values in page.form.fields.items()}
        assert {name: values for name, values in sent.items() if values} == typed, form.key
        assert "<script" not in page.text, form.key
        assert "49" not in page.content.split(), form.key


def test_all_five_labels_of_a_scale_are_shown(library: Library) -> None:
    form = library.resolved("goals")
    page = drawn(question_views(form, {}, {}, {}, READERS[0]), READERS[0])
    for label in library.scale("knowledge").labels:
        assert label.nl in page.content


def test_every_long_question_asks_not_to_name_pupils(library: Library) -> None:
    for form in all_forms(library):
        page = drawn(question_views(form, some_rows(form), {}, {}, READERS[0]), READERS[0])
        longs = sum(
            QuestionType.LONG in {question.type, *(column.type for column in question.columns)}
            for question in form.questions
        )
        assert page.content.count("Noem geen namen van leerlingen.") == longs, form.key


def test_conditions_are_said_in_words(library: Library) -> None:
    form = library.resolved("task-division")
    sentence = only_if(form, form.question("counter"), READERS[1])
    assert sentence == "Nodig als u bij ‘Gaat u akkoord met deze verdeling’ iets anders kiest dan ‘Ja, akkoord’."
    english = only_if(form, form.question("counter"), READERS[2])
    assert english == "Needed if you choose something other than ‘Yes, I agree’ at ‘Do you agree with this division’."
    for other in all_forms(library):
        for question in other.questions:
            for reader in READERS:
                said = only_if(other, question, reader)
                assert bool(said) == bool(question.shown_when or question.required_when)
                assert "{" not in said


def test_a_suggested_answer_is_a_box_to_tick(library: Library) -> None:
    form = library.resolved("task-division")
    page = drawn(question_views(form, {}, {"confidential": ["Niets bijzonders"]}, {}, READERS[1]), READERS[1])
    assert page.form.fields["confidential"] == ["", "Niets bijzonders"]
    page = drawn(question_views(form, {}, {"confidential": ["Hal 2"]}, {}, READERS[1]), READERS[1])
    assert page.form.fields["confidential"] == ["Hal 2"]


def test_what_no_date_control_can_hold_is_shown_as_typed(library: Library) -> None:
    form = library.resolved("date-poll")
    for given in ("5-11-2026", "2026-11-05", "volgende week"):
        page = drawn(question_views(form, {}, {"other": [given]}, {}, READERS[1]), READERS[1])
        assert page.form.fields["other"] == [given]


def test_a_long_list_that_may_stay_empty_unfolds_and_stands_open_once_chosen_from(library: Library) -> None:
    form, reader = library.resolved(library.form("field-note"), None), READERS[0]
    for typed, is_open in (({}, False), ({"technique": ["", "laser"]}, True)):
        views = question_views(form, {}, typed, {}, reader)
        folded = [view for view in views if view.is_folded]
        assert [view.key for view in folded] == ["technique"]
        control = folded[0].control
        assert control is not None
        page = PAGES.environment.from_string(
            '{% from "form/question.html" import question with context %}{{ question(view) }}'
        ).render(view=folded[0], language="nl", formal=False)
        assert f"Kies uit {len(control.choices)} mogelijkheden" in page
        assert ('<details class="rows__extra" open>' in page) is is_open


def test_a_very_long_list_unfolds_also_where_something_must_be_chosen(library: Library) -> None:
    form, reader = library.resolved("twinning-intake"), READERS[0]
    views = {view.key: view for view in question_views(form, {}, {}, {}, reader)}
    assert views["topics_give"].is_folded
    assert views["topics_give"].is_required
    assert not views["forms"].is_folded
    wrong = question_views(form, {}, {}, {"topics_give": "Kies minstens één onderwerp."}, reader)
    assert not next(view for view in wrong if view.key == "topics_give").is_folded


def test_a_rank_is_a_list_that_can_be_left_again(library: Library) -> None:
    form = library.resolved("speeddate-preferences")
    views = question_views(form, some_rows(form), {}, {}, READERS[0])
    ranks = next(view for view in views if view.key == "prefs")
    assert [(cell.kind, len(cell.choices)) for row in ranks.rows for cell in row.cells] == [("list", 3), ("list", 3)]
    page = drawn(views, READERS[0])
    assert page.form.fields["prefs.row-1.rank"] == [""]


def test_options_of_a_source_stand_before_those_of_the_form(library: Library) -> None:
    form = library.resolved("day-log")
    (view,) = [one for one in question_views(form, some_rows(form), {}, {}, READERS[2]) if one.key == "goal_today"]
    assert view.control is not None
    assert [choice.label for choice in view.control.choices] == ["Row 1 <b>", "Row 2 <b>", "None today"]
    station = library.resolved("field-note", "station")
    assert "station" not in [one.key for one in question_views(station, {}, {}, {}, READERS[0])]


def test_the_parts_of_a_long_form_have_headings(library: Library) -> None:
    for variant, parts in ((None, "ABC"), ("mentor", "CD"), ("school-leader", "")):
        form = library.resolved("internship-plan", variant)
        page = drawn(question_views(form, {}, {}, {}, READERS[0]), READERS[0])
        assert [part for part in "ABCD" if f"Deel {part}." in page.content] == list(parts)
        assert page.text.count('<h2 class="form__part">') == len(parts)


def test_a_text_that_stands_in_the_form_can_be_changed(library: Library) -> None:
    form = library.resolved("visit-question")
    shown = as_fields(form, {}, {}, Language.ENGLISH)
    page = drawn(question_views(form, {}, shown, {}, READERS[2]), READERS[2])
    assert page.form.fields["rules"][0].startswith("We write down no names of pupils or teachers.")
