"""Mails that are due in the same second: how many leave in a second, and what each costs.

Activities that wait for the approval of a school leader who has not answered; each has one row due, two in three a
reminder to that leader, the third a call to the coordinator. The rows were handled, their mails wait in the outbox, and
one process of ours delivers them, then, of a fresh copy, two at the same time. PostgreSQL writes through to the disk;
the mail server is aiosmtpd, in a process of its own, which throws away what it takes.
"""

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import asyncpg

from benchmarks.machine import cost_of
from benchmarks.many import copy_activities
from benchmarks.morning import EVENING, MORNING, ORIGINALS, together_due
from benchmarks.place import Place, until
from benchmarks.together import work_together
from sandwich.mail.deliver import deliver_due
from sandwich.runtime import Runtime
from sandwich.services.remind import handle_due
from sandwich.settings import Encryption
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.prefect import free_port

NOW = MORNING + timedelta(minutes=1)
"""When all of them are written and due."""

AT_MOST_SECONDS = 600


class Mailing(Play):
    """An activity that is played with its mail brought to a mail server, so that its links are there."""

    async def deliver(self) -> int:
        """Deliver what is due."""
        return await deliver_due(self.runtime)


@dataclass(frozen=True)
class Delivered:
    """How many mails left, in how many seconds; CPU seconds of ours, of the database and of the mail server."""

    mails: int
    seconds: float
    ours: float
    database: float
    post: float
    statements: int


async def measure(place: Place, mails: int = 600, processes: tuple[int, ...] = (1, 2)) -> None:
    """Measure for each number of delivering processes."""
    print(__doc__)
    for number in processes:
        told = await _measured(place, mails, number)
        each = [1000 * cpu / told.mails for cpu in (told.ours, told.database, told.post)]
        print(
            f"{number} delivering: {told.mails} mails in {told.seconds:.1f} s, {told.mails / told.seconds:.1f} per s; "
            f"CPU ms of each: ours {each[0]:.2f}, PostgreSQL {each[1]:.2f}, mail server {each[2]:.2f}, "
            f"together {sum(each):.2f}; {told.statements / told.mails:.1f} statements each",
            flush=True,
        )


async def _measured(place: Place, mails: int, processes: int) -> Delivered:
    fresh, port = await place.fresh(), free_port()
    mail_from = "sandwich@grienden.example"
    place.environ |= {
        "SANDWICH_SMTP_PORT": str(port),
        "SANDWICH_SMTP_ENCRYPTION": "none",
        "SANDWICH_MAILS_PER_WEEK": "100",
        "SANDWICH_MAILS_PER_MINUTE": "0",
        "SANDWICH_MAILS_PER_HOUR": "1000000",
        "SANDWICH_MAIL_FROM": mail_from,
    }
    given = {"smtp_port": port, "smtp_encryption": Encryption.NONE, "mail_from": mail_from}
    opened = replace(fresh, settings=fresh.settings.model_copy(update=given))
    server = ("-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink")
    try:
        with place.process("post", "-W", "ignore", *server) as post:
            await until(lambda: listens(port))
            await outbox(place, opened, mails)
            return await _deliver(place, opened, processes, post.pid)
    finally:
        await opened.close()


async def outbox(place: Place, opened: Runtime, mails: int) -> list[str]:
    """Bring activities to the morning and let their due rows write ``mails`` mails; return the ids of these."""
    originals = await _evening_before(opened)
    made = [*originals, *(key for key, _run in await copy_activities(place, originals, mails - len(originals)))]
    async with connected(place) as own:
        await together_due(own, made)
    await opened.clock.set(MORNING)
    handled = 0
    while done := await handle_due(opened):
        handled += done
    if handled != mails:
        raise SystemExit(f"{handled} rows were due instead of {mails}, so the figures mean nothing.")
    await opened.clock.set(EVENING)
    async with connected(place) as own:
        return [
            row["id"] for row in await own.fetch("SELECT id FROM message WHERE state = 'queued' AND due_at <= $1", NOW)
        ]


async def _evening_before(opened: Runtime) -> list[str]:
    """Bring a few activities to the evening before: everybody has answered but one school leader."""
    cast = await Cast.read(opened)
    plays = [await Mailing.begin(opened, cast, teachers=["T2", "T3"]) for _ in range(ORIGINALS)]
    for play in plays:
        await play.to("2026-09-24 11:00")
        await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    for play in plays:
        await play.to("2026-10-01 11:00")
        for code in ("T2", "T3"):
            await play.answer(code, "registration", attend="yes")
        await play.answer("L1", "approval")
    for play in plays:
        await play.to("2026-10-08 09:50")
    return [play.activity_id for play in plays]


async def _deliver(place: Place, opened: Runtime, processes: int, post: int) -> Delivered:
    all_of_them = await work_together(
        place,
        opened,
        "mails",
        NOW,
        processes=processes,
        most_seconds=AT_MOST_SECONDS,
        costs=lambda: (place.cost_of_postgres().cpu, cost_of(post).cpu),
    )
    database, mail_server = all_of_them.besides
    return Delivered(
        mails=all_of_them.done,
        seconds=all_of_them.seconds,
        ours=all_of_them.cpu,
        database=database,
        post=mail_server,
        statements=all_of_them.statements,
    )


@contextlib.asynccontextmanager
async def connected(place: Place) -> AsyncIterator[asyncpg.Connection]:
    """Open a raw way into our database."""
    own = await asyncpg.connect(place.raw_url.replace("+asyncpg", ""))
    try:
        yield own
    finally:
        await own.close()


def listens(port: int) -> bool:
    """Return whether somebody listens at a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
