"""The demo: a region that does not exist, one visit on its first day or everything that goes on in it, a mailbox, and a
clock that can be moved.

Everything is real but the people: the database, Prefect and its worker, the mails over SMTP, the pages. It listens on
this machine only and keeps what it has in a folder of its own.
"""

import asyncio
import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Activity
from sandwich.definitions.load import load_file
from sandwich.definitions.mistakes import ROOT
from sandwich.demo.building import STANDS_AT, Progress, build_region
from sandwich.demo.mailbox import Mailbox, serve_mailbox
from sandwich.demo.region import load_demo
from sandwich.errors import SandwichError
from sandwich.running.installation import keep_going, parts_of
from sandwich.running.own_secrets import settings_with_secrets
from sandwich.running.ports import free_port
from sandwich.running.supervisor import Supervisor
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.start import start
from sandwich.settings import PREFIX, Encryption, Environment, Settings
from sandwich.store.migrate import upgrade

FOLDER = ".sandwich-demo"
"""Where the demo keeps what it has, in the working directory."""

ACTIVITY = ROOT / "examples" / "a1.yaml"
"""The visit that it shows."""

OPENS_AT = datetime(2026, 9, 24, 9, 55, tzinfo=ZoneInfo("Europe/Amsterdam"))
"""When the story begins: five minutes before the first mail."""

HOST = "127.0.0.1"
NOTE_SECONDS = 10.0
"""How often the moment of the demo's clock is noted, so that it goes on there the next time."""

_TAKEN_OVER = ("PORT", "LANGUAGE", "PLAYBOOKS", "FORMS", "LOG_FORMAT", "WORK_POOL_TYPE")
"""Settings of the caller that hold for the demo too; everything else of an installation must not reach it."""

_NOTES = "demo.json"

Watching = Callable[[], AbstractContextManager[Progress]]
"""Opens what is told how far something long is."""


def unwatched() -> AbstractContextManager[Progress]:
    """Tell nobody how far something long is."""
    return nullcontext(lambda _done, _of: None)


class DemoRuns(SandwichError):
    """A demo already runs in this folder. Stop that one first, or start this one in another folder."""

    dutch = "In deze map draait al een demo. Stop die eerst, of start deze in een andere map."


class NoDemo(SandwichError):
    """There is no demo in this folder. Start one with `sandwich demo`."""

    dutch = "In deze map staat geen demo. Start er een met `sandwich demo`."


class OtherStory(SandwichError):
    """In this folder stands the demo of one visit. Add --fresh: it is removed, and the region made in its place."""

    dutch = "In deze map staat de demo van één bezoek. Zet er --fresh bij: dan komt de regio ervoor in de plaats."


class NotOurFolder(SandwichError):
    """The folder {folder} was not made by the demo, so it is left alone. Remove it yourself, or work elsewhere."""

    dutch = "De map {folder} is niet door de demo gemaakt en blijft staan. Verwijder hem zelf, of werk ergens anders."


