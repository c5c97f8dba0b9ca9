"""Fill in any form as a person would: everything that must be answered, and what else their hand takes up."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

from models.choices import Option
from models.form import Column, Form, Format, Question, QuestionType
from models.text import Language
from sandwich.rules.answer_values import options_of
from sandwich.rules.answers import as_fields, read_answers
from sandwich.rules.form_fields import ROW_LABEL, opened

Fields = dict[str, list[str]]
Changes = Mapping[str, str | list[str] | None]
"""What somebody says to single fields; ``None`` empties one."""

_PASSED_OVER = frozenset({QuestionType.GRID, QuestionType.FILE, QuestionType.DATE, QuestionType.DATETIME})
"""Questions that nobody takes up who need not."""


class Hand:
    """How somebody fills in what they have a choice in: the first that is offered, and no more than must be."""

    def __init__(self, day: date = date(2026, 12, 1)) -> None:
        """Take the day that they name wherever a date is asked."""
        self.day = day

    def pick(self, _item: Question | Column, options: Sequence[Option]) -> list[str]:
        """Choose among options."""
        return [options[0].key]

    def mark(self) -> str:
        """Choose on a scale of five."""
        return "4"

    def takes_up(self, _question: Question) -> bool:
        """Whether they answer a question that they may leave open."""
        return False

    def write(self, item: Question | Column) -> str:
        """Write a few words."""
        return f"Tekst bij {item.key}"


PLAIN = Hand()
"""The hand of somebody without any wish of their own."""


class OwnHand(Hand):
    """Somebody's own: chosen by ``chance``, but yes to what must be answered, so that the activity goes on."""

    def __init__(self, day: date, chance: Random) -> None:
        """Take the day for dates, and what chooses."""
        super().__init__(day)
        self.chance = chance

    def pick(self, item: Question | Column, options: Sequence[Option]) -> list[str]:
        """Choose among options: the first where one must be, any where none need be, two where several may be."""
        if item.type is QuestionType.MULTI:
            return [option.key for option in options[: min(2, getattr(item, "at_most", None) or 2)]]
        return [options[0].key if item.required else self.chance.choice(options).key]

    def mark(self) -> str:
        """Choose on a scale of five."""
        return self.chance.choice("3445")

    def takes_up(self, _question: Question) -> bool:
        """Whether they answer a question that they may leave open: one in seven."""
        return self.chance.randrange(7) == 0


def fill_in(
    form: Form,
    rows: Mapping[str, Sequence[Option]],
    prefilled: Mapping[str, object],
    changes: Changes,
    hand: Hand = PLAIN,
) -> Fields:
    """Return what is posted: what stood in the form, with ``changes``, and the rest by the ``hand``."""
    fields: Fields = as_fields(form, dict(prefilled), rows, Language.DUTCH)  # type: ignore[arg-type]
    for name, value in changes.items():
        fields[name] = [] if value is None else [value] if isinstance(value, str) else list(value)
    for question in opened(form, rows).questions:
        is_free = not (question.required or question.key in fields or question.options_from)
        if is_free and question.type not in _PASSED_OVER and hand.takes_up(question):
            fields[question.key] = _made_up(question, hand)
    for _ in range(6):
        reading = read_answers(form, fields, rows, Language.DUTCH)
        wanted = [name for name in reading.problems if name not in changes]
        if not wanted:
            break
        for name in wanted:
            _answer(form, rows, fields, name, hand)
    # A page sends nothing of a question that it does not show.
    for name in reading.left_out:
        del fields[name]
    return fields


def _answer(form: Form, rows: Mapping[str, Sequence[Option]], fields: Fields, name: str, hand: Hand) -> None:
    key, *cell = name.split(".")
    question = opened(form, rows).question(key)
    if question.type is not QuestionType.GRID:
        fields[name] = _made_up(question, hand, [file.key for file in rows.get(key) or ()])
        return
    if cell and cell[-1] == ROW_LABEL:
        fields[name] = [f"Regel {cell[0]}"]
        return
    added = [f"new-{number}" for number in range(1, (question.at_least or 1) + 1)]
    keys = [row.key for row in rows.get(key) or question.rows] or added
    needed = [column for column in question.columns if column.required]
    for column in needed or question.columns[:1]:
        for row in [cell[0]] if cell else keys if needed else keys[:1]:
            fields.setdefault(f"{key}.{row}.{column.key}", _made_up(column, hand))


def _made_up(item: Question | Column, hand: Hand, files: Sequence[str] = ()) -> list[str]:
    if item.format is Format.PHONE:
        return ["06-00000077"]
    if item.format is Format.EMAIL:
        return ["iemand@school.example"]
    if item.type in {QuestionType.SINGLE, QuestionType.MULTI}:
        return hand.pick(item, options_of(item))
    match item.type:
        case QuestionType.SCALE5:
            return [hand.mark()]
        case QuestionType.YESNO:
            return ["yes"]
        case QuestionType.NUMBER:
            return [_number(item)]
        case QuestionType.DATE:
            return [f"{hand.day}"]
        case QuestionType.DATETIME:
            return [f"{hand.day}T13:30"]
        case QuestionType.TIME:
            return ["13:30"]
        case QuestionType.FILE:
            return [next(iter(files), "")]
    return [hand.write(item)]


def _number(item: Question | Column) -> str:
    number = max(4, int(item.minimum or 0))
    return f"{number if item.maximum is None else min(number, int(item.maximum))}"
