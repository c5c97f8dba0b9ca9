"""The repair: what our database says about every activity is compared with what Prefect knows, and put right.

Found in this way: a run that died in the middle, a wake that got lost, a run cancelled, paused or deleted in
Prefect, a Prefect database that is an old one or a new one. None of it changes an activity: it gets a new run.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from sandwich.clock import real_now
from sandwich.orchestration.naming import OURS, prefect_ids
from sandwich.orchestration.park import prefect_moment
from sandwich.orchestration.runs import PAGE, failures, finish_run, read_runs, replace_run
from sandwich.orchestration.verdict import BUSY, STUCK, WENT_WRONG, Patience, Verdict, judge, pause_after
from sandwich.orchestration.waker import Doubts
from sandwich.runtime import Runtime
from sandwich.services.halting import attend_resting
from sandwich.services.waking import Wake, live_activities, resting_runs, runs_needed

EACH_AT_LEAST_EVERY = timedelta(minutes=1)
"""How often Prefect is asked for every single run although the numbers fit."""

TOGETHER = 1000
"""How many runs Prefect is asked about at once, when it only counts them."""

COUNTED = 200
"""No more runs than this are looked at without being counted before: it is one request either way."""

SMALL = 100
"""With no more activities than this every run is looked at every time: it is one request."""

UNOWNED_AFTER = timedelta(minutes=5)
"""How old a parked run that no activity owns must be before it is ended; a younger one may just be being taken."""


class Repair:
    """Sweeps through all activities that are not finished."""

    def __init__(
        self, opened: Runtime, client: PrefectClient, doubts: Doubts, patience: Patience | None = None
    ) -> None:
        self.runtime = opened
        self.client = client
        self.doubts = doubts
        self.patience = patience or Patience()
        self._all_seen_at: datetime | None = None

    async def sweep(self, now: datetime | None = None) -> int:
        """Put right what is wrong at the real moment ``now`` and return how many runs were replaced or ended.

        Cheap when nothing is wrong: one request for the few runs that are busy, and one for the number of parked
        ones, which must be the number of activities that have a run; and once a minute one for every thousand of
        them, by their ids, so that none can be missing behind another that nobody needs. As often it is seen to that
        something looks at every activity that rests, which may have come from an older release.
        """
        now = now or real_now()
        busy = await self._all_runs(BUSY | STUCK)
        busy_ids = {str(run.id) for run in busy}
        owners = {wake.run_id: wake for wake in await live_activities(self.runtime, busy_ids)} if busy else {}
        put_right = 0
        for run in busy:
            owner = owners.get(str(run.id))
            put_right += await self._settle(owner, run, now) if owner else await self._end_unowned(run, now)
        needed = await runs_needed(self.runtime)
        expected = needed - len(owners)
        parked = await self.client.count_flow_runs(flow_run_filter=_in_state({StateType.SCHEDULED}))
        overdue = self._all_seen_at is None or now - self._all_seen_at >= EACH_AT_LEAST_EVERY
        if parked != expected or overdue or needed <= SMALL:
            wakes = await live_activities(self.runtime)
            put_right += await self._look_at_all(
                [wake for wake in wakes if wake.run_id is not None and wake.run_id not in busy_ids], now
            )
            await attend_resting(self.runtime)
            self._all_seen_at = now
        if parked > expected:
            owned = {wake.run_id for wake in await live_activities(self.runtime)} | await resting_runs(self.runtime)
            for run in await self._all_runs({StateType.SCHEDULED}):
                if str(run.id) not in owned and run.created is not None and now - run.created > UNOWNED_AFTER:
                    await finish_run(self.client, run, "No activity needs this run any more.")
                    put_right += 1
        return put_right

    async def _look_at_all(self, wakes: Sequence[Wake], now: datetime) -> int:
        """Look at every run, but where Prefect counts as many parked as there must be: these are well."""
        put_right = 0
        for start in range(0, len(wakes), TOGETHER):
            some = wakes[start : start + TOGETHER]
            ids = [wake.run_id for wake in some if wake.run_id]
            if len(ids) > COUNTED and await self.client.count_flow_runs(flow_run_filter=_parked(ids)) == len(ids):
                for wake in some:
                    self.doubts.forget(wake.activity_id)
                continue
            runs = await read_runs(self.client, ids)
            for wake in some:
                put_right += await self._settle(wake, runs.get(wake.run_id or ""), now)
        return put_right

    async def _settle(self, wake: Wake, run: FlowRun | None, now: datetime) -> int:
        verdict = judge(run, is_due=False, now=now, dead_after=self.patience.with_run(run))
        if verdict is Verdict.RETRY and run is not None and run.state is not None:
            pause = pause_after(await failures(self.client, wake.activity_id))
            verdict = Verdict.REPLACE if now - run.state.timestamp > pause else Verdict.LEAVE
        if verdict is not Verdict.REPLACE:
            self.doubts.forget(wake.activity_id)
            return 0
        if not self.doubts.are_settled(wake.activity_id, wake.run_id):
            return 0
        self.doubts.forget(wake.activity_id)
        # One that died in the middle of a wake may have left something half done, or done and not shown yet.
        broke_off = run is not None and run.state is not None and run.state.type in BUSY | WENT_WRONG
        until = None if broke_off else prefect_moment(wake.wake_at, await self.runtime.clock.offset())
        return int(await replace_run(self.runtime, self.client, wake, run, until) is not None)

    async def _end_unowned(self, run: FlowRun, now: datetime) -> int:
        if judge(run, is_due=False, now=now, dead_after=self.patience.with_run(run)) is not Verdict.REPLACE:
            return 0
        await finish_run(self.client, run, "Found without a process; no activity is carried by it.")
        return 1

    async def _all_runs(self, states: frozenset[StateType] | set[StateType]) -> list[FlowRun]:
        found: list[FlowRun] = []
        while True:
            page = await self.client.read_flow_runs(
                flow_run_filter=_in_state(states), sort=FlowRunSort.ID_DESC, limit=PAGE, offset=len(found)
            )
            found += page
            if len(page) < PAGE:
                return found


def _parked(run_ids: Sequence[str]) -> FlowRunFilter:
    return FlowRunFilter(
        id=FlowRunFilterId(any_=prefect_ids(run_ids)),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
    )


def _in_state(states: frozenset[StateType] | set[StateType]) -> FlowRunFilter:
    return FlowRunFilter(
        tags=FlowRunFilterTags(all_=[OURS]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=sorted(states))),
    )