class Demo:
    """The demo of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @property
    def is_there(self) -> bool:
        """Whether a demo was set up here before."""
        return (self.folder / _NOTES).is_file()

    @property
    def is_half_made(self) -> bool:
        """Whether somebody interrupted it while the region was made: it is of no use then."""
        return bool(self._notes().get("making"))

    def remove(self) -> None:
        """Throw everything away that the demo has, and nothing that it did not make."""
        if self.is_there:
            shutil.rmtree(self.folder)
        elif self.folder.exists() and any(self.folder.iterdir()):
            raise NotOurFolder(folder=self.folder.name)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other demos out of the folder as long as the block runs; raises ``DemoRuns``."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with (self.folder.parent / f"{self.folder.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise DemoRuns from None
            yield

    def prepare(self, environ: MutableMapping[str, str], port: int, smtp_port: int, prefect_port: int) -> Settings:
        """Put the demo's settings into ``environ``, in the place of those of any other installation."""
        self._note(port=port, smtp_port=smtp_port, prefect_port=prefect_port)
        enter(environ, self.folder)
        return settings_with_secrets(environ)

    async def set_up(
        self, settings: Settings, *, empty: bool = False, region: bool = False, watching: Watching = unwatched
    ) -> None:
        """Make the region and its visit, unless they are there; the clock goes on where it stood.

        ``empty`` makes the people and companies alone, ``region`` everything that goes on among them, which takes a
        minute that ``watching`` is told of. Raises ``OtherStory`` where the visit is there already.
        """
        await upgrade(settings.store_url)
        if region:
            await self._make_region(settings, watching)
        runtime = open_runtime(settings)
        try:
            await self._begin(runtime, empty=empty)
        finally:
            await runtime.close()

    async def note_moments(self, settings: Settings) -> None:
        """Note every now and then, and at the end, what time the demo has."""
        runtime = open_runtime(settings)
        try:
            while True:
                await asyncio.sleep(NOTE_SECONDS)
                await self._note_moment(runtime)
        finally:
            await self._note_moment(runtime)
            await runtime.close()

    def moment(self) -> datetime:
        """Return the moment at which the demo goes on."""
        noted = self._notes().get("moment")
        if noted is not None:
            return datetime.fromisoformat(noted)
        return OPENS_AT

    async def _make_region(self, settings: Settings, watching: Watching) -> None:
        if self._notes().get("made") == "region":
            return
        runtime = open_runtime(settings)
        try:
            if not await _is_empty(runtime):
                raise OtherStory
        finally:
            await runtime.close()
        self._note(making="region")
        with watching() as told:
            await build_region(settings, told)
        self._note(making="", made="region", moment=STANDS_AT.isoformat())

    async def _begin(self, runtime: Runtime, *, empty: bool) -> None:
        now = self.moment()
        await runtime.clock.set(now)
        await load_demo(runtime, now)
        if empty:
            return
        if await _is_empty(runtime):
            await start(runtime, load_file(ACTIVITY, ActivityDraft), now=now, actor="demo")

    async def _note_moment(self, runtime: Runtime) -> None:
        with suppress(SandwichError):  # where the database is busy, the next time will do
            self._note(moment=(await runtime.clock.now()).isoformat())

    def _notes(self) -> dict[str, str]:
        try:
            notes: dict[str, str] = json.loads((self.folder / _NOTES).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return notes

    def _note(self, **values: object) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{_NOTES}.new"
        draft.write_text(json.dumps(self._notes() | values, indent=2), encoding="utf-8")
        draft.replace(self.folder / _NOTES)


async def _is_empty(runtime: Runtime) -> bool:
    async with runtime.store.read() as session:
        return await session.scalar(select(Activity.id).limit(1)) is None


async def run_demo(
    demo: Demo,
    environ: MutableMapping[str, str],
    port: int,
    on_ready: Callable[[], None],
    *,
    empty: bool = False,
    region: bool = False,
    watching: Watching = unwatched,
) -> None:
    """Run the demo until SIGTERM or SIGINT; its settings are put into ``environ``. The rest is as for ``set_up``."""
    settings = demo.prepare(environ, port, free_port(HOST), free_port(HOST))
    async with serve_mailbox(Mailbox.of(settings), HOST, settings.smtp_port):
        await demo.set_up(settings, empty=empty, region=region, watching=watching)
        noting = asyncio.create_task(demo.note_moments(settings))
        try:
            await keep_going(Supervisor(parts_of(settings, demo.folder / "logs")), on_ready)
        finally:
            noting.cancel()
            await asyncio.wait([noting])


def enter(environ: MutableMapping[str, str], folder: Path) -> None:
    """Make ``environ`` that of the demo in ``folder``; raises ``NoDemo``.

    A demo keeps its data in its folder; only where its notes name a ``database_url`` it keeps them there.
    """
    try:
        noted = json.loads((folder / _NOTES).read_text(encoding="utf-8"))
        ports = {name: str(noted[name]) for name in ("port", "smtp_port", "prefect_port")}
    except (FileNotFoundError, KeyError, ValueError):
        raise NoDemo from None
    for name in [name for name in environ if name.startswith(PREFIX)]:
        if name.removeprefix(PREFIX) not in _TAKEN_OVER:
            del environ[name]
    values = {
        "ENVIRONMENT": Environment.DEMO.value,
        "DATA": str(folder.resolve()),
        "HOST": HOST,
        "PORT": ports["port"],
        "BASE_URL": f"http://{HOST}:{ports['port']}",
        "PREFECT_PORT": ports["prefect_port"],
        "SMTP_HOST": HOST,
        "SMTP_PORT": ports["smtp_port"],
        "SMTP_ENCRYPTION": Encryption.NONE.value,
        "MAIL_FROM": "sandwich@sto-degrienden.example",
        "MAIL_FROM_NAME": "STO-regio De Grienden",
    }
    if "database_url" in noted:
        values["DATABASE_URL"] = noted["database_url"]
    environ.update({f"{PREFIX}{name}": value for name, value in values.items()})
