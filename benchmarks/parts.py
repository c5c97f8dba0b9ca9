"""Measure the parts that a busy day is made of, each on a fresh SQLite database with real files.

What is measured is what one process does by itself; Prefect is left out.
"""

import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.draft import ActivityDraft
from sandwich.definitions.load import load_file
from sandwich.demo.mailbox import Mailbox, serve_mailbox
from sandwich.demo.play import ACTIVITY
from sandwich.demo.region import load_region
from sandwich.mail.deliver import deliver_due
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.advance import look_ahead
from sandwich.services.carry_out import carry_out
from sandwich.services.overview import activities
from sandwich.services.remind import handle_due
from sandwich.services.start import start
from sandwich.services.waking import take_run
from sandwich.settings import read_settings
from sandwich.store.migrate import upgrade
from sandwich.store.replay import verify

FIRST_DAY = datetime(2026, 9, 24, 7, 55, tzinfo=UTC)
RUN = "benchmark"


class Table:
    """What was measured, line by line."""

    async def measure(self, what: str, work: Callable[[], Awaitable[int]]) -> None:
        """Do ``work``, which returns how many things it did, and print how long each took."""
        began = time.perf_counter()
        done = await work()
        seconds = time.perf_counter() - began
        each = 1000 * seconds / max(done, 1)
        sys.stdout.write(f"{what:<44}{done:>7} in {seconds:>7.2f} s   {each:>8.1f} ms each\n")
        sys.stdout.flush()


async def measure_all(runtime: Runtime, mailbox: Mailbox, how_many: int) -> None:
    """Measure one thing after the other; each needs what the ones before it left behind."""
    table = Table()
    draft = load_file(ACTIVITY, ActivityDraft)
    started: list[str] = []

    async def start_all() -> int:
        started.extend([await start(runtime, draft, now=FIRST_DAY, actor=RUN) for _number in range(how_many)])
        return how_many

    async def carry_out_all() -> int:
        done = 0
        for activity_id in started:
            await take_run(runtime, activity_id, RUN, None)
            for step in (await look_ahead(runtime, activity_id)).due:
                await carry_out(runtime, activity_id, step.key, RUN)
                done += 1
        return done

    async def deliver_all() -> int:
        return await deliver_due(runtime, limit=10 * how_many)

    async def remind_all() -> int:
        return await handle_due(runtime, limit=10 * how_many)

    async def read_board() -> int:
        async with runtime.store.read() as session:
            return len(await activities(session, runtime.settings, region, await runtime.clock.now()))

    async def verify_log() -> int:
        async with runtime.store.read() as session:
            return (await verify(session)).entries

    region = await load_region(runtime, FIRST_DAY)
    await runtime.clock.set(FIRST_DAY)
    await table.measure("activities started", start_all)
    await runtime.clock.set(FIRST_DAY + timedelta(minutes=10))
    await table.measure("steps carried out", carry_out_all)
    await table.measure("mails worded and delivered", deliver_all)
    await runtime.clock.set(FIRST_DAY + timedelta(days=8))
    await table.measure("rows handled (reminders)", remind_all)
    await table.measure("reminders worded and delivered", deliver_all)
    await table.measure("activities read for the board", read_board)
    await table.measure("entries of the audit log checked", verify_log)
    if not mailbox.mails():
        raise SystemExit("No mail arrived, so the figures mean nothing.")


async def main(how_many: int) -> None:
    """Make a database and a mailbox that are thrown away, and measure."""
    with tempfile.TemporaryDirectory(prefix="sandwich-bench-") as folder:
        mailbox = Mailbox(Path(folder) / "mailbox.db")
        async with serve_mailbox(mailbox, "127.0.0.1", 0) as port:
            settings = read_settings(
                {},
                environment="development",
                data=Path(folder),
                secret_key=secrets.token_urlsafe(),
                smtp_port=port,
                smtp_encryption="none",
                mails_per_week=100,
                mails_per_minute=0,
                mails_per_hour=1_000_000,
            )
            await upgrade(settings.store_url)
            runtime = open_runtime(settings)
            try:
                await measure_all(runtime, mailbox, how_many)
            finally:
                await runtime.close()
