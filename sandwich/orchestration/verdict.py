"""What is to be done about an activity's run, from what Prefect says of it; pure, so that each case can be tested."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from prefect.client.schemas.objects import FlowRun, StateType

DEAD_AFTER = timedelta(seconds=90)
"""A wake takes seconds; a run that claims to be busy for longer than this has no process any more."""

SLOW_DEAD_AFTER = timedelta(minutes=10)
"""The same for a run that is known to be in hand, and where every wake starts a process or a container."""

CANCELLING_AFTER = timedelta(seconds=15)
"""How long a worker gets to break off a run that somebody cancelled; a parked run has no worker to do it."""

SOON = timedelta(seconds=10)
"""A run that Prefect will start by itself so soon is left to Prefect, so that nothing starts it a second time."""

PAUSE_AFTER_FAILURE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)


class Verdict(StrEnum):
    """What to do about a run."""

    LEAVE = "leave"
    WAKE = "wake"  # parked, and something is due
    REPLACE = "replace"  # it will never move by itself; finish it in Prefect and make a new one
    RETRY = "retry"  # it failed or crashed, perhaps not for the first time; make a new one after a pause


BUSY = frozenset({StateType.PENDING, StateType.RUNNING})
STUCK = frozenset({StateType.CANCELLING, StateType.PAUSED})
WENT_WRONG = frozenset({StateType.FAILED, StateType.CRASHED})
ENDED = frozenset({StateType.COMPLETED, StateType.CANCELLED, StateType.CRASHED, StateType.FAILED})


@dataclass(frozen=True)
class Patience:
    """How long a run may be busy before it counts as dead.

    ``in_hand`` gives the runs that this very process carries. Too little patience does no harm but work: a run that
    was replaced while it was alive is refused by our database, and lets go.
    """

    in_hand: Callable[[], Collection[UUID]] = tuple
    slow_workers: bool = False

    def with_run(self, run: FlowRun | None) -> timedelta:
        """Return how long this run may be busy."""
        return SLOW_DEAD_AFTER if self.slow_workers or (run and run.id in self.in_hand()) else DEAD_AFTER


def judge(run: FlowRun | None, *, is_due: bool, now: datetime, dead_after: timedelta = DEAD_AFTER) -> Verdict:
    """Judge the run of an activity that is not finished. ``now`` is real time; ``None`` is a run Prefect has lost."""
    if run is None or run.state is None:
        return Verdict.REPLACE
    kind, since = run.state.type, now - run.state.timestamp
    if kind is StateType.SCHEDULED:
        moment = run.state.state_details.scheduled_time or run.next_scheduled_start_time
        return Verdict.WAKE if is_due and moment is not None and moment > now + SOON else Verdict.LEAVE
    if kind in BUSY:
        return Verdict.REPLACE if since > dead_after else Verdict.LEAVE
    if kind is StateType.CANCELLING:
        return Verdict.REPLACE if since > CANCELLING_AFTER else Verdict.LEAVE
    if kind is StateType.PAUSED:
        return Verdict.REPLACE if since > DEAD_AFTER else Verdict.LEAVE
    return Verdict.RETRY if kind in WENT_WRONG else Verdict.REPLACE


def pause_after(failures: int) -> timedelta:
    """Return how long to wait after so many runs went wrong: not at all, then 30 s, doubling, half an hour at most."""
    if failures <= 1:
        return timedelta()
    doublings = min(failures - 2, 10)
    return min(PAUSE_AFTER_FAILURE * (1 << doublings), LONGEST_PAUSE)
