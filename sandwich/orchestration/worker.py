"""Our own type of Prefect worker: it carries many flow runs in one process instead of starting one for each.

Prefect's server loads this module too, to know the type, so it imports nothing else of ours until a worker starts.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio
from anyio.abc import TaskStatus
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

if TYPE_CHECKING:
    from sandwich.orchestration.flow_loop import FlowLoop, Work

DEFAULT_LIMIT = 8
"""Runs at once when no limit is given; Prefect on SQLite begins to refuse somewhere above twice that."""

GRACE_SECONDS = 10.0
"""How long runs in hand may go on after the worker was told to stop."""

POLL_AGAIN_SECONDS = 300.0
"""Without a poll for so long the worker calls itself unhealthy."""

QUIET_SECONDS = 5.0
"""Pause between two looks at Prefect while nothing is due, where a waker in this process tells what falls due."""

REFRESH_SECONDS = 5.0
"""Age at which a line that still has runs in it is replaced, so that a higher queue or another school gets its turn."""

LOOK_BEHIND_SECONDS = 5.0
"""How long our own database may take to say what the page hides."""

SLOW_SECONDS = 3.0
"""Runs in hand for longer than this are looked up, in case somebody cancelled them in Prefect."""


class SandwichResult(BaseWorkerResult):
    """How one run in this process ended: 0 when it ended or parked, 1 when it was broken off."""


@dataclass(frozen=True)
class InHand:
    """A run that is being carried, and since when."""

    run: FlowRun
    work: "Work"
    since: float


class SandwichWorker(BaseWorker[BaseJobConfiguration, BaseVariables, SandwichResult]):
    """A worker whose runs share one process, one event loop and one connection to Prefect.

    What it takes for granted: the flow is async, or short; it is importable where the worker runs; and a run can be
    carried again from the start of its wake when the process dies.
    """

    type = "sandwich"
    job_configuration = BaseJobConfiguration
    job_configuration_variables = BaseVariables

    def __init__(
        self,
        work_pool_name: str,
        work_queues: list[str] | None = None,
        name: str | None = None,
        prefetch_seconds: float | None = None,
        create_pool_if_not_found: bool = True,
        limit: int | None = None,
        heartbeat_interval_seconds: int | None = None,
        *,
        base_job_template: dict[str, Any] | None = None,
        loop: "FlowLoop | None" = None,
    ) -> None:
        """Take what any worker takes; ``loop`` shares an event loop with other services of the same process."""
        super().__init__(
            work_pool_name,
            work_queues,
            name,
            prefetch_seconds,
            create_pool_if_not_found,
            limit,
            heartbeat_interval_seconds,
            base_job_template=base_job_template,
        )
        from sandwich.orchestration.figures import Figures
        from sandwich.orchestration.flow_loop import FlowLoop
        from sandwich.orchestration.hidden import Hidden
        from sandwich.orchestration.line import Line
        from sandwich.orchestration.pressure import Pressure

        self.pool_name = work_pool_name
        self.queue_names = list(work_queues or [])
        self.at_once = limit or DEFAULT_LIMIT
        self.owns_loop = loop is None
        self.loop: FlowLoop = loop or FlowLoop(Pressure(self.at_once))
        self.figures = Figures()
        self.hidden = Hidden(work_pool_name)
        self.line = Line()
        self.in_hand: dict[UUID, InHand] = {}
        self.asking = asyncio.Lock()
        self.polled_at = time.monotonic()
        self.found = False
        self.told = False
        self.has_waker = False
        self.stopping = False
        self.soon: asyncio.Task[list[FlowRun]] | None = None

    async def setup(self) -> None:
        """Start the loop that runs are carried in, then what every worker starts."""
        if self.owns_loop:
            await self.loop.start()
        await super().setup()

    async def teardown(self, *exc_info: Any) -> None:
        """Let the runs in hand finish, break off those that do not, and leave the rest to the repair."""
        self.stopping = True
        self.line.clear()
        with anyio.CancelScope(shield=True):
            await self.let_finish(GRACE_SECONDS)
            for hand in self.in_hand.values():
                hand.work.cancel()
            await self.let_finish(GRACE_SECONDS / 2)
        await super().teardown(*exc_info)
        if self.owns_loop:
            await self.loop.stop()

    async def let_finish(self, seconds: float) -> None:
        """Wait until no run is in hand, ``seconds`` at most."""
        ended = [asyncio.wrap_future(hand.work.ended) for hand in self.in_hand.values()]
        if ended:
            await asyncio.wait(ended, timeout=seconds)

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Ask Prefect for runs that are due when it is time to, and begin as many as there is room for."""
        if self.stopping or not self.knows_its_pool():
            return []
        async with self.asking:
            await self.break_off_cancelled()
            if self.wants_to_ask():
                await self.fetch()
        return self.begin_waiting()

    async def look_now(self) -> None:
        """Ask Prefect soon, for the waker has seen something fall due."""
        self.told = True
        await self.get_and_submit_flow_runs()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> SandwichResult:
        """Carry one run from its beginning until it ends or parks."""
        del configuration  # says how to start a process or a container, and here is none to start
        if task_status is not None:
            task_status.started(0)
        work = self.begin(flow_run)
        await asyncio.wait([asyncio.wrap_future(work.ended)])
        return SandwichResult(identifier=str(flow_run.id), status_code=0 if work.ended.exception() is None else 1)

    def is_worker_still_polling(self, query_interval_seconds: float) -> bool:
        """Return whether the worker asked for work lately; its health, for whoever watches over it."""
        return time.monotonic() - self.polled_at <= max(POLL_AGAIN_SECONDS, 30 * query_interval_seconds)

    def knows_its_pool(self) -> bool:
        """Return whether Prefect has told this worker about its work pool."""
        try:
            return self.work_pool is not None
        except RuntimeError:
            return False

    def room(self) -> int:
        """Return how many runs more may be in hand now, given how Prefect answers."""
        return min(self.at_once, self.loop.pressure.room(time.monotonic())) - len(self.in_hand)

    def wants_to_ask(self) -> bool:
        """Return whether it is time to ask Prefect what is due."""
        if self.room() <= 0:
            return False
        age = time.monotonic() - self.polled_at
        if self.line:
            return age >= REFRESH_SECONDS
        return self.told or self.found or not self.has_waker or age >= QUIET_SECONDS

    def told_figures(self) -> dict[str, Any]:
        """Return what there is to say of this worker now."""
        now = time.monotonic()
        return self.figures.as_row() | {
            "in_hand": len(self.in_hand),
            "in_line": len(self.line),
            "limit": min(self.at_once, self.loop.pressure.room(now)),
            "refused": self.loop.pressure.refused,
            "polled_seconds": round(now - self.polled_at, 3),
        }

    async def fetch(self) -> None:
        """Put the runs that are due by now in line."""
        self.told = False
        try:
            found = await self.client.get_scheduled_flow_runs_for_work_pool(
                work_pool_name=self.pool_name,
                work_queue_names=self.queue_names,
                scheduled_before=_now(),
            )
        except ObjectNotFound:
            return  # no such pool yet; the next heartbeat makes it
        # The run itself has its queue only where it was read by itself.
        page = [entry.flow_run.model_copy(update={"work_queue_id": entry.work_queue_id}) for entry in found]
        hidden = await self.look_behind(page) if page else []
        self.line.fill(page, hidden, self.in_hand)
        self.found = len(self.line) > 0
        self.polled_at = time.monotonic()

    async def look_behind(self, page: list[FlowRun]) -> list[FlowRun]:
        """Return what the page hides; nothing where our database or Prefect cannot say so now."""
        in_hand = set(self.in_hand)
        work = self.loop.give(lambda: self.hidden.behind(page, in_hand))
        ended = asyncio.wrap_future(work.ended)
        await asyncio.wait([ended], timeout=LOOK_BEHIND_SECONDS)
        if not ended.done():
            work.cancel()
            return []
        return [] if ended.exception() is not None else ended.result() or []

    def begin_waiting(self) -> list[FlowRun]:
        """Begin runs that are in line while there is room; a run that somebody else took by then lets go by itself."""
        begun = []
        while self.line and self.room() > 0 and not self.stopping:
            flow_run = self.line.take(hand.run for hand in self.in_hand.values())
            self.begin(flow_run)
            begun.append(flow_run)
        return begun

    def begin(self, flow_run: FlowRun) -> "Work":
        """Begin to carry one run in the loop of runs."""
        from sandwich.orchestration.in_process import carry_flow_run

        here = asyncio.get_running_loop()
        begun_at = _now()
        work = self.loop.give(lambda: carry_flow_run(flow_run))
        self.in_hand[flow_run.id] = InHand(flow_run, work, time.monotonic())
        work.ended.add_done_callback(lambda _ended: here.call_soon_threadsafe(self.end, flow_run.id, begun_at))
        return work

    def end(self, flow_run_id: UUID, begun_at: datetime) -> None:
        """Note that a run is over, and begin the next one in line."""
        hand = self.in_hand.pop(flow_run_id)
        moment = hand.run.next_scheduled_start_time
        was_ours = self.figures.ended(hand.work.ended, (begun_at - moment).total_seconds() if moment else None)
        self.begin_waiting()
        if was_ours and self.found and not self.line and not self.stopping:
            self.soon = asyncio.create_task(self.get_and_submit_flow_runs())

    async def break_off_cancelled(self) -> None:
        """Stop runs in hand that somebody cancelled in Prefect; the slow ones: others end before they are found."""
        limit = time.monotonic() - SLOW_SECONDS
        slow = {flow_run_id: hand.work for flow_run_id, hand in self.in_hand.items() if hand.since < limit}
        if not slow:
            return
        cancelling = FlowRunFilter(
            id=FlowRunFilterId(any_=list(slow)),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING])),
        )
        for flow_run in await self.client.read_flow_runs(flow_run_filter=cancelling):
            work = slow[flow_run.id]
            work.cancel()
            await asyncio.wait([asyncio.wrap_future(work.ended)], timeout=GRACE_SECONDS / 2)
            cancelled: State[None] = Cancelled(
                message="Cancelled in Prefect while it ran; the activity goes on with a new run."
            )
            await self.client.set_flow_run_state(flow_run.id, cancelled, force=True)


def _now() -> datetime:
    from sandwich.clock import real_now

    return real_now()
