"""How much mail people get: the busiest day of anybody, and who has more than two mails in a week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sandwich.rehearsal.record import Sent, by_person
from sandwich.rules.slots import monday_of

MOST_IN_A_WEEK = 2
"""How many mails a week somebody can be expected to read."""


@dataclass(frozen=True)
class Busiest:
    """The day on which somebody got the most mails."""

    code: str
    day: date
    mails: int


@dataclass(frozen=True)
class TooMuch:
    """Somebody who has ``weeks`` with more mails than can be expected to be read; the worst begins on ``monday``."""

    code: str
    weeks: int
    monday: date
    mails: int
    names: tuple[str, ...]


def busiest_day(sent: Sequence[Sent], zone: ZoneInfo) -> Busiest | None:
    """Return the day with the most mails for one person; the first of several."""
    found: Busiest | None = None
    for code, mails in sorted(by_person(sent).items()):
        for day, number in sorted(Counter(one.at.astimezone(zone).date() for one in mails).items()):
            if found is None or number > found.mails:
                found = Busiest(code, day, number)
    return found


def too_much(sent: Sequence[Sent], zone: ZoneInfo) -> list[TooMuch]:
    """Return who has more than ``MOST_IN_A_WEEK`` mails in a week from Monday to Sunday, the worst first."""
    found: list[TooMuch] = []
    for code, mails in by_person(sent).items():
        weeks: dict[date, list[str]] = {}
        for one in mails:
            day = one.at.astimezone(zone).date()
            weeks.setdefault(monday_of(day), []).append(one.mail)
        full = {monday: names for monday, names in weeks.items() if len(names) > MOST_IN_A_WEEK}
        if full:
            monday = min(full, key=lambda week: (-len(full[week]), week))
            found.append(TooMuch(code, len(full), monday, len(full[monday]), tuple(full[monday])))
    return sorted(found, key=lambda one: (-one.mails, -one.weeks, one.code))
