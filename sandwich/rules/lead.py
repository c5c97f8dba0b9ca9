"""The time before an activity: how much of it is holiday, and which later start leaves enough (field rule 28)."""

from datetime import date, timedelta

from sandwich.rules.calendar import Calendar

MOST_FREE = 10
"""With more days of holiday than this in the weeks before, a later start is proposed."""

SHORT = 5
"""With fewer working days left before the start, the coordinator confirms what will not be ready by itself."""

_WEEK = timedelta(weeks=1)


def free_before(start: date, weeks: int, calendar: Calendar) -> int:
    """Return how many days of holiday lie in so many weeks before ``start``, weekends within a holiday included."""
    first = start - weeks * _WEEK
    return sum(first <= day < start for day in calendar.holidays)


def better_start(start: date, weeks: int, calendar: Calendar) -> date | None:
    """Return the first later day of the same weekday with enough time before it; ``None`` within a year of none."""
    for later in range(1, 53):
        day = start + later * _WEEK
        if calendar.is_working(day) and free_before(day, weeks, calendar) <= MOST_FREE:
            return day
    return None


def is_short(today: date, start: date, calendar: Calendar) -> bool:
    """Whether fewer than five working days are left, the day of the start not included."""
    return calendar.count(today, SHORT) > start
