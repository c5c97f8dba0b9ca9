"""Tiers 2 and 3: real processes on SQLite and PostgreSQL, broken by chance, then the checkers (``make faults``).

``python -m tests.faults [--tier 3] [--seed N] [--activities N] [--fault NAME=N …] …`` prints the seed, what was done,
and one line of figures for each installation; returns 1 where a figure is not 0 or not everything came to an end.
"""

import argparse
import asyncio
import contextlib
import lzma
import os
import random
import resource
import secrets
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from prefect.client.orchestration import PrefectClient
from sqlalchemy.ext.asyncio import create_async_engine

from sandwich.definitions.library import Library
from sandwich.runtime import open_library
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.store.migrate import upgrade
from tests.faults import breaking_data, breaking_lines, breaking_parts, hostile, restored, scanner, season
from tests.faults.check import Evidence, Report, check
from tests.faults.nemesis import Nemesis, mend
from tests.faults.parts import small_disk
from tests.faults.people import Person
from tests.faults.prefect_check import check_prefect
from tests.faults.results import Result, table, without_places
from tests.faults.said import check_logs
from tests.faults.tiers import SEASONS, TIERS, Numbers
from tests.faults.world import World
from tests.support import postgres
from tests.support.proxy import a_proxy
from tests.web.chromium import CHROMIUM

BREAKERS = (breaking_data, breaking_lines, breaking_parts)
"""What they break stands in :data:`nemesis.FAULTS` once they are imported."""

DISK_MEGABYTES = 400
AFTER_SCAN_SECONDS = 120
"""What cancelling, checks and the restored copy need; the scanner stops earlier where time gets short."""
DOCS = Path(__file__).resolve().parents[2] / "docs"
RESULTS = {2: DOCS / "faults.txt", 3: DOCS / "faults-full.txt"}


async def live(world: World, numbers: Numbers, report: Report) -> None:
    """Run one world to its end and check it; says at once what it broke off with."""
    until = time.monotonic() + numbers.minutes * 60
    try:
        async with asyncio.timeout(numbers.minutes * 60):
            await _live(world, numbers, report, until)
    except Exception as error:
        words = f"{world.name}: did not get to its end: {type(error).__name__} {error}"
        sys.stdout.write(without_places(words, world.folder) + "\n")
        sys.stdout.flush()
        traceback.print_exc()
        raise


async def _live(world: World, numbers: Numbers, report: Report, until: float) -> None:
    async with world.running():
        people = _people(world, numbers)
        nemesis = Nemesis(
            world, world.chance, numbers.faults, numbers.pause, lambda: season.somebody_answers(world, people)
        )
        reader = asyncio.create_task(world.read_on())
        breaking = asyncio.create_task(nemesis.run())
        try:
            with world.timed("season"):
                await _both(
                    season.live_through(world, people, nemesis.has_more, to_the_end=numbers.to_the_end), breaking
                )
        finally:
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
            await mend(world)
        await season.be_calm(world, report)
        with world.timed("hostile"):
            world.done["hostile"] += await hostile.attack(world, people, numbers.hostile, report)
            await world.settle("hostile")
        if CHROMIUM.exists():
            with world.timed("scanner"):
                left = until - time.monotonic() - AFTER_SCAN_SECONDS
                world.told.append(await scanner.scan(world, min(numbers.scan_seconds, max(left, 15)), report))
        else:
            world.skipped.add("scanner: no Chromium at /usr/bin/chromium")
        await season.cancel_all(world, people)
        await season.be_calm(world, report)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        with world.timed("checks"):
            await _check(world, report)
    with contextlib.suppress(FileNotFoundError):
        await restored.put_back(world, world.other_url, report)


async def _both(living: Coroutine[None, None, None], breaking: "asyncio.Task[None]") -> None:
    """Wait for both; where one of them cannot go on, neither does the other."""
    tasks = [asyncio.create_task(living), breaking]
    done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for task in done:
        task.result()


def _people(world: World, numbers: Numbers) -> list[Person]:
    found = []
    for number in range(1, numbers.activities + 1):
        one = Person(world.runtime, world.journal, world.sink, number=number, base=world.base)
        one.postbox, one.shift, one.cast, one.clicks = world.postbox, world.shift, world.cast, numbers.clicks
        found.append(one)
    return found


async def _check(world: World, report: Report) -> None:
    typed = frozenset({"Prefab bouwen", world.cast.mail("P3"), world.cast.mail("T2"), "Tekst bij", hostile.CANARY})
    places = (world.folder / "logs", world.folder / "data" / "prefect")
    store = Store(world.store_url)
    try:
        found = await check(
            store, Evidence(world.journal, world.sink, places, typed, (hostile.MARKUP,), True, world.earlier)
        )
        for name, wrong in found.found.items():
            report.found[name] += wrong
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
    check_logs(world.folder / "logs", world.happened, report)
    hostile.check_mails(world, report)


