"""What the end of Prefect's page hides: runs of schools that have nothing on it, looked up in our own database.

Prefect gives what is due in the order in which it fell due, and no more than a page, or than a limit allows. Where one
school fills that, the others are found by asking our database what is due, school by school.
"""

import time
from collections.abc import Collection, Sequence
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType

from sandwich.clock import real_now
from sandwich.orchestration.line import schools_among
from sandwich.orchestration.naming import prefect_ids
from sandwich.orchestration.runs import PAGE
from sandwich.runtime import runtime
from sandwich.services.waking import due_wakes, schools_of

ASK_AGAIN_SECONDS = 5.0
"""How long a run is left alone that Prefect would not start: mostly somebody has it in hand already."""


class Hidden:
    """Looks behind the page; remembers what it asked for lately, and nothing else."""

    def __init__(self, pool: str) -> None:
        self._pool = pool
        self._asked: dict[str, float] = {}

    async def behind(self, page: Sequence[FlowRun], in_hand: Collection[UUID]) -> list[FlowRun]:
        """Return runs that Prefect would start now and are not in hand, of schools that have none on ``page``."""
        opened = await runtime()
        now = time.monotonic()
        self._asked = {key: at for key, at in self._asked.items() if now - at < ASK_AGAIN_SECONDS}
        left_alone = self._asked.keys() | {str(run.id) for run in page} | {str(run_id) for run_id in in_hand}
        due = [wake for wake in await due_wakes(opened) if wake.run_id and wake.run_id not in left_alone]
        if not due:
            return []
        shown = schools_among(page)
        schools = await schools_of(opened, [wake.activity_id for wake in due])
        wanted = [wake.run_id for wake in due if wake.run_id and not shown & (schools[wake.activity_id] or {""})]
        if not wanted:
            return []
        async with get_client() as client:
            found = await client.read_flow_runs(
                flow_run_filter=FlowRunFilter(
                    id=FlowRunFilterId(any_=prefect_ids(wanted)),
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
                    next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=real_now()),
                ),
                work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[self._pool])),
                limit=PAGE,
            )
        # What was found and is not begun now, for want of room, is looked up again: its turn must not pass.
        self._asked |= dict.fromkeys(set(wanted) - {str(run.id) for run in found}, now)
        return found
