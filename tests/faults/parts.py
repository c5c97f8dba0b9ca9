"""The parts of an installation as processes of our own, each started again when it dies, as systemd would."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

AGAIN_SECONDS = 1.0


@dataclass(eq=False)
class Part:
    """One process, and how often it was started."""

    name: str
    arguments: tuple[str, ...]
    environ: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    before_start: list[Callable[[], None]] = field(default_factory=list)  # what happens before it starts the next time

    async def keep(self) -> None:
        """Run it until cancelled."""
        try:
            while True:
                await self.start()
                assert self.process is not None
                await self.process.wait()
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            self.signal(signal.SIGKILL)
            if self.process is not None:
                await self.process.wait()

    async def start(self) -> None:
        """Start it once."""
        while self.before_start:
            self.before_start.pop()()
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.arguments,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.starts += 1

    def signal(self, number: signal.Signals) -> bool:
        """Signal it and what it started; returns whether it was alive."""
        if self.process is None or self.process.returncode is not None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
            return True
        return False

    async def kill(self) -> None:
        """Kill it; one that is just being started again is waited for."""
        while not self.signal(signal.SIGKILL):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.2)

    async def wait_started(self) -> int:
        """Wait until it is alive, and return its process id."""
        while self.process is None or self.process.returncode is not None:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.2)
        return self.process.pid


@asynccontextmanager
async def kept(parts: list[Part]) -> AsyncIterator[None]:
    """Keep parts going for the length of the block."""
    keepers = [asyncio.create_task(part.keep()) for part in parts]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount a small tmpfs at ``folder`` where the rights allow; gives whether it did."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = shutil.which("mount") is not None and subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def fill_disk(folder: Path) -> Path:
    """Leave no byte free on the disk of ``folder``; deleting the file that is returned gives them back."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0" * 512)
    return ballast
