"""What a form is: the questions that a person is asked, as plain data (files in ``forms/``)."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from models.choices import Option, Scale
from models.text import Definition, Key, Misfit, Text

SHORT_LENGTH = 200
LONG_LENGTH = 4000


class Audience(StrEnum):
    """Whom a form addresses; decides *je* or *u* and the longest time that it may take."""

    TEACHER = "teacher"
    HOST = "host"
    SCHOOL_LEADER = "school_leader"
    COORDINATOR = "coordinator"
    COLLEAGUES = "colleagues"
    ANYONE = "anyone"


class QuestionType(StrEnum):
    """How a question is answered, and with it the shape of the stored answer.

    ========  ==========================================================
    short     one line: ``str``
    long      several lines: ``str``
    single    one option: its key
    multi     several options: list of keys, in the order of the form
    scale5    1 to 5 as ``int``, or ``"na"`` where *n.v.t.* is offered
    date      ISO date, ``"2026-11-05"``
    datetime  local date and time, ``"2026-11-05T13:30"``
    time      local time, ``"13:30"`` (columns of a grid only)
    yesno     ``bool``
    number    ``int`` or ``float``
    grid      list of rows: ``{"row": key, "label": str, column: value, …}``
    file      list of upload ids
    ========  ==========================================================

    What a person writes beside the option ``other`` stands under ``"<question>.other"``: ``str``.
    """

    SHORT = "short"
    LONG = "long"
    SINGLE = "single"
    MULTI = "multi"
    SCALE5 = "scale5"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    YESNO = "yesno"
    NUMBER = "number"
    GRID = "grid"
    FILE = "file"


class Format(StrEnum):
    """What a ``short`` answer must look like; also picks the keyboard of a phone."""

    EMAIL = "email"
    PHONE = "phone"


class Visibility(StrEnum):
    """Who may read an answer besides the person and the coordinator."""

    PRIVATE = "private"  # nobody else, ever
    GROUP = "group"  # only as a figure over three persons or more
    HOST = "host"  # goes to the host
    ACTIVITY = "activity"  # goes to everybody who takes part in this activity, the host too, and to nobody else
    SCHOOL = "school"  # is written to be shared with the school
    RELEASED = "released"  # only where the person said so in the question named by ``released_by``


class Condition(Definition):
    """When a question is shown or required: what was answered elsewhere in the same form.

    Exactly one test is given. For a grid it holds as soon as one cell of ``column`` passes. As long as the other
    question has no answer, only ``answered: false`` holds.
    """

    question: Key
    column: Key | None = None
    any_of: tuple[str | bool, ...] | None = None
    none_of: tuple[str | bool, ...] | None = None
    at_most: int | None = None
    answered: bool | None = None

    @model_validator(mode="after")
    def _has_one_test(self) -> Self:
        tests = (self.any_of, self.none_of, self.at_most, self.answered)
        if sum(test is not None for test in tests) != 1:
            raise Misfit(
                "Een voorwaarde heeft precies één toets. Houd een van: any_of, none_of, at_most, answered.",
                "A condition needs exactly one test. Keep one of: any_of, none_of, at_most, answered.",
            )
        return self


_Q = QuestionType
_CHOICE = {_Q.SINGLE, _Q.MULTI}
_BELONGS_TO: dict[str, set[QuestionType]] = {
    "options": _CHOICE,
    "other": _CHOICE,
    "scale": {_Q.SCALE5},
    "not_applicable": {_Q.SCALE5},
    "at_most": {_Q.MULTI, _Q.FILE},
    "at_least": {_Q.MULTI},
    "max_length": {_Q.SHORT, _Q.LONG},
    "format": {_Q.SHORT},
    "suggest": {_Q.SHORT, _Q.LONG},
    "minimum": {_Q.NUMBER},
    "maximum": {_Q.NUMBER},
    "whole": {_Q.NUMBER},
    "rows": {_Q.GRID},
    "rows_from": {_Q.GRID},
    "row_label": {_Q.GRID},
    "store_labels": {_Q.GRID},
    "add_rows": {_Q.GRID},
    "columns": {_Q.GRID},
    "accept": {_Q.FILE},
    "max_megabytes": {_Q.FILE},
    "default": {_Q.YESNO, _Q.SINGLE},
}
_NEEDED_BY = {_Q.SINGLE: "options", _Q.MULTI: "options", _Q.SCALE5: "scale", _Q.GRID: "columns", _Q.FILE: "accept"}


def _check_parts(what: Text, item: "Column | Question") -> None:
    """Raise ``Misfit`` where a column or question has a part that its type has no use for, or lacks one."""
    fields = type(item).model_fields
    for part, types in _BELONGS_TO.items():
        if part in fields and item.type not in types and getattr(item, part) != fields[part].default:
            raise Misfit(
                "{what} is van type {type}, en dat heeft geen {part}. Haal het weg of gebruik type {fitting}.",
                "{what} is of type {type}, which has no {part}. Remove it or use type {fitting}.",
                what=what,
                type=item.type,
                part=part,
                fitting=Text(nl=" of ".join(sorted(types)), en=" or ".join(sorted(types))),
            )
    needed = _NEEDED_BY.get(item.type)
    if needed and not getattr(item, needed, None):
        raise Misfit(
            "{what} is van type {type} en heeft geen {needed}. Voeg die toe of kies een ander type.",
            "{what} is of type {type} and has no {needed}. Add them or choose another type.",
            what=what,
            type=item.type,
            needed=needed,
        )
    if item.minimum is not None and item.maximum is not None and item.minimum > item.maximum:
        raise Misfit(
            "{what} heeft een minimum boven het maximum. Verwissel de twee.",
            "{what} has a minimum above its maximum. Exchange the two.",
            what=what,
        )


class Column(Definition):
    """One column of a grid: a small question asked for every row."""

    key: Key
    label: Text
    type: QuestionType
    required: bool = False
    options: tuple[Option, ...] | Key | None = None
    scale: Scale | Key | None = None
    not_applicable: bool = False
    max_length: int = Field(default=120, ge=1, le=2000)
    format: Format | None = None
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        what = Text(nl="Kolom {key!r}", en="Column {key!r}").filled(key=self.key)
        if self.type in {_Q.GRID, _Q.FILE, _Q.MULTI, _Q.LONG}:
            raise Misfit(
                "{what} kan niet van type {type} zijn. Gebruik een van: {types}.",
                "{what} cannot be of type {type}. Use one of: {types}.",
                what=what,
                type=self.type,
                types="short, single, scale5, date, datetime, time, yesno, number",
            )
        if self.key in {"row", "label"}:
            raise Misfit(
                "Een kolom kan niet de sleutel {key!r} hebben, want die heeft elke rij al. Geef haar een andere naam.",
                "A column cannot have the key {key!r}, which every row has already. Rename it.",
                key=self.key,
            )
        _check_parts(what, self)
        return self

    @property
    def length_limit(self) -> int:
        """How many characters a ``short`` answer may have."""
        return self.max_length


class Question(Definition):
    """One question.

    ``required`` and ``required_when`` are the ● and ◐ of the field; a question with ``shown_when`` is asked only
    when its condition holds and then follows ``required``. ``missing`` is the sentence shown when a required answer
    is not there. ``variants`` names the variants of the form that have the question (empty means all),
    ``except_variants`` those that leave it out. ``rows_from`` and ``prefill`` name a source that is filled in when
    the form is opened (``sandwich.definitions.sources``); ``default`` is an answer that stands until the person
    changes it. ``row_label`` heads the names of a grid's rows; with it an added row gets a name of its own.
    ``store_labels`` is false where the words of a row are another person's: they are shown, and not stored again.
    """

    key: Key
    label: Text
    help: Text | None = None
    missing: Text | None = None
    type: QuestionType
    required: bool = False
    required_when: Condition | None = None
    shown_when: Condition | None = None
    variants: tuple[Key, ...] = ()
    except_variants: tuple[Key, ...] = ()
    options: tuple[Option, ...] | Key | None = None
    scale: Scale | Key | None = None
    not_applicable: bool = False
    other: bool = False
    at_most: int | None = Field(default=None, ge=1)
    at_least: int | None = Field(default=None, ge=1)
    max_length: int | None = Field(default=None, ge=1, le=10_000)
    format: Format | None = None
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    rows: tuple[Option, ...] = ()
    rows_from: Key | None = None
    row_label: Text | None = None
    store_labels: bool = True
    add_rows: int = Field(default=0, ge=0, le=30)
    columns: tuple[Column, ...] = ()
    accept: tuple[str, ...] = ()
    max_megabytes: int = Field(default=8, ge=1, le=50)
    prefill: Key | None = None
    default: bool | Key | None = None
    suggest: Text | None = None
    visibility: Visibility = Visibility.GROUP
    released_by: Key | None = None
    keep_days: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        what = Text(nl="Vraag {key!r}", en="Question {key!r}").filled(key=self.key)
        _check_parts(what, self)
        columns = [column.key for column in self.columns]
        for is_wrong, nl, en in (
            (
                self.type is _Q.TIME,
                "is van type time, en dat kan alleen een kolom van een tabel hebben. Gebruik type datetime.",
                "is of type time, which only a column of a grid can have. Use type datetime.",
            ),
            (
                self.type is _Q.GRID and not (self.rows or self.rows_from or self.add_rows),
                "is een tabel zonder rijen. Voeg rows, rows_from of add_rows toe.",
                "is a grid without rows. Add rows, rows_from or add_rows.",
            ),
            (
                self.required and self.required_when,
                "heeft required en required_when. Houd een van de twee.",
                "has both required and required_when. Keep one of the two.",
            ),
            (
                self.missing and not (self.required or self.required_when),
                "is nooit verplicht, dus niemand ziet de zin onder missing. Haal die weg.",
                "is never required, so nobody will see its sentence under missing. Remove it.",
            ),
            (
                (self.visibility is Visibility.RELEASED) != (self.released_by is not None),
                "heeft visibility: released en released_by samen nodig. Voeg toe wat ontbreekt.",
                "needs visibility: released and released_by together. Add the one that lacks.",
            ),
            (
                self.variants and self.except_variants,
                "heeft variants en except_variants. Houd een van de twee.",
                "has both variants and except_variants. Keep one of the two.",
            ),
            (
                self.at_least and self.at_most and self.at_least > self.at_most,
                "heeft een at_least boven de at_most. Verwissel de twee.",
                "has an at_least above its at_most. Exchange the two.",
            ),
            (
                len(columns) != len(set(columns)),
                "heeft twee kolommen met dezelfde sleutel. Geef er een een andere naam.",
                "has two columns with the same key. Rename one.",
            ),
        ):
            if is_wrong:
                raise Misfit(f"{{what}} {nl}", f"{{what}} {en}", what=what)
        return self

    @property
    def length_limit(self) -> int:
        """How many characters a ``short`` or ``long`` answer may have."""
        return self.max_length or (LONG_LENGTH if self.type is _Q.LONG else SHORT_LENGTH)

    def belongs_to(self, variant: str | None) -> bool:
        """Whether the variant of the form (``None``: the form as it is) has this question."""
        if self.variants:
            return variant in self.variants
        return variant is None or variant not in self.except_variants


class Form(Definition):
    """A form with its version: an answer always shows the questions that it was given to.

    ``code`` is the form's number in the field (``F01``); ``minutes`` the time promised at the top.
    """

    key: Key
    code: str
    version: int = Field(ge=1)
    audience: Audience
    minutes: float = Field(gt=0, le=15)
    title: Text
    intro: Text | None = None
    variants: tuple[Key, ...] = ()
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        seen: set[str] = set()
        for question in self.questions:
            if question.key in seen:
                raise Misfit(
                    "Vraag {key!r} staat er twee keer. Geef er een een andere naam, of haal er een weg.",
                    "Question {key!r} stands twice. Rename or remove one.",
                    key=question.key,
                )
            seen.add(question.key)
        return self

    def question(self, key: str) -> Question:
        """Return the question with ``key``; raises ``KeyError``."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)
