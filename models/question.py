"""What one question of a form is, and a column of a table: as plain data, checked part by part."""

from typing import Self

from pydantic import Field, model_validator

from models.choices import Option, Scale
from models.duties import Duties
from models.question_types import Condition, Format, QuestionType, Visibility
from models.text import Definition, Key, Misfit, Text

SHORT_LENGTH = 200
LONG_LENGTH = 4000

_Q = QuestionType
_CHOICE = {_Q.SINGLE, _Q.MULTI}
_BELONGS_TO: dict[str, set[QuestionType]] = {
    "options": _CHOICE,
    "options_from": _CHOICE,
    "other": _CHOICE,
    "scale": {_Q.SCALE5},
    "not_applicable": {_Q.SCALE5},
    "at_most": {_Q.MULTI, _Q.FILE},
    "at_least": {_Q.MULTI, _Q.GRID},
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
    "strikes": {_Q.GRID},
    "duties": {_Q.GRID},
    "columns": {_Q.GRID},
    "accept": {_Q.FILE},
    "max_megabytes": {_Q.FILE},
    "default": {_Q.YESNO, _Q.SINGLE, _Q.SHORT, _Q.LONG},
    "must_be_yes": {_Q.YESNO},
    "distinct": {_Q.SINGLE},
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
    if needed and not getattr(item, needed, None) and not getattr(item, f"{needed}_from", None):
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
    """One column of a grid: a small question asked for every row.

    ``distinct``: no option may be chosen in two rows, as for a first, second and third choice.
    """

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
    distinct: bool = False

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        what = Text(nl="Kolom {key!r}", en="Column {key!r}").filled(key=self.key)
        if self.type in {_Q.GRID, _Q.FILE}:
            raise Misfit(
                "{what} kan niet van type {type} zijn. Gebruik een van: {types}.",
                "{what} cannot be of type {type}. Use one of: {types}.",
                what=what,
                type=self.type,
                types="short, long, single, multi, scale5, date, datetime, time, yesno, number",
            )
        if self.key in {"row", "label", "strike"}:
            raise Misfit(
                "Een kolom kan niet de sleutel {key!r} hebben, want die heeft elke rij al. Geef haar een andere naam.",
                "A column cannot have the key {key!r}, which every row has already. Rename it.",
                key=self.key,
            )
        _check_parts(what, self)
        return self

    @property
    def length_limit(self) -> int:
        """How many characters a ``short`` or ``long`` answer may have."""
        return self.max_length


class QuestionVariant(Definition):
    """What a question has differently in one variant of its form; what is left out stays as it is.

    ``required`` takes the place of ``required_when`` too.
    """

    label: Text | None = None
    help: Text | None = None
    missing: Text | None = None
    required: bool | None = None
    rows: tuple[Option, ...] | None = None
    rows_from: Key | None = None
    add_rows: int | None = None
    columns: tuple[Column, ...] | None = None
    prefill: Key | None = None


class Question(Definition):
    """One question.

    ``required`` and ``required_when`` are the ● and ◐ of the field; a question with ``shown_when`` is asked only
    when its condition holds and then follows ``required``. ``missing`` is the sentence shown when a required answer
    is not there, or is no where it ``must_be_yes``. ``variants`` names the variants of the form that have the question
    (empty means all), ``except_variants`` those that leave it out, ``differs`` what it has differently in one of them.
    ``heading`` stands above it and begins a part of the form. ``rows_from``, ``options_from`` and ``prefill`` name a
    source that is filled in when the form is opened (``sandwich.definitions.sources``); options of the form stand
    behind those of the source. ``default`` is an answer that stands until the person changes it. ``row_label`` heads
    the names of a grid's rows; with it an added row gets a name of its own. ``store_labels`` is false where the words
    of a row are another person's: they are shown, and not stored again. With ``strikes`` a row can be struck: it is no
    part of the answer, although it stands in the form. ``duties`` says what its rows become once they are agreed.
    """

    key: Key
    heading: Text | None = None
    label: Text
    help: Text | None = None
    missing: Text | None = None
    type: QuestionType
    required: bool = False
    required_when: Condition | None = None
    shown_when: Condition | None = None
    variants: tuple[Key, ...] = ()
    except_variants: tuple[Key, ...] = ()
    differs: dict[Key, QuestionVariant] = Field(default_factory=dict)
    options_from: Key | None = None
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
    strikes: bool = False
    duties: Duties | None = None
    columns: tuple[Column, ...] = ()
    accept: tuple[str, ...] = ()
    max_megabytes: int = Field(default=8, ge=1, le=50)
    prefill: Key | None = None
    default: bool | Key | Text | None = None
    must_be_yes: bool = False
    suggest: Text | None = None
    visibility: Visibility = Visibility.GROUP
    released_by: Key | None = None
    keep_days: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        _check_question(self)
        for variant in self.differs:
            if not self.belongs_to(variant):
                raise Misfit(
                    "Vraag {key!r} heeft differs voor {variant!r}, maar die variant heeft deze vraag niet.",
                    "Question {key!r} differs in {variant!r}, but that variant does not have this question.",
                    key=self.key,
                    variant=variant,
                )
            _check_question(self.in_variant(variant))
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

    def in_variant(self, variant: str | None) -> Self:
        """Return the question as the variant (``None``: the form as it is) asks it."""
        differs = self.differs.get(variant) if variant is not None else None
        changed = {
            name: value for name in QuestionVariant.model_fields if (value := getattr(differs, name, None)) is not None
        }
        if "required" in changed:
            changed["required_when"] = None
        return self.model_copy(update={**changed, "variants": (), "except_variants": (), "differs": {}})


def _check_question(question: Question) -> None:
    """Raise ``Misfit`` where the parts of a question do not go together."""
    what = Text(nl="Vraag {key!r}", en="Question {key!r}").filled(key=question.key)
    _check_parts(what, question)
    columns = [column.key for column in question.columns]
    if question.duties is not None:
        question.duties.check(what, question.columns)
    for is_wrong, nl, en in (
        (
            question.type is _Q.TIME,
            "is van type time, en dat kan alleen een kolom van een tabel hebben. Gebruik type datetime.",
            "is of type time, which only a column of a grid can have. Use type datetime.",
        ),
        (
            question.type is _Q.GRID and not (question.rows or question.rows_from or question.add_rows),
            "is een tabel zonder rijen. Voeg rows, rows_from of add_rows toe.",
            "is a grid without rows. Add rows, rows_from or add_rows.",
        ),
        (
            question.required and question.required_when,
            "heeft required en required_when. Houd een van de twee.",
            "has both required and required_when. Keep one of the two.",
        ),
        (
            question.missing and not (question.required or question.required_when),
            "is nooit verplicht, dus niemand ziet de zin onder missing. Haal die weg.",
            "is never required, so nobody will see its sentence under missing. Remove it.",
        ),
        (
            question.default is not None
            and isinstance(question.default, Text) is not (question.type in {_Q.SHORT, _Q.LONG}),
            "heeft een default van de verkeerde soort. Schrijf een tekst met nl en en, of een van de antwoorden.",
            "has a default of the wrong kind. Write a text with nl and en, or one of the answers.",
        ),
        (
            question.must_be_yes and not (question.required or question.required_when),
            "moet ja zijn en is niet verplicht. Voeg required toe.",
            "must be yes and is not required. Add required.",
        ),
        (
            (question.visibility is Visibility.RELEASED) != (question.released_by is not None),
            "heeft visibility: released en released_by samen nodig. Voeg toe wat ontbreekt.",
            "needs visibility: released and released_by together. Add the one that lacks.",
        ),
        (
            question.variants and question.except_variants,
            "heeft variants en except_variants. Houd een van de twee.",
            "has both variants and except_variants. Keep one of the two.",
        ),
        (
            question.at_least and question.at_most and question.at_least > question.at_most,
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
