"""School years and the share of hours that was made in one of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tables.results import HoursKind
from sandwich.errors import BadInput
from sandwich.rules.school_years import SchoolYear, share_made_in
from tests.rules.school_year import calendar, local

COMPANY = calendar()
JUNE = (local("2027-06-24 13:30"), local("2027-06-24 16:30"))
SEPTEMBER = (local("2027-09-09 13:30"), local("2027-09-09 14:30"))


@given(st.dates(date(2001, 1, 1), date(2999, 12, 31)))
def test_every_day_belongs_to_one_school_year(day: date) -> None:
    year = SchoolYear.of(day)
    assert year.begins_on <= day < year.next_begins_on
    assert [one for one in (year.first - 1, year.first, year.first + 1) if day in SchoolYear(one)] == [year.first]


@pytest.mark.parametrize("name", ["2026", "2026-2027", "2026–2027", " 2026 "])
def test_a_year_is_named_by_its_first_or_by_both(name: str) -> None:
    assert SchoolYear.named(name) == SchoolYear(2026)
    assert str(SchoolYear.named(name)) == "2026–2027"


@pytest.mark.parametrize("name", ["", "26", "2026-2028", "2026-27", "later", "3026", "-2026"])
def test_anything_else_is_no_school_year(name: str) -> None:
    with pytest.raises(BadInput, match="is no school year"):
        SchoolYear.named(name)


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (HoursKind.COMPANY_BEFORE, 1.0, 0.0),
        (HoursKind.TEACHER_BEFORE, 1.0, 0.0),
        (HoursKind.COMPANY_DURING, 0.75, 0.25),
        (HoursKind.TEACHER_DURING, 0.75, 0.25),
        (HoursKind.COMPANY_AFTER, 0.0, 1.0),
        (HoursKind.TEACHER_AFTER, 0.0, 1.0),
    ],
)
def test_hours_count_in_the_year_in_which_they_were_made(kind: HoursKind, old: float, new: float) -> None:
    for moments in ([JUNE, SEPTEMBER], [SEPTEMBER, JUNE]):
        shares = [share_made_in(SchoolYear(first), kind, moments, COMPANY) for first in (2025, 2026, 2027)]
        assert shares == [0.0, old, new]


def test_the_evening_before_the_turn_is_still_the_old_year() -> None:
    evening = (local("2027-07-31 20:00"), local("2027-07-31 23:30"))
    assert share_made_in(SchoolYear(2026), HoursKind.TEACHER_DURING, [evening], COMPANY) == 1.0