async def run(numbers: Numbers, seed: int, folder: Path, *, only_sqlite: bool = False) -> list[str]:
    """Run an installation on each kind of database, side by side, and return the lines to print."""
    binaries = None if only_sqlite else postgres.find_binaries()
    kinds = ["sqlite", "postgresql"] if binaries else ["sqlite"]
    lines = [] if binaries else ["without PostgreSQL"]
    library = open_library(read_settings({}, environment="development"))
    worlds = [_world(kind, folder, library, numbers, seed) for kind in kinds]
    async with contextlib.AsyncExitStack() as stack:
        disk = folder / "disk"
        if stack.enter_context(small_disk(disk, DISK_MEGABYTES)):
            worlds[0].disk = disk
        if numbers.begin_with is not None:  # a database of the release before is taken over in mid-run
            await asyncio.to_thread(_unpack, numbers.begin_with, disk / "sandwich.db")
        worlds[0].store_url = f"sqlite+aiosqlite:///{disk / 'sandwich.db'}"
        worlds[0].other_url = f"sqlite+aiosqlite:///{folder / 'elsewhere.db'}"
        if binaries:
            server = worlds[1].server = stack.enter_context(postgres.running(binaries, durable=True))
            await _make_databases(server, "faults", "elsewhere")
            proxy = await stack.enter_async_context(a_proxy(str(server.folder / ".s.PGSQL.5432")))
            worlds[1].store_url, worlds[1].other_url = server.url("faults"), server.url("elsewhere")
            worlds[1].broken_url = f"postgresql+asyncpg://{server.user}@127.0.0.1:{proxy.port}/faults"
            worlds[1].proxies["database"] = proxy
        for world in worlds:  # one by one: Alembic knows one database at a time
            await upgrade(world.store_url)
        began = time.monotonic()
        share = replace(numbers, activities=numbers.activities // len(worlds), hostile=numbers.hostile // len(worlds))
        reports = [Report() for _ in worlds]
        ends = await asyncio.gather(
            *(live(world, share, report) for world, report in zip(worlds, reports, strict=True)),
            return_exceptions=True,
        )
        results = [Result(*one, share) for one in zip(worlds, reports, ends, strict=True)]
        for result in results:
            lines += result.lines()
        is_red = any(result.is_red for result in results)
        if is_red:
            lines += ["", *(event for world in worlds for event in world.events)]
        lines += ["", *table(results), ""]
        lines.append(f"seconds={time.monotonic() - began:.0f} cpu_seconds={_cpu_seconds():.0f}")
        lines.append("RED" if is_red else "GREEN")
    return lines


def _unpack(release: Path, to: Path) -> None:
    to.write_bytes(lzma.decompress(release.read_bytes()))


def _cpu_seconds() -> float:
    """Return how much of the processors this process and all that it started took."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def _world(kind: str, folder: Path, library: Library, numbers: Numbers, seed: int) -> World:
    weeks = timedelta(weeks=SEASONS[numbers.seasons[kind]])
    chance = random.Random(f"{seed} {kind}")
    return World(kind, folder / kind, library, chance, weeks, numbers.settle_seconds)


async def _make_databases(server: postgres.Server, *names: str) -> None:
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for name in names:
            await connection.exec_driver_sql(f"CREATE DATABASE {name}")
    await engine.dispose()


def main() -> int:
    """Run a tier from the command line."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--tier", type=int, choices=TIERS, default=2)
    given.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    for name in ("activities", "hostile", "clicks", "minutes", "scan-seconds"):
        given.add_argument(f"--{name}", type=int)
    given.add_argument("--fault", action="append", default=[], metavar="NAME=N", help="these faults alone")
    given.add_argument("--keep", type=Path, help="folder in which logs, journal and databases stay")
    given.add_argument("--begin-with", type=Path, help="an .xz of a SQLite database of an older release")
    given.add_argument("--only-sqlite", action="store_true", help="no world on PostgreSQL")
    asked = given.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to stop: with everything that it started
    numbers = TIERS[asked.tier]
    changes = {name: value for name, value in vars(asked).items() if hasattr(numbers, name) and value is not None}
    if asked.fault:
        changes["faults"] = {name: int(count or 1) for name, _, count in (one.partition("=") for one in asked.fault)}
    numbers = replace(numbers, **changes)
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="sandwich-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SANDWICH_ENVIRONMENT"] = "development"
    lines = [
        f"tier={asked.tier} seed={asked.seed} activities={numbers.activities} hostile={numbers.hostile}"
        f" minutes={numbers.minutes:g}",
        f"faults of each: {' '.join(f'{name}={count}' for name, count in numbers.faults.items())}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    try:
        found = asyncio.run(run(numbers, asked.seed, folder, only_sqlite=asked.only_sqlite))
    finally:
        if asked.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    found = [without_places(line, folder) for line in found]
    sys.stdout.write("\n".join(found) + "\n")
    if not changes.keys() - {"minutes"} and not asked.only_sqlite:  # a slow machine may need longer for the same
        RESULTS[asked.tier].write_text("\n".join([*lines, *found]) + "\n", encoding="utf-8")
    return 1 if found[-1] == "RED" else 0


if __name__ == "__main__":
    sys.exit(main())
