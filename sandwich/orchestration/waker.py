"""The waker: activities that are due are brought to Prefect's attention. One small loop beside the worker."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from sandwich.clock import real_now
from sandwich.orchestration.runs import read_runs, replace_run, start_run, wake_run
from sandwich.orchestration.verdict import Patience, Verdict, judge
from sandwich.runtime import Runtime
from sandwich.services.waking import Wake, due_wakes

AT_ONCE = 4
"""State changes asked of Prefect at the same time, while it answers well."""

BATCH = 200
"""Due activities looked at in one round."""

LOOK_AGAIN_SECONDS = 1.0
MOST_PER_SECOND = 10
"""An activity that Prefect is busy with is looked at again after a second, or longer when there are many such."""

STALE_SECONDS = 4.0
"""How long what Prefect said of a run holds; well within the time for which :data:`verdict.SOON` keeps us away."""

SURE_SECONDS = 4.0
"""How long a run must be found ended or gone before it is replaced: it may have ended well a moment ago."""


class Doubts:
    """Runs that were found ended or gone, and since when; nothing is done before that was so for a while."""

    def __init__(self, seconds: float = SURE_SECONDS) -> None:
        """Take how long is long enough."""
        self._seconds = seconds
        self._since: dict[str, tuple[str | None, float]] = {}

    def are_settled(self, activity_id: str, run_id: str | None) -> bool:
        """Note the doubt, and return whether the same run of the activity has been in doubt for long enough."""
        now = time.monotonic()
        run, since = self._since.get(activity_id, (None, now))
        if run != run_id or activity_id not in self._since:
            self._since[activity_id] = (run_id, now)
            return False
        return now - since >= self._seconds

    def forget(self, activity_id: str) -> None:
        """Note that there is no doubt about the activity any more."""
        self._since.pop(activity_id, None)


class Waker:
    """Wakes what is due. It remembers nothing that it could not do without."""

    def __init__(
        self,
        opened: Runtime,
        client: PrefectClient,
        doubts: Doubts,
        patience: Patience | None = None,
        room: Callable[[], int] = lambda: AT_ONCE,
    ) -> None:
        """Take, beside what it works with, ``room``: how many state changes may be asked at the same time now."""
        self.runtime = opened
        self.client = client
        self.doubts = doubts
        self.patience = patience or Patience()
        self._room = room
        self._inside = 0
        self._turns = asyncio.Condition()
        self._acting: dict[str, asyncio.Task[bool]] = {}
        self._look_again: dict[str, float] = {}

    async def look(self) -> list[asyncio.Task[bool]]:
        """Begin to wake every due activity that Prefect would not start by itself now.

        Each is a task of its own, true when it woke or made a run: a request that Prefect lets wait, for it tries
        again with growing pauses, holds up one activity and not the others.
        """
        async with self._turns:
            self._turns.notify_all()  # there may be more room than when they began to wait
        due = self._in_turn(await due_wakes(self.runtime, BATCH))
        if not due:
            return []
        runs = await read_runs(self.client, [wake.run_id for wake in due if wake.run_id])
        seen = time.monotonic()
        begun = {
            wake.activity_id: asyncio.create_task(self._act(wake, runs.get(wake.run_id or ""), seen)) for wake in due
        }
        self._acting |= begun
        return list(begun.values())

    async def wake_due(self) -> int:
        """Wake every due activity, wait until that is done, and return how many were woken."""
        return sum(await asyncio.gather(*await self.look()))

    async def stop(self) -> None:
        """Break off what is being woken."""
        for task in self._acting.values():
            task.cancel()
        await asyncio.gather(*self._acting.values(), return_exceptions=True)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        async with self._turns:
            await self._turns.wait_for(lambda: self._inside < self._room())
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            async with self._turns:
                self._turns.notify()

    async def _act(self, wake: Wake, run: FlowRun | None, seen: float) -> bool:
        async with self._turn():
            if wake.run_id is None:  # nobody else takes the activity from a run that it does not have
                return await start_run(self.runtime, self.client, wake, None) is not None
            if time.monotonic() - seen > STALE_SECONDS:  # it had to wait, and the run may be at work by now
                self._look_again.pop(wake.activity_id, None)
                return False
            match judge(run, is_due=True, now=real_now(), dead_after=self.patience.with_run(run)):
                case Verdict.WAKE if run is not None:
                    self.doubts.forget(wake.activity_id)
                    await wake_run(self.client, run.id)
                    return True
                case Verdict.REPLACE:
                    if not self.doubts.are_settled(wake.activity_id, wake.run_id):
                        return False
                    self.doubts.forget(wake.activity_id)
                    return await replace_run(self.runtime, self.client, wake, run, None) is not None
                case _:
                    return False  # Prefect has it in hand; or it failed, and the repair makes a new run after a pause

    def _in_turn(self, due: list[Wake]) -> list[Wake]:
        now = time.monotonic()
        self._acting = {key: task for key, task in self._acting.items() if not task.done()}
        self._look_again = {key: at for key, at in self._look_again.items() if at > now}
        left_alone = self._look_again.keys() | self._acting.keys()
        turn = [wake for wake in due if wake.activity_id not in left_alone]
        after = max(LOOK_AGAIN_SECONDS, len(due) / MOST_PER_SECOND)
        self._look_again |= {wake.activity_id: now + after for wake in turn}
        return turn
