"""An installation of real processes, with its mail server and its bad network; everything in it can be broken."""

import asyncio
import contextlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from models.tables.asking import Submission
from models.tables.mail import Message
from sandwich.clock import Clock, real_now
from sandwich.definitions.library import Library
from sandwich.errors import SandwichError
from sandwich.rules.slots import slot_around
from sandwich.runtime import Runtime
from sandwich.services import settled
from sandwich.settings import read_settings
from sandwich.store import Store
from tests.faults.journal import Entry, Journal
from tests.faults.parts import Part, kept
from tests.faults.postbox import Postbox
from tests.support import postgres
from tests.support.browser import PLAIN
from tests.support.cast import Cast
from tests.support.driver import CLOCK, local
from tests.support.prefect import free_port
from tests.support.proxy import Proxy, a_proxy
from tests.support.stages import ANY_NUMBER

PATIENCE_SECONDS = 1500
"""How long somebody goes on trying what does not work."""

LONGEST_PAUSE_SECONDS = 15
"""Between two tries; hundreds who try every second would leave nothing of the machine to those they wait for."""

TRANSIENT = (httpx.HTTPError, SandwichError, SQLAlchemyError, OSError, AssertionError, asyncio.TimeoutError)
"""What goes wrong while something is broken, and is tried again."""

PARTS = ("web", "deliver", "worker", "prefect")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Happened:
    """A fault that was made: when, in real time, and what a log must say of it; nothing where it may pass unseen."""

    what: str
    began: datetime
    ended: datetime
    says: str = ""


@dataclass(frozen=True)
class Lines(Journal):
    """A journal that is read by its own writer: what was written is kept in memory too."""

    entries: list[Entry] = field(default_factory=list)

    def write(self, what: str, **more: object) -> None:
        """Add a line."""
        super().write(what, **more)
        self.entries.append({"what": what, **more})

    def read(self, *whats: str) -> Iterator[Entry]:
        """Return the lines of these kinds."""
        return (entry for entry in list(self.entries) if not whats or entry["what"] in whats)


