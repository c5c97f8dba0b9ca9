"""School days, working days and holidays (field rules 6 and 7)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from models.tables.calendar import BlockKind
from models.tables.network import HolidayRegion

Span = tuple[datetime, datetime]
"""Start and end of a contact moment, aware."""

_DAY = timedelta(days=1)
_SAME_HOLIDAY = timedelta(days=60)


@dataclass(frozen=True)
class Block:
    """A run of free days, of a region, of one school (then ``school``) or company, or of the whole country."""

    kind: BlockKind
    first: date
    last: date
    region: HolidayRegion | None = None
    school: str | None = None
    name: str = ""
    company: str | None = None

    def replaces(self, other: "Block") -> bool:
        """Return whether this holiday of a school stands instead of ``other``, one of its region or the country.

        It does where the two share a day, or have one name and begin within two months of each other.
        """
        same_name = bool(self.name) and self.name.casefold() == other.name.casefold()
        is_near = abs(self.first - other.first) <= _SAME_HOLIDAY
        return (self.first <= other.last and other.first <= self.last) or (same_name and is_near)

    def days(self) -> Iterable[date]:
        """Return every day of the block."""
        return (self.first + number * _DAY for number in range((self.last - self.first).days + 1))


@dataclass(frozen=True)
class Calendar:
    """The days on which some people are free together: weekends, ``holidays`` and single free ``days``."""

    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    days: frozenset[date] = frozenset()

    def with_days_of(self, other: "Calendar") -> "Calendar":
        """Return the calendar on which the days of ``other`` are free too."""
        if other.holidays <= self.holidays and other.days <= self.days:
            return self
        return Calendar(self.zone, self.holidays | other.holidays, self.days | other.days)

    def without(self, first: date, last: date) -> "Calendar":
        """Return the calendar on which somebody is away from ``first`` to ``last`` as in a holiday."""
        days = {first + number * _DAY for number in range((last - first).days + 1)}
        return Calendar(self.zone, self.holidays | days, self.days)

    def is_working(self, day: date) -> bool:
        """Return whether people work on ``day``."""
        return day.weekday() < 5 and day not in self.holidays and day not in self.days

    def count(self, day: date, working_days: int) -> date:
        """Return the day ``working_days`` working days after ``day`` (before it, when negative)."""
        step = _DAY if working_days > 0 else -_DAY
        left = abs(working_days)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def count_free(self, day: date, days: int) -> date:
        """Return the day ``days`` days after ``day``, where days in a holiday do not count: the clock stops."""
        left = days
        while left:
            day += _DAY
            left -= day not in self.holidays
        return day

    def back(self, day: date) -> date:
        """Return ``day``, or the last working day before it."""
        while not self.is_working(day):
            day -= _DAY
        return day

    def forward(self, day: date) -> date:
        """Return ``day``, or the next working day; out of a holiday the *second* school day after it."""
        from_holiday = False
        while not self.is_working(day):
            from_holiday |= day in self.holidays
            day += _DAY
        return self.count(day, 1) if from_holiday else day

    def next_working(self, day: date) -> date:
        """Return ``day``, or the first working day after it."""
        while not self.is_working(day):
            day += _DAY
        return day

    def at(self, day: date, clock: time) -> datetime:
        """Return the local time ``clock`` on ``day`` as a moment in UTC."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """Return the local day of a moment."""
        return moment.astimezone(self.zone).date()


def calendar_of(
    blocks: Iterable[Block],
    zone: ZoneInfo,
    schools: Sequence[tuple[str, HolidayRegion]] = (),
    companies: Collection[str] = (),
) -> Calendar:
    """Build the calendar of people at ``schools`` (id, region) and ``companies`` (id), as the union of their free days.

    A school's own holidays stand instead of those of its region (see ``Block.replaces``); its ``open`` blocks give
    days back. Companies have weekends, public holidays and the days on which they are closed.
    """
    return _calendar_of(tuple(blocks), zone, tuple(schools), frozenset(companies))


@lru_cache(maxsize=512)
def _calendar_of(
    blocks: tuple[Block, ...],
    zone: ZoneInfo,
    schools: tuple[tuple[str, HolidayRegion], ...],
    companies: frozenset[str],
) -> Calendar:
    """Build it once: many activities live by the same calendar."""
    holidays = {
        day for block in blocks if block.kind is BlockKind.CLOSED and block.company in companies for day in block.days()
    }
    days: set[date] = {day for block in blocks if block.kind is BlockKind.PUBLIC_HOLIDAY for day in block.days()}
    for school, region in schools:
        own = [block for block in blocks if block.school == school]
        opened = {day for block in own if block.kind is BlockKind.OPEN for day in block.days()}
        own_holidays = [block for block in own if block.kind is BlockKind.HOLIDAY]
        others = [
            block
            for block in blocks
            if block.kind is BlockKind.HOLIDAY and block.school is None and block.region in {region, None}
        ]
        kept = [block for block in others if not any(one.replaces(block) for one in own_holidays)]
        holidays |= {day for block in (*own_holidays, *kept) for day in block.days()} - opened
        days |= {day for block in own if block.kind is BlockKind.STUDY_DAY for day in block.days()}
    return Calendar(zone, frozenset(holidays), frozenset(days))
