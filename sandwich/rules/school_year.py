"""School years: from the first of August to the last of July (a year is named after the one in which it begins)."""

from datetime import date, timedelta

BEGINS = (8, 1)


def school_year(day: date) -> int:
    """Return the year in which the school year of a day began."""
    return day.year if (day.month, day.day) >= BEGINS else day.year - 1


def first_day(year: int) -> date:
    """Return the first day of the school year that begins in ``year``."""
    return date(year, *BEGINS)


def last_day(year: int) -> date:
    """Return its last day."""
    return first_day(year + 1) - timedelta(days=1)


def in_words(year: int) -> str:
    """Return a school year as people write it: *2026–2027*."""
    return f"{year}–{year + 1}"
