"""The names of the HTML fields of a form, and an answer written as such fields (see ``sandwich.rules.answers``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from models.choices import Option
from models.form import Column, Form, Question, QuestionType
from models.text import Language, Text
from sandwich.rules.answer_values import number_text, options_of

Rows = Mapping[str, Sequence[Option]]
"""Rows of grids, options that come from a source, and uploads of file questions, by the key of the question."""

ROW_LABEL = "label"
STRIKE = "strike"
OTHER = "other"
WORDS = "words"


@dataclass(frozen=True)
class Row:
    """One row of a grid as it stands in a form; ``label`` is ``None`` for an added row."""

    key: str
    option: Option | None = None


def other_name(question: Question) -> str:
    """Return the name of the text beside the option *other*, as a field and in the answers."""
    return f"{question.key}.{OTHER}"


def words_name(question: Question) -> str:
    """Return under which name the answers keep the words of options that came from a source; it is no field."""
    return f"{question.key}.{WORDS}"


def words_chosen(question: Question, answer: JsonValue, language: Language | str, formal: bool) -> list[JsonValue]:
    """Return the words of the options that were chosen, as they were read: the stored form does not have them."""
    keys = answer if isinstance(answer, list) else [answer]
    return [option.label.to(language, formal=formal) for option in options_of(question) if option.key in keys]


def opened(form: Form, rows: Rows) -> Form:
    """Return a form as it is opened for one person: options that come from a source stand in it, before its own."""
    if not any(question.options_from for question in form.questions):
        return form
    return form.model_copy(update={"questions": tuple(_opened(question, rows) for question in form.questions)})


def _opened(question: Question, rows: Rows) -> Question:
    if not question.options_from:
        return question
    found = tuple(rows.get(question.key, ()))
    known = {option.key for option in found}
    own = tuple(option for option in options_of(question) if option.key not in known)
    return question.model_copy(update={"options": found + own})


def cell_name(question: Question, row: str, column: str) -> str:
    """Return the name of one cell of a grid."""
    return f"{question.key}.{row}.{column}"


def can_be_struck(question: Question, row: "Row") -> bool:
    """Whether a row can be struck; one that is only just added is left empty instead."""
    return question.strikes and row.option is not None


def given_rows(question: Question, rows: Rows) -> tuple[Option, ...]:
    """Return the rows that a grid has before anybody adds one: those of its source, else those in the form."""
    return tuple(rows.get(question.key, ())) or question.rows


def grid_rows(question: Question, rows: Rows) -> tuple[Row, ...]:
    """Return every row that stands in a form, with as many empty ones to add as the question allows."""
    given = given_rows(question, rows)
    taken = {option.key for option in given}
    free = (key for number in range(1, 2 + len(taken) + question.add_rows) if (key := f"new-{number}") not in taken)
    added = [Row(key) for key, _ in zip(free, range(question.add_rows), strict=False)]
    return (*(Row(option.key, option) for option in given), *added)


def field_names(form: Form, rows: Rows) -> frozenset[str]:
    """Return every name that a form can post."""
    names: set[str] = set()
    for question in form.questions:
        if question.type is QuestionType.GRID:
            for row in grid_rows(question, rows):
                names.update(cell_name(question, row.key, column.key) for column in question.columns)
                if row.option is None and question.row_label:
                    names.add(cell_name(question, row.key, ROW_LABEL))
                if can_be_struck(question, row):
                    names.add(cell_name(question, row.key, STRIKE))
        else:
            names.add(question.key)
            if question.other:
                names.add(other_name(question))
    return frozenset(names)


def as_fields(
    form: Form, answers: Mapping[str, JsonValue], rows: Rows, language: Language | str
) -> dict[str, list[str]]:
    """Write answers as the fields that a form shows them in: what would be posted if nobody touched the form.

    Where a question has no answer, its default is written.
    """
    fields: dict[str, list[str]] = {}
    for question in form.questions:
        answer = answers.get(question.key)
        if answer is None:
            default = question.default
            answer = default.to(language) if isinstance(default, Text) else default
        if answer is None:
            continue
        if question.type is QuestionType.GRID:
            fields.update(_grid_fields(question, answer, rows, language))
        elif isinstance(answer, list):
            fields[question.key] = [str(part) for part in answer]
        else:
            fields[question.key] = [_typed(question, answer, language)]
        other = answers.get(other_name(question))
        if question.other and isinstance(other, str):
            fields[other_name(question)] = [other]
    return fields


def _grid_fields(question: Question, answer: JsonValue, rows: Rows, language: Language | str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    shown = {row.key: row for row in grid_rows(question, rows)}
    said = {str(row.get("row")) for row in answer if isinstance(row, dict)} if isinstance(answer, list) else set()
    can_be = [key for key, one in shown.items() if can_be_struck(question, one)]
    for key in can_be if said.intersection(can_be) else ():
        if key not in said:
            fields[cell_name(question, key, STRIKE)] = ["yes"]
    for row in answer if isinstance(answer, list) else ():
        if not isinstance(row, dict) or row.get("row") not in shown:
            continue
        key = str(row["row"])
        for column in question.columns:
            value = row.get(column.key)
            if value is not None:
                parts = value if isinstance(value, list) else [value]
                fields[cell_name(question, key, column.key)] = [_typed(column, part, language) for part in parts]
        if shown[key].option is None and question.row_label and row.get(ROW_LABEL):
            fields[cell_name(question, key, ROW_LABEL)] = [str(row[ROW_LABEL])]
    return fields


def _typed(item: Question | Column, answer: JsonValue, language: Language | str) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if item.type is QuestionType.NUMBER and isinstance(answer, int | float):
        return number_text(answer, language)
    return str(answer)
