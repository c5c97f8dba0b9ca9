"""How a question is answered, who may read the answer, and what decides whether it is asked."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from models.text import Definition, Key, Misfit


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

    What a person writes beside the option ``other`` stands under ``"<question>.other"``: ``str``. Where options come
    from a source, the words of those that were chosen stand under ``"<question>.words"``: list of ``str``, for the
    form itself does not have them.
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
    MUTUAL = "mutual"  # goes to the person it is about as soon as both have said yes, and to nobody before
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
