"""Several machines: two workers, two web processes and a delivery, each on a machine of its own (``make machines``).

``python -m tests.faults.machines [--keep FOLDER]``: PostgreSQL, Prefect's server and a mail server stand on a machine
in the middle, and listen on its address in their network, with passwords. While people answer, a worker is cut off for
longer than a run may be silent, then delivery for longer than its lease; both come back and find that others went on.
Then a worker and a web process lose their power. After that all runs are cancelled, deleted, put off for a year and
left in *Running* in Prefect, and at last its whole database is gone. Each time everything due must have happened within
two minutes, and at the end every checker must say 0. Prints one line of figures, and keeps what it said in
``docs/machines.txt``; returns 1 where one is not 0.

The machines are network namespaces, with a cable each to a bridge; that takes root and iproute2. Elsewhere, or with
``--plain``, they are plain processes: cut off means frozen, and PostgreSQL asks nobody for a password.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from prefect.client.orchestration import PrefectClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from models.draft import ActivityDraft
from models.tables.activities import Activity, ActivityStatus
from sandwich.clock import Clock, real_now
from sandwich.orchestration.verdict import DEAD_AFTER
from sandwich.runtime import Runtime, open_library
from sandwich.services import halting, settled, start
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.store.migrate import upgrade
from tests.faults.check import Evidence, Report, check
from tests.faults.journal import Journal
from tests.faults.lost_runs import Harm, cancel, delete, harm_all, leave_running, put_off
from tests.faults.network import LOCAL, MIDDLE, NO_RIGHT, Machine, can_be_apart, machines_in, mail_server
from tests.faults.parts import Part, kept
from tests.faults.prefect_check import check_prefect
from tests.faults.story import Story
from tests.support import postgres
from tests.support.cast import Cast
from tests.support.driver import A1, local
from tests.support.prefect import free_port
from tests.support.stages import ANY_NUMBER

ACTIVITIES = 6
START_SECONDS = 400.0
MOST_SECONDS = 120.0
"""Everything that is due must have happened after so long, whoever is cut off or gone."""

SILENT = DEAD_AFTER + timedelta(seconds=25)
LEASE = timedelta(seconds=50)
"""How long worker and delivery are cut off: longer than what is theirs stays theirs."""

MACHINES = {"worker1": "worker", "worker2": "worker", "web1": "web", "web2": "web", "deliver1": "deliver"}
HARMS: Sequence[tuple[str, Harm]] = (
    ("cancelled", cancel),
    ("deleted", delete),
    ("put off for a year", put_off),
    ("left in Running", leave_running),
)
"""What becomes of every run in Prefect, each just before the next moment at which a flow has something to do."""

KEPT = Path(__file__).resolve().parents[2] / "docs" / "machines.txt"
BASE = "https://sandwich.example"
PASSWORD, SECRET = "only for tests, in this network", "a secret for tests only"


class Proxy(httpx.AsyncHTTPTransport):
    """What does TLS before the pages, and passes on to one of the machines."""

    def __init__(self, base: str) -> None:
        """Pass on to ``base``."""
        super().__init__()
        self.base = httpx.URL(base)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one request on; the address that people know stays in it."""
        there = request.url.copy_with(scheme=self.base.scheme, host=self.base.host, port=self.base.port)
        passed_on = httpx.Request(request.method, there, headers=request.headers, stream=request.stream)
        passed_on.extensions = request.extensions
        return await super().handle_async_request(passed_on)


@dataclass
class Person(Story):
    """One activity, whose people answer at one web process or the other; all else is done by the machines."""

    bases: Sequence[str] = ()

    async def begin(self, **changes: Any) -> None:
        """Start the activity."""
        draft = ActivityDraft.model_validate({**A1, "teachers": ["T2", "T3"], "title": self.title, **changes})
        await start.start(self.runtime, draft, now=await self.now(), actor=self.cast.id("C1"))
        self.journal.write("started", title=self.title)

    def browser(self) -> httpx.AsyncClient:
        """Return a browser."""
        there = Proxy(self.bases[self.number % len(self.bases)])
        return httpx.AsyncClient(base_url=BASE, transport=there, follow_redirects=True, timeout=20)

    async def cancel(self) -> None:
        """End the activity."""
        activity = await self.activity()
        assert activity is not None
        if activity.status is not ActivityStatus.CANCELLED:
            await halting.cancel(self.runtime, activity.id, "ziek", now=await self.now(), actor=self.cast.id("C1"))
        self.journal.write("cancelled", activity=activity.id)


