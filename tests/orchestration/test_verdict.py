"""What is to be done about a run, case by case."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateDetails, StateType

from sandwich.orchestration.verdict import DEAD_AFTER, SLOW_DEAD_AFTER, SOON, Patience, Verdict, judge, pause_after

NOW = datetime(2026, 9, 24, 8, 0, tzinfo=UTC)


def run_in(kind: StateType, ago: timedelta = timedelta(0), due_in: timedelta | None = None) -> FlowRun:
    """Return a run that has been in a state for so long; ``due_in`` is when Prefect will start it."""
    details = StateDetails(scheduled_time=NOW + due_in if due_in is not None else None)
    return FlowRun(flow_id=uuid4(), state=State(type=kind, timestamp=NOW - ago, state_details=details))


LONG = DEAD_AFTER + timedelta(seconds=1)
YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("run", "is_due", "verdict"),
    [
        (run_in(StateType.SCHEDULED, due_in=YEAR), False, Verdict.LEAVE),
        (run_in(StateType.SCHEDULED, due_in=YEAR), True, Verdict.WAKE),
        (run_in(StateType.SCHEDULED, due_in=SOON - timedelta(seconds=1)), True, Verdict.LEAVE),
        (run_in(StateType.SCHEDULED, due_in=-YEAR), True, Verdict.LEAVE),  # no worker yet, and Prefect knows
        (run_in(StateType.PENDING), True, Verdict.LEAVE),
        (run_in(StateType.RUNNING), True, Verdict.LEAVE),
        (run_in(StateType.PENDING, ago=LONG), False, Verdict.REPLACE),
        (run_in(StateType.RUNNING, ago=LONG), False, Verdict.REPLACE),
        (run_in(StateType.CANCELLING), False, Verdict.LEAVE),
        (run_in(StateType.CANCELLING, ago=LONG), False, Verdict.REPLACE),
        (run_in(StateType.PAUSED), False, Verdict.LEAVE),
        (run_in(StateType.PAUSED, ago=LONG), False, Verdict.REPLACE),
        (run_in(StateType.CANCELLED), False, Verdict.REPLACE),
        (run_in(StateType.COMPLETED), False, Verdict.REPLACE),
        (run_in(StateType.FAILED), False, Verdict.RETRY),
        (run_in(StateType.CRASHED), True, Verdict.RETRY),
        (None, False, Verdict.REPLACE),
    ],
)
def test_each_state_has_its_verdict(run: FlowRun | None, is_due: bool, verdict: Verdict) -> None:
    assert judge(run, is_due=is_due, now=NOW) is verdict


def test_runs_in_hand_and_slow_workers_get_more_time() -> None:
    run = run_in(StateType.RUNNING, ago=LONG)
    patient = Patience(in_hand=lambda: {run.id})
    assert judge(run, is_due=True, now=NOW, dead_after=patient.with_run(run)) is Verdict.LEAVE
    other = run_in(StateType.RUNNING, ago=LONG)
    assert judge(other, is_due=True, now=NOW, dead_after=patient.with_run(other)) is Verdict.REPLACE
    slow = Patience(slow_workers=True)
    assert judge(other, is_due=True, now=NOW, dead_after=slow.with_run(other)) is Verdict.LEAVE
    assert slow.with_run(None) == SLOW_DEAD_AFTER


def test_every_type_of_state_that_prefect_has_is_judged() -> None:
    for kind in StateType:
        assert isinstance(judge(run_in(kind, ago=YEAR), is_due=True, now=NOW), Verdict)


def test_pauses_after_failures_grow_to_half_an_hour() -> None:
    assert [pause_after(failures).total_seconds() for failures in (0, 1, 2, 3, 4)] == [0, 0, 30, 60, 120]
    assert pause_after(50) == timedelta(minutes=30)
