"""How often a company may be asked: so many times in a school year, and with weeks in between (field rule 44)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sandwich.rules.school_years import SchoolYear


@dataclass(frozen=True)
class Limits:
    """At most ``per_year`` requests in a school year, with ``weeks`` between two of them."""

    per_year: int
    weeks: int


def asked_this_year(asked: Sequence[date], today: date) -> int:
    """Return how many of the requests are of this school year, those that still leave in it among them."""
    return sum(day in SchoolYear.of(today) for day in asked)


def free_on(asked: Sequence[date], today: date, limits: Limits) -> date | None:
    """Return from when a company may be asked again; ``None`` where it may be today.

    ``asked`` are the days of the requests so far, also of those that have yet to leave.
    """
    days = []
    if asked:
        days.append(max(asked) + timedelta(weeks=limits.weeks))
    if asked_this_year(asked, today) >= limits.per_year:
        days.append(SchoolYear.of(today).next_begins_on)
    free = max(days, default=today)
    return free if free > today else None
