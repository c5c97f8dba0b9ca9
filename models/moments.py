"""Rules for moments, as a playbook writes them (``T-6w``, ``E+2wd``), and for which contact moments a step comes."""

import re
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from models.text import Definition, Misfit


class Unit(StrEnum):
    """What an offset counts."""

    WEEKS = "w"
    DAYS = "d"
    WORKING_DAYS = "wd"


class Moment(Definition):
    """A rule for a moment: ``T-6w``, ``E+2wd``, ``E 16:30``, ``T3-2d``, ``host-preview+5wd``.

    ``T`` is the start of the first contact moment, ``E`` the end of the last, ``H`` halfway; ``T3`` and ``E3`` are
    those of the third moment, or of the last where there are fewer. In a step that comes again for each contact moment
    ``M`` is the start of its own moment, ``ME`` its end, and ``N`` the start of the next one. Any other anchor is a
    step, from the day that it was carried out. Days and weeks are calendar days; ``at`` is a local time of day.
    """

    anchor: str
    offset: int = 0
    unit: Unit = Unit.DAYS
    at: time | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a moment as it is written in a playbook; raises ``Misfit`` with the accepted form."""
        match = _MOMENT.fullmatch(text.strip())
        if not match:
            raise Misfit(
                "{text!r} is geen moment; schrijf bijvoorbeeld T-6w, E+2wd, E 16:30 of host-preview+5wd",
                "{text!r} is no moment; write for instance T-6w, E+2wd, E 16:30 or host-preview+5wd",
                text=text,
            )
        anchor, sign, amount, unit, clock = match.groups()
        return cls(
            anchor=anchor,
            offset=int(f"{sign}{amount}") if amount else 0,
            unit=Unit(unit) if unit else Unit.DAYS,
            at=time.fromisoformat(clock) if clock else None,
        )

    def __str__(self) -> str:
        offset = f"{self.offset:+d}{self.unit}" if self.offset else ""
        clock = f" {self.at:%H:%M}" if self.at else ""
        return f"{self.anchor}{offset}{clock}"


_MOMENT = re.compile(
    r"([TE]\d{0,2}|H|ME?|N|[a-z][a-z0-9-]*[a-z0-9])(?:([+-])(\d{1,3})(wd|w|d))?(?: ((?:[01]\d|2[0-3]):[0-5]\d))?"
)


def _read_moment(value: Any) -> Any:
    return Moment.parse(value) if isinstance(value, str) else value


MomentRule = Annotated[
    Moment,
    BeforeValidator(_read_moment),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["T-6w", "E+2wd", "E 16:30"]}),
]


class Rhythm(StrEnum):
    """When on the day, and on which days, a mail leaves (field rule 8)."""

    REQUEST = "request"  # Tuesday to Thursday at 10:00, where that is at most two days later
    ROUTINE = "routine"  # any working day at 08:30
    EXACT = "exact"  # at the stated moment, never moved


class Each(StrEnum):
    """For which contact moments of a series a step comes again."""

    EVERY = "every"
    BUT_FIRST = "but-first"
    BUT_LAST = "but-last"
    INNER = "inner"  # neither the first nor the last
    FIRST_OF_TWO = "first-of-two"  # the first of every two; after each of them another one comes
    LAST = "last"

    def of(self, moments: int) -> range:
        """Return the numbers, from 1, of the contact moments that are meant, out of so many."""
        if self is Each.LAST:
            return range(moments, moments + 1)
        if self is Each.FIRST_OF_TWO:
            return range(1, moments, 2)
        first = 2 if self in {Each.BUT_FIRST, Each.INNER} else 1
        last = moments - 1 if self in {Each.BUT_LAST, Each.INNER} else moments
        return range(first, last + 1)
