"""A real Prefect server for tests, and real workers: ours, and the stock one that starts a process for every wake.

One server serves all tests of a session. What is started is stopped by its process id.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sandwich.orchestration.server import Prefect, PrefectServer

T = TypeVar("T")
WAIT_SECONDS = 150.0


def running_prefect(config: pytest.Config, folder: Path) -> Prefect:
    """Return the session's Prefect server, started at the first call, and let this process talk to it."""
    if _KEY not in config.stash:
        prefect = Prefect(folder=folder / "prefect", port=free_port(), secret="a secret for tests only")
        runner = asyncio.Runner()
        server = runner.run(PrefectServer.start(prefect))

        def stop() -> None:
            runner.run(server.stop())
            runner.close()

        config.add_cleanup(stop)
        config.stash[_KEY] = prefect
        talk_to(prefect)
    return config.stash[_KEY]


_KEY = pytest.StashKey[Prefect]()


def talk_to(prefect: Prefect) -> None:
    """Let Prefect's library in this process use that server; it has read its settings before."""
    os.environ.update(prefect.environment())
    from prefect.context import refresh_global_settings_context

    refresh_global_settings_context()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Worker:
    """A worker process and what it printed."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Return what it printed."""
        return self.log.read_text(errors="replace")

    def stop(self, seconds: float = 40) -> int:
        """Ask it to stop, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(seconds)
        self.kill()
        raise AssertionError(f"the worker does not stop:\n{self.said()[-3000:]}")

    def kill(self) -> None:
        """End it and what it started, at once."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait_dead(self, seconds: float = WAIT_SECONDS) -> int:
        """Wait until it died by itself, and return its exit code."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(seconds)
        raise AssertionError(f"the worker lives on:\n{self.said()[-3000:]}")


@contextlib.contextmanager
def our_worker(log: Path, environ: dict[str, str]) -> Iterator[Worker]:
    """Run our own worker, with waker and repair, as ``sandwich up`` does."""
    with _process(log, environ, "-m", "sandwich.orchestration.work") as worker:
        yield worker


@contextlib.contextmanager
def stock_worker(log: Path, environ: dict[str, str], pool: str) -> Iterator[Worker]:
    """Make a process pool where there is none, and run Prefect's own worker on it: a new Python for every wake."""
    arguments = ("-m", "prefect", "worker", "start", "--pool", pool, "--type", "process")
    with _process(log, environ, *arguments) as worker:
        yield worker


@contextlib.contextmanager
def _process(log: Path, environ: dict[str, str], *arguments: str) -> Iterator[Worker]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    worker = Worker(process, log)
    try:
        yield worker
    finally:
        worker.kill()


async def eventually(
    condition: Callable[[], Coroutine[Any, Any, T]], *, seconds: float = WAIT_SECONDS, worker: Worker | None = None
) -> T:
    """Wait until ``condition()`` is true in some way, and return what it gave."""
    until = time.monotonic() + seconds
    while True:
        found = await condition()
        if found:
            return found
        if time.monotonic() > until:
            said = f"\nThe worker said:\n{worker.said()[-3000:]}" if worker else ""
            raise AssertionError(f"this did not come true within {seconds:.0f} seconds{said}")
        await asyncio.sleep(0.15)
