"""Properties of reading a form, tried on every form that comes with Sandwich."""

import json
import string
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from models.choices import Option
from models.form import Column, Form, Format, Question, QuestionType
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.rules.answer_values import LARGEST, is_blank, options_of
from sandwich.rules.answers import as_fields, chosen, describe, is_filled, open_questions, read_answers
from sandwich.rules.conditions import has_something_to_ask, is_required
from sandwich.rules.form_fields import (
    Row,
    Rows,
    field_names,
    given_rows,
    grid_rows,
    opened,
    other_name,
    words_name,
)

LIBRARY = Library.load()
FORMS = [
    LIBRARY.resolved(form, variant) for _, form in sorted(LIBRARY.forms.items()) for variant in (None, *form.variants)
]
ROWS: Rows = {
    question.key: [Option(key=f"r-{number}", label=Text(nl=f"rij {number}", en=f"row {number}")) for number in range(2)]
    for form in FORMS
    for question in form.questions
    if question.rows_from or question.options_from or question.type is QuestionType.FILE
}
SETTINGS = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])

DAY_ONE, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)

languages = st.sampled_from(Language)
anything = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    [
        "",
        "yes",
        "no",
        "1",
        "na",
        "other",
        "1,5",
        "-1",
        "2026-02-31",
        "2026-11-05",
        "13:30",
        "x" * 5000,
        "\x00",
        "\ud800",
    ]
)


def words(limit: int) -> st.SearchStrategy[str]:
    """Text as it is stored: nothing invisible around it, not empty, not too long."""
    letters = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
    return st.text(letters, min_size=1, max_size=min(limit, 60)).map(str.strip).filter(lambda text: not is_blank(text))


def value_of(item: Question | Column) -> st.SearchStrategy[Any]:
    """Return answers that fit a question or column of one value."""
    match item.type:
        case QuestionType.SHORT if item.format is Format.EMAIL:
            return st.text(string.ascii_lowercase, min_size=1, max_size=20).map(lambda name: f"{name}@vak.example")
        case QuestionType.SHORT if item.format is Format.PHONE:
            return st.integers(100_000, 10**12).map(str)
        case QuestionType.SHORT:
            return words(item.length_limit)
        case QuestionType.LONG:
            return st.lists(words(20), min_size=1, max_size=3).map("\n".join).filter(lambda text: text == text.strip())
        case QuestionType.SINGLE:
            return st.sampled_from([option.key for option in options_of(item)])
        case QuestionType.MULTI:
            keys = [option.key for option in options_of(item)]
            picked = st.lists(st.sampled_from(keys), min_size=1, unique=True)
            return picked.map(lambda some: [key for key in keys if key in some])
        case QuestionType.SCALE5:
            return st.sampled_from([1, 2, 3, 4, 5, *(["na"] if item.not_applicable else [])])
        case QuestionType.YESNO:
            return st.booleans()
        case QuestionType.DATE:
            return st.dates(DAY_ONE, LAST_DAY).map(lambda day: day.isoformat())
        case QuestionType.TIME:
            return st.times().map(lambda clock: clock.isoformat("minutes"))
        case QuestionType.DATETIME:
            return st.tuples(st.dates(DAY_ONE, LAST_DAY), st.times()).map(
                lambda both: f"{both[0].isoformat()}T{both[1].isoformat('minutes')}"
            )
        case QuestionType.NUMBER:
            least = item.minimum if item.minimum is not None else -LARGEST
            most = item.maximum if item.maximum is not None else LARGEST
            whole = st.integers(int(least), int(most))
            if item.whole:
                return whole
            broken = st.decimals(least, most, places=2).filter(lambda number: number != number.to_integral_value())
            return whole | broken.map(float)
    raise AssertionError(item.type)


@st.composite
def answers_to(draw: st.DrawFn, form: Form, language: Language) -> dict[str, JsonValue]:
    """Draw a complete set of answers: everything that is required, and some of the rest."""
    answers: dict[str, JsonValue] = {}
    form = opened(form, ROWS)
    for question in form.questions:
        if question not in open_questions(form, answers) or not has_something_to_ask(question, ROWS):
            continue
        if not is_required(question, answers) and question.default is None and not draw(st.booleans()):
            continue
        match question.type:
            case QuestionType.MULTI:
                keys = [option.key for option in options_of(question)]
                most = question.at_most or len(keys)
                picked = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=most, unique=True))
                answers[question.key] = [key for key in keys if key in picked]
            case QuestionType.FILE:
                answers[question.key] = [option.key for option in ROWS[question.key]]
            case QuestionType.GRID:
                found = [draw(row_of(question, row, language)) for row in some_rows(question, draw(st.booleans()))]
                answers[question.key] = list[JsonValue](held_apart(question, found))
            case QuestionType.YESNO if question.must_be_yes:
                answers[question.key] = True
            case _:
                answers[question.key] = draw(value_of(question))
        answer = answers[question.key]
        if question.options_from:
            chosen_keys = answer if isinstance(answer, list) else [answer]
            labels = [option.label.to(language) for option in options_of(question) if option.key in chosen_keys]
            answers[words_name(question)] = list[JsonValue](labels)
        if question.other and (answer == "other" or (isinstance(answer, list) and "other" in answer)):
            answers[other_name(question)] = draw(words(100))
    return answers


