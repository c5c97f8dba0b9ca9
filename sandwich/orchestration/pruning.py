"""What Prefect keeps of activities that are long over: runs with their task runs and logs, and progress artifacts.

Prefect's events need no hand of ours: its server throws them away by age, and is told the same one (``server.py``).
"""

from collections import defaultdict
from collections.abc import Awaitable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort

from sandwich.clock import real_now
from sandwich.incoming.keep import throw_away
from sandwich.orchestration.faults import without_details
from sandwich.orchestration.gone import MAYBE_GONE, is_gone
from sandwich.orchestration.naming import OURS, STAGES, UPKEEP_TAG, activity_of, progress_key
from sandwich.orchestration.runs import finish_run
from sandwich.orchestration.verdict import BUSY, ENDED
from sandwich.privacy.again import keep_erasures
from sandwich.privacy.retention import run as remove_old
from sandwich.runtime import Runtime, runtime
from sandwich.services.waking import closed_activities

BATCH = 100
"""How many runs are looked at in one request; Prefect on SQLite is asked for one thing at a time."""

MOST = 2000
"""How many runs one upkeep deletes, a minute or two of work; what is left is for the next day."""

STUCK_AFTER = timedelta(hours=6)
"""An upkeep that claims to be busy for longer lost its process."""


@dataclass(frozen=True)
class Pruned:
    """How many runs and artifacts were deleted."""

    runs: int
    artifacts: int


@dataclass(frozen=True)
class Tidied:
    """What a night did: at Prefect, how much is gone whose term was over, and how much waits for a yes."""

    pruned: Pruned
    removed: int
    waiting: int


async def tidy_up() -> Tidied:
    """Delete what Prefect keeps of activities that have been closed for as long as the settings say.

    And see to it that nothing about people is kept too long, and that whoever was erased stays so.
    """
    with without_details("Opening the database"):
        opened = await runtime()
    with without_details("Deleting mail that came in long ago"):
        await throw_away(opened, await opened.clock.now())
    with without_details("Keeping erasures"):
        await keep_erasures(opened, await opened.clock.now())
    with without_details("Removing what is over its term"):
        ran = await remove_old(opened, await opened.clock.now())
    async with get_client() as client:
        return Tidied(await prune(opened, client), ran.removed, ran.waiting)


async def prune(
    opened: Runtime, client: PrefectClient, *, real: datetime | None = None, batch: int = BATCH, most: int = MOST
) -> Pruned:
    """Do so at the real moment ``real``, up to ``most`` runs.

    Safe to repeat after a crash at any point: the runs say what is left to do.
    An activity whose flow has anything left to do keeps its runs, and with them what they show of its steps.
    """
    age = timedelta(days=opened.settings.keep_runs_days)
    with without_details("Reading the clock"):
        before = await opened.clock.now() - age
    runs = await _prune_own(client, age, real or real_now())
    artifacts = kept = 0
    while runs < most:
        page = await client.read_flow_runs(
            flow_run_filter=_ended(OURS), sort=FlowRunSort.ID_DESC, limit=min(batch, most - runs), offset=kept
        )
        closed = await _closed(opened, page, before)
        # The artifacts first: as long as a run is there, what belongs to it is found again.
        artifacts += await _delete_artifacts(client, closed)
        for run in (run for ids in closed.values() for run in ids):
            await _delete_run(client, run)
            runs += 1
        kept += len(page) - sum(len(ids) for ids in closed.values())
        if len(page) < batch:
            break
    return Pruned(runs, artifacts)


async def _closed(opened: Runtime, page: Iterable[FlowRun], before: datetime) -> dict[str, list[UUID]]:
    """Return the runs of a page whose activities are long over, by activity."""
    found: defaultdict[str, list[UUID]] = defaultdict(list)
    for run in page:
        activity_id = activity_of(run.tags)
        if activity_id is not None:
            found[activity_id].append(run.id)
    with without_details("Looking which activities are over"):
        closed = await closed_activities(opened, list(found), before)
    return {activity_id: found[activity_id] for activity_id in found if activity_id in closed}


async def _delete_artifacts(client: PrefectClient, activities: Collection[str]) -> int:
    keys = [progress_key(stage, activity_id) for activity_id in sorted(activities) for stage in STAGES]
    deleted = 0
    while keys:
        chosen = ArtifactFilter(key=ArtifactFilterKey(any_=keys))
        found = await client.read_artifacts(artifact_filter=chosen, limit=BATCH)
        for artifact in found:
            if artifact.id is not None:
                await _unless_gone(client.delete_artifact(artifact.id))
                deleted += 1
        if len(found) < BATCH:
            break
    return deleted


async def _prune_own(client: PrefectClient, age: timedelta, real: datetime) -> int:
    """Delete the runs of older upkeeps, and end one that lost its process."""
    own = FlowRunFilter(tags=FlowRunFilterTags(all_=[UPKEEP_TAG]))
    deleted = 0
    for run in await client.read_flow_runs(flow_run_filter=own, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=BATCH):
        if run.state is None:
            continue
        if run.state.type in ENDED and run.state.timestamp < real - age:
            await _delete_run(client, run.id)
            deleted += 1
        elif run.state.type in BUSY and real - run.state.timestamp > STUCK_AFTER:
            await finish_run(client, run, "Found without a process; the next one does its work.")
    return deleted


async def _delete_run(client: PrefectClient, run_id: UUID) -> None:
    await _unless_gone(client.delete_flow_run(run_id))


async def _unless_gone(deleting: Awaitable[None]) -> None:
    try:
        await deleting
    except MAYBE_GONE as error:
        if not is_gone(error):
            raise


def _ended(tag: str) -> FlowRunFilter:
    return FlowRunFilter(
        tags=FlowRunFilterTags(all_=[tag]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=sorted(ENDED))),
    )
