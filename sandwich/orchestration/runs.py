"""Make, wake and replace the Prefect runs of activities. At most one of them carries an activity at any moment."""

import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed, Scheduled

from sandwich.clock import real_now
from sandwich.failpoints import failpoint
from sandwich.orchestration.deployments import register_playbooks
from sandwich.orchestration.gone import MAYBE_GONE, is_gone
from sandwich.orchestration.naming import FLOW, activity_tag, prefect_ids, run_name, run_tags
from sandwich.orchestration.park import FAR, WAITING
from sandwich.orchestration.verdict import BUSY, ENDED, WENT_WRONG
from sandwich.runtime import Runtime
from sandwich.services.waking import Wake, schools_of, take_run

PAGE = 200
"""How many runs Prefect gives in one answer."""

_SAFELY_AHEAD = timedelta(minutes=5)
_RECENT = timedelta(hours=6)

_deployments: dict[tuple[str, str], UUID] = {}


async def read_runs(client: PrefectClient, run_ids: Iterable[str]) -> dict[str, FlowRun]:
    """Return what Prefect knows of the runs with these ids, by id; those that it does not know are left out."""
    ids = prefect_ids(run_ids)
    found: dict[str, FlowRun] = {}
    for start in range(0, len(ids), PAGE):
        chosen = FlowRunFilter(id=FlowRunFilterId(any_=ids[start : start + PAGE]))
        found |= {str(run.id): run for run in await client.read_flow_runs(flow_run_filter=chosen, limit=PAGE)}
    return found


async def wake_run(client: PrefectClient, run_id: UUID) -> None:
    """Let Prefect start a parked run now."""
    await client.set_flow_run_state(run_id, Scheduled(message="Something is due."))
    await failpoint("wake-sent")


async def start_run(opened: Runtime, client: PrefectClient, wake: Wake, until: datetime | None) -> UUID | None:
    """Make a run that carries the activity from here on, in the place of ``wake.run_id``.

    ``until`` is the real moment until which it is parked, ``None`` to start now. Returns its id, or ``None`` when
    another run took the activity meanwhile. Safe to repeat after a crash at any point: a run is made once for each
    number, and parked far ahead until it is known to own the activity.
    """
    parked_ahead = until is not None and until > real_now() + _SAFELY_AHEAD
    run = await _make_run(opened, client, wake, until if until is not None and parked_ahead else real_now() + FAR)
    await failpoint("run-made")
    if not await take_run(opened, wake.activity_id, str(run.id), wake.run_id):
        return None
    await failpoint("run-taken")
    if not parked_ahead:
        moment = until or real_now()
        await client.set_flow_run_state(run.id, Scheduled(name=WAITING, scheduled_time=moment))
        await failpoint("run-released")
    return run.id


async def finish_run(client: PrefectClient, run: FlowRun, reason: str) -> None:
    """End a run in Prefect that will never move by itself again: Crashed when it was busy, else Cancelled."""
    if run.state is None or run.state.type in ENDED:
        return
    ended: State[None] = Crashed(message=reason) if run.state.type in BUSY else Cancelled(message=reason)
    with contextlib.suppress(ObjectNotFound):  # deleted in the meantime
        await client.set_flow_run_state(run.id, ended, force=True)
    await failpoint("run-ended")


async def replace_run(
    opened: Runtime, client: PrefectClient, wake: Wake, run: FlowRun | None, until: datetime | None
) -> UUID | None:
    """Finish the run that carries the activity no more and make a new one; shown in Prefect as an event."""
    state = "lost" if run is None or run.state is None else str(run.state.name).lower()
    if run is not None:
        await finish_run(client, run, "Found without a process; a new run carries the activity on.")
    replacement = await start_run(opened, client, wake, until)
    if replacement is not None:
        emit_event(
            event="sandwich.activity.run-replaced",
            resource={
                "prefect.resource.id": f"sandwich.activity.{wake.activity_id}",
                "prefect.resource.name": run_name(wake.playbook, wake.activity_id),
            },
            related=[{"prefect.resource.id": f"prefect.flow-run.{replacement}", "prefect.resource.role": "flow-run"}],
            payload={"replaced": wake.run_id, "found": state},
        )
    return replacement


async def failures(client: PrefectClient, activity_id: str) -> int:
    """Return how many runs of the activity went wrong in the last hours."""
    chosen = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[activity_tag(activity_id)]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=sorted(WENT_WRONG))),
        end_time=FlowRunFilterEndTime(after_=real_now() - _RECENT),
    )
    return await client.count_flow_runs(flow_run_filter=chosen)


async def _make_run(opened: Runtime, client: PrefectClient, wake: Wake, until: datetime) -> FlowRun:
    key = f"{wake.activity_id}:{wake.run_number}"
    while True:
        run = await _create(opened, client, wake, until, key)
        if run.state is None or run.state.type not in ENDED:
            return run
        key = f"{key}:{run.id}"  # a run of this number was made before and ended before it was ever taken


async def _create(opened: Runtime, client: PrefectClient, wake: Wake, until: datetime, key: str) -> FlowRun:
    schools = (await schools_of(opened, [wake.activity_id]))[wake.activity_id]
    for attempt in ("known", "looked up", "registered"):
        try:
            deployment = await _deployment(opened, client, wake.playbook, attempt)
            return await client.create_flow_run_from_deployment(
                deployment,
                parameters={"activity_id": wake.activity_id},
                state=Scheduled(name=WAITING, scheduled_time=until),
                name=run_name(wake.playbook, wake.activity_id),
                tags=run_tags(wake.playbook, wake.activity_id, schools),
                idempotency_key=key,
            )
        except MAYBE_GONE as error:
            if not is_gone(error) or attempt == "registered":
                raise
    raise AssertionError("unreachable")


async def _deployment(opened: Runtime, client: PrefectClient, playbook: str, attempt: str) -> UUID:
    """Return the id of a playbook's deployment; registers it anew when Prefect has another database than before."""
    known = (str(client.api_url), playbook)
    if attempt == "registered":
        await register_playbooks(opened, client)
    if attempt != "known" or known not in _deployments:
        _deployments[known] = (await client.read_deployment_by_name(f"{FLOW}/{playbook}")).id
    return _deployments[known]
