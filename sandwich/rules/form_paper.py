"""A form as it is printed for somebody who does not mail: what to tick, where to write, what is known already."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from models.form import Column, Form, Question, QuestionType
from models.text import Language, Text
from sandwich.rules.answer_lines import describe
from sandwich.rules.answer_values import options_of, scale_of
from sandwich.rules.form_fields import Rows, given_rows

_YES, _NO = Text(nl="ja", en="yes"), Text(nl="nee", en="no")
_NOT_APPLICABLE = Text(nl="n.v.t.", en="n/a")
_OTHER = Text(nl="anders: ……………", en="other: ……………")
_MOST_EMPTY_ROWS = 3
_LINES = {QuestionType.LONG: 2}
_TICKS = frozenset({QuestionType.SINGLE, QuestionType.MULTI, QuestionType.YESNO, QuestionType.SCALE5})


def blocks_of(
    form: Form, rows: Rows, known: Mapping[str, JsonValue], language: Language, *, formal: bool
) -> list[dict[str, Any]]:
    """Return the questions of a resolved form, in their order, as plain data for a template.

    Each has its words, whether it must be answered and whether only where it applies; then either the boxes to tick
    (``options``), or empty ``lines``, or a table of ``columns`` and ``cells``. Files cannot be sent on paper.
    """
    said = {line.key: line.lines for line in describe(form, known, language, formal)}
    return [
        _block(question, rows, known, said.get(question.key, ()), language, formal=formal)
        for question in form.questions
        if question.type is not QuestionType.FILE
    ]


def _block(
    question: Question,
    rows: Rows,
    known: Mapping[str, JsonValue],
    said: tuple[str, ...],
    language: Language,
    *,
    formal: bool,
) -> dict[str, Any]:
    block: dict[str, Any] = {
        "label": question.label.to(language, formal=formal),
        "required": question.required,
        "applies": question.shown_when is not None or question.required_when is not None,
        "options": [],
        "value": "",
        "lines": 0,
        "columns": [],
        "cells": [],
    }
    if question.type is QuestionType.GRID:
        block["columns"] = ["", *(_heading(column, language, formal) for column in question.columns)]
        block["cells"] = _cells(question, rows, known.get(question.key), language, formal)
    elif question.type in _TICKS:
        block["options"] = _options(question, known.get(question.key), language, formal)
    elif said:
        block["value"] = "\n".join(said)
    else:
        block["lines"] = _LINES.get(question.type, 1)
    return block


def _options(item: Question | Column, answer: JsonValue, language: Language, formal: bool) -> list[dict[str, Any]]:
    chosen = {str(one) for one in (answer if isinstance(answer, list) else [answer])}
    if item.type is QuestionType.YESNO:
        pairs = [("True", _YES.to(language)), ("False", _NO.to(language))]
    elif item.type is QuestionType.SCALE5:
        pairs = [(str(number), label.to(language)) for number, label in enumerate(scale_of(item).labels, start=1)]
    else:
        pairs = [(option.key, option.label.to(language, formal=formal)) for option in options_of(item)]
    if item.not_applicable:
        pairs.append(("na", _NOT_APPLICABLE.to(language)))
    found = [{"label": label, "chosen": key in chosen} for key, label in pairs]
    if isinstance(item, Question) and item.other and all(key != "other" for key, _ in pairs):
        found.append({"label": _OTHER.to(language), "chosen": False})
    return found


def _heading(column: Column, language: Language, formal: bool) -> str:
    """Return the words above a column, with what can be written below it."""
    label = column.label.to(language, formal=formal)
    if column.type not in _TICKS:
        return label
    choices = " / ".join(option["label"] for option in _options(column, None, language, formal))
    return f"{label} ({choices})"


def _cells(question: Question, rows: Rows, answer: JsonValue, language: Language, formal: bool) -> list[list[str]]:
    """Return the rows of a table, with what is known, and some empty ones where rows can be added."""
    known = {str(row.get("row")): row for row in answer if isinstance(row, dict)} if isinstance(answer, list) else {}
    given = [(option.key, option.label.to(language, formal=formal)) for option in given_rows(question, rows)]
    cells = [[label, *_known(question, known.get(key, {}), language, formal)] for key, label in given]
    added = [row for key, row in known.items() if key not in {key for key, _ in given}]
    cells += [[str(row.get("label") or ""), *_known(question, row, language, formal)] for row in added]
    empty = min(max(question.add_rows - len(added), 0), _MOST_EMPTY_ROWS)
    return cells + [[""] * (len(question.columns) + 1) for _ in range(empty)]


def _known(question: Question, row: Mapping[str, Any], language: Language, formal: bool) -> list[str]:
    found = []
    for column in question.columns:
        value = row.get(column.key)
        if value is not None and column.type in _TICKS:
            chosen = [one["label"] for one in _options(column, value, language, formal) if one["chosen"]]
            found.append(", ".join(chosen))
        else:
            found.append("" if value is None else str(value))
    return found
