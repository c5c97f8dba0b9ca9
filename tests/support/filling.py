"""Fill in any form as a person would who answers everything that must be answered."""

from collections.abc import Mapping, Sequence

from models.choices import Option
from models.form import Column, Form, Format, Question, QuestionType
from models.text import Language
from sandwich.rules.answer_values import options_of
from sandwich.rules.answers import as_fields, read_answers
from sandwich.rules.form_fields import ROW_LABEL, opened

Fields = dict[str, list[str]]


def fill_in(
    form: Form,
    rows: Mapping[str, Sequence[Option]],
    prefilled: Mapping[str, object],
    changes: Mapping[str, str | list[str] | None],
) -> Fields:
    """Return what is posted: what stood in the form, with ``changes`` (``None`` empties), and the rest made up."""
    fields: Fields = as_fields(form, dict(prefilled), rows, Language.DUTCH)  # type: ignore[arg-type]
    for name, value in changes.items():
        fields[name] = [] if value is None else [value] if isinstance(value, str) else list(value)
    for _ in range(6):
        missing = read_answers(form, fields, rows, Language.DUTCH).problems
        wanted = [name for name in missing if name not in changes]
        if not wanted:
            break
        for name in wanted:
            _answer(form, rows, fields, name)
    return fields


def _answer(form: Form, rows: Mapping[str, Sequence[Option]], fields: Fields, name: str) -> None:
    key, *cell = name.split(".")
    question = opened(form, rows).question(key)
    if question.type is not QuestionType.GRID:
        fields[name] = [_made_up(question, [file.key for file in rows.get(key) or ()])]
        return
    if cell and cell[-1] == ROW_LABEL:
        fields[name] = [f"Regel {cell[0]}"]
        return
    added = [f"new-{number}" for number in range(1, (question.at_least or 1) + 1)]
    keys = [row.key for row in rows.get(key) or question.rows] or added
    needed = [column for column in question.columns if column.required]
    for column in needed or question.columns[:1]:
        for row in [cell[0]] if cell else keys if needed else keys[:1]:
            fields.setdefault(f"{key}.{row}.{column.key}", [_made_up(column)])


def _made_up(item: Question | Column, files: Sequence[str] = ()) -> str:
    if item.format is Format.PHONE:
        return "06-00000077"
    if item.format is Format.EMAIL:
        return "iemand@school.example"
    return {
        QuestionType.SINGLE: lambda: options_of(item)[0].key,
        QuestionType.MULTI: lambda: options_of(item)[0].key,
        QuestionType.SCALE5: lambda: "4",
        QuestionType.YESNO: lambda: "yes",
        QuestionType.NUMBER: lambda: f"{max(4, int(item.minimum or 0))}",
        QuestionType.DATE: lambda: "2026-12-01",
        QuestionType.DATETIME: lambda: "2026-11-05T13:30",
        QuestionType.TIME: lambda: "13:30",
        QuestionType.FILE: lambda: next(iter(files), ""),
    }.get(item.type, lambda: f"Tekst bij {item.key}")()