@dataclass
class Region:
    """The machine in the middle, the others, and what happened."""

    folder: Path
    machines: dict[str, Machine]
    runtime: Runtime
    journal: Journal
    sink: Journal
    people: list[Person] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    prefect: Part | None = None
    said: list[str] = field(default_factory=list)

    async def tell(self) -> None:
        """Live through it."""
        await self.settle("both workers up, hosts asked", START_SECONDS)
        worker1, worker2, web2, deliver1 = (self.machines[key] for key in ("worker1", "worker2", "web2", "deliver1"))
        await self.everybody("P3", "date-poll", dates__date_1__answer="suits", part=slice(0, 2))
        worker1.cut()
        self.say("a worker is cut off")
        cut_at = time.monotonic()
        await self.everybody("P3", "date-poll", dates__date_1__answer="suits", part=slice(2, None))
        await self.settle("a worker cut off, dates fixed")
        await self.put("2026-10-01 10:05")
        await self.settle("a worker cut off, people asked")
        await asyncio.sleep(max(0.0, SILENT.total_seconds() - (time.monotonic() - cut_at)))
        worker1.join()
        self.say("it is back")
        await self.everybody("T2", "registration", attend="yes")
        await self.settle("the worker is back")
        await self.put("2026-10-08 10:05")
        deliver1.cut()
        self.say("delivery is cut off")
        await asyncio.sleep(LEASE.total_seconds())
        deliver1.join()
        self.say("it is back")
        await self.settle("delivery was cut off and is back")
        await self.everybody("T3", "goals", part=slice(0, 3))
        worker2.lose_power()
        web2.lose_power()
        self.say("a worker and a web process have lost their power")
        for one in self.people:
            one.bases = one.bases[:1]
        await self.put("2026-10-16 10:00")
        await self.settle("a worker and a web process without power")
        await self.everybody("T3", "registration", attend="yes")
        for leader in ("L1", "L2"):
            await self.everybody(leader, "approval")
        await self.everybody("T2", "goals")
        await self.everybody("P3", "task-division", agree="agreed", hours_plan="10")
        await self.everybody("P3", "practical-information")
        await self.settle("answered, all that the first gate asks for")
        await self.lose_runs()
        for one in self.people:
            await one.cancel()
        await self.settle("cancelled")

    async def lose_runs(self) -> None:
        """Let Prefect lose every run, in each of the ways that there are, and something be due at that moment."""
        for words, harm in HARMS:
            async with self.client() as client:
                count = await harm_all(client, harm)
            self.say(f"{count} runs are {words}")
            await self.to_where_something_is_due()
            await self.settle(f"runs were {words}")
        await self.everybody("T2", "attendance")
        await self.settle("who came is noted")
        assert self.prefect is not None
        self.prefect.before_start.append(lambda: shutil.rmtree(self.folder / "data" / "prefect", ignore_errors=True))
        await self.prefect.kill()
        self.say("Prefect's database is gone")
        await self.to_where_something_is_due()
        await self.settle("Prefect's database was gone")

    def client(self) -> PrefectClient:
        """Return a way into Prefect."""
        return PrefectClient(self.runtime.settings.prefect_url, auth_string=f"sandwich:{SECRET}")

    async def to_where_something_is_due(self) -> None:
        """Put the clock to the next moment at which a flow has something to do; without one nothing is shown."""
        now = await self.runtime.clock.now()
        async with self.runtime.store.read() as session:
            found = await session.scalars(select(Activity.wake_at).where(Activity.wake_at > now))
            moments = sorted(moment for moment in found if moment is not None)
        if not moments:
            self.late.append(f"{now}: no flow has anything to do any more")
            return
        then = moments[0] + timedelta(minutes=5)
        await self.runtime.clock.set(then)
        due = sum(moment <= then for moment in moments)
        self.say(f"{moments[0]:%d %b %H:%M} UTC: {due} activities are due")

    def say(self, what: str) -> None:
        """Print a line, with the time: what is broken when is the first thing that one wants to know."""
        self.said.append(f"{real_now():%H:%M:%S} {what}")
        sys.stdout.write(f"{self.said[-1]}\n")
        sys.stdout.flush()

    async def everybody(self, code: str, form: str, part: slice = slice(None), **fields: Any) -> None:
        """Let somebody answer in several activities, at once."""
        await asyncio.gather(*(one.answer(code, form, **fields) for one in self.people[part]))

    async def put(self, moment: str) -> None:
        """Put the clock."""
        await self.runtime.clock.set(local(moment))

    async def settle(self, what: str, most: float = MOST_SECONDS) -> None:
        """Wait until everything that is due has happened, and note how long that took."""
        began, quiet = time.monotonic(), 0
        while quiet < 3:
            await asyncio.sleep(0.5)
            async with self.runtime.store.read() as session:
                seen = await settled.look(session, await self.runtime.clock.now())
            quiet = quiet + 1 if seen.is_settled else 0
            if time.monotonic() - began > most:
                self.late.append(f"{what}: {seen.waiting} things were not done after {most:.0f} s")
                break
        self.say(f"{what}: {time.monotonic() - began:.0f} s")

    async def checked(self) -> Report:
        """Run all checkers."""
        typed = frozenset({"Prefab bouwen", *(self.people[0].cast.mail(code) for code in ("P3", "T2"))})
        places = (self.folder / "logs", self.folder / "data" / "prefect")
        report = await check(self.runtime.store, Evidence(self.journal, self.sink, places, typed))
        async with self.runtime.store.read() as session, self.client() as client:
            await check_prefect(session, client, report)
        for one in self.late:
            report.add("asleep", one)
        return report


