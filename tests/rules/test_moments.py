"""From rules to moments, to the day: every step of A1, the vectors of the design, deadlines, watches."""

from pathlib import Path

import pytest

from models.moments import Moment, Rhythm
from models.playbook import Playbook
from models.roles import Role, Stage
from models.steps import Step
from models.tables.calendar import BlockKind
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import PLAYBOOKS, load_playbook
from sandwich.rules.moments import (
    Calendars,
    Dates,
    deadline_at,
    due_at,
    fair_deadline,
    offset_day,
    watch_at,
)
from tests.rules.school_year import MIDDLE, NORTH, block, calendar, calendars, day, local, told

MID = (("S1", MIDDLE),)


@pytest.fixture(scope="module")
def visit() -> Playbook:
    """The playbook of a company visit."""
    return load_playbook(Path(PLAYBOOKS / "company-visit.yaml"), Library.load(()))


def a_step(at: str, stage: Stage = Stage.BEFORE, rhythm: Rhythm = Rhythm.REQUEST, to: Role = Role.TEACHER) -> Step:
    """Return a step that tells one role something."""
    return Step.model_validate(
        {
            "key": "one",
            "stage": stage,
            "title": {"nl": "Een", "en": "One"},
            "at": at,
            "rhythm": rhythm,
            "tells": [{"to": [to], "mail": "thank-you"}],
        }
    )


def dates(start: str, end: str, **done: str) -> Dates:
    """Return the anchors of an activity."""
    return Dates(((local(start), local(end)),), {key.replace("_", "-"): local(at) for key, at in done.items()})


def due(step: Step, of: Dates, by: Calendars) -> str | None:
    """Return when a step is due, in words."""
    return told(due_at(step, of, by))


A1 = dates(
    "2026-11-05 13:30",
    "2026-11-05 16:30",
    host_preview="2026-11-17 10:00",
    impact_check="2027-01-05 10:00",
)

A1_MOMENTS = {
    "request": "Thu 24 Sep 2026 10:00",
    "date": "Thu 01 Oct 2026 13:30",
    "invitation": "Thu 01 Oct 2026 10:00",
    "release": "Thu 01 Oct 2026 10:00",
    "goals": "Thu 08 Oct 2026 10:00",
    "task-division": "Thu 08 Oct 2026 10:00",
    "goals-to-host": "Fri 16 Oct 2026 10:00",  # Thu 22 October is in the autumn holiday: back
    "practical-info": "Thu 29 Oct 2026 08:00",
    "day-reminder": "Wed 04 Nov 2026 09:00",
    "attendance": "Thu 05 Nov 2026 08:00",
    "field-note": "Thu 05 Nov 2026 16:30",
    "thank-you": "Fri 06 Nov 2026 08:00",
    "evaluation": "Tue 10 Nov 2026 10:00",  # E+2wd is a Monday: a first mail goes on Tuesday
    "impressions": "Tue 10 Nov 2026 10:00",
    "host-preview": "Tue 17 Nov 2026 10:00",
    "publish": "Tue 24 Nov 2026 10:00",
    "feedback": "Fri 20 Nov 2026 10:00",
    "impact-check": "Tue 05 Jan 2027 10:00",  # Thu 24 December is in the Christmas holiday: forward
    "result-to-host": "Tue 19 Jan 2027 08:00",
}
"""When each step of A1 is due, written by hand."""


def test_every_step_of_a1(visit: Playbook) -> None:
    by = calendars(("S1", MIDDLE), ("S2", MIDDLE), ("S3", MIDDLE))
    assert {step.key: due(step, A1, by) for step in visit.steps} == A1_MOMENTS


def test_vector_1_the_weeks_before_a3() -> None:
    """T is Mon 1 February 2027: six and five weeks before land together on the last day before Christmas."""
    a3 = dates("2027-02-01 09:00", "2027-02-05 16:00")
    by = calendars(("S2", MIDDLE))
    assert due(a_step("T-10w"), a3, by) == "Tue 24 Nov 2026 10:00"  # Mon 23 November, and Tuesday is better
    assert due(a_step("T-6w"), a3, by) == "Fri 18 Dec 2026 10:00"
    assert due(a_step("T-5w"), a3, by) == "Fri 18 Dec 2026 10:00"
    assert offset_day(Moment.parse("T-4w"), a3, by.schools) == day("2027-01-04")
    assert due(a_step("T-4w"), a3, by) == "Tue 05 Jan 2027 10:00"


def test_vector_2_the_impact_check_of_a1() -> None:
    by = calendars(*MID)
    assert offset_day(Moment.parse("E+7w"), A1, by.schools) == day("2026-12-24")
    assert due(a_step("E+7w", Stage.AFTER), A1, by) == "Tue 05 Jan 2027 10:00"


def test_vector_3_a_move_into_the_spring_holiday_goes_back() -> None:
    moved = dates("2027-03-01 09:00", "2027-03-05 16:00")
    assert due(a_step("T-1w", rhythm=Rhythm.ROUTINE), moved, calendars(*MID)) == "Fri 19 Feb 2027 08:00"


