"""Read what was posted from a form. Nothing that is posted can make this fail; every mistake becomes a sentence.

**Names of fields.** A page names its HTML fields like this, and only these names are read:

====================  ====================================================================================
``goal_1``            a question of one value; a yes/no question posts ``yes`` or ``no``, a scale ``1`` to
                      ``5`` or ``na``, a date ``2026-11-05``, a date with time ``2026-11-05T13:30``
``purpose``           a choice of several: one value for each chosen option. An empty value beside them does
                      no harm and lets the reader see that the last one was unticked
``purpose.other``     the text beside the option ``other``
``tasks.tour.who``    one cell of a grid: question, row, column
``tasks.new-1.who``   the same in an added row: ``new-1``, ``new-2``, … (``form_fields.grid_rows`` gives them)
``tasks.new-1.label`` the name of an added row, where the question has a ``row_label``
``tasks.tour.strike`` ``yes`` where a row is struck, in a grid whose rows can be: it is no part of the answer then
``materials``         uploads: one upload id for each file; ``rows`` says which ids this person may use
====================  ====================================================================================

Names that begin with an underscore belong to the page itself (its button, its guard) and are passed over. Any other
name is *forged*: passed over too, and reported in ``Reading.forged``.

Forms are resolved forms (``Library.resolved``): their options and scales stand in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from models.form import Column, Form, Question, QuestionType
from models.text import Language, Text
from sandwich.rules import answer_sentences as say
from sandwich.rules.answer_lines import AnswerLine, describe
from sandwich.rules.answer_values import Refused, cleaned, is_blank, options_of, read_value
from sandwich.rules.conditions import has_something_to_ask, holds, is_filled, is_required, open_questions
from sandwich.rules.form_fields import (
    ROW_LABEL,
    STRIKE,
    Row,
    Rows,
    as_fields,
    can_be_struck,
    cell_name,
    field_names,
    grid_rows,
    opened,
    other_name,
    words_chosen,
    words_name,
)

__all__ = ["AnswerLine", "Reading", "as_fields", "chosen", "describe", "is_filled", "open_questions", "read_answers"]

_WORDS = frozenset({QuestionType.SHORT, QuestionType.LONG})
_FORGED_SHOWN = 50
_NAME_SHOWN = 100


@dataclass(frozen=True)
class Reading:
    """What was read from a form.

    ``answers`` holds what can be stored, by question key. ``problems`` holds a sentence for the reader by field name;
    a grid has one under its own key when it is not complete, and one for each cell. ``typed`` holds the form's fields
    as they were posted (without characters that cannot be stored), to show the form again. ``forged`` holds names of
    fields that the form does not have. ``left_out`` names the questions that words were typed in although their
    condition hides them: a page without scripts shows all.
    """

    answers: dict[str, JsonValue] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    typed: dict[str, list[str]] = field(default_factory=dict)
    forged: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_answers(
    form: Form,
    posted: Mapping[str, list[str]],
    rows: Rows,
    language: Language | str,
    formal: bool = False,
    draft: bool = False,
) -> Reading:
    """Read ``posted`` as answers to the resolved ``form``.

    ``rows`` gives the rows of grids and the uploads of file questions by question key. A draft requires nothing; what
    cannot be read in it stays in ``typed``. The answer to a question that its condition hides is left out.
    """
    return _Reader(form, posted, rows, language, formal, draft).read()


def chosen(
    form: Form, reading: Reading, prefilled: Mapping[str, JsonValue], rows: Rows, language: Language | str
) -> bool:
    """Whether anything was typed or chosen: whether any field differs from the form as it was shown.

    ``prefilled`` are the answers that stood in the form when it was opened; defaults stand in it by themselves. Fields
    that were not posted at all do not count.
    """
    untouched = as_fields(form, prefilled, rows, language)
    return any(_content(values) != _content(untouched.get(name, [])) for name, values in reading.typed.items())


def _content(values: list[str]) -> list[str]:
    return [cleaned(value).strip() for value in values if not is_blank(value)]


class _Reader:
    def __init__(
        self,
        form: Form,
        posted: Mapping[str, list[str]],
        rows: Rows,
        language: Language | str,
        formal: bool,
        draft: bool,
    ) -> None:
        self.form, self.rows, self.language, self.formal, self.draft = (
            opened(form, rows),
            rows,
            language,
            formal,
            draft,
        )
        self.reading = Reading()
        known = field_names(form, rows)
        for name, values in posted.items():
            if name in known:
                self.reading.typed[name] = [cleaned(value) for value in values]
            elif not name.startswith("_") and len(self.reading.forged) < _FORGED_SHOWN:
                self.reading.forged.append(cleaned(name)[:_NAME_SHOWN])

    def read(self) -> Reading:
        answers = self.reading.answers
        everything = answers if self.draft else self._ahead()
        for question in self.form.questions:
            if question.shown_when is not None and not holds(question.shown_when, answers):
                if question.type in _WORDS and self._values(question.key):
                    self.reading.left_out.append(question.key)
                continue
            asks = not self.draft and has_something_to_ask(question, self.rows)
            required = asks and is_required(question, {**everything, **answers})
            match question.type:
                case QuestionType.GRID:
                    answer = self._grid(question, required)
                case QuestionType.MULTI:
                    answer = self._multi(question)
                case QuestionType.FILE:
                    answer = self._files(question)
                case _:
                    answer = self._one(question)
            if answer is not None:
                answers[question.key] = answer
                if question.options_from:
                    answers[words_name(question)] = words_chosen(question, answer, self.language, self.formal)
            elif required and not self._has_problem(question):
                self._problem(question.key, question.missing or say.MISSING[question.type])
        return self.reading

    def _ahead(self) -> dict[str, JsonValue]:
        """Return everything that can be read: whether a question is required may hang on one further down."""
        draft = _Reader(self.form, self.reading.typed, self.rows, self.language, self.formal, draft=True)
        return draft.read().answers

    def _values(self, name: str) -> list[str]:
        """Return what was posted under ``name``, each value once, without blank ones."""
        values = (value for value in self.reading.typed.get(name, ()) if not is_blank(value))
        return list(dict.fromkeys(value.strip() for value in values))

    def _problem(self, name: str, sentence: Text | Refused) -> None:
        refused = sentence if isinstance(sentence, Refused) else Refused(sentence)
        self.reading.problems.setdefault(name, refused.words(self.language, self.formal))

    def _has_problem(self, question: Question) -> bool:
        return any(name == question.key or name.startswith(f"{question.key}.") for name in self.reading.problems)

    def _value(self, item: Question | Column, name: str) -> JsonValue:
        values = self._values(name)
        if not values:
            return None
        if len(values) > 1:
            self._problem(name, say.SEVERAL)
            return None
        value = read_value(item, values[0], self.language)
        if isinstance(value, Refused):
            self._problem(name, value)
            return None
        return value

    def _one(self, question: Question) -> JsonValue:
        answer = self._value(question, question.key)
        if question.other:
            answer = self._with_other(question, answer)
        if answer is False and question.must_be_yes and not self.draft:
            self._problem(question.key, question.missing or say.MISSING[question.type])
        if answer is None and not self.draft and question.key not in self.reading.problems:
            # A text that stood there and was taken out is not put back.
            return None if isinstance(question.default, Text) else question.default
        return answer

    def _with_other(self, question: Question, answer: JsonValue) -> JsonValue:
        """Read the text beside *other*: written without choosing it, it chooses it where nothing else is chosen."""
        name = other_name(question)
        text = self._other_text(question)
        if text and answer is None and question.key not in self.reading.problems:
            answer = "other"
        if answer == "other":
            if text:
                self.reading.answers[name] = text
            elif not self.draft:
                self._problem(name, say.OTHER_TEXT)
        elif text and not self.draft:
            self._problem(name, say.OTHER_UNCHOSEN)
        return answer

    def _other_text(self, question: Question) -> str | None:
        text = self._value(Column(key="text", label=question.label, type=QuestionType.SHORT), other_name(question))
        return text if isinstance(text, str) else None

    def _multi(self, question: Question) -> JsonValue:
        picked = set(self._picked(question, question.key) or ())
        if question.other:
            text = self._other_text(question)
            if text:
                picked.add("other")
                self.reading.answers[other_name(question)] = text
            elif "other" in picked and not self.draft:
                self._problem(other_name(question), say.OTHER_TEXT)
        if question.at_most and len(picked) > question.at_most:
            figures = {"limit": question.at_most, "over": len(picked) - question.at_most}
            self._problem(question.key, Refused(say.AT_MOST, figures))
        if picked and question.at_least and len(picked) < question.at_least and not self.draft:
            self._problem(question.key, Refused(say.AT_LEAST, {"limit": question.at_least}))
        if question.key in self.reading.problems:
            self.reading.answers.pop(other_name(question), None)
            return None
        return [option.key for option in options_of(question) if option.key in picked] or None

    def _picked(self, item: Question | Column, name: str) -> list[JsonValue] | None:
        """Return the options of several that were chosen, in the order of the form."""
        values = self._values(name)
        keys = [option.key for option in options_of(item)]
        if any(value not in keys for value in values):
            self._problem(name, say.NO_OPTION)
        return [key for key in keys if key in values] or None

    def _files(self, question: Question) -> JsonValue:
        own = {option.key for option in self.rows.get(question.key, ())}
        values = self._values(question.key)
        if any(value not in own for value in values):
            self._problem(question.key, say.LOST_FILE)
        kept: list[JsonValue] = [value for value in values if value in own]
        if question.at_most and len(kept) > question.at_most:
            figures = {"limit": question.at_most, "over": len(kept) - question.at_most}
            self._problem(question.key, Refused(say.AT_MOST, figures))
            return None
        return kept or None

    def _grid(self, question: Question, required: bool) -> JsonValue:
        found: list[dict[str, JsonValue]] = []
        for row in grid_rows(question, self.rows):
            read = self._row(question, row, required)
            if read is not None:
                found.append(read)
        if not self.draft:
            self._hold_apart(question, found)
            if found and question.at_least and len(found) < question.at_least:
                self._problem(question.key, Refused(say.AT_LEAST_ROWS, {"limit": question.at_least}))
        return list[JsonValue](found) or None

    def _hold_apart(self, question: Question, found: list[dict[str, JsonValue]]) -> None:
        """Find what was chosen in two rows of a column where each option may be chosen once."""
        for column in question.columns:
            seen: list[JsonValue] = []
            for row in found:
                value = row.get(column.key)
                if column.distinct and value in seen:
                    self._problem(cell_name(question, str(row["row"]), column.key), say.CHOSEN_TWICE)
                if value is not None:
                    seen.append(value)

    def _row(self, question: Question, row: Row, required: bool) -> dict[str, JsonValue] | None:
        if can_be_struck(question, row) and self._values(cell_name(question, row.key, STRIKE)):
            return None
        named = row.option is None and question.row_label is not None
        names = [cell_name(question, row.key, column.key) for column in question.columns]
        label_name = cell_name(question, row.key, ROW_LABEL)
        touched = any(self._values(name) for name in (*names, *((label_name,) if named else ())))
        if not touched and not (required and row.option is not None):
            return None
        label: JsonValue = ""
        if row.option and question.store_labels:
            label = row.option.label.to(self.language, formal=self.formal)
        if named:
            label = self._value(Column(key="name", label=question.label, type=QuestionType.SHORT), label_name) or ""
            if not label and not self.draft:
                self._problem(label_name, say.ROW_NAME)
        cells: dict[str, JsonValue] = {}
        for column, name in zip(question.columns, names, strict=True):
            value = self._picked(column, name) if column.type is QuestionType.MULTI else self._value(column, name)
            if value is not None:
                cells[column.key] = value
            elif column.required and not self.draft and name not in self.reading.problems:
                self._problem(name, say.MISSING[column.type])
                if required:
                    self._problem(question.key, question.missing or say.MISSING[question.type])
        return {"row": row.key, "label": label, **cells} if cells or (named and label) else None
