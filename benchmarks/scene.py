"""An installation at work: mail server, worker and delivery, and activities that the product brought somewhere."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from aiosmtpd.smtp import SMTP

from benchmarks.place import DUE, Place, start_activities
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services import settled

PATIENCE = 240.0
"""Seconds without any change after which a measure gives up."""

BUSY = "SELECT count(*) FROM flow_run WHERE state_type IN ('PENDING', 'RUNNING', 'CANCELLING')"


@dataclass
class Post:
    """A mail server that takes everything and notes when."""

    arrived: list[float] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        self.arrived.append(time.monotonic())
        return "250 kept"


@dataclass
class Scene:
    """One installation in one place, and raw ways into its two databases for looking on."""

    place: Place
    opened: Runtime
    post: Post
    own: asyncpg.Connection
    prefect: asyncpg.Connection

    @contextlib.contextmanager
    def parts(self, *names: str, **environ: str) -> Iterator[dict[str, int]]:
        """Run parts of the installation; gives their process ids. A name may have a number at its end: ``deliver2``."""
        with contextlib.ExitStack() as stack:
            yield {
                name: stack.enter_context(
                    self.place.process(name, "-m", "sandwich", name.rstrip("0123456789"), **environ)
                ).pid
                for name in names
            }

    async def settle(self) -> None:
        """Wait until everything that is due has happened and every run is parked."""
        until, before, quiet = time.monotonic() + PATIENCE, None, 0
        while quiet < 3:
            await asyncio.sleep(0.5)
            async with self.opened.store.read() as session:
                seen = await settled.look(session, await self.opened.clock.now())
            busy = await self.prefect.fetchval(BUSY)
            quiet = quiet + 1 if seen.is_settled and not busy else 0
            if (seen.waiting, busy) != before:
                until, before = time.monotonic() + PATIENCE, (seen.waiting, busy)
            if time.monotonic() > until:
                raise TimeoutError(f"{seen.waiting} things stay due, {busy} runs busy")

    async def live_until(self, moment: datetime) -> None:
        """Let time pass from one thing to the next, and everything happen, up to a moment."""
        await self.settle()
        while True:
            async with self.opened.store.read() as session:
                following = (await settled.look(session, await self.opened.clock.now())).next_at
            if following is None or following > moment:
                break
            await self.opened.clock.set(following)
            await self.settle()
        if await self.opened.clock.now() < moment:
            await self.opened.clock.set(moment)
            await self.settle()

    async def asked_the_host(self, how_many: int) -> list[str]:
        """Return activities that wait for an answer of their host, the first mail sent, their runs parked."""
        ids = await start_activities(self.opened, how_many)
        await self.opened.clock.set(DUE)
        with self.parts("worker", "deliver"):
            await self.settle()
        return ids


@contextlib.asynccontextmanager
async def a_scene(place: Place) -> AsyncIterator[Scene]:
    """Make an empty installation with a mail server."""
    opened = await place.fresh()
    post = Post()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(post, hostname="post.example"), "127.0.0.1", 0)
    place.environ |= {
        "SANDWICH_SMTP_PORT": str(server.sockets[0].getsockname()[1]),
        "SANDWICH_SMTP_ENCRYPTION": "none",
        # One cast is in hundreds of activities; the rates of a mail server are not what is measured.
        "SANDWICH_MAILS_PER_WEEK": "100",
        "SANDWICH_MAILS_PER_MINUTE": "0",
        "SANDWICH_MAILS_PER_HOUR": "1000000",
        "SANDWICH_MAIL_FROM": "sandwich@grienden.example",
    }
    own = await asyncpg.connect(place.raw_url.replace("+asyncpg", ""))
    prefect = await asyncpg.connect(place.prefect_url.replace("+asyncpg", ""))
    try:
        yield Scene(place, opened, post, own, prefect)
    finally:
        server.close()
        await own.close()
        await prefect.close()
        await opened.close()


async def park_until(scene: Scene, activities: Sequence[str], moments: Sequence[datetime], *, known: bool) -> None:
    """Let activities be due at ``moments`` of the Sandwich clock.

    With ``known`` Prefect starts their runs by itself at that moment, as it does with what a plan foresees; else they
    are parked far ahead and have to be woken, as after an answer.
    """
    await scene.own.execute(
        "UPDATE activity SET wake_at = given.at FROM unnest($1::text[], $2::timestamptz[]) AS given (id, at)"
        " WHERE activity.id = given.id",
        list(activities),
        list(moments),
    )
    if not known:
        return
    offset = await scene.opened.clock.offset()
    rows = await scene.own.fetch("SELECT id, run_id FROM activity WHERE id = ANY($1)", list(activities))
    runs = {row["id"]: row["run_id"] for row in rows}
    await start_runs_at(scene.prefect, [runs[one] for one in activities], [moment - offset for moment in moments])


async def start_runs_at(prefect: asyncpg.Connection, runs: Sequence[str], moments: Sequence[datetime]) -> None:
    """Let Prefect start parked runs at moments of real time, as it does with what a plan foresees."""
    given = list(runs), list(moments)
    await prefect.execute(
        "UPDATE flow_run SET next_scheduled_start_time = given.at, expected_start_time = given.at"
        " FROM unnest($1::text[], $2::timestamptz[]) AS given (id, at) WHERE flow_run.id = given.id::uuid",
        *given,
    )
    await prefect.execute(
        "UPDATE flow_run_state SET state_details ="
        " (state_details::jsonb || jsonb_build_object('scheduled_time', given.at))::json"
        " FROM unnest($1::text[], $2::timestamptz[]) AS given (id, at)"
        " JOIN flow_run ON flow_run.id = given.id::uuid WHERE flow_run_state.id = flow_run.state_id",
        *given,
    )


async def clock_so_that(scene: Scene, moment: datetime, seconds: float) -> float:
    """Put the clock so that it is ``moment`` in so many seconds; returns that moment of the monotonic clock."""
    await scene.opened.clock.set(moment - timedelta(seconds=seconds))
    offset = await scene.opened.clock.offset()
    return time.monotonic() + (moment - offset - real_now()).total_seconds()


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which ``part`` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def spread(values: Sequence[float]) -> str:
    """Return median and 99th percentile, in milliseconds, as words."""
    return f"p50 {1000 * statistics.median(values):.0f} ms, p99 {1000 * percentile(values, 0.99):.0f} ms"


judged: list[str] = []
"""Each goal that was measured in this process, as it was printed."""


def goal(name: str, figure: str, *, reached: bool, wanted: str) -> None:
    """Print a figure beside its goal."""
    judged.append(f"{name}: {figure} (goal: {wanted}) - {'reached' if reached else 'NOT REACHED'}")
    print(judged[-1], flush=True)
