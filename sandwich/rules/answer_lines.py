"""Answers in words, for mails and pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal
from pydantic import JsonValue

from models.choices import Option
from models.form import Column, Form, Question, QuestionType
from models.text import Language, Text
from sandwich.rules.answer_values import options_of, scale_of
from sandwich.rules.conditions import open_questions
from sandwich.rules.form_fields import other_name, words_name

_LOCALES = {Language.DUTCH: "nl_NL", Language.ENGLISH: "en_GB"}
_YES = Text(nl="ja", en="yes")
_NO = Text(nl="nee", en="no")
_NOT_APPLICABLE = Text(nl="n.v.t.", en="not applicable")
_FILE = Text(nl="1 bestand", en="1 file")
_FILES = Text(nl="{count} bestanden", en="{count} files")
_TIME = Text(nl="{day}, {clock} uur", en="{day}, {clock}")


@dataclass(frozen=True)
class AnswerLine:
    """One answered question: its key, its words, and the answer in one or more lines of plain text."""

    key: str
    question_label: str
    lines: tuple[str, ...]


def describe(
    form: Form, answers: Mapping[str, JsonValue], language: Language | str, formal: bool = False
) -> list[AnswerLine]:
    """Write the answers to a resolved form in words, in the order of the form; what has no answer is left out."""
    words = _Words(Language(language), formal)
    found = []
    for question in open_questions(form, answers):
        answer = answers.get(question.key)
        if answer is not None and answer != "" and answer != []:
            other = answers.get(other_name(question))
            known = answers.get(words_name(question)) if question.options_from else None
            lines = words.lines(question, answer, other if isinstance(other, str) else None, _items(known))
            found.append(AnswerLine(question.key, words.of(question.label), tuple(lines)))
    return found


@dataclass(frozen=True)
class _Words:
    language: Language
    formal: bool

    def of(self, text: Text) -> str:
        return text.to(self.language, formal=self.formal)

    def lines(self, question: Question, answer: JsonValue, other: str | None, known: list[JsonValue]) -> list[str]:
        if known:
            return [str(word) for word in known]
        match question.type:
            case QuestionType.GRID:
                return [self._row(question, row) for row in _items(answer) if isinstance(row, dict)]
            case QuestionType.MULTI:
                return [self._option(question, str(key), other) for key in _items(answer)]
            case QuestionType.SINGLE:
                return [self._option(question, str(answer), other)]
            case QuestionType.FILE:
                count = len(_items(answer))
                return [self.of(_FILE if count == 1 else _FILES).format(count=count)]
            case QuestionType.LONG:
                return str(answer).split("\n")
        return [self._value(question, answer)]

    def _row(self, question: Question, row: dict[str, JsonValue]) -> str:
        static = {option.key: self.of(option.label) for option in question.rows}
        name = static.get(str(row.get("row")), str(row.get("label") or ""))
        cells = [
            (self.of(column.label).rstrip("?"), self._value(column, row[column.key]))
            for column in question.columns
            if row.get(column.key) is not None
        ]
        if not cells:
            return name
        first, rest = cells[0][1], [f"{label}: {value}" for label, value in cells[1:]]
        return "; ".join([f"{name}: {first}" if name else first, *rest])

    def _value(self, item: Question | Column, value: JsonValue) -> str:
        if isinstance(value, bool):
            return self.of(_YES if value else _NO)
        match item.type:
            case QuestionType.SINGLE:
                return self._option(item, str(value), None)
            case QuestionType.MULTI:
                return ", ".join(self._option(item, str(key), None) for key in _items(value))
            case QuestionType.SCALE5:
                return self._step(item, value)
            case QuestionType.DATE:
                return self._day(date.fromisoformat(str(value)))
            case QuestionType.DATETIME:
                moment = datetime.fromisoformat(str(value))
                return self.of(_TIME).format(day=self._day(moment.date()), clock=f"{moment:%H:%M}")
            case QuestionType.NUMBER if isinstance(value, int | float):
                return str(format_decimal(value, locale=_LOCALES[self.language]))
        return " ".join(str(value).split())

    def _option(self, item: Question | Column, key: str, other: str | None) -> str:
        option: Option | None = next((option for option in options_of(item) if option.key == key), None)
        label = self.of(option.label) if option else key
        return f"{label}: {other}" if key == "other" and other else label

    def _step(self, item: Question | Column, value: JsonValue) -> str:
        if isinstance(value, int) and 1 <= value <= 5:
            return self.of(scale_of(item).labels[value - 1])
        return self.of(_NOT_APPLICABLE)

    def _day(self, day: date) -> str:
        return str(format_date(day, "EEEE d MMMM y", locale=_LOCALES[self.language]))


def _items(answer: JsonValue) -> list[JsonValue]:
    return answer if isinstance(answer, list) else []
