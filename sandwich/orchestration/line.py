"""The line of runs that are due, from which a worker takes the next: the first queue first, then school by school."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from prefect.client.schemas.objects import FlowRun

from sandwich.orchestration.naming import schools_in
from sandwich.rules.turns import Candidate, next_in_turn


class Line:
    """What waits for room in one worker, and whose turn it was last."""

    def __init__(self) -> None:
        self._runs: dict[str, FlowRun] = {}
        self._waiting: dict[str, Candidate] = {}
        self._left = 0
        self._turn = 0
        self._served: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many may still be begun."""
        return min(self._left, len(self._waiting))

    def fill(self, page: Sequence[FlowRun], hidden: Iterable[FlowRun] = (), besides: Collection[UUID] = ()) -> None:
        """Replace the line by what Prefect gives now, without the runs ``besides``.

        Prefect gives a page of what is due, oldest first, no more than the limits of pool and queues allow; its queues
        come in the order of their priority. ``hidden`` are runs that its end hides: they may be begun *instead of*
        others, not on top of them.
        """
        queues: dict[UUID | None, int] = {}
        for run in page:
            queues.setdefault(run.work_queue_id, len(queues))
        shown = [run for run in page if run.id not in besides]
        self._runs = {
            str(run.id): run for run in (*shown, *hidden) if run.work_queue_id in queues and run.id not in besides
        }
        self._waiting = {key: _candidate(run, queues[run.work_queue_id]) for key, run in self._runs.items()}
        self._left = len(shown)

    def take(self, in_hand: Iterable[FlowRun]) -> FlowRun:
        """Take the next run out, given those that are in hand; raises ``ValueError`` when there is none."""
        busy = Counter(school for run in in_hand for school in _schools(run))
        chosen = next_in_turn(self._waiting.values() if self._left else (), busy, self._served)
        self._left -= 1
        self._turn += 1
        self._served |= dict.fromkeys(chosen.schools, self._turn)
        del self._waiting[chosen.key]
        return self._runs.pop(chosen.key)

    def clear(self) -> None:
        """Let all go."""
        self.fill(())


def schools_among(runs: Iterable[FlowRun]) -> set[str]:
    """Return the schools that the runs are for."""
    return {school for run in runs for school in _schools(run)}


def _schools(run: FlowRun) -> frozenset[str]:
    return schools_in(run.tags) or frozenset({""})


def _candidate(run: FlowRun, queue: int) -> Candidate:
    return Candidate(str(run.id), queue, _schools(run), _moment(run))


def _moment(run: FlowRun) -> datetime:
    moment = run.next_scheduled_start_time or run.expected_start_time or run.created
    if moment is None:
        raise ValueError("a run that is due has a moment")
    return moment
