"""School days, working days and holidays."""

from datetime import UTC, time

import pytest

from models.tables.calendar import BlockKind
from tests.rules.school_year import MIDDLE, NORTH, SOUTH, block, calendar, day, holiday, local

MID = (("S1", MIDDLE),)


@pytest.mark.parametrize(
    ("on", "works"),
    [
        ("2026-10-16", True),  # the Friday before the autumn holiday
        ("2026-10-17", False),  # its first Saturday
        ("2026-10-21", False),
        ("2026-10-25", False),
        ("2026-10-26", True),
        ("2026-12-18", True),
        ("2026-12-21", False),
        ("2027-01-04", True),
        ("2027-03-29", False),  # Easter Monday
        ("2026-11-07", False),  # any Saturday
    ],
)
def test_a_school_of_the_middle_region(on: str, works: bool) -> None:
    assert calendar(*MID).is_working(day(on)) is works


def test_several_schools_are_free_when_one_of_them_is() -> None:
    both = calendar(("N", NORTH), ("M", MIDDLE))
    assert not both.is_working(day("2026-10-12"))  # north only
    assert not both.is_working(day("2026-10-22"))  # middle only
    assert both.is_working(day("2026-10-26"))


def test_a_company_works_in_school_holidays_and_not_on_public_ones() -> None:
    company = calendar()
    assert company.is_working(day("2026-10-21"))
    assert company.is_working(day("2026-12-24"))
    assert not company.is_working(day("2026-12-25"))
    assert not company.is_working(day("2027-01-01"))


CLOSED = (block(BlockKind.CLOSED, "2026-11-09", "2026-11-20", company="B3"),)


def test_closed_days_are_a_holiday_of_their_company_alone() -> None:
    closed = calendar(more=CLOSED, companies=("B3",))
    assert not closed.is_working(day("2026-11-09"))
    assert closed.forward(day("2026-11-18")) == day("2026-11-24"), "the second day after, as after a holiday"
    assert closed.count_free(day("2026-11-06"), 3) == day("2026-11-21"), "the clock stops"
    for others in (calendar(more=CLOSED), calendar(more=CLOSED, companies=("B4",)), calendar(*MID, more=CLOSED)):
        assert others.is_working(day("2026-11-09"))


def test_schools_and_companies_together_meet_when_all_of_them_work() -> None:
    both = calendar(*MID, more=CLOSED, companies=("B3",))
    assert calendar(*MID, more=CLOSED).with_days_of(calendar(more=CLOSED, companies=("B3",))) == both
    assert not both.is_working(day("2026-10-21"))
    assert not both.is_working(day("2026-11-09"))


def test_a_study_day_is_free_for_its_own_school_alone() -> None:
    study = (block(BlockKind.STUDY_DAY, "2026-12-11", school="S3"),)
    assert not calendar(("S3", MIDDLE), more=study).is_working(day("2026-12-11"))
    assert calendar(("S1", MIDDLE), more=study).is_working(day("2026-12-11"))
    assert not calendar(("S1", MIDDLE), ("S3", MIDDLE), more=study).is_working(day("2026-12-11"))


def test_an_open_block_gives_days_of_the_holiday_back() -> None:
    opened = (block(BlockKind.OPEN, "2026-10-17", "2026-10-21", school="S1"),)
    own = calendar(("S1", MIDDLE), more=opened)
    assert own.is_working(day("2026-10-21"))
    assert not own.is_working(day("2026-10-22"))
    assert not calendar(("S1", MIDDLE), ("S2", MIDDLE), more=opened).is_working(day("2026-10-21"))


def test_a_schools_own_holiday_stands_instead_of_the_regions_of_the_same_name() -> None:
    carnival = (holiday("Voorjaarsvakantie", "2027-02-06", "2027-02-12", school="NIJ"),)
    own = calendar(("NIJ", SOUTH), more=carnival)
    assert not own.is_working(day("2027-02-08"))
    assert own.is_working(day("2027-02-15"))  # its region is free, the school is not
    assert not own.is_working(day("2026-12-21"))  # other holidays stay


