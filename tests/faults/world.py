"""An installation of real processes with many activities, the people in them, and everything that can break it."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from models.draft import ActivityDraft
from models.tables.activities import ActivityStatus
from models.tables.asking import Submission
from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime
from sandwich.services import halting, settled, start
from sandwich.settings import read_settings
from sandwich.store import Store
from tests.faults.journal import Entry, Journal, Sink, a_sink, own_link, parsed
from tests.faults.parts import Part, fill_disk, kept
from tests.faults.story import Story
from tests.support.cast import Cast
from tests.support.driver import A1, local
from tests.support.prefect import free_port
from tests.support.proxy import End, Proxy, a_proxy

AT_ONCE = 4
"""People who press a button at the same moment."""

TRANSIENT = (httpx.HTTPError, SandwichError, SQLAlchemyError, OSError, AssertionError, asyncio.TimeoutError)
"""What goes wrong while something is broken, and is tried again."""

TEACHERS = ("T2", "T3")
VICTIMS = ("web", "deliver", "worker", "prefect")


@dataclass(frozen=True)
class Numbers:
    """How much happens in one world."""

    activities: int
    kills: int
    cuts: int
    freezes: int
    full_disks: int
    lost_prefects: int
    clicks: int
    settle_seconds: float
    minutes: int


@dataclass(frozen=True)
class Lines(Journal):
    """A journal that is read by its own writer: what was written is kept in memory too."""

    entries: list[Entry] = field(default_factory=list)

    def write(self, what: str, **more: Any) -> None:
        """Add a line."""
        super().write(what, **more)
        self.entries.append({"what": what, **more})

    def read(self, *whats: str) -> Iterator[Entry]:
        """Return the lines of these kinds."""
        return (entry for entry in list(self.entries) if not whats or entry["what"] in whats)


@dataclass
class Postbox(Sink):
    """The mail server, which also knows the newest link of everybody for every activity."""

    links: dict[tuple[str, str], str] = field(default_factory=dict)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail and its link."""
        said = await super().handle_DATA(server, session, envelope)
        mail = parsed({"text": envelope.original_content.decode("utf-8", "replace")})
        title = " ".join(str(mail["Subject"]).split()).partition(":")[0]
        if link := own_link(mail):
            self.links[envelope.rcpt_tos[0], title] = link
        return said


@dataclass
class Person(Story):
    """One activity, whose people answer over the network; everything else is done by the processes."""

    base: str = ""
    postbox: Postbox | None = None
    shift: timedelta = timedelta(0)

    async def begin(self, **changes: Any) -> None:
        """Start the activity, unless it is on the board already."""
        if await self.activity() is None:
            day = (date(2026, 11, 5) + self.shift).isoformat()
            dates = [{"start": f"{day} 13:30", "end": f"{day} 16:30"}]
            draft = ActivityDraft.model_validate(
                {**A1, "teachers": list(TEACHERS), "title": self.title, "dates": dates}
            )
            await start.start(self.runtime, draft, now=await self.now(), actor=self.cast.id("C1"))
        self.journal.write("started", title=self.title)

    def browser(self) -> httpx.AsyncClient:
        """Return a browser."""
        return httpx.AsyncClient(base_url=self.base, follow_redirects=True, timeout=20)

    def link(self, address: str) -> str | None:
        """Return the newest link that arrived."""
        assert self.postbox is not None
        return self.postbox.links.get((address, self.title))


