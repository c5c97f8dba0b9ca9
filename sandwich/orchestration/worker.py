"""Our own type of Prefect worker: it carries many flow runs in one process instead of starting one for each.

Prefect's server loads this module too, to know the type, so it imports nothing else of ours until a worker starts.
"""

import asyncio
import time
from collections import deque
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

SLOW_SECONDS = 3.0
"""Runs in hand for longer than this are looked up, in case somebody cancelled them in Prefect."""


class SandwichResult(BaseWorkerResult):
    """How one run in this process ended: 0 when it ended or parked, 1 when it was broken off."""


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
        self.pool_name = work_pool_name
        self.queue_names = list(work_queues or [])
        self.at_once = limit or DEFAULT_LIMIT
        self.carried = 0
        self.loop = loop
        self.owns_loop = loop is None
        self.in_hand: dict[UUID, tuple[Work, float]] = {}
        self.waiting: deque[FlowRun] = deque()
        self.asking = asyncio.Lock()
        self.polled_at = time.monotonic()
        self.stopping = False

    async def setup(self) -> None:
        """Start the loop that runs are carried in, then what every worker starts."""
        from sandwich.orchestration.flow_loop import FlowLoop

        if self.loop is None:
            self.loop = FlowLoop()
        if self.owns_loop:
            await self.loop.start()
        await super().setup()

    async def teardown(self, *exc_info: Any) -> None:
        """Let the runs in hand finish, break off those that do not, and leave the rest to the repair."""
        self.stopping = True
        self.waiting.clear()
        with anyio.CancelScope(shield=True):
            await self.let_finish(GRACE_SECONDS)
            for work, _since in self.in_hand.values():
                work.cancel()
            await self.let_finish(GRACE_SECONDS / 2)
        await super().teardown(*exc_info)
        if self.loop is not None and self.owns_loop:
            await self.loop.stop()

    async def let_finish(self, seconds: float) -> None:
        """Wait until no run is in hand, ``seconds`` at most."""
        ended = [asyncio.wrap_future(work.ended) for work, _since in self.in_hand.values()]
        if ended:
            await asyncio.wait(ended, timeout=seconds)

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Ask Prefect for runs that are due, unless some are still at hand, and begin as many as there is room for."""
        self.polled_at = time.monotonic()
        if self.stopping or not self.knows_its_pool():
            return []
        async with self.asking:
            await self.break_off_cancelled()
            if not self.waiting and len(self.in_hand) < self.at_once:
                await self.fetch()
        return self.begin_waiting()

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

    async def fetch(self) -> None:
        """Put the runs that are due by now in line."""
        try:
            found = await self.client.get_scheduled_flow_runs_for_work_pool(
                work_pool_name=self.pool_name,
                work_queue_names=self.queue_names,
                scheduled_before=_now(),
            )
        except ObjectNotFound:
            return  # no such pool yet; the next heartbeat makes it
        self.waiting.extend(entry.flow_run for entry in found if entry.flow_run.id not in self.in_hand)

    def begin_waiting(self) -> list[FlowRun]:
        """Begin runs that are in line while there is room; a run that somebody else took by then lets go by itself."""
        begun = []
        while self.waiting and len(self.in_hand) < self.at_once and not self.stopping:
            flow_run = self.waiting.popleft()
            if flow_run.id not in self.in_hand:
                self.begin(flow_run)
                begun.append(flow_run)
        return begun

    def begin(self, flow_run: FlowRun) -> "Work":
        """Begin to carry one run in the loop of runs."""
        from sandwich.orchestration.in_process import carry_flow_run

        if self.loop is None:
            raise RuntimeError("the worker was not set up")
        here = asyncio.get_running_loop()
        work = self.loop.give(lambda: carry_flow_run(flow_run))
        self.in_hand[flow_run.id] = (work, time.monotonic())
        work.ended.add_done_callback(lambda _ended: here.call_soon_threadsafe(self.end, flow_run.id))
        return work

    def end(self, flow_run_id: UUID) -> None:
        """Note that a run is over, and begin the next one in line."""
        self.in_hand.pop(flow_run_id, None)
        self.carried += 1
        self.begin_waiting()

    async def break_off_cancelled(self) -> None:
        """Stop runs in hand that somebody cancelled in Prefect; the slow ones: others end before they are found."""
        limit = time.monotonic() - SLOW_SECONDS
        slow = {flow_run_id: work for flow_run_id, (work, since) in self.in_hand.items() if since < limit}
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


def _now() -> Any:
    from sandwich.clock import real_now

    return real_now()
