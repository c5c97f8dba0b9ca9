"""School years, which turn on 1 August, calendar years, and when hours were made (field rule 38)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from models.tables.results import HoursKind
from sandwich.errors import BadInput
from sandwich.rules.calendar import Calendar, Span

_TURNS = (8, 1)
_EARLIEST, _LATEST = 2000, 2999
_BEFORE = frozenset({HoursKind.COMPANY_BEFORE, HoursKind.TEACHER_BEFORE})
_DURING = frozenset({HoursKind.COMPANY_DURING, HoursKind.TEACHER_DURING})


@dataclass(frozen=True, order=True)
class SchoolYear:
    """The school year that begins in the calendar year ``first``: 2026 is 2026–2027."""

    first: int

    @classmethod
    def of(cls, day: date) -> "SchoolYear":
        """Return the school year that a day belongs to."""
        return cls(day.year if (day.month, day.day) >= _TURNS else day.year - 1)

    @classmethod
    def named(cls, name: str) -> "SchoolYear":
        """Return the school year called ``2026`` or ``2026-2027``; raises ``BadInput`` for anything else."""
        first, _, second = name.strip().replace("–", "-").partition("-")
        is_year = first.isdecimal() and _EARLIEST <= int(first) <= _LATEST
        if not is_year or second not in {"", str(int(first) + 1)}:
            raise BadInput(
                f"{name} is no school year. Write it as 2026 or 2026-2027.",
                f"{name} is geen schooljaar. Schrijf het als 2026 of 2026-2027.",
            )
        return cls(int(first))

    @property
    def begins_on(self) -> date:
        """Its first day."""
        return date(self.first, *_TURNS)

    @property
    def next_begins_on(self) -> date:
        """The first day after it."""
        return date(self.first + 1, *_TURNS)

    def __contains__(self, day: date) -> bool:
        """Whether a day belongs to it."""
        return SchoolYear.of(day) == self

    def __str__(self) -> str:
        """Return its name as people write it."""
        return f"{self.first}–{self.first + 1}"


@dataclass(frozen=True, order=True)
class CalendarYear:
    """A calendar year: what a budget is told in."""

    first: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the calendar year that a day belongs to."""
        return cls(day.year)

    @property
    def begins_on(self) -> date:
        """Its first day."""
        return date(self.first, 1, 1)

    @property
    def next_begins_on(self) -> date:
        """The first day after it."""
        return date(self.first + 1, 1, 1)

    def __contains__(self, day: date) -> bool:
        """Whether a day belongs to it."""
        return day.year == self.first

    def __str__(self) -> str:
        """Return its name as people write it."""
        return str(self.first)


Period = SchoolYear | CalendarYear
"""What figures are about."""

_KINDS: dict[str, type[SchoolYear] | type[CalendarYear]] = {"school": SchoolYear, "calendar": CalendarYear}


def key_of(period: Period) -> str:
    """Return a period as it stands in an address: ``school-2026`` or ``calendar-2026``."""
    kind = next(key for key, kind in _KINDS.items() if isinstance(period, kind))
    return f"{kind}-{period.first}"


def period_of_key(key: str) -> Period | None:
    """Return the period that stands in an address like this; ``None`` where none does."""
    kind, _, first = key.partition("-")
    is_year = len(first) == len(str(_EARLIEST)) and first.isascii() and first.isdecimal()
    return _KINDS[kind](int(first)) if kind in _KINDS and is_year and _EARLIEST <= int(first) <= _LATEST else None


def years_before(period: Period, count: int) -> Period:
    """Return the period of the same kind so many years earlier."""
    return type(period)(period.first - count)


def share_made_in(year: Period, kind: HoursKind, moments: Sequence[Span], calendar: Calendar) -> float:
    """Return which share of some hours was made in a school year, from 0 to 1.

    Those of the day itself follow the length of each contact moment; those of before count with the first, those of
    after with the last, for nobody says on which days they were made.
    """
    spans = sorted(moments)
    if kind not in _DURING:
        start, end = spans[0][0], max(end for _, end in spans)
        return float(calendar.day_of(start if kind in _BEFORE else end) in year)
    lengths = [((end - start).total_seconds(), calendar.day_of(start) in year) for start, end in spans]
    return sum(length for length, is_inside in lengths if is_inside) / sum(length for length, _ in lengths)