def test_a_before_step_heeds_the_holidays_of_every_school() -> None:
    visit = dates("2026-11-12 13:30", "2026-11-12 16:30")
    assert due(a_step("T-30d"), visit, calendars(*MID)) == "Tue 13 Oct 2026 10:00"
    assert due(a_step("T-30d"), visit, calendars(*MID, ("N", NORTH))) == "Fri 09 Oct 2026 10:00"


def test_a_before_step_to_hosts_heeds_them_too_and_an_after_step_does_not() -> None:
    by = calendars(*MID)
    autumn = dates("2026-11-05 13:30", "2026-11-05 16:30")
    assert due(a_step("T-2w", to=Role.HOST_CONTACT), autumn, by) == "Fri 16 Oct 2026 10:00"
    before_holiday = dates("2026-10-15 13:30", "2026-10-15 16:30")
    thanks = a_step("E+1wd", Stage.AFTER, Rhythm.ROUTINE, Role.HOST_CONTACT)
    assert due(thanks, before_holiday, by) == "Fri 16 Oct 2026 08:00"
    later = a_step("E+5d", Stage.AFTER, Rhythm.ROUTINE, Role.HOST_CONTACT)
    assert due(later, before_holiday, by) == "Tue 20 Oct 2026 08:00"  # schools are free, the company is not
    to_teachers = a_step("E+5d", Stage.AFTER, Rhythm.ROUTINE)
    assert due(to_teachers, before_holiday, by) == "Tue 27 Oct 2026 08:00"


def test_closed_days_of_the_host_move_what_is_for_the_host() -> None:
    """Before the day back, also beyond a holiday of a school; afterwards forward, as out of a holiday."""
    closed = tuple(
        block(BlockKind.CLOSED, first, last, company="B3")
        for first, last in (("2026-10-12", "2026-10-16"), ("2026-11-09", "2026-11-20"))
    )
    by = calendars(*MID, more=closed, companies=("B3",))
    assert due(a_step("T-2w", to=Role.HOST_CONTACT), A1, by) == "Fri 09 Oct 2026 10:00"
    assert due(a_step("T-2w"), A1, by) == "Fri 16 Oct 2026 10:00"
    for_host = a_step("E+5d", Stage.AFTER, Rhythm.ROUTINE, Role.HOST_CONTACT)
    assert due(for_host, A1, by) == "Tue 24 Nov 2026 08:00"
    assert due(a_step("E+5d", Stage.AFTER, Rhythm.ROUTINE), A1, by) == "Tue 10 Nov 2026 08:00"
    counted = a_step("E+2wd", Stage.AFTER, Rhythm.ROUTINE, Role.HOST_CONTACT)
    assert due(counted, A1, by) == "Mon 23 Nov 2026 08:00"


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ("T-3d", "Tue 03 Nov 2026 10:00"),  # Monday: Tuesday is one day later
        ("T-2d", "Tue 03 Nov 2026 10:00"),
        ("T-1d", "Wed 04 Nov 2026 10:00"),
        ("T-6d", "Fri 30 Oct 2026 10:00"),  # Friday: Tuesday is too far away
        ("T-5d", "Fri 30 Oct 2026 10:00"),  # Saturday: back to Friday
        ("T-4d", "Fri 30 Oct 2026 10:00"),
    ],
)
def test_first_mails_prefer_tuesday_to_thursday(offset: str, expected: str) -> None:
    assert due(a_step(offset), A1, calendars(*MID)) == expected


def test_a_monday_before_a_free_tuesday_becomes_wednesday() -> None:
    free = (block(BlockKind.STUDY_DAY, "2026-11-03", school="S1"),)
    assert due(a_step("T-3d"), A1, calendars(*MID, more=free)) == "Wed 04 Nov 2026 10:00"


@pytest.mark.parametrize(
    ("at", "start", "end", "expected"),
    [
        ("E 16:30", "2026-11-05 13:30", "2026-11-05 17:15", "Thu 05 Nov 2026 17:15"),  # never before the end
        ("E 16:30", "2026-11-05 13:30", "2026-11-05 15:00", "Thu 05 Nov 2026 16:30"),
        ("T 08:00", "2026-11-05 07:30", "2026-11-05 12:00", "Thu 05 Nov 2026 07:30"),  # never after the start
        ("T 08:00", "2026-11-05 13:30", "2026-11-05 16:30", "Thu 05 Nov 2026 08:00"),
        ("T", "2026-11-05 13:30", "2026-11-05 16:30", "Thu 05 Nov 2026 13:30"),
        ("T-1wd 09:00", "2026-11-09 13:30", "2026-11-09 16:30", "Fri 06 Nov 2026 09:00"),
        ("T-2d", "2026-11-09 13:30", "2026-11-09 16:30", "Sat 07 Nov 2026 13:30"),  # exact is never moved
    ],
)
def test_exact_moments(at: str, start: str, end: str, expected: str) -> None:
    step = a_step(at, Stage.DURING, Rhythm.EXACT)
    assert due(step, dates(start, end), calendars(*MID)) == expected


