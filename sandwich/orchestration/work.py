"""The process that carries activities: our worker, the waker and the repair, until it is told to stop."""

import asyncio
import contextlib
import signal
import sys
from typing import Any
from uuid import UUID

import structlog

from sandwich.errors import SandwichError
from sandwich.orchestration.flow_loop import FlowLoop
from sandwich.orchestration.keeping import keep_activities_moving
from sandwich.orchestration.pressure import Pressure
from sandwich.orchestration.watched import watched_client
from sandwich.orchestration.worker import SandwichWorker
from sandwich.runtime import runtime
from sandwich.services.worker_figures import TELL_SECONDS, fall_silent, tell
from sandwich.settings import Settings, read_settings

log = structlog.get_logger(__name__)


class WorkerEnded(SandwichError):
    """Prefect's worker ended by itself (exit code {code}); what it said stands above."""

    dutch = "De worker van Prefect stopte uit zichzelf (code {code}); wat hij zei staat hierboven."


async def work() -> None:
    """Carry activities until SIGTERM or SIGINT; then let the runs in hand finish. A second signal breaks them off."""
    settings = read_settings()
    loop = FlowLoop(Pressure(settings.concurrency))
    await loop.start()
    if settings.work_pool_type != SandwichWorker.type:
        await _beside_another_worker(loop, settings)
        return
    # The worker's own requests come from another loop than those of its runs, so they have a client of their own.
    async with watched_client(loop.pressure):
        await _with_our_worker(loop, settings)


async def _with_our_worker(loop: FlowLoop, settings: Settings) -> None:
    worker = SandwichWorker(settings.work_pool, limit=settings.concurrency, loop=loop)
    worker.has_waker = True
    here = asyncio.get_running_loop()
    keeping = loop.give(lambda: _keep(worker, here))
    working = asyncio.create_task(worker.start(printer=lambda line: log.info(line)))
    for number in (signal.SIGTERM, signal.SIGINT):
        here.add_signal_handler(number, working.cancel)
    try:
        await asyncio.wait([working, asyncio.wrap_future(keeping.ended)], return_when=asyncio.FIRST_COMPLETED)
    finally:
        keeping.cancel()
        working.cancel()
        await asyncio.wait([working])
        await asyncio.wait([asyncio.wrap_future(keeping.ended)], timeout=10)
        await asyncio.wait([asyncio.wrap_future(loop.give(_close).ended)], timeout=5)
        await loop.stop()
    if not working.cancelled():
        working.result()
    keeping.ended.result()


async def _beside_another_worker(loop: FlowLoop, settings: Settings) -> None:
    """Wake and repair, while a worker of Prefect's own carries the runs.

    The one that starts a process for every wake is started here; those of other types run where their containers are.
    """
    here = asyncio.get_running_loop()
    keeping = loop.give(lambda: _keep_alone(loop.pressure))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        here.add_signal_handler(number, stop.set)
    stock = await _start_process_worker(settings) if settings.work_pool_type == "process" else None
    ends: list[asyncio.Future[Any]] = [asyncio.wrap_future(keeping.ended), asyncio.create_task(stop.wait())]
    if stock is not None:
        ends.append(asyncio.create_task(stock.wait()))
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        keeping.cancel()
        if stock is not None and stock.returncode is None:
            stock.terminate()
            await stock.wait()
        await asyncio.wait([asyncio.wrap_future(loop.give(_close).ended)], timeout=5)
        await loop.stop()
    if not stop.is_set() and stock is not None:
        raise WorkerEnded(code=stock.returncode)


async def _start_process_worker(settings: Settings) -> asyncio.subprocess.Process:
    # Without its own limit, for which see make_work_pool.
    arguments = ("--pool", settings.work_pool, "--type", "process")
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "prefect", "worker", "start", *arguments)


async def _keep_alone(pressure: Pressure) -> None:
    await keep_activities_moving(await runtime(), pressure)


async def _keep(worker: SandwichWorker, worker_loop: asyncio.AbstractEventLoop) -> None:
    # What falls due is fetched at once, so the worker need not look for it all the time.
    def fetch() -> None:
        asyncio.run_coroutine_threadsafe(worker.look_now(), worker_loop)

    opened, name = await runtime(), worker.name.split()[-1]

    async def tell_figures() -> None:
        while True:
            with contextlib.suppress(SandwichError):  # told again soon
                await tell(opened, name, worker.told_figures())
            await asyncio.sleep(TELL_SECONDS)

    def in_hand() -> set[UUID]:
        return set(worker.in_hand)  # a copy at once: the worker changes it in its own thread

    try:
        async with asyncio.TaskGroup() as services:
            services.create_task(keep_activities_moving(opened, worker.loop.pressure, fetch, in_hand))
            services.create_task(tell_figures())
    finally:
        with contextlib.suppress(SandwichError):
            await fall_silent(opened, name)


async def _close() -> None:
    await (await runtime()).close()


def main() -> int:
    """Run the process; returns its exit code."""
    try:
        asyncio.run(work())
    except SandwichError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
