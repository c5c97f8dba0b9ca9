"""What lies ahead: which steps are due, when to wake, which slice it is, and the status that follows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.moments import Rhythm
from models.playbook import Playbook
from models.roles import Stage
from models.tables.activities import ActivityStatus, StepState
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import PLAYBOOKS, load_playbook
from sandwich.rules.facts import FACTS, Facts
from sandwich.rules.gates import with_gates
from sandwich.rules.moments import Dates
from sandwich.rules.plan import Outlook, look_ahead, may_look, plan, progress, slice_open, status_of, turning_point
from tests.rules.school_year import MIDDLE, NORTH, calendars, local, told

VISIT = load_playbook(PLAYBOOKS / "company-visit.yaml", Library.load(()))
MID = calendars(("S1", MIDDLE))
START, END = local("2026-11-05 13:30"), local("2026-11-05 16:30")
ALL = Facts(**dict.fromkeys(FACTS, True))
BEFORE_FACTS = (
    "number_known",
    "safety_known",
    "date_fixed",
    "place_known",
    "host_known",
    "task_division_settled",
    "group_goal",
    "release_settled",
)


def ahead(
    now: str,
    facts: Facts,
    done: Mapping[str, str] | None = None,
    status: ActivityStatus = ActivityStatus.BEFORE,
    playbook: Playbook = VISIT,
) -> Outlook:
    """Look ahead in A1 with some steps done."""
    done = done or {}
    moments = {key: local(at) for key, at in done.items()}
    planned = plan(playbook, Dates(((START, END),), moments), MID)
    states = dict.fromkeys(done, StepState.DONE)
    return look_ahead(planned, states, facts, status, local(now))


def keys(outlook: Outlook) -> list[str]:
    """Return the steps that are due."""
    return [step.key for step in outlook.due]


def facts(*names: str) -> Facts:
    """Return facts of which these are so, gates included."""
    return with_gates(VISIT.gates, Facts(**dict.fromkeys(names, True)), {})


def test_the_first_thing_is_the_request() -> None:
    early = ahead("2026-09-01 10:00", facts())
    assert (keys(early), told(early.wake_at), early.stage) == ([], "Thu 24 Sep 2026 10:00", Stage.BEFORE)
    assert keys(ahead("2026-09-24 09:59", facts())) == []
    assert keys(ahead("2026-09-24 10:00", facts())) == ["request"]


def test_what_waits_for_a_fact_is_not_waited_for_by_the_clock() -> None:
    waiting = ahead("2026-10-01 12:00", facts(), {"request": "2026-09-24 10:00"})
    assert (keys(waiting), waiting.wake_at, waiting.finished) == ([], None, False)


def test_a_fact_brings_a_step_forward_and_opens_those_behind_it() -> None:
    fixed = ahead("2026-09-25 10:00", facts("date_fixed"), {"request": "2026-09-24 10:00"})
    assert keys(fixed) == ["date"]
    assert told(fixed.wake_at) == "Thu 01 Oct 2026 10:00"


def test_a_late_date_makes_everything_overdue_due_at_once_in_the_order_of_its_moments() -> None:
    late = ahead("2026-10-20 10:00", facts("date_fixed", "group_goal"), {"request": "2026-09-24 10:00"})
    assert keys(late) == ["invitation", "release", "date", "goals", "task-division", "goals-to-host"]


def test_steps_of_the_next_slice_wait_for_the_gate() -> None:
    done = {step.key: "2026-10-20 10:00" for step in VISIT.steps if step.stage is Stage.BEFORE}
    closed = ahead("2026-11-05 14:00", facts(*BEFORE_FACTS[:-1]), done)
    assert (keys(closed), closed.wake_at) == ([], None)
    opened = ahead("2026-11-05 14:00", facts(*BEFORE_FACTS), done)
    assert keys(opened) == ["attendance"]
    assert told(opened.wake_at) == "Thu 05 Nov 2026 16:30"


def test_a_gate_that_opens_late_brings_what_it_kept_back_and_skips_what_is_over() -> None:
    done = {"request": "2026-09-24 10:00", "date": "2026-09-25 10:00"}
    done |= dict.fromkeys(("invitation", "release", "goals", "task-division", "goals-to-host"), "2026-10-16 10:00")
    opened = ahead("2026-11-12 10:00", facts(*BEFORE_FACTS, "last_moment_over"), done)
    assert keys(opened) == ["practical-info", "day-reminder", "attendance", "field-note"]


def test_a_step_that_still_waits_for_a_fact_when_its_slice_is_over_is_due_to_be_skipped() -> None:
    """The coordinator opened the gate although nobody wrote a goal: the goals never go to the host."""
    done = {"request": "2026-09-24 10:00", "date": "2026-09-25 10:00"}
    done |= dict.fromkeys(
        ("invitation", "release", "goals", "task-division", "practical-info", "day-reminder"), "2026-10-16 10:00"
    )
    overridden = with_gates(VISIT.gates, facts("date_fixed", "last_moment_over"), {"before": {"by": "C1"}})
    assert "goals-to-host" in keys(ahead("2026-11-05 17:00", overridden, done))
    assert "goals-to-host" not in keys(ahead("2026-11-05 12:00", replace(overridden, last_moment_over=False), done))


def test_an_activity_without_impressions_ends_when_nothing_dated_is_left() -> None:
    left = ("host-preview", "publish")
    done = {step.key: "2026-11-06 10:00" for step in VISIT.steps if step.key not in left}
    unshared = replace(ALL, one_impression=False, card_publishable=False, card_released=False)
    assert keys(ahead("2027-02-01 10:00", unshared, done, ActivityStatus.AFTER)) == []
    assert keys(ahead("2027-02-01 10:00", unshared, done, ActivityStatus.FINISHED)) == list(left)
    del done["result-to-host"]
    assert keys(ahead("2026-11-06 12:00", unshared, done, ActivityStatus.FINISHED)) == []


@pytest.mark.parametrize("status", [ActivityStatus.ON_HOLD, ActivityStatus.CONCEPT])
def test_nothing_is_due_on_hold_or_in_a_concept(status: ActivityStatus) -> None:
    resting = ahead("2026-11-05 14:00", ALL, status=status)
    assert (keys(resting), resting.wake_at, resting.finished) == ([], None, False)


def test_a_cancelled_activity_is_finished() -> None:
    over = ahead("2026-10-01 10:00", ALL, status=ActivityStatus.CANCELLED)
    assert (keys(over), over.wake_at, over.finished) == ([], None, True)


def test_all_steps_done_is_finished() -> None:
    done = {step.key: "2026-11-06 10:00" for step in VISIT.steps}
    over = ahead("2027-02-01 10:00", ALL, done, ActivityStatus.FINISHED)
    assert (keys(over), over.wake_at, over.finished) == ([], None, True)


def test_slices_open_one_after_the_other() -> None:
    assert [slice_open(stage, Facts()) for stage in Stage] == [True, False, False]
    assert [slice_open(stage, Facts(gate_before=True)) for stage in Stage] == [True, True, False]
    assert [slice_open(stage, Facts(gate_before=True, gate_during=True)) for stage in Stage] == [True, True, True]


@pytest.mark.parametrize(
    ("watch", "so", "looks"),
    [
        ("no-date", (), True),  # what it looks for itself it does not wait for
        ("too-few", (), False),
        ("too-few", ("date_fixed",), True),
        ("no-goal", (), False),
        ("not-ready", (), False),
        ("not-ready", ("date_fixed",), True),
        ("presume", ("date_fixed",), False),
        ("presume", ("gate_before",), True),
        ("no-impressions", ("gate_before",), False),
        ("no-impressions", ("gate_before", "gate_during"), True),
        ("closed-by-itself", (), True),
    ],
)
def test_a_watch_looks_once_there_is_something_to_miss(watch: str, so: tuple[str, ...], looks: bool) -> None:
    step, found = next((step, item) for step, item in VISIT.watched() if item.key == watch)
    assert may_look(step, found, Facts(**dict.fromkeys(so, True))) is looks


def test_a_kind_closes_ninety_days_after_its_end() -> None:
    assert str(VISIT.parameters.closes) == "E+90d"
    assert {step.key for step in VISIT.steps if step.after_closing} == {"impact-check", "result-to-host"}


@pytest.mark.parametrize(
    ("current", "so", "request_done", "is_day", "expected"),
    [
        ("requested", (), False, False, "requested"),
        ("requested", (), True, False, "requested"),
        ("requested", ("date_fixed",), True, False, "before"),
        ("before", ("date_fixed", "gate_before"), True, False, "before"),
        ("before", ("date_fixed",), True, True, "before"),  # the day has come, the gate is closed
        ("before", ("date_fixed", "gate_before"), True, True, "during"),
        ("during", ("date_fixed", "gate_before", "gate_during"), True, True, "after"),
        ("before", ("date_fixed", "gate_before", "gate_during"), True, True, "after"),
        ("after", ("date_fixed", "gate_before", "gate_during", "gate_after"), True, True, "finished"),
        ("finished", (), True, True, "finished"),
        ("concept", ("date_fixed", "gate_before"), True, True, "concept"),
        ("on_hold", ("date_fixed", "gate_before"), True, True, "on_hold"),
        ("cancelled", ("date_fixed", "gate_before"), True, True, "cancelled"),
    ],
)
def test_the_status_follows_from_the_facts(
    current: str, so: tuple[str, ...], request_done: bool, is_day: bool, expected: str
) -> None:
    found = status_of(
        ActivityStatus(current), Facts(**dict.fromkeys(so, True)), request_done=request_done, is_day=is_day
    )
    assert found == expected


def test_the_clock_alone_opens_the_second_gate_at_the_end_and_the_third_when_the_window_closes() -> None:
    window = local("2026-11-19 00:00")
    known = facts(*BEFORE_FACTS, "attendance_known")
    assert turning_point(VISIT, known, END, window) == END
    assert turning_point(VISIT, facts(*BEFORE_FACTS), END, window) is None
    over = facts(*BEFORE_FACTS, "attendance_known", "last_moment_over", "shared", "fed_back", "thanked", "hours_stated")
    assert turning_point(VISIT, over, END, window) == window
    assert turning_point(VISIT, replace(over, shared=False), END, window) is None
    assert turning_point(VISIT, ALL, END, window) is None


def test_progress_is_in_whole_per_cents_of_a_slice() -> None:
    planned = plan(VISIT, Dates(((START, END),), {}), MID)
    assert progress(planned, {}, ALL) == {"before": 0, "during": 0, "after": 0}
    some = {"request": StepState.DONE, "date": StepState.DONE, "practical-info": StepState.SKIPPED}
    assert progress(planned, some | {"attendance": StepState.DONE}, ALL) == {"before": 33, "during": 50, "after": 0}
    everything = dict.fromkeys((step.key for step in VISIT.steps), StepState.DONE)
    assert progress(planned, everything, ALL) == {"before": 100, "during": 100, "after": 100}


def test_a_slice_without_steps_is_done_when_its_gate_is() -> None:
    lesson = load_playbook(PLAYBOOKS / "guest-lesson.yaml", Library.load(()))
    assert not [step for step in lesson.steps if step.stage is Stage.DURING]
    planned = plan(lesson, Dates(((START, END),), {}), MID)
    assert progress(planned, {}, facts(*BEFORE_FACTS))["during"] == 0
    assert progress(planned, {}, ALL)["during"] == 100


DAYS = st.integers(0, 250).map(lambda number: local("2026-09-01 13:30") + timedelta(days=number))
SOME_FACTS = st.sets(st.sampled_from(sorted(FACTS))).map(lambda names: Facts(**dict.fromkeys(names, True)))
SOME_STATES = st.dictionaries(st.sampled_from([step.key for step in VISIT.steps]), st.sampled_from(list(StepState)))
NOT_EXACT = [step.key for step in VISIT.steps if step.rhythm is not Rhythm.EXACT]


def moments(start: datetime, *schools: tuple[str, object]) -> dict[str, datetime]:
    """Return when each step is due, for an activity of three hours."""
    by = calendars(("S1", MIDDLE), ("N", NORTH))
    done = {"host-preview": start + timedelta(days=12), "impact-check": start + timedelta(days=49)}
    planned = plan(VISIT, Dates(((start, start + timedelta(hours=3)),), done), by)
    return {item.step.key: item.due_at for item in planned if item.due_at is not None}


@given(start=DAYS, weeks=st.integers(1, 20))
def test_an_activity_that_is_weeks_later_has_no_step_earlier(start: datetime, weeks: int) -> None:
    first, later = moments(start), moments(start + timedelta(weeks=weeks))
    assert all(first[key] <= later[key] for key in first)


@given(start=DAYS)
def test_no_mail_but_an_exact_one_leaves_on_a_free_day_or_at_night(start: datetime) -> None:
    by = calendars(("S1", MIDDLE), ("N", NORTH))
    found = moments(start)
    for key in NOT_EXACT:
        at = found[key].astimezone(by.schools.zone)
        assert by.hosts.is_working(at.date()), key
        assert 8 <= at.hour < 18


@given(start=DAYS)
def test_before_steps_are_on_school_days_of_every_school(start: datetime) -> None:
    by = calendars(("S1", MIDDLE), ("N", NORTH))
    found = moments(start)
    for step in VISIT.steps:
        if step.stage is Stage.BEFORE and step.rhythm is not Rhythm.EXACT:
            assert by.schools.is_working(by.schools.day_of(found[step.key])), step.key


@given(so=SOME_FACTS, states=SOME_STATES, status=st.sampled_from(list(ActivityStatus)), now=DAYS)
def test_the_wake_is_ahead_what_is_due_is_open_and_looking_changes_nothing(
    so: Facts, states: dict[str, StepState], status: ActivityStatus, now: datetime
) -> None:
    planned = plan(VISIT, Dates(((START, END),), {}), MID)
    before = dict(states)
    outlook = look_ahead(planned, states, so, status, now)
    assert outlook.wake_at is None or outlook.wake_at > now
    assert all(states.get(step.key, StepState.PLANNED) is StepState.PLANNED for step in outlook.due)
    assert len(set(keys(outlook))) == len(outlook.due)
    assert outlook == look_ahead(planned, states, so, status, now)
    assert states == before
    if outlook.finished and status is not ActivityStatus.CANCELLED:
        assert all(states.get(step.key, StepState.PLANNED) is not StepState.PLANNED for step in VISIT.steps)
