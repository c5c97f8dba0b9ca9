"""A place to measure in: PostgreSQL that writes through to the disk, Prefect's server on it, a region, activities."""

import asyncio
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks.machine import Cost, cost_of, pid_in
from models.draft import ActivityDraft
from sandwich.clock import Clock
from sandwich.definitions.load import load_file
from sandwich.demo.play import ACTIVITY
from sandwich.demo.region import load_region
from sandwich.orchestration.server import Prefect
from sandwich.running.parts import stand_behind
from sandwich.runtime import Runtime, open_library
from sandwich.services.start import start
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.store.migrate import upgrade
from tests.support import postgres
from tests.support.databases import PostgresDatabases
from tests.support.prefect import free_port

EARLY = datetime(2026, 9, 24, 6, 0, tzinfo=UTC)
"""Eight o'clock on the first day of the demo's activity: nothing is due yet."""

FIRST = datetime(2026, 9, 24, 8, 0, tzinfo=UTC)
"""Ten o'clock on that day: the moment of its first step."""

DUE = datetime(2026, 9, 24, 8, 5, tzinfo=UTC)
"""Five past ten on that day: its first step is due."""


@dataclass
class Place:
    """One installation to measure in; what it starts ends with it."""

    folder: Path
    databases: PostgresDatabases
    server: postgres.Server
    prefect: Prefect
    environ: dict[str, str] = field(default_factory=dict)
    raw_url: str = ""
    """The address of the same database for looking on and copying rows: by whoever set PostgreSQL up, over all rows."""
    prefect_url: str = ""
    prefect_pids: list[int] = field(default_factory=list)

    def cost_of_prefect(self) -> Cost:
        """Return what Prefect's servers cost until now, without the database below them."""
        return cost_of(*self.prefect_pids)

    def cost_of_postgres(self) -> Cost:
        """Return what the database server cost until now, for Prefect and for us."""
        return cost_of(pid_in(self.server.folder / "data" / "postmaster.pid"))

    async def fresh(self) -> Runtime:
        """Return an empty installation on a database of its own, with the region in it and the clock at ``EARLY``.

        It comes in by an ordinary account that owns its database, as ``docs/running.md`` has it, so row-level security
        is in force. ``environ`` is from then on what its processes need.
        """
        url = await asyncio.to_thread(self.databases.owned)
        await upgrade(url)
        self.raw_url = self.databases.by_administrator(url)
        self.environ = {
            "SANDWICH_ENVIRONMENT": "development",
            "SANDWICH_DATA": str(self.folder),
            "SANDWICH_DATABASE_URL": url,
            "SANDWICH_SECRET_KEY": secrets.token_urlsafe(),
            "SANDWICH_PREFECT_PORT": str(self.prefect.port),
            "SANDWICH_PREFECT_SECRET": self.prefect.secret,
            "SANDWICH_LOG_FORMAT": "json",
            **self.prefect.environment(),
        }
        settings = read_settings({name: value for name, value in self.environ.items() if name.startswith("SANDWICH_")})
        store = Store(settings.store_url)
        opened = Runtime(settings, store, Clock(store), open_library(settings))
        await opened.clock.set(EARLY)
        await load_region(opened, EARLY)
        return opened

    @contextlib.contextmanager
    def process(
        self, name: str, *arguments: str, before: Callable[[], None] | None = None, **environ: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a Python process of this installation, ``before`` first; ended at the end of the block."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env={**os.environ, **self.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=before,
            )
        try:
            yield process
        except BaseException:
            sys.stderr.write(f"{name} said:\n{(self.folder / f'{name}.log').read_text(errors='replace')[-3000:]}\n")
            raise
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()


@contextlib.asynccontextmanager
async def a_place(*, with_prefect: bool = True) -> AsyncIterator[Place]:
    """Start PostgreSQL, on which nothing is said to be written before it is, and Prefect's server on it."""
    binaries = postgres.find_binaries()
    if binaries is None:
        raise SystemExit(postgres.MISSING)
    with (
        tempfile.TemporaryDirectory(prefix="sandwich-bench-") as name,
        postgres.running(binaries, durable=True) as server,
        contextlib.closing(PostgresDatabases(server)) as databases,
    ):
        prefect = Prefect(Path(name) / "prefect", free_port(), "a secret for benchmarks only")
        place = Place(Path(name), databases, server, prefect)
        if not with_prefect:
            yield place
            return
        place.prefect_url = await asyncio.to_thread(databases.empty)
        async with a_server(place, prefect):
            yield place


@contextlib.asynccontextmanager
async def a_server(place: Place, prefect: Prefect, *arguments: str, **environ: str) -> AsyncIterator[None]:
    """Run one of Prefect's servers on the place's database; returns when it answers."""
    command = ("-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(prefect.port), *arguments)
    url = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": place.prefect_url}
    given = prefect.server_environment() | url | environ
    with place.process(f"prefect-{prefect.port}", *command, before=stand_behind, **given) as process:
        place.prefect_pids.append(process.pid)
        try:
            await _answers(prefect)
            yield
        finally:
            place.prefect_pids.remove(process.pid)


async def until(is_so: Callable[[], bool], seconds: float = 120) -> None:
    """Return when something is so; raises ``TimeoutError`` where it takes longer."""
    async with asyncio.timeout(seconds):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.05)


async def start_activities(opened: Runtime, how_many: int) -> list[str]:
    """Start company visits whose first step is due at ``DUE``, and return their ids."""
    draft = load_file(ACTIVITY, ActivityDraft)
    return [await start(opened, draft, now=EARLY, actor="benchmark") for _ in range(how_many)]


async def _answers(prefect: Prefect) -> None:
    login = httpx.BasicAuth(*prefect.login.split(":", 1))
    async with httpx.AsyncClient(auth=login, timeout=5) as client, asyncio.timeout(300):
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{prefect.api_url}/admin/version")).status_code == 200:
                    return
            await asyncio.sleep(0.3)
