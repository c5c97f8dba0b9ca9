"""The process that carries activities: our worker, the waker and the repair, until it is told to stop."""

import asyncio
import signal
import sys

import structlog

from sandwich.errors import SandwichError
from sandwich.orchestration.flow_loop import FlowLoop
from sandwich.orchestration.keeping import keep_activities_moving
from sandwich.orchestration.worker import SandwichWorker
from sandwich.runtime import runtime
from sandwich.settings import read_settings

log = structlog.get_logger(__name__)


async def work() -> None:
    """Carry activities until SIGTERM or SIGINT; then let the runs in hand finish. A second signal breaks them off."""
    settings = read_settings()
    loop = FlowLoop()
    await loop.start()
    worker = SandwichWorker(settings.work_pool, limit=settings.concurrency, loop=loop)
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
        await asyncio.wait([asyncio.wrap_future(loop.give(_close).ended)], timeout=5)
        await loop.stop()
    if not working.cancelled():
        working.result()
    keeping.ended.result()


async def _keep(worker: SandwichWorker, worker_loop: asyncio.AbstractEventLoop) -> None:
    # What was woken is fetched at once, not at the worker's next look.
    def fetch() -> None:
        asyncio.run_coroutine_threadsafe(worker.get_and_submit_flow_runs(), worker_loop)

    await keep_activities_moving(await runtime(), on_wake=fetch)


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