def test_a_step_counts_from_another_when_that_was_done() -> None:
    step = a_step("host-preview+5wd", Stage.AFTER, to=Role.COLLEAGUES)
    assert due(step, dates("2026-11-05 13:30", "2026-11-05 16:30"), calendars(*MID)) is None
    assert due(step, A1, calendars(*MID)) == "Tue 24 Nov 2026 10:00"


@pytest.mark.parametrize(
    ("start", "utc"),
    [("2026-11-05 13:30", "2026-09-24 08:00"), ("2027-04-15 13:30", "2027-03-04 09:00")],
)
def test_ten_oclock_is_ten_oclock_here_in_summer_and_in_winter(start: str, utc: str) -> None:
    moment = due_at(a_step("T-6w"), dates(start, start[:10] + " 16:30"), calendars(*MID))
    assert moment is not None
    assert f"{moment:%Y-%m-%d %H:%M}" == utc


def test_weeks_over_the_change_of_the_clocks_are_calendar_weeks() -> None:
    """Four weeks before 10:00 in winter time is 10:00 in summer time, an hour less far away."""
    winter = dates("2026-11-12 10:00", "2026-11-12 12:00")
    moment = due_at(a_step("T-4w", Stage.DURING, Rhythm.EXACT), winter, calendars(*MID))
    assert told(moment) == "Thu 15 Oct 2026 10:00"


@pytest.mark.parametrize(
    ("rule", "before", "school", "host"),
    [
        ("T-4w", True, "Thu 08 Oct 2026 00:00", "Thu 08 Oct 2026 00:00"),
        ("T-2w", True, "Fri 16 Oct 2026 00:00", "Thu 22 Oct 2026 00:00"),
        ("E+14d", False, "Thu 19 Nov 2026 00:00", "Thu 19 Nov 2026 00:00"),
        ("E+7w", False, "Tue 05 Jan 2027 00:00", "Thu 24 Dec 2026 00:00"),
    ],
)
def test_a_deadline_is_the_local_midnight_at_which_its_day_begins(
    rule: str, before: bool, school: str, host: str
) -> None:
    moment = Moment.parse(rule)
    assert told(deadline_at(moment, A1, calendar(*MID), before=before)) == school
    assert told(deadline_at(moment, A1, calendar(), before=before)) == host


@pytest.mark.parametrize(
    ("asked", "deadline", "latest", "fair"),
    [
        ("2026-10-08 10:00", "2026-10-16 00:00", "2026-11-05 00:00", "Fri 16 Oct 2026 00:00"),
        ("2026-10-27 09:00", "2026-10-16 00:00", "2026-11-05 00:00", "Thu 29 Oct 2026 00:00"),
        ("2026-11-04 09:00", "2026-10-16 00:00", "2026-11-05 00:00", "Thu 05 Nov 2026 00:00"),
        ("2026-11-06 09:00", "2026-11-09 00:00", None, "Tue 10 Nov 2026 00:00"),
        ("2026-11-07 09:00", "2026-11-09 00:00", None, "Wed 11 Nov 2026 00:00"),  # asked on a Saturday
    ],
)
def test_who_is_asked_late_gets_two_working_days(asked: str, deadline: str, latest: str | None, fair: str) -> None:
    found = fair_deadline(local(deadline), local(asked), calendar(*MID), local(latest) if latest else None)
    assert told(found) == fair


@pytest.mark.parametrize(
    ("rule", "stage", "expected"),
    [
        ("T-3w", Stage.BEFORE, "Thu 15 Oct 2026 08:00"),
        ("T-2w", Stage.BEFORE, "Fri 16 Oct 2026 08:00"),
        ("T-5wd", Stage.BEFORE, "Thu 29 Oct 2026 08:00"),
        ("E+2wd", Stage.DURING, "Mon 09 Nov 2026 08:00"),
        ("E+12d", Stage.AFTER, "Tue 17 Nov 2026 08:00"),
        ("E+7w", Stage.AFTER, "Mon 04 Jan 2027 08:00"),  # the coordinator works on the first school day
    ],
)
def test_watches_look_in_the_morning_of_a_working_day(rule: str, stage: Stage, expected: str) -> None:
    assert told(watch_at(Moment.parse(rule), A1, calendars(*MID), stage)) == expected


@pytest.mark.parametrize("text", ["T-6w", "E+2wd", "E 16:30", "T", "host-preview+5wd", "T-1wd 09:00", "E+15d"])
def test_a_moment_is_written_as_it_was_read(text: str) -> None:
    assert str(Moment.parse(text)) == text


@pytest.mark.parametrize("text", ["", "T-6", "T-6 weeks", "6w", "T--6w", "T-6w 9:00", "T-6w 25:00", "T-6x"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no moment; write for instance T-6w|hour must be"):
        Moment.parse(text)


def test_an_unknown_anchor_has_no_day() -> None:
    assert offset_day(Moment.parse("nothing-done+1d"), A1, calendar()) is None
