"""Tier 1: one activity, a process that is killed at each named place, another that takes over, then the checkers.

``python -m tests.faults.crashes [PLAN …]`` imports everything once and forks a child for every life. A *plan* is
``crashes`` or the name of a planted bug. Prints a line of JSON for each kill and for each plan.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandwich import failpoints
from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime, open_library
from sandwich.settings import Settings, read_settings
from sandwich.store import Store
from sandwich.store.migrate import upgrade
from tests.faults.bugs import BUGS, SEASON, SOUND, Bug
from tests.faults.check import Evidence, Report, check
from tests.faults.journal import Journal, a_sink
from tests.faults.story import HERE, MARKUP, WHOLE, Beat, Story
from tests.faults.tiers import SEASONS
from tests.support.cast import Cast
from tests.support.stages import ANY_NUMBER

NOW = datetime(2026, 9, 24, 8, 0, tzinfo=UTC)
KEY = "a key for tests only, 32+ long"
LIFE_SECONDS = 60.0
MOST_LIVES = len(HERE) + 3
SEASON_PLANS = {f"season {name}": weeks for name, weeks in SEASONS.items() if weeks}
"""The same visit in other seasons: the other change of the clock, the end of the year, a leap day."""


@dataclass
class Stage:
    """A folder, a database copied from one that was filled once, a mail server in a process of its own."""

    folder: Path
    library: Library
    template: Path
    sink_port: int
    shift: timedelta = timedelta(0)
    journal: Journal = field(init=False)
    sink: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        shutil.copyfile(self.template, self.folder / "sandwich.db")
        self.journal, self.sink = Journal(self.folder / "journal.jsonl"), Journal(self.folder / "sink.jsonl")

    def settings(self) -> Settings:
        """Return the settings of the installation on this stage."""
        return read_settings(
            {},
            environment="development",
            data=self.folder,
            secret_key=KEY,
            smtp_port=self.sink_port,
            smtp_encryption="none",
            smtp_timeout=2.0,
            mail_from="sandwich@grienden.example",
            mails_per_week=ANY_NUMBER,
        )

    def open(self) -> Runtime:
        """Open the installation."""
        settings = self.settings()
        store = Store(settings.store_url)
        return Runtime(settings, store, Clock(store), self.library)

    def live(self, armed: str, beats: tuple[Beat, ...], bug: Bug | None) -> str:
        """Let a child tell the story; returns the place where it died, or nothing when it got to the end."""

        async def life() -> None:
            runtime = self.open()
            try:
                await Story(runtime, self.journal, self.sink, shift=self.shift).tell(beats)
            finally:
                await runtime.close()

        def child() -> None:
            if bug is not None:
                bug.plant()
            failpoints.arm(armed)
            asyncio.run(life())

        code = forked(child, self.folder / "log")
        said = (self.folder / "log").read_text(errors="replace")
        if code == 0:
            return ""
        if code == -signal.SIGKILL and "failpoint " in said:
            return said.rpartition("failpoint ")[2].partition(":")[0]
        raise AssertionError(f"a life ended with {code}:\n{said[-3000:]}")

    def checked(self, *, rested: bool) -> Report:
        """Let a child run the checkers."""
        evidence = Evidence(
            self.journal, self.sink, (self.folder / "log",), frozenset({"Prefab bouwen 1"}), (MARKUP,), rested
        )

        async def look() -> Report:
            store = Store(self.settings().store_url)
            try:
                return await check(store, evidence)
            finally:
                await store.close()

        def child() -> None:
            report = asyncio.run(look())
            (self.folder / "report").write_text(json.dumps(report.found))

        code = forked(child, self.folder / "check.log")
        assert code == 0, (self.folder / "check.log").read_text()[-3000:]
        return Report(json.loads((self.folder / "report").read_text()))


def forked(work: Callable[[], None], log: Path, *, wait: bool = True) -> int:
    """Do ``work`` in a child that has everything imported already; returns its exit code, or its pid."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            number = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(number, 1)
            os.dup2(number, 2)
            signal.alarm(int(LIFE_SECONDS))
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    if not wait:
        return pid
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def crashes(stage: Stage) -> Report:
    """Kill at every place of the list in turn, each once, in the order in which the story comes to them."""
    left = set(HERE)
    total = Report()
    for _ in range(MOST_LIVES):
        began = time.monotonic()
        place = stage.live(",".join(f"{one}=kill" for one in sorted(left)), WHOLE, None)
        report = stage.checked(rested=not place)
        tell(killed_at=place or None, seconds=round(time.monotonic() - began, 2), report=report.found)
        for name, found in report.found.items():
            total.found[name] += [f"[{place or 'end'}] {one}" for one in found]
        if not place:
            break
        left.discard(place)
    tell(never_met=sorted(left))
    return total


def planted(stage: Stage, bug: Bug) -> Report:
    """Tell the part of the story in which a bug shows, with it in the code, killed where it must be."""
    if stage.live(bug.armed, bug.beats, bug):
        stage.live("", bug.beats, bug)
    return stage.checked(rested=True)


def tell(**what: Any) -> None:
    """Print a line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def fill(template: Path) -> None:
    """Make the database that all begin with."""

    async def work() -> None:
        url = f"sqlite+aiosqlite:///{template}"
        await upgrade(url)
        settings = read_settings({}, environment="development", secret_key=KEY)
        store = Store(url)
        runtime = Runtime(settings, store, Clock(store), open_library(settings))
        await runtime.ensure_own()
        await runtime.clock.set(NOW)
        await Cast.enter(runtime, NOW)
        await store.close()

    asyncio.run(work())


def serve_sink(journal: Journal, port: int, refuse: Path) -> Callable[[], None]:
    """Return what the mail server's process does."""

    async def serve() -> None:
        async with a_sink(journal, port, refuse):
            await asyncio.sleep(3600)

    def child() -> None:
        signal.alarm(0)
        with suppress(asyncio.CancelledError):
            asyncio.run(serve())

    return child


def play(plan: str, folder: Path, library: Library, template: Path) -> Report:
    """Run one plan on a stage of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    stage = Stage(folder / plan, library, template, port, timedelta(weeks=SEASON_PLANS.get(plan, 0)))
    server = forked(serve_sink(stage.sink, port, stage.folder / "refuse"), stage.folder / "sink.log", wait=False)
    try:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        if plan == "crashes":
            return crashes(stage)
        if plan in {"sound", *SEASON_PLANS}:
            return planted(stage, Bug(lambda: None, "", SOUND if plan == "sound" else SEASON))
        (stage.folder / "refuse").write_text(BUGS[plan].refused)
        return planted(stage, BUGS[plan])
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)


def run(plans: list[str]) -> int:
    """Run the plans and print what the checkers say of each."""
    os.environ["SANDWICH_ENVIRONMENT"] = "development"
    with tempfile.TemporaryDirectory(prefix="sandwich-faults-") as name:
        folder = Path(os.environ.get("KEEP_FAULTS") or name)
        # In a child, because it starts threads, and what has threads must not be forked.
        assert forked(lambda: fill(folder / "template.db"), folder / "fill.log") == 0, (folder / "fill.log").read_text()
        library = open_library(read_settings({}, environment="development"))
        for plan in plans:
            began = time.monotonic()
            try:
                report = play(plan, folder, library, folder / "template.db")
            except AssertionError as error:  # the other plans are worth knowing too
                tell(plan=plan, error=str(error))
                continue
            seconds = round(time.monotonic() - began, 2)
            tell(plan=plan, figures=str(report), red=report.red, details=report.details(), seconds=seconds)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:] or ["crashes", "sound", *SEASON_PLANS, *BUGS]))
