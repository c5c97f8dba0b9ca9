"""An activity carried by the real flow, on a real server, by our worker and by Prefect's own."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun

from models.tables.activities import ActivityStatus
from sandwich.clock import real_now
from sandwich.orchestration.naming import FLOW, progress_key
from tests.support.carried import Carried, Installation
from tests.support.prefect import Worker, eventually, stock_worker

pytestmark = pytest.mark.asyncio

STAGES = ("before", "during", "after")


async def test_a_wake_carries_out_what_is_due_and_parks(carried: Carried, worker: Worker) -> None:
    activity_id = await carried.start()
    run = await carried.until_parked(activity_id, worker)
    assert await carried.shown(activity_id) == Counter(["request"])
    assert await carried.done(activity_id) == {"request"}
    assert run.name == f"company-visit {activity_id[:8]}"
    assert {"sandwich", "kind:company-visit", "school:S1"} <= set(run.tags)

    await carried.agree_date(activity_id)
    again = await carried.until_parked(activity_id, worker)
    assert again.id == run.id, "a wake is the same run, not a new one"
    assert again.run_count == 2
    shown = await carried.shown(activity_id)
    assert set(shown) == await carried.done(activity_id) == {"request", "date"}
    assert set(shown.values()) == {1}


async def test_a_run_parks_at_the_moment_that_matters(carried: Carried, worker: Worker) -> None:
    activity_id = await carried.start()
    run = await carried.until_parked(activity_id, worker)
    wake = await carried.wake(activity_id)
    offset = await carried.runtime.clock.offset()
    assert run.state is not None
    planned = run.state.state_details.scheduled_time
    assert planned is not None
    if wake.wake_at is None:
        assert planned > real_now() + timedelta(days=300)
    else:
        assert abs((planned + offset).timestamp() - wake.wake_at.timestamp()) < 2


async def test_parking_leaves_no_error_behind(carried: Carried, worker: Worker) -> None:
    activity_id = await carried.start()
    run = await carried.until_parked(activity_id, worker)

    async def logged() -> list[str]:
        logs = await carried.client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id])))
        lines = [f"{log.level} {log.message}" for log in logs]
        return lines if any("Parked" in line for line in lines) else []

    lines = await eventually(logged, worker=worker)
    assert "20 Parked: waits without a process" in lines
    assert not [line for line in lines if int(line.split()[0]) >= 30]
    ours = [line for line in worker.said().splitlines() if run.name in line]
    assert ours
    assert not [line for line in ours if "ERROR" in line or "CRITICAL" in line]


async def test_progress_is_three_artifacts_written_when_a_figure_changes(carried: Carried, worker: Worker) -> None:
    activity_id = await carried.start()
    await carried.until_parked(activity_id, worker)

    async def artifacts() -> dict[str, tuple[object, object, object]]:
        keys = [progress_key(stage, activity_id) for stage in STAGES]
        found = await carried.client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=keys)))
        assert len(found) == 3, "one row for each stage, however often it is written"
        return {str(one.key): (one.id, one.data, one.updated) for one in found}

    first = await artifacts()
    await carried.agree_date(activity_id)
    await carried.until_parked(activity_id, worker)
    second = await artifacts()
    before, during, after = (progress_key(stage, activity_id) for stage in STAGES)
    assert second[before][0] == first[before][0]
    assert float(str(second[before][1])) > float(str(first[before][1]))
    assert (second[during], second[after]) == (first[during], first[after]), "not touched when the figure is the same"


async def test_control_02_nothing_personal_goes_through_prefect(
    carried: Carried, installation: Installation, worker: Worker
) -> None:
    activity_id = await carried.start(title="Bezoek aan de Zilverreiger")
    await carried.until_parked(activity_id, worker)
    await carried.agree_date(activity_id)
    run = await carried.until_parked(activity_id, worker)
    assert run.parameters == {"kind": "company-visit", "activity_id": activity_id}
    folder = installation.prefect.folder
    stored = b"".join(path.read_bytes() for path in folder.glob("prefect.db*"))
    assert activity_id.encode() in stored, "the database that was read is the one in use"
    for personal in ("Zilverreiger", "@grienden", "Korteweg"):
        assert personal.encode() not in stored


async def test_started_from_prefects_own_page_it_becomes_a_concept_that_mails_nobody(
    carried: Carried, worker: Worker
) -> None:
    deployment = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    date = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()
    form = {"school": "S1", "company": "B3", "coordinator": "C1", "dates": [date], "purpose": "trends", "group_size": 9}
    started = await carried.client.create_flow_run_from_deployment(deployment.id, parameters=form)

    async def parked() -> FlowRun | None:
        run = await carried.client.read_flow_run(started.id)
        return run if run.state_name == "Waiting" else None

    run = await eventually(parked, worker=worker)
    assert run is not None
    assert list(run.parameters) == ["activity_id"]
    activity_id = run.parameters["activity_id"]
    activity = await carried.activity(activity_id)
    assert activity.status is ActivityStatus.CONCEPT
    assert activity.run_id == str(started.id)
    assert await carried.mails(activity_id) == []
    assert run.name == f"company-visit {activity_id[:8]}"
    assert f"activity:{activity_id}" in run.tags


async def test_a_form_that_is_not_filled_in_says_what_is_missing(carried: Carried, worker: Worker) -> None:
    deployment = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    started = await carried.client.create_flow_run_from_deployment(deployment.id, parameters={"school": "S1"})

    async def failed() -> str | None:
        run = await carried.client.read_flow_run(started.id)
        return str(run.state and run.state.message) if run.state_name == "Failed" else None

    said = await eventually(failed, worker=worker)
    assert "fill in: coordinator, purpose" in str(said)


async def test_a_run_that_carries_nothing_any_more_lets_go(carried: Carried, worker: Worker) -> None:
    activity_id = await carried.start()
    await carried.until_parked(activity_id, worker)
    deployment = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    other = await carried.client.create_flow_run_from_deployment(deployment.id, parameters={"activity_id": activity_id})

    async def ended() -> str | None:
        run = await carried.client.read_flow_run(other.id)
        return run.state_name if run.state is not None and run.state.is_final() else None

    assert await eventually(ended, worker=worker) == "Replaced"
    assert (await carried.wake(activity_id)).run_id != str(other.id)


async def test_when_the_clock_is_moved_it_wakes_although_prefect_would_wait(carried: Carried, worker: Worker) -> None:
    activity_id = await carried.start()
    await carried.until_parked(activity_id, worker)
    await carried.agree_date(activity_id)
    run = await carried.until_parked(activity_id, worker)
    wake_at = (await carried.wake(activity_id)).wake_at
    assert wake_at is not None
    assert run.state is not None
    planned = run.state.state_details.scheduled_time
    assert planned is not None
    assert planned > real_now() + timedelta(days=1)
    await carried.runtime.clock.set(wake_at + timedelta(seconds=1))

    async def went_on() -> set[str]:
        return await carried.done(activity_id) - {"request", "date"}

    await eventually(went_on, worker=worker)
    assert (await carried.until_parked(activity_id, worker)).id == run.id


async def test_the_stock_process_worker_does_the_same(
    carried: Carried, installation: Installation, worker: Worker
) -> None:
    ours = await carried.start()
    await carried.until_parked(ours, worker)
    await carried.agree_date(ours)
    await carried.until_parked(ours, worker)

    log = installation.settings.data / "stock.log"
    with stock_worker(log, installation.environ, "stock") as stock:

        async def pool_is_there() -> bool:
            return any(pool.name == "stock" for pool in await carried.client.read_work_pools())

        await eventually(pool_is_there, worker=stock)
        await use_pool(carried, "stock")
        try:
            theirs = await carried.start()
            await carried.until_parked(theirs, stock)
            await carried.agree_date(theirs)
            await carried.until_parked(theirs, stock)
        finally:
            await use_pool(carried, installation.settings.work_pool)
    assert re.search(r"worker 'ProcessWorker|Worker 'ProcessWorker", stock.said())
    assert await carried.states(theirs) == await carried.states(ours)
    assert await carried.mails(theirs) == await carried.mails(ours)
    assert await carried.shown(theirs) == await carried.shown(ours)
    lines = [line for line in stock.said().splitlines() if theirs[:8] in line]
    assert not [line for line in lines if "ERROR" in line]


async def use_pool(carried: Carried, pool: str) -> None:
    """Let new runs of the company visit go to another work pool."""
    deployment = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    await carried.client.update_deployment(deployment.id, DeploymentUpdate(work_pool_name=pool))