@dataclass
class World:
    """One installation, on one kind of database."""

    name: str
    folder: Path
    library: Library
    numbers: Numbers
    chance: random.Random
    shift: timedelta
    disk: Path | None = None
    store_url: str = ""  # how the checkers reach the database, past the proxy
    broken_url: str = ""  # how the parts reach it
    parts: dict[str, Part] = field(default_factory=dict)
    proxies: dict[str, Proxy] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    broken: list[Path] = field(default_factory=list)

    def note(self, what: str, **more: object) -> None:
        """Note what happened, for whoever looks for the cause."""
        words = " ".join(f"{key}={value}" for key, value in more.items())
        self.events.append(f"{time.strftime('%H:%M:%S')} {self.name} {what} {words}".rstrip())
        self.done[what] = self.done.get(what, 0) + 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run mail server, proxies and all parts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.journal = Lines(self.folder / "journal.jsonl")
        self.sink = Journal(self.folder / "sink.jsonl")
        self.postbox = Postbox(self.sink)
        self.port, prefect_port = free_port(), free_port()
        async with (
            a_sink(self.sink, sink=self.postbox),
            a_proxy(("127.0.0.1", self.postbox.port)) as mail,
            a_proxy(("127.0.0.1", prefect_port)) as prefect,
        ):
            self.proxies |= {"mail": mail, "prefect": prefect}
            self.environ = self._environ(mail.port, prefect_port)
            settings = read_settings({**self.environ, "SANDWICH_DATABASE_URL": self.store_url})
            store = Store(self.store_url)
            self.runtime = Runtime(settings, store, Clock(store), self.library)
            now = local("2026-09-24 10:00") + self.shift
            await self.runtime.clock.set(now)
            self.cast = await Cast.enter(self.runtime, now)
            clean = {key: value for key, value in os.environ.items() if not key.startswith(("SANDWICH_", "PREFECT_"))}
            beside = {"SANDWICH_PREFECT_API_URL": f"http://127.0.0.1:{prefect.port}/api"}
            for name in VICTIMS:
                environ = {**clean, **self.environ, **({} if name == "prefect" else beside)}
                self.parts[name] = Part(name, ("-m", "sandwich", name), environ, self.folder / "logs" / f"{name}.log")
            (self.folder / "logs").mkdir(exist_ok=True)
            try:
                async with kept(list(self.parts.values())):
                    yield
            finally:
                await store.close()

    def _environ(self, mail_port: int, prefect_port: int) -> dict[str, str]:
        return {
            "SANDWICH_ENVIRONMENT": "development",
            "SANDWICH_DATA": str(self.folder / "data"),
            "SANDWICH_DATABASE_URL": self.broken_url or self.store_url,
            "SANDWICH_SECRET_KEY": "a key for tests only, 32+ long",
            "SANDWICH_PREFECT_SECRET": "a secret for tests only",
            "SANDWICH_PORT": str(self.port),
            "SANDWICH_BASE_URL": f"http://127.0.0.1:{self.port}",
            "SANDWICH_PREFECT_PORT": str(prefect_port),
            "SANDWICH_SMTP_PORT": str(mail_port),
            "SANDWICH_SMTP_ENCRYPTION": "none",
            "SANDWICH_SMTP_TIMEOUT": "1",
            "SANDWICH_MAIL_FROM": "sandwich@grienden.example",
            "SANDWICH_LOG_FORMAT": "json",
        }

    # people

    async def tell(self) -> None:
        """Live through the season: asked, dated, invited, reminded over the change of the clock, and cancelled."""
        reader = asyncio.create_task(self._read())
        nemesis = asyncio.create_task(self._break_things())
        try:
            await self._season()
        finally:
            nemesis.cancel()
            reader.cancel()
            await asyncio.gather(nemesis, reader, return_exceptions=True)
            self.mend()
        self.note("calm")
        await self.settle("calm")

    async def _season(self) -> None:
        base = f"http://127.0.0.1:{self.port}"
        for number in range(1, self.numbers.activities + 1):
            one = Person(self.runtime, self.journal, self.sink, number=number, base=base)
            one.postbox, one.shift, one.cast = self.postbox, self.shift, self.cast
            self.people.append(one)
        await self._all(lambda one: one.begin())
        await self._all(self._choose_date)
        await self.settle("dated")
        await self._put("2026-10-08 10:00")
        await self._all(self._answer)
        await self.settle("asked")
        await self._put("2026-10-26 12:00")  # past the night in which the clock changes
        await self.settle("reminded")
        await self._all(self._cancel)
        await self.settle("cancelled")

    async def _choose_date(self, one: Person) -> None:
        await self._arrived(one, "P3")
        await one.answer("P3", "date-poll", dates__date_1__answer="suits")
        await self._click_again(one, "P3", "date-poll")

    async def _answer(self, one: Person) -> None:
        await self._arrived(one, "L1", 2.0)
        await one.answer("T2", "registration", attend="yes")
        await self._click_again(one, "T2", "registration")
        if one.number % 2:
            await one.answer("T3", "goals")

    async def _cancel(self, one: Person) -> None:
        activity = await one.activity()
        assert activity is not None
        if activity.status is not ActivityStatus.CANCELLED:
            await halting.cancel(self.runtime, activity.id, "ziek", now=await one.now(), actor=self.cast.id("C1"))
        self.journal.write("cancelled", activity=activity.id)

    async def _arrived(self, one: Person, code: str, seconds: float = 60.0) -> None:
        """Wait for somebody's mail; where it does not come the coordinator phones."""
        until = time.monotonic() + seconds
        while one.link(self.cast.mail(code)) is None and time.monotonic() < until:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.3)

    async def _click_again(self, one: Person, code: str, form: str) -> None:
        """Press the same button some more times, all at once."""
        key = f"{one.number}:{code}:{form}:send"
        page = next((entry for entry in self.journal.read("page") if entry["id"] == key), None)
        if page is None or self.journal.has("clicked", id=key):
            return
        files = [(name, (None, value)) for name, values in page["data"].items() for value in values]
        async with one.browser() as client:
            posts = (
                client.post(page["action"], files=files, headers={"Origin": one.base})
                for _ in range(self.numbers.clicks)
            )
            await asyncio.gather(*posts, return_exceptions=True)
        self.journal.write("clicked", id=key)

    async def _all(self, deed: Callable[[Person], Awaitable[None]]) -> None:
        """Let everybody do something, some at once, each until it worked."""
        room = asyncio.Semaphore(AT_ONCE)

        async def do(one: Person) -> None:
            until = time.monotonic() + self.numbers.settle_seconds
            while True:
                try:
                    async with room:
                        await deed(one)
                    return
                except TRANSIENT as error:
                    self.done["tried again"] = self.done.get("tried again", 0) + 1
                    if time.monotonic() > until:
                        raise RuntimeError(f"{one.title} never got through: {error}") from error
                    await asyncio.sleep(self.chance.uniform(0.3, 2))

        await asyncio.gather(*(do(one) for one in self.people))

    async def _put(self, moment: str) -> None:
        day, _, clock = moment.partition(" ")
        shifted = (datetime.fromisoformat(day) + self.shift).date()
        while True:
            with contextlib.suppress(*TRANSIENT):
                await self.runtime.clock.set(local(f"{shifted.isoformat()} {clock}"))
                self.note("clock", to=f"{shifted} {clock}")
                return
            await asyncio.sleep(0.5)

    async def settle(self, what: str) -> None:
        """Wait until everything that is due has happened."""
        until, quiet, seen = time.monotonic() + self.numbers.settle_seconds, 0, None
        while quiet < 3:
            await asyncio.sleep(0.5)
            with contextlib.suppress(*TRANSIENT):
                async with self.runtime.store.read() as session:
                    seen = await settled.look(session, await self.runtime.clock.now())
                quiet = quiet + 1 if seen.is_settled else 0
            if time.monotonic() > until:
                self.note("not-settled", at=what, waiting=seen.waiting if seen else "?")
                return
        self.note(what)

    async def _read(self) -> None:
        """Be the reader who remembers which answers there were."""
        known = set[str]()
        while True:
            with contextlib.suppress(*TRANSIENT):
                async with self.runtime.store.read() as session:
                    found = set(await session.scalars(select(Submission.id)))
                if found - known:
                    self.journal.write("seen", submissions=sorted(found - known))
                    known |= found
            await asyncio.sleep(1)

    # what breaks

    async def _break_things(self) -> None:
        """Break one thing after the other, in an order that the seed decides."""
        numbers = self.numbers
        deeds = [
            *[self._kill] * numbers.kills,
            *[self._cut] * numbers.cuts,
            *[self._freeze] * numbers.freezes,
            *[self._fill] * numbers.full_disks,
            *[self._lose_prefect] * numbers.lost_prefects,
        ]
        self.chance.shuffle(deeds)
        for deed in deeds:
            await asyncio.sleep(self.chance.uniform(2, 8))
            with contextlib.suppress(SQLAlchemyError):
                await deed()

    async def _kill(self) -> None:
        name = self.chance.choices(VICTIMS, weights=(3, 3, 3, 1))[0]
        await self._end(self.parts[name])
        self.note("kill", part=name)

    async def _freeze(self) -> None:
        name, seconds = self.chance.choice(("deliver", "worker")), self.chance.uniform(5, 60)
        self.note("freeze", part=name, seconds=round(seconds))
        self.parts[name].signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.parts[name].signal(signal.SIGCONT)

    async def _cut(self) -> None:
        kinds: list[tuple[str, dict[str, Any]]] = [
            ("mail", {"after_pattern": rb"\r\n\.\r\n"}),
            ("mail", {"after_bytes": self.chance.randint(50, 4000), "end": End.RESET}),
            ("mail", {"swallows": True}),
            ("mail", {"delay": 0.2, "bytes_per_second": 20_000.0}),
            ("prefect", {"refuses": True}),
            ("prefect", {"after_bytes": self.chance.randint(500, 20_000), "end": End.RESET}),
        ]
        if "database" in self.proxies:
            kinds += [("database", {"refuses": True}), ("database", {"after_bytes": 3000, "end": End.BLACK_HOLE})]
        line, weather = self.chance.choice(kinds)
        seconds = self.chance.uniform(1, 8)
        self.note("cut", line=line, how="/".join(sorted(weather)), seconds=round(seconds, 1))
        proxy = self.proxies[line]
        proxy.set(**weather)
        if "delay" not in weather:
            proxy.cut(weather.get("end", End.RESET))
        try:
            await asyncio.sleep(seconds)
        finally:
            proxy.set()
            proxy.cut()  # what hangs is noticed when the line comes back
        if line == "database":
            async with self.runtime.store.engine.connect() as connection:  # and every other one, as an operator would
                await connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                )

    async def _fill(self) -> None:
        if self.disk is None:
            return
        seconds = self.chance.uniform(3, 8)
        self.note("disk-full", seconds=round(seconds, 1))
        ballast = await asyncio.to_thread(fill_disk, self.disk)
        self.broken.append(ballast)
        try:
            await asyncio.sleep(seconds)
        finally:
            ballast.unlink(missing_ok=True)

    async def _lose_prefect(self) -> None:
        """Prefect's whole database is gone."""
        part = self.parts["prefect"]
        part.before_start.append(self.folder / "data" / "prefect")
        await self._end(part)
        self.note("prefect-lost")

    @staticmethod
    async def _end(part: Part) -> None:
        while not part.signal(signal.SIGKILL):  # noqa: ASYNC110 - it is just being started again
            await asyncio.sleep(0.5)

    def mend(self) -> None:
        """Let everything be well again."""
        for proxy in self.proxies.values():
            proxy.set()
            proxy.cut()
        for ballast in self.broken:
            ballast.unlink(missing_ok=True)
        for part in self.parts.values():
            part.signal(signal.SIGCONT)


def shared(numbers: Numbers, worlds: int, number: int, *, disks: int) -> Numbers:
    """Return a world's share; the first ones get what does not divide, and disks those that have one."""

    def part(total: int) -> int:
        return total // worlds + (number < total % worlds)

    return replace(
        numbers,
        activities=part(numbers.activities),
        kills=part(numbers.kills),
        cuts=part(numbers.cuts),
        freezes=part(numbers.freezes),
        lost_prefects=part(numbers.lost_prefects),
        full_disks=disks,
    )
