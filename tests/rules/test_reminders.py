"""The ladders of reminders, by tables written by hand."""

from datetime import date, datetime

import pytest

from models.reminders import ReminderProfile
from sandwich.definitions.playbooks import shared_reminders
from sandwich.rules.calendar import Calendar
from sandwich.rules.reminders import Away, NextRung, Rung, next_rung
from tests.rules.school_year import MIDDLE, calendar, local, told

SCHOOL = calendar(("S1", MIDDLE))
COMPANY = calendar()
PROFILES = {profile.key: profile for profile in shared_reminders()}


def climb(
    key: str | ReminderProfile,
    asked_at: str,
    of: Calendar,
    *,
    start_at: str | None = None,
    hard: str | None = None,
    deadline: str | None = None,
    away: tuple[str, str] | None = None,
) -> list[tuple[str | None, str]]:
    """Return every rung of a ladder."""
    profile = PROFILES[key] if isinstance(key, str) else key
    found: list[NextRung] = []
    asked, start, latest = local(asked_at), start_at and local(start_at), hard and local(hard)
    while rung := next_rung(
        profile,
        len(found),
        asked,
        of,
        start_at=start if isinstance(start, datetime) else None,
        hard_deadline_at=latest if isinstance(latest, datetime) else None,
        deadline_at=local(deadline) if deadline else None,
        away=Away(*(date.fromisoformat(day) for day in away)) if away else None,
    ):
        found.append(rung)
        if rung.what is Rung.CALL:  # whoever climbs it is at the top
            break
        assert len(found) < 6
    return [(told(rung.at), rung.what.value) for rung in found]


def test_teachers_are_reminded_after_four_and_eight_days_and_phoned_after_eleven() -> None:
    assert climb("teachers", "2026-10-01 10:00", SCHOOL) == [
        ("Mon 05 Oct 2026 08:00", "remind"),
        ("Fri 09 Oct 2026 08:00", "remind"),
        ("Mon 12 Oct 2026 08:00", "call"),
    ]


def test_the_clock_stops_in_the_holiday_of_the_person_asked() -> None:
    assert climb("teachers", "2026-10-08 10:00", SCHOOL) == [
        ("Mon 12 Oct 2026 08:00", "remind"),
        ("Fri 16 Oct 2026 08:00", "remind"),
        ("Wed 28 Oct 2026 08:00", "call"),
    ]
    assert climb("teachers", "2026-10-08 10:00", COMPANY)[-1] == ("Mon 19 Oct 2026 08:00", "call")


def test_the_hard_deadline_brings_the_call_forward() -> None:
    # Three working days before Thu 29 October.
    assert climb("teachers", "2026-10-08 10:00", SCHOOL, hard="2026-10-29 00:00")[-1] == (
        "Mon 26 Oct 2026 08:00",
        "call",
    )


def test_the_hard_deadline_brings_the_call_not_below_the_reminders() -> None:
    assert climb("teachers", "2026-10-01 10:00", SCHOOL, hard="2026-10-08 00:00") == [
        ("Mon 05 Oct 2026 08:00", "remind"),
        ("Fri 09 Oct 2026 08:00", "remind"),
        ("Mon 12 Oct 2026 08:00", "call"),
    ]


def test_hosts_are_reminded_in_working_days() -> None:
    assert climb("hosts", "2026-10-08 10:00", COMPANY) == [
        ("Thu 15 Oct 2026 08:00", "remind"),
        ("Wed 21 Oct 2026 08:00", "remind"),
        ("Fri 23 Oct 2026 08:00", "call"),
    ]


def test_a_public_holiday_is_no_working_day_of_a_host() -> None:
    assert climb("hosts", "2026-12-22 10:00", COMPANY) == [
        ("Wed 30 Dec 2026 08:00", "remind"),
        ("Wed 06 Jan 2027 08:00", "remind"),
        ("Fri 08 Jan 2027 08:00", "call"),
    ]


def test_the_tight_ladder_begins_ten_days_before() -> None:
    assert climb("tight", "2026-10-16 10:00", COMPANY, start_at="2026-10-26 08:00") == [
        ("Tue 27 Oct 2026 08:00", "remind"),
        ("Wed 28 Oct 2026 08:00", "remind"),
        ("Thu 29 Oct 2026 08:00", "call"),
    ]


