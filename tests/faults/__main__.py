"""Tiers 2 and 3: real processes on SQLite and PostgreSQL, broken by chance, then the checkers (``make faults``).

``python -m tests.faults [--tier 3] [--seed N] [--activities N] [--kills N] …`` prints the seed, what was done, and one
line of figures for each installation; returns 1 where a figure is not 0 or not everything came to an end.
"""

import argparse
import asyncio
import contextlib
import os
import random
import secrets
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from prefect.client.orchestration import PrefectClient

from sandwich.runtime import open_library
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.store.migrate import upgrade
from tests.faults.check import Evidence, Report, check
from tests.faults.parts import small_disk
from tests.faults.prefect_check import check_prefect
from tests.faults.world import Numbers, World, shared
from tests.support import postgres
from tests.support.proxy import a_proxy

TIERS = {
    2: Numbers(200, 40, cuts=10, freezes=2, full_disks=2, lost_prefects=0, clicks=2, settle_seconds=280, minutes=14),
    3: Numbers(1000, 200, cuts=60, freezes=8, full_disks=5, lost_prefects=2, clicks=9, settle_seconds=1200, minutes=75),
}
DISK_MEGABYTES = 200
SPRING = timedelta(weeks=22)
"""From the visit of 5 November to that of 8 April: eleven days after the other change of the clock."""

RESULT = Path(__file__).resolve().parents[2] / "docs" / "faults.txt"


async def live(world: World) -> Report:
    """Run one world to its end and check it."""
    async with world.running():
        await world.tell()
        return await _checked(world)


async def _checked(world: World) -> Report:
    typed = frozenset({"Prefab bouwen", world.cast.mail("P3"), world.cast.mail("T2"), "Tekst bij"})
    places = (world.folder / "logs", world.folder / "data" / "prefect")
    store = Store(world.store_url)
    try:
        report = await check(store, Evidence(world.journal, world.sink, places, typed))
        settings = world.runtime.settings
        async with (
            store.read() as session,
            PrefectClient(
                f"http://127.0.0.1:{settings.prefect_port}/api", auth_string="sandwich:a secret for tests only"
            ) as client,
        ):
            await check_prefect(session, client, report)
    finally:
        await store.close()
    if world.done.get("not-settled"):
        report.add("asleep", "not everything that was due happened in the time given")
    return report


async def run(numbers: Numbers, seed: int, folder: Path) -> list[str]:
    """Run an installation on each kind of database, side by side, and return the lines to print."""
    library = open_library(read_settings({}, environment="development"))
    binaries = postgres.find_binaries()
    kinds = ["sqlite", "postgresql"] if binaries else ["sqlite"]
    worlds = [
        World(
            kind,
            folder / kind,
            library,
            shared(numbers, len(kinds), number, disks=numbers.full_disks if kind == "sqlite" else 0),
            random.Random(f"{seed} {kind}"),
            SPRING if kind == "postgresql" else timedelta(0),
        )
        for number, kind in enumerate(kinds)
    ]
    lines = [] if binaries else ["PostgreSQL is not installed: SQLite only"]
    async with contextlib.AsyncExitStack() as stack:
        disk = folder / "disk"
        if stack.enter_context(small_disk(disk, DISK_MEGABYTES)):
            worlds[0].disk = disk
        else:
            lines.append("no right to mount a small disk: the disk was never full")
        disk.mkdir(exist_ok=True)
        worlds[0].store_url = f"sqlite+aiosqlite:///{disk / 'sandwich.db'}"
        if binaries:
            server = stack.enter_context(postgres.running(binaries))
            await _make_database(server)
            proxy = await stack.enter_async_context(a_proxy(str(server.folder / ".s.PGSQL.5432")))
            worlds[1].store_url = server.url("faults")
            worlds[1].broken_url = f"postgresql+asyncpg://{server.user}@127.0.0.1:{proxy.port}/faults"
            worlds[1].proxies["database"] = proxy
        for world in worlds:  # one by one: Alembic knows one database at a time
            await upgrade(world.store_url)
        began = time.monotonic()
        ends = await asyncio.gather(
            *(asyncio.wait_for(live(world), numbers.minutes * 60) for world in worlds), return_exceptions=True
        )
        for world, end in zip(worlds, ends, strict=True):
            lines += _told(world, end)
        lines.append(f"seconds={time.monotonic() - began:.0f}")
        if any(isinstance(end, BaseException) or not end.is_green for end in ends):
            lines += ["", *(event for world in worlds for event in world.events)]
            lines.append("RED")
    return lines


async def _make_database(server: postgres.Server) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql("CREATE DATABASE faults")
    await engine.dispose()


def _told(world: World, end: Report | BaseException) -> list[str]:
    done = " ".join(f"{name}={count}" for name, count in sorted(world.done.items()))
    starts = " ".join(f"{name}:{part.starts}" for name, part in world.parts.items())
    mails = sum(1 for _ in world.sink.read("mail")) if hasattr(world, "sink") else 0
    answers = sum(1 for _ in world.journal.read("told")) if hasattr(world, "journal") else 0
    lines = [
        f"{world.name}: activities={len(world.people)} answers={answers} mails={mails}",
        f"{world.name}: {done} starts={starts}",
    ]
    if isinstance(end, BaseException):
        return [*lines, f"{world.name}: did not get to its end: {type(end).__name__} {end}"]
    return [*lines, f"{world.name}: {end}", *filter(None, [end.details()])]


def main() -> int:
    """Run a tier from the command line."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--tier", type=int, choices=TIERS, default=2)
    given.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    for name in ("activities", "kills", "cuts", "freezes", "full-disks", "lost-prefects", "clicks", "minutes"):
        given.add_argument(f"--{name}", type=int)
    given.add_argument("--keep", type=Path, help="folder in which logs, journal and databases stay")
    asked = given.parse_args()
    numbers = TIERS[asked.tier]
    changes = {name: value for name, value in vars(asked).items() if hasattr(numbers, name) and value is not None}
    numbers = replace(numbers, **changes)
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="sandwich-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SANDWICH_ENVIRONMENT"] = "development"
    lines = [f"tier={asked.tier} seed={asked.seed} {numbers}"]
    sys.stdout.write(f"{lines[0]}\n")
    sys.stdout.flush()
    try:
        lines += asyncio.run(run(numbers, asked.seed, folder))
    finally:
        if asked.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    words = "\n".join(lines).replace(str(folder), "…") + "\n"
    sys.stdout.write(words.partition("\n")[2])
    if not changes:
        RESULT.write_text(words, encoding="utf-8")
    return 1 if lines[-1] == "RED" else 0


if __name__ == "__main__":
    sys.exit(main())