@dataclass(eq=False)
class World:
    """One installation, on one kind of database."""

    name: str
    folder: Path
    library: Library
    chance: random.Random
    shift: timedelta
    settle_seconds: float
    disk: Path | None = None  # a small one that can be filled; the database of SQLite stands on it
    server: postgres.Server | None = None
    store_url: str = ""  # how the checkers reach the database, past the proxy
    broken_url: str = ""  # how the parts reach it
    other_url: str = ""  # an empty database, into which a backup is put back
    parts: dict[str, Part] = field(default_factory=dict)
    proxies: dict[str, Proxy] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    skipped: set[str] = field(default_factory=set)
    ballast: list[Path] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)  # parts that must not be killed now: it would wake them
    told: list[str] = field(default_factory=list)  # figures for the last lines
    unfinished: list[str] = field(default_factory=list)  # what was to be done and was not
    offset: timedelta = timedelta(0)  # of the clock of the activities, when it was last put
    mails_at_backup: int = 0  # bytes of the mail server's log

    def __post_init__(self) -> None:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        self.journal, self.sink = Lines(self.folder / "journal.jsonl"), Journal(self.folder / "sink.jsonl")
        self.postbox = Postbox(self.sink.path)

    def note(self, what: str, **more: object) -> None:
        """Note what happened, for whoever looks for the cause."""
        words = " ".join(f"{key}={value}" for key, value in more.items())
        self.events.append(f"{real_now():%H:%M:%S} {self.name} {what} {words}".rstrip())

    @contextlib.contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Note how many seconds something took."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.times[what] = self.times.get(what, 0.0) + time.monotonic() - began
            self.note(what, seconds=round(time.monotonic() - began))
            sys.stderr.write(f"{self.events[-1]}\n")  # whoever waits for an hour sees that it goes on

    @property
    def base(self) -> str:
        """The address of the pages."""
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run mail server, proxies and all parts."""
        self.port, mail_port, prefect_port = free_port(), free_port(), free_port()
        self.prefect_port = prefect_port
        async with (
            a_proxy(("127.0.0.1", mail_port)) as mail,
            a_proxy(("127.0.0.1", prefect_port)) as prefect,
        ):
            self.proxies |= {"mail": mail, "prefect": prefect}
            environ = self._environ(mail.port, prefect_port)
            settings = read_settings({**environ, "SANDWICH_DATABASE_URL": self.store_url})
            store = Store(self.store_url)
            self.runtime = Runtime(settings, store, Clock(store), self.library)
            await self.runtime.ensure_own()
            async with store.read() as session:
                earlier = [*await session.scalars(select(Submission.id)), *await session.scalars(select(Message.id))]
            self.earlier = frozenset(earlier)
            first = self.moment("2026-09-24 10:00")
            await (self.put(first) if self.earlier else self.runtime.clock.set(first))
            self.cast = await self._cast()
            self.environ = {
                **{key: value for key, value in os.environ.items() if not key.startswith(("SANDWICH_", "PREFECT_"))},
                **environ,
            }
            self.beside = {"SANDWICH_PREFECT_API_URL": f"http://127.0.0.1:{prefect.port}/api"}
            for name in PARTS:
                self.parts[name] = self.part(name)
            arguments = ("-m", "tests.faults.postbox", str(mail_port), str(self.sink.path))
            here = {**self.environ, "PYTHONPATH": str(ROOT)}
            self.parts["mail"] = Part("mail", arguments, here, self.folder / "logs" / "mail.log")
            try:
                async with kept(list(self.parts.values())):
                    yield
            finally:
                await store.close()

    def part(self, name: str, log: str = "") -> Part:
        """Return one of our processes; with ``log`` a second one beside the first."""
        environ = {**self.environ, **({} if name == "prefect" else self.beside)}
        return Part(name, ("-m", "sandwich", name), environ, self.folder / "logs" / f"{log or name}.log")

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
            # One cast is in hundreds of activities, and months pass in minutes.
            "SANDWICH_MAILS_PER_WEEK": str(ANY_NUMBER),
            "SANDWICH_MAILS_PER_MINUTE": "0",
            "SANDWICH_MAILS_PER_HOUR": "1000000",
            "SANDWICH_MAIL_FROM": "sandwich@grienden.example",
            "SANDWICH_LOG_FORMAT": "json",
        }

    async def _cast(self) -> Cast:
        """Return the people of the region; a database of the release before has them already."""
        with contextlib.suppress(NoResultFound):
            return await Cast.read(self.runtime)
        return await Cast.enter(self.runtime, await self.runtime.clock.now())

    async def ready(self) -> None:
        """Wait until pages and Prefect answer."""
        async with httpx.AsyncClient(timeout=5, verify=PLAIN) as client:
            for address in (f"{self.base}/login", f"http://127.0.0.1:{self.prefect_port}/api/health"):
                await self.until_works(lambda address=address: client.get(address), address)  # type: ignore[misc]

    # time

    def moment(self, text: str) -> datetime:
        """Return a local moment of this season, written as one of autumn 2026."""
        day, _, clock = text.partition(" ")
        shifted = (datetime.fromisoformat(day) + self.shift).date()
        return local(f"{shifted.isoformat()} {clock}")

    async def put(self, moment: datetime) -> None:
        """Put the clock at a moment, unless it is past it already; tries until that works."""
        while True:
            with contextlib.suppress(*TRANSIENT):
                if await self.runtime.clock.now() < moment:
                    await self.runtime.clock.set(moment)
                    self.note("clock", to=f"{moment:%F %H:%M:%S}")
                self.offset = await self.runtime.clock.offset()
                return
            await asyncio.sleep(0.5)

    async def to(self, text: str) -> None:
        """Let time pass up to a moment and everything happen that is due, also mail that is tried again soon after."""
        moment = self.moment(text)
        with self.timed(f"to {text[5:]}"):
            while True:
                await self.put(moment)
                await self.settle(text)
                if await self._reached(moment):
                    return

    async def _reached(self, moment: datetime) -> bool:
        """Return whether the clock is past a moment; it may have been turned back meanwhile."""
        while True:
            with contextlib.suppress(*TRANSIENT):
                return await self.runtime.clock.now() >= moment
            await asyncio.sleep(0.5)

    async def settle(self, what: str, seconds: float | None = None) -> bool:
        """Wait until everything due has happened; what is put off by minutes, such as mail, has its minutes pass."""
        until, quiet, seen = time.monotonic() + (seconds or self.settle_seconds), 0, None
        while time.monotonic() < until:
            await asyncio.sleep(0.4)
            with contextlib.suppress(*TRANSIENT):
                async with self.runtime.store.read() as session:
                    seen = await settled.look(session, await self.runtime.clock.now())
                quiet = quiet + 1 if seen.is_settled else 0
                if quiet < 3:
                    continue
                if seen.next_at is None or seen.next_at > seen.now + timedelta(minutes=90):
                    return True
                slot = slot_around(seen.next_at, CLOCK)  # each reader has a minute in it; they need not come one by one
                await self.put(slot[1] if slot else seen.next_at + timedelta(seconds=1))
                quiet = 0
        self.note("not-settled", at=what, waiting=seen.waiting if seen else "?")
        return False

    async def read_on(self) -> None:
        """Be the reader who remembers which answers there were, until cancelled."""
        known = set[str]()
        while True:
            with contextlib.suppress(*TRANSIENT):
                async with self.runtime.store.read() as session:
                    found = set(await session.scalars(select(Submission.id)))
                if found - known:
                    self.journal.write("seen", submissions=sorted(found - known))
                    known |= found
            await asyncio.sleep(1)

    async def until_works(self, deed: Callable[[], object], what: str) -> None:
        """Do something that may fail while something is broken, until it worked; ever less often, as people do."""
        until, pause = time.monotonic() + PATIENCE_SECONDS, 1.0
        while True:
            try:
                await deed()  # type: ignore[misc]
                return
            except TRANSIENT as error:
                self.done["tried again"] += 1
                if time.monotonic() > until:
                    words = f"{type(error).__name__} {error}"[:600]
                    raise RuntimeError(f"{what} never got through: {words}") from error
                await asyncio.sleep(self.chance.uniform(0.3, pause))
                pause = min(1.5 * pause, LONGEST_PAUSE_SECONDS)
