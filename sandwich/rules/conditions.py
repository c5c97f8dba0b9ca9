"""Which questions are asked, which must be answered, and whether all is there."""

from collections.abc import Mapping

from pydantic import JsonValue

from models.form import Condition, Form, Question, QuestionType
from sandwich.rules.form_fields import Rows, given_rows

Answers = Mapping[str, JsonValue]


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether ``condition`` holds for what has been answered."""
    values = _values(condition, answers)
    if condition.answered is not None:
        return bool(values) is condition.answered
    if condition.any_of is not None:
        return any(_among(value, condition.any_of) for value in values)
    if condition.at_most is not None:
        numbers = (value for value in values if isinstance(value, int | float) and not isinstance(value, bool))
        return any(number <= condition.at_most for number in numbers)
    outside = [not _among(value, condition.none_of or ()) for value in values]
    return any(outside) if condition.column else bool(outside) and all(outside)


def open_questions(form: Form, answers: Answers) -> tuple[Question, ...]:
    """Return the questions that are asked, given what has been answered so far.

    An answer to a question that is itself hidden does not count.
    """
    shown: list[Question] = []
    counted: dict[str, JsonValue] = {}
    for question in form.questions:
        if question.shown_when is None or holds(question.shown_when, counted):
            shown.append(question)
            if question.key in answers:
                counted[question.key] = answers[question.key]
    return tuple(shown)


def is_required(question: Question, answers: Answers) -> bool:
    """Whether an asked question must be answered, given what has been answered elsewhere."""
    return question.required or (question.required_when is not None and holds(question.required_when, answers))


def has_something_to_ask(question: Question, rows: Rows) -> bool:
    """Whether a question can be answered at all: a grid without any row cannot, nor a choice without options."""
    if question.options_from and not question.options:
        return bool(rows.get(question.key))
    return question.type is not QuestionType.GRID or bool(given_rows(question, rows)) or question.add_rows > 0


def is_filled(form: Form, answers: Answers, rows: Rows | None = None) -> bool:
    """Whether every required question that is asked has an answer.

    With ``rows`` a grid must be answered for each of its rows, and a grid without rows counts as answered.
    """
    for question in open_questions(form, answers):
        if not is_required(question, answers):
            continue
        if rows is not None and not has_something_to_ask(question, rows):
            continue
        answer = answers.get(question.key)
        if answer is None or answer == "" or answer == []:
            return False
        if question.type is QuestionType.GRID and not _is_complete(question, answer, rows):
            return False
    return True


def _is_complete(question: Question, answer: JsonValue, rows: Rows | None) -> bool:
    found = {str(row.get("row")): row for row in answer if isinstance(row, dict)} if isinstance(answer, list) else {}
    needed = [column.key for column in question.columns if column.required]
    if needed and rows is not None and any(option.key not in found for option in given_rows(question, rows)):
        return False
    return all(row.get(key) is not None for row in found.values() for key in needed)


def _values(condition: Condition, answers: Answers) -> list[JsonValue]:
    answer = answers.get(condition.question)
    if isinstance(answer, list) and condition.column is not None:
        cells = [row.get(condition.column) for row in answer if isinstance(row, dict)]
        return [part for cell in cells if cell is not None for part in (cell if isinstance(cell, list) else [cell])]
    if isinstance(answer, list):
        return list(answer)
    return [] if answer is None or answer == "" else [answer]


def _among(value: JsonValue, wanted: tuple[str | bool, ...]) -> bool:
    return any(value == one and isinstance(value, bool) is isinstance(one, bool) for one in wanted)
