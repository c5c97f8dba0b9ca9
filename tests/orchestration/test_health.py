"""Whether a worker is well: in Prefect's pages and by its own row, also when it hangs, and when it has stopped."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import Worker as PrefectWorker
from prefect.client.schemas.objects import WorkerStatus

from sandwich.services.worker_figures import TELL_SECONDS, WorkerFigures, told
from tests.support.carried import Carried, Installation
from tests.support.prefect import eventually, our_worker

pytestmark = pytest.mark.asyncio

HEARTBEAT = {"PREFECT_WORKER_HEARTBEAT_SECONDS": "1"}


async def figures(carried: Carried) -> WorkerFigures | None:
    """Return what the one worker of this installation said last."""
    async with carried.runtime.store.read() as session:
        said = await told(session)
    assert len(said) <= 1
    return said[0] if said else None


async def in_prefect(carried: Carried) -> PrefectWorker | None:
    """Return that worker as Prefect's pages show it; it tells us its figures a moment before it tells Prefect."""
    own = await figures(carried)
    assert own is not None
    workers = await carried.client.read_workers_for_work_pool(carried.runtime.settings.work_pool, limit=200)
    return next((worker for worker in workers if worker.name.endswith(own.name)), None)


def shown_as(carried: Carried, status: WorkerStatus) -> Callable[[], Coroutine[Any, Any, bool]]:
    """Return a question: whether Prefect's pages show the worker so."""

    async def asked() -> bool:
        found = await in_prefect(carried)
        return found is not None and found.status is status

    return asked


async def test_prefect_and_we_see_whether_a_worker_is_well(
    carried: Carried, installation: Installation, folder: Path
) -> None:
    activity_id = await carried.start()
    with our_worker(folder / "worker.log", installation.environ | HEARTBEAT) as worker:
        await eventually(lambda: figures(carried), worker=worker)
        await eventually(shown_as(carried, WorkerStatus.ONLINE), worker=worker)
        await carried.until_parked(activity_id, worker)

        async def has_carried() -> WorkerFigures | None:
            own = await figures(carried)
            return own if own is not None and own.figures["carried"] else None

        own = await eventually(has_carried, worker=worker)
        assert own is not None
        assert own.figures["carried"] == sum(own.figures["late"]) == 1
        assert own.figures["failed"] == 0
        assert 1 <= own.figures["limit"] <= installation.settings.concurrency  # fewer while Prefect is slow
        assert own.figures["polled_seconds"] < 60

        worker.process.send_signal(signal.SIGSTOP)  # it hangs
        await eventually(shown_as(carried, WorkerStatus.OFFLINE))

        async def is_overdue() -> bool:
            own = await figures(carried)
            return own is not None and own.heard_seconds > 2 * TELL_SECONDS

        await eventually(is_overdue)
        worker.process.send_signal(signal.SIGCONT)
        await eventually(shown_as(carried, WorkerStatus.ONLINE), worker=worker)
        assert await asyncio.to_thread(worker.stop) == 0, worker.said()[-2000:]
    assert await figures(carried) is None, "one that stops in good order is missed by nobody"