async def run(folder: Path, *, apart: bool) -> tuple[Report, list[str]]:
    """Tell it in ``folder``, with the machines apart or as plain processes, and check it; also returns what was said.
    Needs PostgreSQL.
    """
    binaries = postgres.find_binaries()
    if binaries is None:
        raise SystemExit(postgres.MISSING)
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    middle, sink = MIDDLE if apart else LOCAL, Journal(folder / "sink.jsonl")
    async with contextlib.AsyncExitStack() as stack:
        machines = stack.enter_context(machines_in(list(MACHINES), apart=apart))
        server = stack.enter_context(postgres.running(binaries, address=middle if apart else ""))
        url = await _database(server)
        await upgrade(url)
        mail_port = await stack.enter_async_context(mail_server(folder, sink, middle))
        environ = _environ(folder, middle, mail_port)
        outside = f"postgresql+asyncpg://{server.user}:{PASSWORD}@{MIDDLE}/machines" if apart else url
        settings = read_settings({**environ, "SANDWICH_DATABASE_URL": url})
        store = Store(url)
        stack.push_async_callback(store.close)
        runtime = Runtime(settings, store, Clock(store), open_library(settings))
        region = Region(folder, machines, runtime, Journal(folder / "journal.jsonl"), sink)
        await _begin(region)
        async with kept(_parts(region, {**environ, "SANDWICH_DATABASE_URL": outside})):
            await region.tell()
            if apart:
                await _refuse_strangers(outside, settings.prefect_url)
            report = await region.checked()
    region.say(f"apart={apart} activities={len(region.people)} {report}")
    return report, region.said


async def _begin(region: Region) -> None:
    """Let the season begin: the region, and its activities."""
    await region.runtime.ensure_own()
    await region.put("2026-09-24 10:05")
    await Cast.enter(region.runtime, await region.runtime.clock.now())
    for number in range(1, ACTIVITIES + 1):
        one = Person(region.runtime, region.journal, region.sink, number=number)
        one.cast = await Cast.read(region.runtime)
        region.people.append(one)
        await one.begin()


