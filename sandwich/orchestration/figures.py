"""What a worker has done since it began, in numbers: for whoever watches over an installation."""

from bisect import bisect_left
from concurrent.futures import Future
from typing import Any

from sandwich.orchestration.in_process import Outcome
from sandwich.services.worker_figures import BOUNDS


class Figures:
    """Counts of what ended, and how late each wake was begun."""

    def __init__(self) -> None:
        self.carried = 0
        self.failed = 0
        self.late = [0] * (len(BOUNDS) + 1)
        self.late_seconds = 0.0

    def ended(self, ended: "Future[Outcome | None]", late_seconds: float | None) -> bool:
        """Note the end of a run that was begun so long after its moment; ``False`` when it was another worker's."""
        outcome = Outcome.FAILED if ended.exception() is not None else ended.result()
        if outcome is Outcome.LEFT:
            return False
        if outcome is Outcome.CARRIED:
            self.carried += 1
        else:
            self.failed += 1  # also one that was broken off, which returns nothing
        if late_seconds is not None:
            late = max(0.0, late_seconds)
            self.late[bisect_left(BOUNDS, late)] += 1
            self.late_seconds += late
        return True

    def as_row(self) -> dict[str, Any]:
        """Return them for the database."""
        return {
            "carried": self.carried,
            "failed": self.failed,
            "late": list(self.late),
            "late_seconds": round(self.late_seconds, 3),
        }
