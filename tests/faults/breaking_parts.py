"""Faults of processes: killed, frozen, started twice, short of memory or of file handles (N1, N2, N7, N8, N11)."""

import asyncio
import contextlib
import os
import random
import resource
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.faults.nemesis import NotHere, fault
from tests.faults.parts import Part, kept
from tests.faults.world import World
from tests.support.browser import PLAIN

DOUBLE_SECONDS = 25.0
"""How long a second part of a kind may need to say that there is one already."""

FEW_FILES = 64
CROWD = 80
"""Browsers that come at once where a part may open few files."""


@fault("kill")
@asynccontextmanager
async def kill(world: World, chance: random.Random) -> AsyncIterator[str]:
    """Kill one part, as ``kill -9`` does."""
    weights = {"web": 4, "deliver": 4, "worker": 4, "prefect": 1, "mail": 2}
    names = [name for name in weights if name not in world.frozen]
    name = chance.choices(names, [weights[name] for name in names])[0]
    await world.parts[name].kill()
    world.done[f"kill-{name}"] += 1
    yield name


@fault("freeze-deliver", (45, 55), lane=2)
@asynccontextmanager
async def freeze_deliver(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Stop deliveries for longer than their lease (39 s here), with others beside them that take over."""
    async with _frozen(world, "deliver"):
        yield "SIGSTOP"


@fault("freeze-worker", (115, 125), lane=2)
@asynccontextmanager
async def freeze_worker(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Stop the worker for longer than a wake may take (90 s), with another one beside it that repairs."""
    async with _frozen(world, "worker"):
        yield "SIGSTOP"


@asynccontextmanager
async def _frozen(world: World, name: str) -> AsyncIterator[None]:
    frozen, other = world.parts[name], world.part(name, f"{name}-2")
    async with kept([other]):
        await other.wait_started()
        await asyncio.sleep(3)
        if name == "deliver":
            await _until_it_sends(world)
        await frozen.wait_started()
        world.frozen.add(name)
        frozen.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            frozen.signal(signal.SIGCONT)
            world.frozen.discard(name)
        await asyncio.sleep(5)  # both work, the one that thinks that no time has passed too


async def _until_it_sends(world: World) -> None:
    """Wait until a mail is on its way, for that is when it matters; not for long."""
    until, before = time.monotonic() + 8, world.sink.path.stat().st_size if world.sink.path.exists() else 0
    while time.monotonic() < until:
        if world.sink.path.exists() and world.sink.path.stat().st_size > before:
            return
        await asyncio.sleep(0.01)


@fault("double", (5, 10), lane=1)
@asynccontextmanager
async def double(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Start a second one of every part: pages and Prefect refuse, deliveries and worker share the work."""
    beside = [world.part(name, f"{name}-2") for name in ("deliver", "worker")]
    async with kept(beside):
        for name in ("web", "prefect"):
            await _refuses(world, world.part(name, f"{name}-2"))
        await asyncio.sleep(5)
        yield "all parts"
        for part in beside:
            part.signal(signal.SIGTERM)
        await asyncio.sleep(2)


async def _refuses(world: World, part: Part) -> None:
    """Run a part whose port is taken; it must end by itself, and say why in a sentence."""
    await world.parts[part.name].wait_started()
    await part.start()
    assert part.process is not None
    try:
        await asyncio.wait_for(part.process.wait(), DOUBLE_SECONDS)
    except TimeoutError:  # the first one was just being started again, and this one has its port
        world.done[f"double-{part.name}-won"] += 1
        await part.kill()
        await part.process.wait()


@fault("files", (6, 9), lane=1)
@asynccontextmanager
async def few_files(world: World, chance: random.Random) -> AsyncIterator[str]:
    """Let a part open hardly any file more, and let a crowd come to the pages."""
    name = chance.choice(("web", "deliver", "worker"))
    pid = await world.parts[name].wait_started()
    with _limited(pid, resource.RLIMIT_NOFILE, min(FEW_FILES, _open_files(pid) + 2)):
        if name == "web":
            await _crowd(world.base)
        yield name


@fault("memory", (6, 9), lane=1)
@asynccontextmanager
async def little_memory(world: World, chance: random.Random) -> AsyncIterator[str]:
    """Let a part have hardly any memory more; whoever dies of it is started again."""
    name = chance.choice(("web", "deliver", "worker"))
    pid = await world.parts[name].wait_started()
    with _limited(pid, resource.RLIMIT_AS, _memory(pid) + 8 * 2**20):
        yield name


def _open_files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return FEW_FILES


def _memory(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 2**30


@contextlib.contextmanager
def _limited(pid: int, what: int, most: int) -> Iterator[None]:
    try:
        soft, hard = resource.prlimit(pid, what)
        resource.prlimit(pid, what, (most, hard))
    except PermissionError:
        raise NotHere("no right to limit another process") from None
    except ProcessLookupError:
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, what, (soft, hard))


async def _crowd(base: str) -> None:
    """Look at the pages from many browsers at once; what they are told does not matter."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=base, timeout=5, limits=limits, verify=PLAIN) as client:
        await asyncio.gather(*(client.get("/login") for _ in range(CROWD)), return_exceptions=True)
