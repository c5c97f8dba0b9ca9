"""Keeps the parts of an installation going on one machine: starts them, starts again what died, stops all."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import structlog

from sandwich.errors import SandwichError
from sandwich.running.ready import VARIABLE, listening

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""Pauses before a part is started again; they double as long as it keeps dying."""

WELL_SECONDS = 60.0
"""A part that ran for so long was well, and its next pause is the first one again."""

log = structlog.get_logger(__name__)


class PartFailed(SandwichError):
    """The part {part} stopped while it was starting (exit code {code}). What it said stands above{where}."""

    dutch = "Het onderdeel {part} stopte bij het starten (code {code}). Wat het zei staat hierboven{waar}."


class PartSlow(SandwichError):
    """The part {part} was not ready after {seconds} seconds. The machine may be too busy; try again."""

    dutch = (
        "Het onderdeel {part} was na {seconds} seconden nog niet klaar. De machine heeft het misschien te druk; "
        "probeer het opnieuw."
    )


@dataclass(frozen=True)
class Part:
    """One process. ``answers`` tells that it is ready; without it the part says so itself (``tell_ready``).

    ``output`` is the file that gets what it prints; without one it prints where we do.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    answers: Callable[[], Awaitable[None]] | None = None
    output: Path | None = None
    start_seconds: float = 300.0
    stop_seconds: float = 20.0


class Supervisor:
    """Runs parts until it is told to stop."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """Take the parts, which start together and are stopped in the opposite order."""
        self.parts = parts
        self._ready = {part.name: asyncio.Event() for part in parts}
        self._stop = asyncio.Event()
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._hurry = False

    def stop(self) -> None:
        """Ask to stop; a second time: at once."""
        if self._stop.is_set():
            self._hurry = True
            for process in self._processes.values():
                _signal(process, signal.SIGKILL)
        self._stop.set()

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Run everything until told to stop; ``on_ready`` is called once, when all parts are ready.

        Raises ``PartFailed`` or ``PartSlow`` when a part does not come up; the others are stopped first.
        """
        with tempfile.TemporaryDirectory(prefix="sandwich-") as folder:
            keepers = {part.name: asyncio.create_task(self._keep(part, Path(folder))) for part in self.parts}
            told = asyncio.create_task(self._stop.wait())
            ready = asyncio.create_task(self._all_ready(on_ready))
            try:
                await asyncio.wait([told, *keepers.values()], return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._stop.set()
                ready.cancel()
                told.cancel()
                for part in reversed(self.parts):
                    await self._end(part, keepers[part.name])
        for task in keepers.values():
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _all_ready(self, on_ready: Callable[[], None]) -> None:
        for ready in self._ready.values():
            await ready.wait()
        on_ready()

    async def _keep(self, part: Part, folder: Path) -> None:
        """Start a part, and start it again when it dies."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            began = asyncio.get_running_loop().time()
            with listening(folder / f"{part.name}.socket") as said, _opened(part.output) as output:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *part.arguments,
                    env={**os.environ, **part.environment, VARIABLE: str(folder / f"{part.name}.socket")},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT if output else None,
                    start_new_session=True,  # Ctrl-C in a terminal reaches us alone; we stop the parts in order
                    preexec_fn=_die_with_us(),
                )
                self._processes[part.name] = process
                await self._until_ready(part, process, said)
                code = await process.wait()
            if self._stop.is_set():
                return
            if not self._ready[part.name].is_set():
                where = f", or in {part.output}" if part.output else ""
                waar = f", of in {part.output}" if part.output else ""
                raise PartFailed(part=part.name, code=code, where=where, waar=waar)
            if asyncio.get_running_loop().time() - began > WELL_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            log.warning("part died and is started again", died=part.name, code=code, seconds=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _until_ready(self, part: Part, process: asyncio.subprocess.Process, said: asyncio.Event) -> None:
        """Wait until a part is ready or dead; one that takes too long is stopped."""
        ready = asyncio.create_task(_asked(part.answers) if part.answers else _told(said))
        dead = asyncio.create_task(process.wait())
        try:
            await asyncio.wait([ready, dead], timeout=part.start_seconds, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                self._ready[part.name].set()
                log.info("part is ready", ready=part.name)
            elif not dead.done():
                _signal(process, signal.SIGKILL)
                if not self._ready[part.name].is_set() and not self._stop.is_set():
                    raise PartSlow(part=part.name, seconds=int(part.start_seconds))
        finally:
            ready.cancel()
            dead.cancel()

    async def _end(self, part: Part, keeper: asyncio.Task[None]) -> None:
        """Ask a part to end, wait as long as it may take, then make it."""
        process = self._processes.get(part.name)
        if process is None or process.returncode is not None:
            keeper.cancel()
        else:
            _signal(process, signal.SIGKILL if self._hurry else signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), part.stop_seconds)
            except TimeoutError:
                log.warning("part did not stop by itself", part_name=part.name)
                _signal(process, signal.SIGKILL)
                await process.wait()
        await asyncio.wait([keeper])


async def _asked(answers: Callable[[], Awaitable[None]]) -> None:
    while True:
        with contextlib.suppress(SandwichError):
            return await answers()
        await asyncio.sleep(0.2)


async def _told(said: asyncio.Event) -> None:
    await said.wait()


@contextlib.contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        yield file


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Signal a part and everything that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _die_with_us() -> Callable[[], None] | None:
    """Return what a child does before it begins: ask Linux to end it when we are killed. Elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    us = os.getpid()

    def ask() -> None:
        library.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != us:
            os._exit(1)  # we were killed in between

    return ask
