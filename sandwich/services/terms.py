"""The terms of two versions of an agreement beside each other, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.form import Form, Question, QuestionType
from models.text import Language, Text
from sandwich.rules.answers import describe

NONE = Text(nl="–", en="–")
"""What stands where a version says nothing."""


@dataclass(frozen=True)
class TermRow:
    """One term: what the version before said, what this one says, and whether the two differ.

    ``row`` is its key where it is a row of a table. ``was_empty`` says that the version before had no word on it:
    something filled in is no other opinion.
    """

    question: str
    label: Text
    before: Text
    after: Text
    differs: bool
    was_empty: bool
    row: str | None = None


def compare(form: Form, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[TermRow, ...]:
    """Return every term that one of the versions has, in the order of the form; rows of tables apart."""
    old, new = _Said(form, before or {}), _Said(form, after)
    rows: list[TermRow] = []
    for question in form.questions:
        keys = list(dict.fromkeys([*old.rows(question), *new.rows(question)]))
        for key in keys:
            was, now = old.words(question, key), new.words(question, key)
            label = new.label(question, key) or old.label(question, key) or question.label
            differs = before is not None and was != now
            rows.append(TermRow(question.key, label, was or NONE, now or NONE, differs, was is None, key or None))
    return tuple(rows)


class _Said:
    """One version in words, by question and row."""

    def __init__(self, form: Form, terms: Mapping[str, Any]) -> None:
        self.terms = terms
        self.lines = {
            language: {line.key: line.lines for line in describe(form, terms, language, True)} for language in Language
        }

    def rows(self, question: Question) -> list[str]:
        """Return the rows that this version fills in; a question that is no table has one row without a name."""
        if question.key not in self.lines[Language.DUTCH]:
            return []
        if question.type is not QuestionType.GRID:
            return [""]
        return [str(row.get("row")) for row in self._cells(question)]

    def label(self, question: Question, key: str) -> Text | None:
        """Return what a row is called."""
        if not key:
            return question.label
        for option in question.rows:
            if option.key == key:
                return option.label
        named = next((row for row in self._cells(question) if str(row.get("row")) == key), {})
        label = str(named.get("label") or "")
        return Text(nl=label, en=label) if label else None

    def words(self, question: Question, key: str) -> Text | None:
        """Return what one row says."""
        keys = self.rows(question)
        if key not in keys:
            return None
        if not key:
            between = ", " if question.type is QuestionType.MULTI else "\n"  # a mail has a term in one line
            said = {language: between.join(self.lines[language][question.key]) for language in Language}
        else:
            place = keys.index(key)
            label = self.label(question, key)
            said = {
                language: _without(self.lines[language][question.key], place, label.to(language) if label else "")
                for language in Language
            }
        return Text(nl=said[Language.DUTCH] or "–", en=said[Language.ENGLISH] or "–")

    def _cells(self, question: Question) -> list[dict[str, Any]]:
        return [row for row in self.terms.get(question.key) or [] if isinstance(row, dict)]


def _without(lines: Sequence[str], place: int, label: str) -> str:
    line = lines[place] if place < len(lines) else ""
    return line.removeprefix(f"{label}: ") if label else line