def some_rows(question: Question, added: bool) -> list[Row]:
    """Return every row that is given, and one that is added where that is possible; more where so many are needed."""
    every = grid_rows(question, ROWS)
    count = len(given_rows(question, ROWS))
    return list(every[: max(count + (1 if added or not count else 0), question.at_least or 0)])


def held_apart(question: Question, rows: list[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    """Give each row another option where none may be chosen twice; rows for which none is left fall away."""
    for column in question.columns:
        if column.distinct:
            rows = [{**row, column.key: option.key} for row, option in zip(rows, options_of(column), strict=False)]
    return rows


@st.composite
def row_of(draw: st.DrawFn, question: Question, row: Row, language: Language) -> dict[str, JsonValue]:
    """Draw one row of a grid, with its required cells and perhaps the others."""
    label = draw(words(100)) if row.option is None and question.row_label else ""
    if row.option and question.store_labels:
        label = row.option.label.to(language)
    first = question.columns[0].key
    cells = {
        column.key: draw(value_of(column))
        for column in question.columns
        if column.required or column.key == first or draw(st.booleans())
    }
    return {"row": row.key, "label": label, **cells}


def ids(form: Form) -> str:
    return f"{form.key}-{len(form.questions)}"


@pytest.mark.parametrize("form", FORMS, ids=ids)
@given(data=st.data())
@SETTINGS
def test_nothing_posted_can_make_reading_fail(form: Form, data: st.DataObject) -> None:
    names = sorted(field_names(form, ROWS))
    posted = data.draw(
        st.dictionaries(st.sampled_from(names) | anything, st.lists(anything, max_size=4), max_size=len(names))
    )
    language, draft = data.draw(languages), data.draw(st.booleans())
    reading = read_answers(form, posted, ROWS, language, data.draw(st.booleans()), draft)

    json.dumps([reading.answers, reading.problems, reading.typed, reading.forged], ensure_ascii=False).encode()
    questions = {question.key for question in form.questions}
    assert set(reading.problems) <= {*names, *questions}
    assert set(reading.typed) <= set(names)
    assert not set(reading.forged) & set(names)
    assert all(sentence.endswith((".", "?")) for sentence in reading.problems.values())
    describe(form, reading.answers, language)
    chosen(form, reading, {}, ROWS, language)
    if not reading.problems and not draft:
        assert is_filled(form, reading.answers, ROWS)


@pytest.mark.parametrize("form", FORMS, ids=ids)
@given(data=st.data())
@SETTINGS
def test_what_was_answered_is_read_back_as_it_was(form: Form, data: st.DataObject) -> None:
    language = data.draw(languages)
    answers = data.draw(answers_to(form, language))
    fields = as_fields(form, answers, ROWS, language)
    assert set(fields) <= field_names(form, ROWS)

    reading = read_answers(form, fields, ROWS, language)
    assert reading.problems == {}
    assert reading.answers == answers
    assert reading.forged == []
    assert is_filled(form, answers, ROWS)
    assert not chosen(form, reading, answers, ROWS, language)
    if any(question.default is None and question.key in answers for question in form.questions):
        assert chosen(form, reading, {}, ROWS, language)
    described = describe(form, answers, language)
    assert [line.key for line in described] == [q.key for q in form.questions if q.key in answers]
    assert all(line.lines for line in described)


@pytest.mark.parametrize("form", FORMS, ids=ids)
@given(data=st.data())
@SETTINGS
def test_a_required_answer_that_is_taken_away_is_missed(form: Form, data: st.DataObject) -> None:
    answers = data.draw(answers_to(form, Language.DUTCH))
    needed = [
        question
        for question in open_questions(form, answers)
        if is_required(question, answers) and question.default is None and question.key in answers
    ]
    assume(needed)
    taken = data.draw(st.sampled_from(needed))
    fields = as_fields(form, answers, ROWS, Language.DUTCH)
    less = {name: values for name, values in fields.items() if name.partition(".")[0] != taken.key}
    reading = read_answers(form, less, ROWS, Language.DUTCH)
    assert taken.missing is not None
    assert reading.problems[taken.key] == taken.missing.nl
    assert not is_filled(form, {key: value for key, value in answers.items() if key != taken.key}, ROWS)
