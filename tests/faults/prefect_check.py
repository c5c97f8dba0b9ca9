"""What the checkers ask Prefect: one run carries an activity, a step is shown once, nothing waits with a timeout."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType, TaskRun
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus
from sandwich.orchestration.naming import OURS, activity_tag
from sandwich.orchestration.runs import PAGE
from sandwich.orchestration.verdict import BUSY
from tests.faults.check import Report

MEANWHILE = timedelta(seconds=3)
"""So long after a step was shown another worker may not see it there yet: Prefect writes steps down once a second."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_WITHOUT = (ActivityStatus.FINISHED, ActivityStatus.CANCELLED, ActivityStatus.CONCEPT, ActivityStatus.ON_HOLD)
"""Nothing wakes these. Whose run is lost while it is on hold gets a new one when it goes on."""


async def check_prefect(session: AsyncSession, client: PrefectClient, report: Report) -> None:
    """Add what is wrong in Prefect to the figures of C2 and C4."""
    runs: dict[str, list[FlowRun]] = defaultdict(list)
    for run in await all_runs(client):
        key = next((tag.removeprefix("activity:") for tag in run.tags if tag.startswith("activity:")), "")
        runs[key].append(run)
        if run.state is not None and (run.state.type is StateType.PAUSED or run.state.state_details.pause_timeout):
            report.add("asleep", f"run {run.id} waits with a timeout: a clock that jumps ends it")
    for activity in await session.scalars(select(Activity)):
        own = {str(run.id): run for run in runs[activity.id]}
        alive = [run for run in own.values() if run.state_type in BUSY | {StateType.SCHEDULED}]
        if len(alive) > 1:
            report.add("dup_unexplained", f"{len(alive)} runs carry activity {activity.id}")
        if activity.status not in _WITHOUT and not (activity.run_id and own.get(activity.run_id) in alive):
            state = own[activity.run_id].state_name if activity.run_id in own else "nowhere"
            report.add("asleep", f"the run of activity {activity.id} is {state}")
        for name, count in shown_again(await _shown(client, activity.id)).items():
            report.add("dup_unexplained", f"{name!r} of activity {activity.id} is shown {count} times more")


async def all_runs(client: PrefectClient) -> list[FlowRun]:
    """Return all runs of ours."""
    found: list[FlowRun] = []
    chosen = FlowRunFilter(tags=FlowRunFilterTags(all_=[OURS]))
    while page := await client.read_flow_runs(flow_run_filter=chosen, limit=PAGE, offset=len(found)):
        found += page
        if len(page) < PAGE:
            break
    return found


def shown_again(shown: list[TaskRun]) -> Counter[str]:
    """Return how often a step was shown again, by its name, when it stood there already.

    Two workers that have an activity in hand at once, as after one of them was frozen, may both show a step: it is done
    once, in our own database, and Prefect cannot be asked to take it from only one of them.
    """
    again, last = Counter[str](), dict[str, datetime]()
    for run in sorted(shown, key=lambda one: one.start_time or one.created or _NEVER):
        begun, ended = run.start_time or _NEVER, run.end_time or _NEVER
        if run.name in last and begun > last[run.name] + MEANWHILE:
            again[run.name] += 1
        last[run.name] = max(ended, last.get(run.name, ended))
    return again


async def _shown(client: PrefectClient, activity_id: str) -> list[TaskRun]:
    """Return the completed task runs of an activity."""
    return await client.read_task_runs(
        flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[activity_tag(activity_id)])),
        task_run_filter=TaskRunFilter(
            state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.COMPLETED]))
        ),
        limit=PAGE,
    )
