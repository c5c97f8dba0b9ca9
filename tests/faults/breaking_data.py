"""Faults of what is kept: disks, the database, and Prefect's database (N1, N5, N9, N10, N14)."""

import asyncio
import contextlib
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from sandwich.clock import real_now
from tests.faults.breaking_lines import end_sessions
from tests.faults.nemesis import NotHere, fault
from tests.faults.parts import fill_disk
from tests.faults.world import World

UNAVAILABLE = r"StoreUnavailable|OutcomeUnknown|cannot be used now|nu niet te gebruiken|op het laatste moment"
"""What our parts say when the database cannot work."""

MOST_CLIENTS = 200


# disks


@fault("disk-full", (3, 8), lane=1, says=UNAVAILABLE, on="sqlite")
@asynccontextmanager
async def disk_full(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Leave no byte free on the disk of the database."""
    disk = _disk(world)
    ballast = await asyncio.to_thread(fill_disk, disk)
    world.ballast.append(ballast)
    try:
        yield "no byte free"
    finally:
        ballast.unlink(missing_ok=True)


def _disk(world: World) -> Path:
    if world.disk is None:
        raise NotHere("no right to mount a small disk")
    return world.disk


@fault("read-only", (8, 10), lane=1, says=UNAVAILABLE)
@asynccontextmanager
async def read_only(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Refuse every write to the disk, as one does that was mounted anew for reading only (EROFS)."""
    async with _refused(world, "pwrite64,pwritev,ftruncate", "EROFS"):
        yield "EROFS from pwrite"


@fault("no-sync", (6, 9), lane=1, says=UNAVAILABLE)
@asynccontextmanager
async def no_sync(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Let the disk report an error whenever something is to be written through to it (EIO)."""
    async with _refused(world, "fsync,fdatasync", "EIO"):
        yield "EIO from fsync"


@asynccontextmanager
async def _refused(world: World, calls: str, error: str) -> AsyncIterator[None]:
    """Let system calls of whoever writes the database fail, by strace."""
    strace = shutil.which("strace")
    if strace is None:
        raise NotHere("strace is not installed, so no disk could report errors")
    if world.server is not None:
        assert world.server.process is not None
        pids = [world.server.process.pid]
    else:
        pids = [await world.parts[name].wait_started() for name in ("web", "deliver", "worker")]
    command = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
    tracers = [
        await asyncio.create_subprocess_exec(*command, "-p", str(pid), stderr=subprocess.DEVNULL) for pid in pids
    ]
    try:
        await asyncio.sleep(1)
        if all(tracer.returncode is not None for tracer in tracers):
            raise NotHere("strace may not attach to a process here, so no disk could report errors")
        if world.server is not None:
            await world.until_works(lambda: end_sessions(world), "ending sessions")  # new ones are under strace
        yield
    finally:
        for tracer in tracers:
            if tracer.returncode is None:
                tracer.send_signal(signal.SIGINT)
            await tracer.wait()
        if world.server is not None:
            await _up_again(world)  # an operator starts it, when the disk is well again


# the database


@fault("locked", (25, 28), lane=1, says=UNAVAILABLE)
@asynccontextmanager
async def locked(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Let another program hold the database for longer than anybody waits for it."""
    async with _held(world):
        yield "by another program"


@fault("locked-long", (90, 90), lane=1, says=UNAVAILABLE)
@asynccontextmanager
async def locked_long(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """The same for a minute and a half."""
    async with _held(world):
        yield "by another program"


@asynccontextmanager
async def _held(world: World) -> AsyncIterator[None]:
    path = world.runtime.store.path
    if path is not None:
        holder = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(holder.execute, "BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.close()
        return
    engine = create_async_engine(world.store_url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _lock(connection)
            yield
    finally:
        await engine.dispose()


async def _lock(connection: AsyncConnection) -> None:
    """Lock the tables; where others hold them in another order, PostgreSQL may refuse us, and we begin again."""
    for tries_left in reversed(range(20)):
        try:
            await connection.exec_driver_sql("LOCK TABLE activity, audit_entry, message, lease IN EXCLUSIVE MODE")
        except DBAPIError as error:
            if "deadlock" not in str(error) or not tries_left:
                raise
            await connection.rollback()
        else:
            return


@fault("postmaster", (3, 6), lane=1, says=UNAVAILABLE, on="postgresql")
@asynccontextmanager
async def postmaster(world: World, chance: random.Random) -> AsyncIterator[str]:
    """Kill PostgreSQL's postmaster, or stop it at once, and start it again later."""
    assert world.server is not None
    number = chance.choice((signal.SIGKILL, signal.SIGQUIT))
    await asyncio.to_thread(world.server.stop, number)
    try:
        yield "kill -9" if number is signal.SIGKILL else "stop -m immediate"
    finally:
        await _started(world)
        await _up_again(world)


async def _up_again(world: World) -> None:
    """Wait until PostgreSQL takes connections; it may give up only now, while it reads its log once more."""
    assert world.server is not None
    for _ in range(60):
        if world.server.process is not None and world.server.process.poll() is not None:
            await _started(world)
        with contextlib.suppress(SQLAlchemyError, OSError):
            async with world.runtime.store.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
                return
        await asyncio.sleep(0.5)
    raise RuntimeError("PostgreSQL takes no connections")


async def _started(world: World) -> None:
    """Start it; children of a postmaster that was killed may hold its memory for a moment."""
    assert world.server is not None
    for _ in range(20):
        try:
            await asyncio.to_thread(world.server.start)
            return
        except RuntimeError:
            await asyncio.sleep(0.5)
    raise RuntimeError("PostgreSQL did not come up again")


@fault("no-sessions", (6, 9), lane=1, says=UNAVAILABLE, on="postgresql")
@asynccontextmanager
async def no_sessions(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """End every session and take all that the server has, so that nobody gets one."""
    engine = create_async_engine(world.store_url, poolclass=NullPool)
    taken: list[AsyncConnection] = []
    try:
        await end_sessions(world)
        await world.runtime.store.close()
        with contextlib.suppress(SQLAlchemyError, OSError):
            for _ in range(MOST_CLIENTS):
                taken.append(await engine.connect())  # noqa: PERF401 - what was taken is kept when one fails
        yield f"{len(taken)} taken"
    finally:
        for connection in taken:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await connection.close()
        await engine.dispose()


# Prefect


@fault("prefect-gone", lane=3)
@asynccontextmanager
async def prefect_gone(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Prefect's whole database is gone."""
    folder = _prefect_folder(world)
    world.parts["prefect"].before_start.append(lambda: shutil.rmtree(folder, ignore_errors=True))
    await world.parts["prefect"].kill()
    yield "its database"


@fault("prefect-old", (15, 20), lane=3)
@asynccontextmanager
async def prefect_old(world: World, _chance: random.Random) -> AsyncIterator[str]:
    """Prefect's database is put back as it was days ago, by the clock of the activities."""
    path, old = _prefect_folder(world) / "prefect.db", world.folder / "prefect-old.db"
    while not await asyncio.to_thread(_copy, path, old):  # noqa: ASYNC110 - until Prefect knows the activities
        await asyncio.sleep(1)
    began, age = real_now() + world.offset, timedelta()
    while age < timedelta(days=1):
        await asyncio.sleep(1)
        age = real_now() + world.offset - began

    def put_back() -> None:
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        shutil.copyfile(old, path)

    world.parts["prefect"].before_start.append(put_back)
    await world.parts["prefect"].kill()
    yield f"{age.days} d old"


def _copy(path: Path, to: Path) -> bool:
    """Copy Prefect's database, and return whether runs are in it."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
            return bool(target.execute("SELECT count(*) FROM flow_run").fetchone()[0])
    except sqlite3.Error:
        return False  # it is just being made anew


def _prefect_folder(world: World) -> Path:
    return world.folder / "data" / "prefect"