def _parts(region: Region, environ: dict[str, str]) -> list[Part]:
    """Return Prefect's server, in the middle, and what runs on each machine; people learn where the pages are."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("SANDWICH_", "PREFECT_"))}
    logs, bases = region.folder / "logs", []
    region.prefect = Part("prefect", ("-m", "sandwich", "prefect"), {**clean, **environ}, logs / "prefect.log")
    parts = [region.prefect]
    there = {**clean, **environ, "SANDWICH_PREFECT_API_URL": region.runtime.settings.prefect_url}
    for machine in region.machines.values():
        own, kind = {**there, "SANDWICH_HOST": machine.address}, MACHINES[machine.name]
        if kind == "web":
            own["SANDWICH_PORT"] = str(free_port())
            bases.append(f"http://{machine.address}:{own['SANDWICH_PORT']}")
        arguments = machine.inside("-m", "sandwich", kind)
        machine.part = Part(machine.name, arguments, own, logs / f"{machine.name}.log")
        parts.append(machine.part)
    for one in region.people:
        one.bases = bases
    return parts


def _environ(folder: Path, middle: str, mail_port: int) -> dict[str, str]:
    return {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(folder / "data"),
        "SANDWICH_SECRET_KEY": "a key for tests only, 32+ long",
        "SANDWICH_BASE_URL": BASE,
        "SANDWICH_PREFECT_HOST": middle,
        "SANDWICH_PREFECT_PORT": str(free_port()),
        "SANDWICH_PREFECT_SECRET": SECRET,
        "SANDWICH_SMTP_HOST": middle,
        "SANDWICH_SMTP_PORT": str(mail_port),
        "SANDWICH_SMTP_ENCRYPTION": "starttls",
        "SANDWICH_SMTP_TIMEOUT": "1",
        "SANDWICH_MAILS_PER_WEEK": str(ANY_NUMBER),
        "SANDWICH_MAILS_PER_MINUTE": "0",
        "SANDWICH_MAILS_PER_HOUR": "1000000",
        "SANDWICH_MAIL_FROM": "sandwich@grienden.example",
        "SANDWICH_LOG_FORMAT": "json",
        "SSL_CERT_FILE": str(folder / "mail.pem"),
    }


async def _database(server: postgres.Server) -> str:
    """Make the database, and give its owner a password for who comes over the network."""
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql("CREATE DATABASE machines")
        await connection.exec_driver_sql(f"ALTER ROLE {server.user} PASSWORD '{PASSWORD}'")
    await engine.dispose()
    return server.url("machines")


async def _refuse_strangers(outside: str, prefect: str) -> None:
    """Fail where somebody gets in without a password."""
    for password in ("", "a guess"):
        address = outside.replace("+asyncpg", "").replace(PASSWORD, password)
        try:
            await asyncpg.connect(address, timeout=10)
        except asyncpg.InvalidAuthorizationSpecificationError:
            continue
        raise AssertionError("PostgreSQL lets a stranger in")
    async with httpx.AsyncClient(timeout=10) as client:
        assert (await client.get(f"{prefect}/admin/version")).status_code == 401


def main() -> int:
    """Tell it from the command line, in a network of its own."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--keep", type=Path, help="folder in which logs, journal and mails stay")
    given.add_argument("--plain", action="store_true", help="plain processes, also where the machines can be apart")
    given.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = given.parse_args()
    if not asked.inside and not asked.plain and can_be_apart():
        words = ("-m", "tests.faults.machines", "--inside", *sys.argv[1:])
        os.execvp("unshare", ["unshare", "--net", sys.executable, *words])
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="sandwich-machines-"))
    os.environ["SANDWICH_ENVIRONMENT"] = "development"
    if not asked.inside:
        sys.stdout.write(f"{'asked for' if asked.plain else NO_RIGHT}: the machines are plain processes\n")
    try:
        report, said = asyncio.run(run(folder, apart=asked.inside))
    finally:
        if asked.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(report.details())
    if asked.inside:
        lines = [*said, *report.details().splitlines(), "GREEN" if report.is_green else "RED"]
        KEPT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if report.is_green else 1


if __name__ == "__main__":
    sys.exit(main())
