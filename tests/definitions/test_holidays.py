"""The holidays that come with Sandwich: whole, in order, and where the rules say that they must be."""

from datetime import date, timedelta

import pytest

from models.holidays import FreeDays, HolidayFile
from models.tables.calendar import BlockKind
from models.tables.network import HolidayRegion
from sandwich.definitions.load import load_file
from sandwich.services.holidays import FOLDER

YEARS = (2026, 2027)
WEEKS = {"Herfstvakantie": 1, "Kerstvakantie": 2, "Voorjaarsvakantie": 1, "Zomervakantie": 6}


def year(first: int) -> tuple[FreeDays, ...]:
    return load_file(FOLDER / f"holidays-{first}-{first + 1}.yaml", HolidayFile).days


def easter(of: int) -> date:
    """The Sunday of Easter by Gauss's rule, which is exact for the years from 1900 to 2099."""
    d = (19 * (of % 19) + 24) % 30
    e = (2 * (of % 4) + 4 * (of % 7) + 6 * d + 5) % 7
    days = 22 + d + e
    if (d, e) == (29, 6) or ((d, e) == (28, 6) and of % 19 > 10):
        days -= 7
    return date(of, 3, 1) + timedelta(days=days - 1)


def test_there_is_a_file_for_each_of_these_years_and_no_other() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"holidays-{one}-{one + 1}.yaml" for one in YEARS]


@pytest.mark.parametrize("first", YEARS)
@pytest.mark.parametrize("region", HolidayRegion)
def test_every_region_has_every_holiday_from_a_saturday_to_a_sunday(first: int, region: HolidayRegion) -> None:
    own = [one for one in year(first) if one.kind is BlockKind.HOLIDAY and region in (one.regions or (region,))]
    long = [one for one in own if one.name != "Goede Vrijdag"]
    assert sorted(one.name for one in long) == sorted([*WEEKS, "Meivakantie"])
    for one in long:
        assert (one.first.weekday(), one.last.weekday()) == (5, 6)
        assert one.name not in WEEKS or (one.last - one.first).days + 1 == 7 * WEEKS[one.name] + 2
        assert date(first, 9, 1) < one.first < date(first + 1, 8, 1)
    days = [one.first + timedelta(days=number) for one in own for number in range((one.last - one.first).days + 1)]
    assert len(days) == len(set(days))


@pytest.mark.parametrize("first", YEARS)
def test_the_summer_begins_in_three_weeks_one_after_another(first: int) -> None:
    begins = {one.regions: one.first for one in year(first) if one.name == "Zomervakantie"}
    assert {len(regions) for regions in begins} == {1}
    assert sorted(begins.values()) == [min(begins.values()) + timedelta(weeks=number) for number in range(3)]


@pytest.mark.parametrize("first", YEARS)
def test_the_days_that_hang_on_easter_and_the_fixed_ones(first: int) -> None:
    found = {one.name: (one.first, one.last) for one in year(first) if one.first == one.last}
    sunday = easter(first + 1)
    hanging = {"Goede Vrijdag": -2, "Eerste paasdag": 0, "Tweede paasdag": 1}
    hanging |= {"Hemelvaartsdag": 39, "Eerste pinksterdag": 49, "Tweede pinksterdag": 50}
    expected = {name: sunday + timedelta(days=number) for name, number in hanging.items()}
    expected |= {"Eerste kerstdag": date(first, 12, 25), "Tweede kerstdag": date(first, 12, 26)}
    expected |= {"Nieuwjaarsdag": date(first + 1, 1, 1), "Koningsdag": date(first + 1, 4, 27)}
    assert found == {name: (day, day) for name, day in expected.items()}


def test_easter_is_where_it_was() -> None:
    assert [easter(of) for of in (2019, 2024, 2027)] == [date(2019, 4, 21), date(2024, 3, 31), date(2027, 3, 28)]
