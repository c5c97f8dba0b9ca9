"""From when a company may be asked again, by hand for the school year 2026–2027."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandwich.rules.cool_down import Limits, asked_this_year, free_on

LIMITS = Limits(per_year=3, weeks=6)
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("asked", "today", "free"),
    [
        ([], "2026-11-22", None),
        (["2026-11-01"], "2026-11-22", "2026-12-13"),
        (["2026-11-01"], "2026-12-12", "2026-12-13"),
        (["2026-11-01"], "2026-12-13", None),
        (["2026-08-01", "2026-10-01", "2026-12-01"], "2027-06-01", "2027-08-01"),
        (["2026-07-31", "2026-10-01", "2026-12-01"], "2027-06-01", None),  # the first was of another school year
        (["2026-10-01", "2027-02-01", "2027-07-15"], "2027-07-20", "2027-08-26"),  # both hold; the later one counts
        (["2027-01-12"], "2026-11-22", "2027-02-23"),  # it has yet to leave
    ],
)
def test_a_company_rests_after_each_request_and_after_three_in_a_year(
    asked: list[str], today: str, free: str | None
) -> None:
    found = free_on([date.fromisoformat(day) for day in asked], date.fromisoformat(today), LIMITS)
    assert found == (date.fromisoformat(free) if free else None)


def test_the_figures_are_those_of_the_installation() -> None:
    asked = [date(2026, 11, 1)]
    assert free_on(asked, date(2026, 11, 22), Limits(per_year=3, weeks=1)) is None
    assert free_on(asked, date(2026, 12, 22), Limits(per_year=1, weeks=1)) == date(2027, 8, 1)


@given(st.lists(DAYS, max_size=6), DAYS)
def test_on_the_day_that_it_is_free_it_may_be_asked(asked: list[date], today: date) -> None:
    free = free_on(asked, today, LIMITS)
    if free is None:
        assert asked_this_year(asked, today) < LIMITS.per_year
        assert not asked or max(asked) + timedelta(weeks=LIMITS.weeks) <= today
        return
    assert free > today
    later = free_on(asked, free, LIMITS)
    # A request that has yet to leave can lie in the year after.
    assert later is None or asked_this_year(asked, free) >= LIMITS.per_year
