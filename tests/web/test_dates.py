"""How a whole activity's time is written: of one day with its hours, of several by its days."""

from datetime import UTC, datetime

from sandwich.web.dates import Calendar

CALENDAR = Calendar("Europe/Amsterdam")
FIRST = datetime(2026, 12, 10, 12, 30, tzinfo=UTC)


def test_one_day_has_hours() -> None:
    end = FIRST.replace(hour=16, minute=0)
    assert CALENDAR.period(FIRST, end, "nl") == "donderdag 10 december 2026, 13:30–17:00 uur"


def test_several_days_have_none_for_there_are_nights_between() -> None:
    end = FIRST.replace(day=17)
    assert CALENDAR.period(FIRST, end, "nl") == "donderdag 10 december 2026 t/m donderdag 17 december 2026"
    assert CALENDAR.period(FIRST, end, "en") == "Thursday 10 December 2026 to Thursday 17 December 2026"
