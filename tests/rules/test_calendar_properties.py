"""Properties of the calendar: any free days, any schools, any hour of any day, the nights of the clocks included."""

from datetime import date, datetime, time, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from models.tables.calendar import BlockKind
from models.tables.network import HolidayRegion
from sandwich.rules.calendar import Block, Calendar, calendar_of
from tests.rules.school_year import AMSTERDAM, DAY, YEAR

FIRST, LAST = date(2026, 8, 1), date(2028, 7, 31)
days = st.dates(FIRST, LAST)
SCHOOLS = [("N", HolidayRegion.NORTH), ("M", HolidayRegion.MIDDLE), ("S", HolidayRegion.SOUTH)]


@st.composite
def own_blocks(draw: st.DrawFn) -> Block:
    first = draw(days)
    kind = draw(st.sampled_from([BlockKind.HOLIDAY, BlockKind.STUDY_DAY, BlockKind.OPEN]))
    return Block(
        kind,
        first,
        first + draw(st.integers(0, 20)) * DAY,
        school=draw(st.sampled_from("NMS")),
        name=draw(st.sampled_from(["", "Voorjaarsvakantie", "Herfstvakantie"])),
    )


blocks = st.lists(own_blocks(), max_size=4).map(lambda own: (*YEAR, *own))
some_schools = st.lists(st.sampled_from(SCHOOLS), max_size=3, unique=True)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    return calendar_of(draw(blocks), AMSTERDAM, draw(some_schools))


def between(one: date, other: date) -> list[date]:
    """The days after ``one`` and before ``other``."""
    return [one + number * DAY for number in range(1, (other - one).days)]


@given(calendars(), days)
def test_back_is_the_last_working_day(calendar: Calendar, day: date) -> None:
    found = calendar.back(day)
    assert found <= day
    assert calendar.is_working(found)
    assert not any(calendar.is_working(one) for one in [*between(found, day), *([day] if found != day else [])])


@given(calendars(), days)
def test_forward_is_the_next_working_day_and_out_of_a_holiday_the_second(calendar: Calendar, day: date) -> None:
    found = calendar.forward(day)
    assert calendar.is_working(found)
    skipped = [one for one in [day, *between(day, found)] if one < found]
    through_holiday = any(one in calendar.holidays for one in skipped)
    assert sum(calendar.is_working(one) for one in skipped) == (1 if through_holiday else 0)
    assert calendar.next_working(day) <= found


@given(calendars(), days, st.integers(1, 40))
def test_working_days_counted_are_working_days_passed(calendar: Calendar, day: date, number: int) -> None:
    later, earlier = calendar.count(day, number), calendar.count(day, -number)
    assert sum(calendar.is_working(one) for one in [*between(day, later), later]) == number
    assert sum(calendar.is_working(one) for one in [earlier, *between(earlier, day)]) == number
    assert calendar.is_working(later)
    assert calendar.is_working(earlier)


@given(calendars(), days, st.integers(1, 40))
def test_the_clock_stops_in_a_holiday(calendar: Calendar, day: date, number: int) -> None:
    found = calendar.count_free(day, number)
    assert found not in calendar.holidays
    assert sum(one not in calendar.holidays for one in [*between(day, found), found]) == number


closed_blocks = st.builds(
    lambda first, length, company: Block(BlockKind.CLOSED, first, first + length * DAY, company=company),
    *(days, st.integers(0, 20), st.sampled_from("BC")),
)


@given(blocks, st.lists(closed_blocks, max_size=3), some_schools, st.sets(st.sampled_from("BC")), days)
def test_together_people_work_when_each_of_them_does(
    free: tuple[Block, ...],
    closed: list[Block],
    schools: list[tuple[str, HolidayRegion]],
    companies: set[str],
    day: date,
) -> None:
    free = (*free, *closed)
    together = calendar_of(free, AMSTERDAM, schools, companies)
    each = [calendar_of(free, AMSTERDAM, [school]) for school in schools]
    each += [calendar_of(free, AMSTERDAM, companies=[company]) for company in companies]
    each = each or [calendar_of(free, AMSTERDAM)]
    assert calendar_of(free, AMSTERDAM, schools).with_days_of(calendar_of(free, AMSTERDAM, (), companies)) == together
    assert together.is_working(day) == all(one.is_working(day) for one in each)


@given(blocks, days)
def test_a_company_knows_public_holidays_only(free: tuple[Block, ...], day: date) -> None:
    public = {one for block in free if block.kind is BlockKind.PUBLIC_HOLIDAY for one in block.days()}
    assert calendar_of(free, AMSTERDAM).is_working(day) == (day.weekday() < 5 and day not in public)


@given(own_blocks(), days)
def test_what_one_school_enters_changes_nothing_for_another(own: Block, day: date) -> None:
    others = [school for school in SCHOOLS if school[0] != own.school]
    assert calendar_of((*YEAR, own), AMSTERDAM, others) == calendar_of(YEAR, AMSTERDAM, others)


@given(st.sampled_from(SCHOOLS), st.sampled_from([one for one in YEAR if one.name]), st.integers(-30, 30))
def test_an_own_holiday_stands_instead_of_the_regions_wherever_it_moves(
    school: tuple[str, HolidayRegion], block: Block, shift: int
) -> None:
    first = block.first + shift * DAY
    own = Block(BlockKind.HOLIDAY, first, block.last + shift * DAY, school=school[0], name=block.name)
    assume(block.region in {school[1], None})
    holidays = calendar_of((*YEAR, own), AMSTERDAM, [school]).holidays
    assert set(own.days()) <= holidays
    moved_out = set(block.days()) - set(own.days())
    others = {one for other in YEAR if other != block and other.kind is BlockKind.HOLIDAY for one in other.days()}
    assert not (moved_out & holidays) - others


@given(calendars(), days, st.times())
def test_the_day_of_a_local_time_is_that_day_whatever_the_clocks_do(calendar: Calendar, day: date, clock: time) -> None:
    moment = calendar.at(day, clock)
    assert calendar.day_of(moment) == day
    local = moment.astimezone(AMSTERDAM)
    if local.replace(tzinfo=None) != datetime.combine(day, clock):
        # An hour of the last Sunday of March does not exist: it is read as the hour after.
        assert (day.month, day.weekday(), clock.hour) == (3, 6, 2)
        assert local.replace(tzinfo=None) == datetime.combine(day, clock) + timedelta(hours=1)


@given(days, st.sampled_from([time(8), time(10), time(16, 30)]))
def test_office_hours_are_a_day_apart_but_for_the_two_nights_of_the_clocks(day: date, clock: time) -> None:
    calendar = calendar_of(YEAR, AMSTERDAM)
    hours = (calendar.at(day + DAY, clock) - calendar.at(day, clock)) / timedelta(hours=1)
    is_night = (day + DAY).weekday() == 6 and (day + DAY).month in {3, 10} and (day + DAY).day >= 25
    assert hours == ((23 if (day + DAY).month == 3 else 25) if is_night else 24)