def test_afterwards_the_form_closes_softly() -> None:
    assert climb("afterwards", "2026-11-10 10:00", SCHOOL) == [
        ("Fri 13 Nov 2026 08:00", "remind"),
        ("Wed 18 Nov 2026 08:00", "remind"),
        ("Tue 24 Nov 2026 08:00", "close"),
    ]


def test_vector_2_the_impact_check_is_reminded_on_friday_8_january() -> None:
    assert climb("afterwards", "2027-01-05 10:00", SCHOOL) == [
        ("Fri 08 Jan 2027 08:00", "remind"),
        ("Wed 13 Jan 2027 08:00", "remind"),
        ("Tue 19 Jan 2027 08:00", "close"),
    ]


def test_school_leaders_are_reminded_after_three_and_six_working_days() -> None:
    assert climb("approval", "2026-10-01 10:00", SCHOOL) == [
        ("Tue 06 Oct 2026 08:00", "remind"),
        ("Fri 09 Oct 2026 08:00", "remind"),
        ("Tue 13 Oct 2026 08:00", "call"),
    ]


def test_the_field_note_is_reminded_once_the_next_morning() -> None:
    assert climb("next-morning", "2026-11-05 16:30", SCHOOL) == [("Fri 06 Nov 2026 08:00", "remind")]


def test_no_ladder_has_no_rung() -> None:
    assert climb("none", "2026-11-05 08:00", SCHOOL) == []


@pytest.mark.parametrize("key", sorted(PROFILES))
@pytest.mark.parametrize("of", [SCHOOL, COMPANY], ids=["school", "company"])
def test_no_rung_falls_on_a_free_day_and_no_two_on_one_day(key: str, of: Calendar) -> None:
    for number in range(120):
        asked = of.at(of.next_working(of.day_of(local("2026-09-24 10:00"))), datetime.min.time())
        day = of.next_working(of.count_free(of.day_of(asked), number) if number else of.day_of(asked))
        rungs = climb(key, f"{day} 10:00", of)
        moments = [datetime.strptime(at or "", "%a %d %b %Y %H:%M").date() for at, _ in rungs]  # noqa: DTZ007
        assert all(of.is_working(each) for each in moments)
        assert len(set(moments)) == len(moments)
        assert all(each > day for each in moments)
        assert sum(what == Rung.REMIND for _, what in rungs) <= 2


def test_two_rungs_that_the_calendar_pushes_together_stay_apart() -> None:
    """Asked on Friday 7 May: the second reminder is pushed over Whit Monday onto the day of the call."""
    assert climb("teachers", "2027-05-07 10:00", COMPANY) == [
        ("Tue 11 May 2027 08:00", "remind"),
        ("Tue 18 May 2027 08:00", "remind"),
        ("Wed 19 May 2027 08:00", "call"),
    ]


def test_days_away_do_not_count_on_the_ladder() -> None:
    assert climb("teachers", "2026-10-01 10:00", SCHOOL, away=("2026-10-02", "2026-10-09")) == [
        ("Tue 13 Oct 2026 08:00", "remind"),
        ("Mon 26 Oct 2026 08:00", "remind"),
        ("Thu 29 Oct 2026 08:00", "call"),
    ]


def test_who_is_still_away_when_the_deadline_is_near_is_a_call_and_is_not_reminded() -> None:
    ladder = climb(
        "teachers", "2026-10-01 10:00", SCHOOL, deadline="2026-10-15 00:00", away=("2026-10-02", "2026-10-30")
    )
    assert ladder == [("Wed 14 Oct 2026 08:00", "call")]
    back = climb("teachers", "2026-10-01 10:00", SCHOOL, deadline="2026-10-15 00:00", away=("2026-10-02", "2026-10-06"))
    assert [what for _, what in back] == ["remind", "remind", "call"]


def test_an_absence_that_is_over_before_the_asking_changes_nothing() -> None:
    plain = climb("teachers", "2026-10-01 10:00", SCHOOL)
    assert climb("teachers", "2026-10-01 10:00", SCHOOL, away=("2026-09-01", "2026-09-18")) == plain