def test_a_schools_own_holiday_stands_instead_of_one_that_it_overlaps() -> None:
    longer = (holiday("Winter", "2026-12-17", "2027-01-01", school="S1"),)
    own = calendar(*MID, more=longer)
    assert not own.is_working(day("2026-12-17"))
    assert own.is_working(day("2027-01-04"))
    # Its own ends on New Year's Day; the weekend after it is one anyway.
    assert own.forward(day("2026-12-30")) == day("2027-01-05")


def test_the_same_name_in_another_season_is_another_holiday() -> None:
    spring = (holiday("Herfstvakantie", "2027-04-05", "2027-04-09", school="S1"),)
    own = calendar(*MID, more=spring)
    assert not own.is_working(day("2026-10-21"))
    assert not own.is_working(day("2027-04-06"))


@pytest.mark.parametrize(
    ("on", "back", "forward"),
    [
        ("2026-10-15", "2026-10-15", "2026-10-15"),
        ("2026-10-22", "2026-10-16", "2026-10-27"),  # out of a holiday: the second school day after it
        ("2026-10-24", "2026-10-16", "2026-10-27"),  # its last Saturday
        ("2026-11-07", "2026-11-06", "2026-11-09"),  # out of a weekend: the first
        ("2026-12-24", "2026-12-18", "2027-01-05"),
        ("2026-12-28", "2026-12-18", "2027-01-05"),
        ("2027-03-29", "2027-03-26", "2027-03-30"),  # out of a public holiday: the first
    ],
)
def test_back_and_forward(on: str, back: str, forward: str) -> None:
    school = calendar(*MID)
    assert (school.back(day(on)), school.forward(day(on))) == (day(back), day(forward))


def test_forward_through_a_study_day_into_a_holiday_is_the_second_school_day() -> None:
    study = (block(BlockKind.STUDY_DAY, "2026-12-18", school="S1"),)
    assert calendar(*MID, more=study).forward(day("2026-12-18")) == day("2027-01-05")


@pytest.mark.parametrize(
    ("on", "days", "found"),
    [
        ("2026-11-05", 1, "2026-11-06"),
        ("2026-11-05", 2, "2026-11-09"),
        ("2026-11-05", 8, "2026-11-17"),
        ("2026-11-05", -1, "2026-11-04"),
        ("2026-11-05", -5, "2026-10-29"),
        ("2026-10-16", 1, "2026-10-26"),
        ("2026-10-26", -1, "2026-10-16"),
        ("2026-11-07", 0, "2026-11-07"),
    ],
)
def test_working_days_are_counted_in_both_directions(on: str, days: int, found: str) -> None:
    assert calendar(*MID).count(day(on), days) == day(found)


def test_the_clock_of_free_counting_stops_in_holidays_and_runs_in_weekends() -> None:
    school = calendar(*MID)
    assert school.count_free(day("2026-10-08"), 8) == day("2026-10-16")
    assert school.count_free(day("2026-10-08"), 9) == day("2026-10-26")
    assert school.count_free(day("2026-11-05"), 4) == day("2026-11-09")


@pytest.mark.parametrize(
    ("on", "clock", "utc"),
    [
        ("2026-10-23", "10:00", "2026-10-23 08:00"),  # summer time
        ("2026-10-25", "10:00", "2026-10-25 09:00"),  # the day on which it ends
        ("2026-10-26", "10:00", "2026-10-26 09:00"),
        ("2027-03-28", "10:00", "2027-03-28 08:00"),  # the day on which it begins
        ("2027-03-27", "10:00", "2027-03-27 09:00"),
        ("2027-03-28", "02:30", "2027-03-28 01:30"),  # a time that does not exist
        ("2026-10-25", "02:30", "2026-10-25 00:30"),  # a time that comes twice: the first
    ],
)
def test_local_times_stay_local_when_the_clocks_change(on: str, clock: str, utc: str) -> None:
    moment = calendar(*MID).at(day(on), time.fromisoformat(clock))
    assert moment.tzinfo is UTC
    assert f"{moment:%Y-%m-%d %H:%M}" == utc


def test_the_day_of_a_moment_is_the_local_one() -> None:
    assert calendar().day_of(local("2026-10-22 00:00")) == day("2026-10-22")
    assert calendar().day_of(local("2026-10-21 23:59")) == day("2026-10-21")
