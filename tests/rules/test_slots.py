"""When a mail may leave: pace, hours, slots and the two of a week (field rules 50 and 51)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.moments import Rhythm
from sandwich.mail.mails import MAILS
from sandwich.rules.calendar import Calendar
from sandwich.rules.slots import Pace, Wait, counts, digest_at, leaves_at, next_try, pace_of, slot_around, waits

ZONE = ZoneInfo("Europe/Amsterdam")
HOLIDAY = frozenset(date(2026, 10, 17) + timedelta(days=number) for number in range(9))
SCHOOL = Calendar(ZONE, holidays=HOLIDAY)
COMPANY = Calendar(ZONE)
NEVER_DELAYED = {"M08", "M09", "M10", "M11", "M21", "M22", "M25", "login", "code", "link", "F32"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def told(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%a %d %b %H:%M}"


def day_and_slot(moment: datetime) -> str:
    slot = slot_around(moment, SCHOOL)
    assert slot is not None, f"{told(moment)} lies in no slot"
    return told(slot[0])


def test_what_is_never_delayed_never_counts_and_everything_else_does() -> None:
    for name, mail in MAILS.items():
        is_free = mail.code in NEVER_DELAYED
        assert (pace_of(name, Rhythm.REQUEST) in {Pace.AT_ONCE, Pace.PROMPT}) is is_free, name
        assert counts(name) is not (is_free or name in {"call", "counter-proposal"}), name


def test_what_belongs_to_its_hour_is_as_the_mails_of_the_day() -> None:
    assert pace_of("ask", Rhythm.EXACT) is Pace.AT_ONCE
    assert not counts("ask", is_exact=True)
    assert counts("ask")


@pytest.mark.parametrize("hour", ["2026-11-07 23:40", "2026-10-20 03:00", "2026-11-05 16:30"])
def test_a_change_leaves_at_any_hour(hour: str) -> None:
    assert leaves_at(pace_of("moved"), local(hour), SCHOOL, "T3") == local(hour)
    assert leaves_at(pace_of("field-note"), local(hour), SCHOOL, "T3") == local(hour)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-11-03 10:00", "Tue 03 Nov 10:00"),
        ("2026-11-03 11:29", "Tue 03 Nov 10:00"),
        ("2026-11-03 11:30", "Wed 04 Nov 10:00"),
        ("2026-11-02 08:00", "Tue 03 Nov 10:00"),  # a Monday waits for Tuesday
        ("2026-11-05 14:00", "Fri 06 Nov 10:00"),  # Tuesday is more than two days later
        ("2026-11-06 14:00", "Tue 10 Nov 10:00"),
        ("2026-11-07 14:00", "Tue 10 Nov 10:00"),
        ("2026-10-15 14:00", "Fri 16 Oct 10:00"),
        ("2026-10-16 14:00", "Tue 27 Oct 10:00"),  # over the autumn holiday
    ],
)
def test_first_requests_leave_from_ten_on_tuesday_to_thursday(now: str, slot: str) -> None:
    assert day_and_slot(leaves_at(Pace.FIRST, local(now), SCHOOL, "T3")) == slot


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-11-03 08:00", "Tue 03 Nov 08:00"),
        ("2026-11-03 09:30", "Wed 04 Nov 08:00"),
        ("2026-11-06 22:00", "Mon 09 Nov 08:00"),
        ("2026-10-16 12:00", "Mon 26 Oct 08:00"),
    ],
)
def test_everything_else_leaves_from_eight_on_a_working_day_of_its_reader(now: str, slot: str) -> None:
    assert day_and_slot(leaves_at(Pace.ROUTINE, local(now), SCHOOL, "T3")) == slot


def test_a_company_is_not_away_in_a_school_holiday() -> None:
    now = local("2026-10-16 12:00")
    assert told(leaves_at(Pace.ROUTINE, now, COMPANY, "P3"))[:10] == "Mon 19 Oct"


def test_readers_are_spread_over_a_slot_and_each_has_one_place() -> None:
    now = local("2026-11-03 08:00")
    places = {reader: leaves_at(Pace.ROUTINE, now, SCHOOL, reader) for reader in (f"T{n}" for n in range(200))}
    assert len(set(places.values())) == 18
    assert all(now <= at < now + timedelta(minutes=90) for at in places.values())
    for reader, at in places.items():
        again = leaves_at(Pace.ROUTINE, now + timedelta(days=1), SCHOOL, reader)
        assert again - at == timedelta(days=1)


def test_the_answer_to_an_answer_leaves_the_same_day_in_office_hours() -> None:
    for name in ("new-version", "agreed", "refused", "counter-proposal", "call"):
        assert leaves_at(pace_of(name), local("2026-11-05 14:12"), SCHOOL, "T3") == local("2026-11-05 14:12")
        assert told(leaves_at(pace_of(name), local("2026-11-05 19:00"), SCHOOL, "T3")) == "Fri 06 Nov 08:00"
        assert told(leaves_at(pace_of(name), local("2026-11-07 12:00"), SCHOOL, "T3")) == "Mon 09 Nov 08:00"


def test_a_slot_never_lies_after_the_deadline() -> None:
    monday = local("2026-11-02 14:00")
    # Tuesday at ten would be too late: the morning of Tuesday is not.
    early = leaves_at(Pace.FIRST, monday, SCHOOL, "T3", deadline=local("2026-11-03 10:00"))
    assert day_and_slot(early) == "Tue 03 Nov 08:00"
    # No slot is left before midnight: it leaves at once, for it is in office hours.
    assert leaves_at(Pace.FIRST, monday, SCHOOL, "T3", deadline=local("2026-11-03 00:00")) == monday
    assert leaves_at(Pace.ROUTINE, monday, SCHOOL, "T3", deadline=local("2026-11-03 00:00")) == monday


def test_what_brings_the_appointment_waits_for_the_morning_unless_that_is_too_late() -> None:
    sunday = local("2026-11-08 20:00")
    pace = pace_of("practical-info", Rhythm.ROUTINE)
    assert told(leaves_at(pace, sunday, SCHOOL, "T3", local("2026-11-12 13:30"))) == "Mon 09 Nov 08:00"
    assert leaves_at(pace, sunday, SCHOOL, "T3", local("2026-11-09 07:30")) == sunday


def test_what_is_asked_in_the_last_days_waits_for_no_slot() -> None:
    now = local("2026-11-06 15:00")
    assert leaves_at(pace_of("goals", Rhythm.REQUEST, is_urgent=True), now, SCHOOL, "T3") == now


@given(
    minutes=some.integers(0, 330 * 24 * 60),
    pace=some.sampled_from([Pace.OFFICE, Pace.FIRST, Pace.ROUTINE]),
    ahead=some.none() | some.integers(0, 20),
)
def test_nothing_that_can_wait_leaves_at_night_at_the_weekend_or_in_a_holiday(
    minutes: int, pace: Pace, ahead: int | None
) -> None:
    now = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    deadline = None if ahead is None else SCHOOL.at(SCHOOL.day_of(now) + timedelta(days=ahead), time(0, 0))
    at = leaves_at(pace, now, SCHOOL, "T3", deadline)
    assert at >= now
    assert SCHOOL.is_working(SCHOOL.day_of(at))
    assert time(8, 0) <= at.astimezone(ZONE).time() < time(18, 0)
    first_chance = leaves_at(Pace.OFFICE, now, SCHOOL, "T3")
    assert deadline is None or at < deadline or at == first_chance


MONDAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("today", "counted", "wait"),
    [
        (0, [], None),
        (1, [0], None),
        (0, [0], Wait.DAY),
        (3, [0, 2], Wait.WEEK),
        (4, [0, 4], Wait.WEEK),
        (7, [0, 2], None),  # the next Monday
        (7, [5, 6], None),  # Saturday and Sunday belong to the week before
    ],
)
def test_two_in_a_week_and_one_on_a_day(today: int, counted: list[int], wait: Wait | None) -> None:
    days = [MONDAY + timedelta(days=number) for number in counted]
    assert waits(MONDAY + timedelta(days=today), days, 2) is wait


def test_whoever_may_get_more_than_seven_gets_several_on_a_day() -> None:
    assert waits(MONDAY, [MONDAY] * 7, 100) is None
    assert waits(MONDAY, [MONDAY], 7) is Wait.DAY


def test_what_waits_leaves_in_the_first_slot_of_the_next_day_or_week() -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert day_and_slot(next_try(Wait.DAY, Pace.ROUTINE, tuesday, SCHOOL, "T3")) == "Wed 04 Nov 08:00"
    assert day_and_slot(next_try(Wait.WEEK, Pace.ROUTINE, tuesday, SCHOOL, "T3")) == "Mon 09 Nov 08:00"
    assert day_and_slot(next_try(Wait.WEEK, Pace.FIRST, tuesday, SCHOOL, "T3")) == "Tue 10 Nov 10:00"
    friday = MONDAY + timedelta(days=4)
    assert day_and_slot(next_try(Wait.DAY, Pace.ROUTINE, friday, SCHOOL, "T3")) == "Mon 09 Nov 08:00"


def test_the_hour_of_a_slot_stays_when_the_clocks_change() -> None:
    saturday = local("2026-10-24 12:00")
    at = leaves_at(Pace.ROUTINE, saturday, COMPANY, "P3")
    assert at.astimezone(ZONE).time() >= time(8, 0)
    assert day_and_slot(at) == "Mon 26 Oct 08:00"


def test_a_digest_keeps_its_weeks_over_the_years_and_comes_after_a_holiday() -> None:
    at, seen = local("2026-09-30 10:00"), []
    for _ in range(8):
        at = digest_at(at, SCHOOL, "S3-colleagues", 2)
        seen.append(told(at)[:10])
    assert seen == [
        "Tue 13 Oct",
        "Tue 27 Oct",
        "Tue 10 Nov",
        "Tue 24 Nov",
        "Tue 08 Dec",
        "Tue 22 Dec",
        "Tue 05 Jan",
        "Tue 19 Jan",
    ]
    closed = Calendar(ZONE, holidays=frozenset(date(2026, 11, 23) + timedelta(days=number) for number in range(3)))
    assert told(digest_at(local("2026-11-18 10:00"), closed, "x", 2))[:10] == "Thu 26 Nov"
    early = local("2026-11-24 07:00")
    assert early < digest_at(early, SCHOOL, "x", 2) < local("2026-11-24 09:30")
