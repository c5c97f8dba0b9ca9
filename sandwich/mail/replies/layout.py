"""A small form laid out so that a reply can be read back, question by question, without guessing.

Every question stands between its code in brackets and *Answer* with the same code. What somebody writes behind that
is the answer, up to the next code: so marks of quoting, lines that a program wraps or joins, and bullets that it
changes do not matter. A code follows from the invitation, the form as it was asked and the words of the row: when one
of these is another, the code is another, and an old mail answers nothing by mistake.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.choices import Option
from models.form import Column, Form, Question, QuestionType
from models.text import Language, Text
from sandwich.rules.answer_values import options_of, scale_of
from sandwich.rules.form_fields import Rows, cell_name, opened, other_name

MOST_QUESTIONS = 9
"""Questions in one mail that are still a small form; a date counts as one."""

MOST_OPTIONS = 8
"""Options of one question that can be written out in a mail."""

SOURCES = frozenset({"proposed_dates"})
"""Where rows of such a form may come from."""

_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_LENGTH = 4
_PLAIN = frozenset(
    {
        QuestionType.SHORT,
        QuestionType.LONG,
        QuestionType.SINGLE,
        QuestionType.MULTI,
        QuestionType.SCALE5,
        QuestionType.YESNO,
        QuestionType.NUMBER,
        QuestionType.DATE,
    }
)
_IN_A_CELL = frozenset({QuestionType.SINGLE, QuestionType.YESNO, QuestionType.SCALE5})

_ANSWER = Text(nl="Antwoord", en="Answer")
END = Text(nl="[einde]", en="[end]")
_YES, _NO = Text(nl="ja", en="yes"), Text(nl="nee", en="no")
_NOT_APPLICABLE = Text(nl="n.v.t.", en="n/a")
_ONLY = Text(
    nl="alleen als dit past bij je andere antwoorden",
    nl_u="alleen als dit past bij uw andere antwoorden",
    en="only where it fits your other answers",
)
_MAY = Text(nl="mag leeg blijven", en="optional")
_SEVERAL = Text(nl="meer mag, bijvoorbeeld: a, c", en="more than one is fine, for instance: a, c")
_DATE = Text(nl="een datum, zoals 5-11-2026", en="a date, such as 5-11-2026")
_NUMBER = Text(nl="een getal", en="a number")
_OTHER = Text(nl="anders: schrijf wat", en="other: write what")


@dataclass(frozen=True)
class Asked:
    """A form that one person was asked, as it was asked, with its rows."""

    invitation_id: str
    digest: str
    form: Form
    rows: Rows


@dataclass(frozen=True)
class Pick:
    """One option: how it is posted, what it says, and its letter or figure (none for yes and no)."""

    value: str
    label: str
    sign: str = ""


@dataclass(frozen=True)
class Item:
    """One question, or one row of a small table, with the code by which its answer is found.

    ``name`` is the field of the form that the answer goes to.
    """

    code: str
    invitation_id: str
    question: Question
    item: Question | Column
    name: str
    label: str
    picks: tuple[Pick, ...] = ()
    hint: str = ""

    @property
    def is_chosen(self) -> bool:
        """Whether it is answered with one or several of its options."""
        return bool(self.picks)

    @property
    def takes_several(self) -> bool:
        """Whether more than one option may be chosen."""
        return self.item.type is QuestionType.MULTI

    @property
    def other_name(self) -> str | None:
        """The field for what somebody writes beside the option *other*."""
        return other_name(self.question) if self.question.other else None

    def options_line(self) -> str:
        """Return the options on one line: ``a = goed; b = minder``, or ``ja / nee``."""
        if all(not pick.sign for pick in self.picks):
            return " / ".join(pick.label for pick in self.picks)
        return "; ".join(f"{pick.sign} = {pick.label}" for pick in self.picks)


@dataclass(frozen=True)
class Block:
    """What stands in a mail for one question, each on a line of its own; what is empty does not stand there."""

    heading: str
    options: str
    hint: str
    answer: str


def items_of(asked: Iterable[Asked], language: Language | str, *, formal: bool) -> tuple[Item, ...]:
    """Return the questions of those of these forms that can be answered in plain words, as a whole form or not at all.

    Each form alone has at most ``MOST_QUESTIONS``; whether they stand in one mail says :func:`fit`.
    """
    found: list[Item] = []
    for one in asked:
        items = _items(one, Language(language), formal)
        found += items if len(items) <= MOST_QUESTIONS else []
    return tuple(found) if len({item.code for item in found}) == len(found) else ()


def fit(items: Sequence[Item]) -> bool:
    """Whether these questions are few enough to stand in one mail."""
    return 0 < len(items) <= MOST_QUESTIONS


def block_of(item: Item, number: int, language: Language | str) -> Block:
    """Return what stands in a mail for the question that comes as the ``number``th."""
    return Block(
        heading=f"[{item.code}] {number}. {item.label}",
        options=item.options_line(),
        hint=f"({item.hint})" if item.hint else "",
        answer=f"{_ANSWER.to(language)} [{item.code}]:",
    )


def _items(asked: Asked, language: Language, formal: bool) -> list[Item]:
    form = opened(asked.form, asked.rows)
    found: list[Item] = []
    for question in form.questions:
        made = _of_question(asked, question, language, formal)
        if made is None:
            return []
        found += made
    return found


def _of_question(asked: Asked, question: Question, language: Language, formal: bool) -> list[Item] | None:
    source = question.rows_from or question.options_from
    if question.prefill or (source and source not in SOURCES):
        return None
    if question.type is QuestionType.GRID:
        return _of_grid(asked, question, language, formal)
    if question.type not in _PLAIN or len(options_of(question)) > MOST_OPTIONS:
        return None
    label = _plain(question.label.to(language, formal=formal))
    code = _code(asked, question.key, "")
    picks = _picks(question, language, formal)
    hint = _hint(question, language, formal, is_required=question.required)
    return [Item(code, asked.invitation_id, question, question, question.key, label, picks, hint)]


def _of_grid(asked: Asked, question: Question, language: Language, formal: bool) -> list[Item] | None:
    if (
        len(question.columns) != 1
        or question.add_rows
        or question.strikes
        or question.columns[0].type not in _IN_A_CELL
    ):
        return None
    column = question.columns[0]
    if column.type not in _IN_A_CELL or column.distinct or len(options_of(column)) > MOST_OPTIONS:
        return None
    found = []
    for row in asked.rows.get(question.key) or question.rows:
        words = row.label.to(language, formal=formal)
        label = _plain(f"{question.label.to(language, formal=formal)} {words}")
        name = cell_name(question, row.key, column.key)
        code = _code(asked, name, "\n".join((row.label.nl, row.label.en)))
        picks = _picks(column, language, formal)
        hint = _hint(question, language, formal, is_required=question.required or bool(question.required_when))
        found.append(Item(code, asked.invitation_id, question, column, name, label, picks, hint))
    return found or None


def _picks(item: Question | Column, language: Language, formal: bool) -> tuple[Pick, ...]:
    match item.type:
        case QuestionType.YESNO:
            return Pick("yes", _YES.to(language)), Pick("no", _NO.to(language))
        case QuestionType.SCALE5:
            steps = [
                Pick(str(number), _plain(label.to(language, formal=formal)), str(number))
                for number, label in enumerate(scale_of(item).labels, start=1)
            ]
            return (*steps, *([Pick("na", _NOT_APPLICABLE.to(language))] if item.not_applicable else []))
        case QuestionType.SINGLE | QuestionType.MULTI:
            options: Iterable[Option] = options_of(item)
            return tuple(
                Pick(option.key, _plain(option.label.to(language, formal=formal)), "abcdefgh"[place])
                for place, option in enumerate(options)
            )
    return ()


def _hint(question: Question, language: Language, formal: bool, *, is_required: bool) -> str:
    parts = []
    if question.type is QuestionType.MULTI:
        parts.append(_SEVERAL)
    if question.other:
        parts.append(_OTHER)
    if question.type is QuestionType.DATE:
        parts.append(_DATE)
    if question.type is QuestionType.NUMBER:
        parts.append(_NUMBER)
    if question.shown_when is not None or question.required_when is not None:
        parts.append(_ONLY)
    elif not is_required:
        parts.append(_MAY)
    return "; ".join(part.to(language, formal=formal) for part in parts)


def _plain(words: str) -> str:
    """Return words on one line in which nothing can pass for a code."""
    return " ".join(re.sub(r"[\[\]]", " ", words).split())


def _code(asked: Asked, name: str, words: str) -> str:
    said = "\n".join((asked.invitation_id, asked.digest, name, words))
    number = int.from_bytes(hashlib.sha256(said.encode("utf-8", "replace")).digest()[:8], "big")
    letters = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)
