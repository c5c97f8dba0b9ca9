"""An event loop of its own, in a thread of its own, in which one worker process runs all its flow runs.

A thread, because Prefect's engine puts a handler of its own on SIGTERM around every flow run that it finds in the
main thread, which would throw an exception into whatever run happens to be busy; and a loop apart from the
worker's, so that heartbeats and polling go on while runs work. Everything in it shares one client of Prefect's:
otherwise every run makes several, each with a TLS context, and that is most of its time.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from prefect.context import SyncClientContext
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from sandwich.orchestration.pressure import Pressure
from sandwich.orchestration.watched import watched_client

Job = Callable[[], Coroutine[Any, Any, Any]]

STOP_SECONDS = 5
"""How long cancelled work may take to let go when the loop ends."""


class Work:
    """Something that was given to the loop; ``ended`` is done when it is over, with what it returned or raised.

    What was cancelled returned nothing.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, job: Job) -> None:
        self.ended: Future[Any] = Future()
        self._loop = loop
        self._job = job
        self._task: asyncio.Task[Any] | None = None

    def cancel(self) -> None:
        """Ask the work to stop; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._cancel_here)

    def begin(self, context: contextvars.Context) -> asyncio.Task[Any]:
        """Start the work as a task, inside the loop."""
        self._task = self._loop.create_task(self._job(), context=context)
        self._task.add_done_callback(self._end)
        return self._task

    def _cancel_here(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _end(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            self.ended.set_result(None)
        elif (error := task.exception()) is not None:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(task.result())


class FlowLoop:
    """The loop. It is started once and stopped once; work can be given to it from any thread in between."""

    def __init__(self, pressure: Pressure) -> None:
        """Take what is told how Prefect answers everything that is asked in the loop."""
        self.pressure = pressure
        self._thread = threading.Thread(target=self._live, name="sandwich-flows", daemon=True)
        self._ready: Future[None] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._context: contextvars.Context | None = None
        self._tasks = set[asyncio.Task[Any]]()

    async def start(self) -> None:
        """Start the thread; returns when the loop takes work, raises what kept it from starting."""
        self._thread.start()
        await asyncio.wrap_future(self._ready)

    def give(self, job: Job) -> Work:
        """Run ``job()`` in the loop."""
        if self._loop is None:
            raise RuntimeError("the loop was not started")
        work = Work(self._loop, job)
        self._loop.call_soon_threadsafe(self._begin, work)
        return work

    async def stop(self) -> None:
        """Cancel what still runs, let it clean up, and end the thread."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            await asyncio.to_thread(self._thread.join, STOP_SECONDS + 2)

    def _begin(self, work: Work) -> None:
        if self._context is not None:
            # A copy for each, so that what one run sets is not seen by the others; all share the client in it.
            task = work.begin(self._context.copy())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _live(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        # A heartbeat is a thread per run and outlives a wake by a second; dead runs of ours are found otherwise.
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            # The second one is never asked anything: the engine makes itself one for every run where there is none.
            async with watched_client(self.pressure):
                with SyncClientContext():
                    await self._take_work()

    async def _take_work(self) -> None:
        if self._stop is None:
            raise RuntimeError("the loop was not started")
        self._context = contextvars.copy_context()
        self._ready.set_result(None)
        await self._stop.wait()
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
