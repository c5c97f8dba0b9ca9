"""What a page shows for one thing to fill in: which control, under which name, with which value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from models.form import Column, Format, Question, QuestionType
from models.text import Language, Text
from sandwich.rules.answer_values import options_of, scale_of

MOST_BESIDE = 5
"""A choice in a grid with more options than this becomes a list to open."""

IN_ONE_LINE = {2: 16, 3: 13, 4: 7}
"""So many options of at most so many letters stand in one line on a phone."""

LONG_WORD = 12
"""A longer word does not fit beside another option on a phone."""

MANY = 8
VERY_MANY = 12
"""More options than this unfold, also where one of them must be chosen."""

LONG_LINE = 150
"""A line that may be longer than this gets room for two."""

_YES = Text(nl="Ja", en="Yes")
_NO = Text(nl="Nee", en="No")
_NOT_APPLICABLE = Text(nl="n.v.t.", en="not applicable")
_NATIVE = {
    QuestionType.DATE: ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    QuestionType.DATETIME: ("datetime-local", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")),
    QuestionType.TIME: ("time", re.compile(r"\d\d:\d\d(:\d\d)?")),
}


class Kind(StrEnum):
    """The controls that a page knows."""

    LINE = "line"
    AREA = "area"
    RADIO = "radio"
    CHECKBOX = "checkbox"
    LIST = "list"


@dataclass(frozen=True)
class Choice:
    """One option; ``number`` stands before the labels of a scale, ``is_meant`` says that a link in a mail named it."""

    value: str
    label: str
    is_chosen: bool
    number: str = ""
    is_meant: bool = False


@dataclass(frozen=True)
class Control:
    """One control. ``name`` is also what its id is made of; ``value`` what was typed."""

    kind: Kind
    name: str
    label: str = ""
    value: str = ""
    type: str = "text"
    inputmode: str = ""
    lines: int = 1
    choices: tuple[Choice, ...] = ()
    is_required: bool = False
    is_small: bool = False
    is_scale: bool = False
    problem: str = ""

    @property
    def id(self) -> str:
        """The id of the control, or of the first of its options."""
        return f"q-{self.name}"

    @property
    def is_group(self) -> bool:
        """Whether it is several controls that need a legend."""
        return self.kind in {Kind.RADIO, Kind.CHECKBOX}

    @property
    def is_wide(self) -> bool:
        """Whether it needs the whole width of a row."""
        return self.is_group and len(self.choices) > 2

    @property
    def is_tight(self) -> bool:
        """Whether its options are few and short enough to stand in one line on a phone."""
        longest = max((len(choice.label) for choice in self.choices), default=0)
        return longest <= IN_ONE_LINE.get(len(self.choices), 0)

    @property
    def is_stacked(self) -> bool:
        """Whether its options stand below each other, because a word in one of them is long."""
        return any(len(word) > LONG_WORD for choice in self.choices for word in choice.label.split())

    @property
    def is_long_list(self) -> bool:
        """Whether its options are so many that they stand closer together."""
        return len(self.choices) > MANY

    @property
    def is_very_long_list(self) -> bool:
        """Whether its options are so many that they would hide the rest of the form."""
        return len(self.choices) > VERY_MANY

    @property
    def is_filled(self) -> bool:
        """Whether something stands in it."""
        return bool(self.value) or any(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True)
class Reader:
    """Who reads the page; ``meant`` are the options that the link in the mail named, by the field that they are for."""

    language: Language
    formal: bool
    meant: Mapping[str, str] = field(default_factory=dict)

    def words(self, text: Text) -> str:
        """Return a text of a form for this reader."""
        return text.to(self.language, formal=self.formal)


def control(
    item: Question | Column, name: str, reader: Reader, typed: Mapping[str, Sequence[str]], problem: str = ""
) -> Control:
    """Return the control for a question or column of one or several values."""
    values = [value for value in typed.get(name, ()) if value]
    given = values[0] if values else ""
    label, required = reader.words(item.label), item.required
    choices = tuple(
        replace(one, is_meant=reader.meant.get(name) == one.value) for one in choices_of(item, reader, set(values))
    )
    if choices:
        kind = Kind.CHECKBOX if item.type is QuestionType.MULTI else Kind.RADIO
        small = isinstance(item, Column)
        if isinstance(item, Column) and item.type is QuestionType.SINGLE:
            # What may be chosen once must also be taken back again, which a radio button cannot.
            kind = Kind.LIST if item.distinct or len(choices) > MOST_BESIDE else kind
        return Control(
            kind,
            name,
            label,
            choices=choices,
            is_required=required,
            is_small=small,
            is_scale=item.type is QuestionType.SCALE5,
            problem=problem,
            value=given,
        )
    if item.type in _NATIVE:
        native, shape = _NATIVE[item.type]
        # What a browser without such a control sent is shown as it was typed; the native control would drop it.
        kind_of_input = native if not given or shape.fullmatch(given) else "text"
        return Control(Kind.LINE, name, label, given, kind_of_input, is_required=required, problem=problem)
    if item.type is QuestionType.NUMBER:
        mode = "numeric" if item.whole else "decimal"
        return Control(Kind.LINE, name, label, given, "number", mode, is_required=required, problem=problem)
    if item.type is QuestionType.LONG:
        return Control(Kind.AREA, name, label, given, lines=4, is_required=required, problem=problem)
    if item.format is None and item.length_limit >= LONG_LINE:
        return Control(Kind.AREA, name, label, given, lines=2, is_required=required, problem=problem)
    type_, mode = {Format.EMAIL: ("email", "email"), Format.PHONE: ("tel", "tel"), None: ("text", "")}[item.format]
    return Control(Kind.LINE, name, label, given, type_, mode, is_required=required, problem=problem)


def choices_of(item: Question | Column, reader: Reader, chosen: set[str]) -> tuple[Choice, ...]:
    """Return what can be chosen, in the order of the form; none where one types."""
    match item.type:
        case QuestionType.YESNO:
            return tuple(Choice(key, reader.words(text), key in chosen) for key, text in (("yes", _YES), ("no", _NO)))
        case QuestionType.SCALE5:
            steps = [
                Choice(str(number), reader.words(label), str(number) in chosen, str(number))
                for number, label in enumerate(scale_of(item).labels, start=1)
            ]
            if item.not_applicable:
                steps.append(Choice("na", reader.words(_NOT_APPLICABLE), "na" in chosen, "–"))
            return tuple(steps)
        case QuestionType.SINGLE | QuestionType.MULTI:
            return tuple(Choice(one.key, reader.words(one.label), one.key in chosen) for one in options_of(item))
    return ()
