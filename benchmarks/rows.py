"""Due rows per second and how long an answer takes: ours, and the same activity on DBOS, on one PostgreSQL in one run.

Rows: reminders and watches of company visits with eighteen people each who have not answered, all due in one second,
handled by the service that delivery runs: in one process, and at their next rung in two at the same time. On DBOS one
workflow per person climbs the same ladder, and as a second line, bare, sleeps and then writes one key. An answer: its
transaction with everything that follows from it, twenty a second; on DBOS from the message until a step has written
one key. PostgreSQL writes through to the disk for all. DBOS is installed by ``make bench``, apart from us.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.many import copy_activities
from benchmarks.place import DUE, EARLY, Place
from benchmarks.together import work_together
from models.draft import ActivityDraft
from models.tables.asking import Invitation
from models.tables.mail import Message
from sandwich.rehearsal.filling import fill_in
from sandwich.runtime import Runtime
from sandwich.services.advance import look_ahead
from sandwich.services.asking import asked_form
from sandwich.services.carry_out import carry_out
from sandwich.services.collect import submit
from sandwich.services.moving import fix_date
from sandwich.services.remind import handle_due
from sandwich.services.start import start
from sandwich.services.waking import take_run

PEER = Path(".venv-peers") / "bin" / "python"
RUN = "benchmark"
TEACHERS = 15
DUE_EACH = 19
"""Rows due of every such visit: fifteen teachers and three school leaders who have not answered, and a watch."""

AT_MOST_SECONDS = 60
"""How long DBOS may take for rows that are due; ours have taken less."""

ANSWERS_PER_SECOND = 20
NEW = range(5)
"""The region has ten teachers; so many more are made up."""


async def measure(place: Place, rows: Sequence[int] = (1000, 10000), answers: int = 300) -> None:
    """Measure ours and DBOS for each number of ``rows``; answers and the bare timers of DBOS with the first of them."""
    print(__doc__)
    for wanted in rows:
        is_first = wanted == rows[0]
        opened = await place.fresh()
        try:
            [original] = await _asked(opened, 1)
            await copy_activities(place, [original], -(-wanted // DUE_EACH) - 1)
            ours = await _remind(opened)
            _tell("ours", ours)
            latencies = await _answer(opened, answers) if is_first else []
            both = await _remind_in_two(place, opened)
            _tell("ours, two processes", both)
        finally:
            await opened.close()
        if latencies:
            _tell_answers("ours", latencies[len(latencies) // 2], latencies[int(0.95 * len(latencies))])
        if not PEER.exists():
            print("DBOS is not here: begin by `make bench`")
            continue
        told = await _dbos(place, wanted, answers if is_first else 40, bare=is_first)
        for key, name in {"rows": "DBOS, the same", "bare": "DBOS, bare"}.items():
            if key not in told:
                continue
            dbos = Handled(int(told[key]["done"]), told[key]["seconds"], told[key]["cpu"])
            _tell(name, dbos)
            if dbos.rows < wanted:
                print(f"{'':<20}cut off after {AT_MOST_SECONDS} s: {wanted - dbos.rows} rows were not handled yet")
            print(
                f"{'':<20}ours {ours.per_second / dbos.per_second:.1f} x, two processes "
                f"{both.per_second / dbos.per_second:.1f} x"
            )
        if is_first:
            _tell_answers("DBOS", told["answers"]["p50"], told["answers"]["p95"])
        print(flush=True)


@dataclass(frozen=True)
class Handled:
    """How many rows were handled, in how many seconds, for how many CPU seconds of their processes."""

    rows: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        """How many a second."""
        return self.rows / self.seconds


def _tell(who: str, one: Handled) -> None:
    print(
        f"{who:<20}{one.rows:>7} rows in {one.seconds:>7.2f} s{one.per_second:>9.0f} per s"
        f"{1000 * one.cpu / one.rows:>9.2f} ms CPU each",
        flush=True,
    )


def _tell_answers(who: str, p50: float, p95: float) -> None:
    print(f"{who:<20}answers, {ANSWERS_PER_SECOND} per s: p50 {1000 * p50:.1f} ms, p95 {1000 * p95:.1f} ms", flush=True)


async def _asked(opened: Runtime, how_many: int) -> list[str]:
    """Start visits, fix their date, and let their fifteen teachers be asked to register."""
    new: list[Any] = [
        {"given_name": "Docent", "family_name": str(number), "mail": _mail(number), "school": "S2"} for number in NEW
    ]
    ids = []
    for number in range(how_many):
        draft = ActivityDraft.model_validate(
            {
                "kind": "company-visit",
                "title": f"Prefab bouwen {number}",
                "purpose": "trends",
                "company": "B3",
                "coordinator": "C1",
                "hosts": ["P3"],
                "teachers": [*(f"T{code}" for code in range(1, 11)), *(new if number == 0 else map(_mail, NEW))],
                "trip_leader": "T2",
                "group_size": TEACHERS,
                "dates": [{"start": "2026-11-05 13:30", "end": "2026-11-05 16:30"}],
            }
        )
        ids.append(await start(opened, draft, now=EARLY, actor=RUN))
        await take_run(opened, ids[-1], RUN, None)
    await opened.clock.set(DUE)
    for activity_id in ids:
        await _carry(opened, activity_id)
        await fix_date(opened, activity_id, 0, now=DUE, actor=RUN)
    await opened.clock.set(DUE + timedelta(days=7, hours=1))
    for activity_id in ids:
        await _carry(opened, activity_id)
    return ids


async def _carry(opened: Runtime, activity_id: str) -> None:
    due = (await look_ahead(opened, activity_id)).due
    while due:
        for step in due:
            await carry_out(opened, activity_id, step.key, RUN)
        due = (await look_ahead(opened, activity_id, RUN, [step.key for step in due])).due


async def _answer(opened: Runtime, how_many: int) -> list[float]:
    """Let teachers register, twenty a second, and return how long each answer's transaction took."""
    now = await opened.clock.now()
    async with opened.store.read() as session:
        chosen = select(Invitation.id).where(Invitation.form == "registration").order_by(Invitation.id).limit(how_many)
        invitations = list(await session.scalars(chosen))
    asked = await asked_form(opened, invitations[0], now)
    fields = fill_in(asked.form, asked.rows, asked.prefilled, {"attend": "yes"})
    latencies: list[float] = []

    async def one(number: int, invitation: str) -> None:
        await asyncio.sleep(number / ANSWERS_PER_SECOND)
        began = time.perf_counter()
        outcome = await submit(opened, invitation, fields, now=now, key=f"page-{number}")
        latencies.append(time.perf_counter() - began)
        if not outcome.accepted:
            raise SystemExit(f"an answer was refused: {outcome.problems}")

    await asyncio.gather(*(one(number, invitation) for number, invitation in enumerate(invitations)))
    return sorted(latencies)


async def _remind(opened: Runtime) -> Handled:
    """Let all reminders become due at once and handle them in this process."""
    await opened.clock.set(DUE + timedelta(days=13))
    began, cpu, handled = time.perf_counter(), time.process_time(), 0
    while done := await handle_due(opened):
        handled += done
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    async with opened.store.read() as session:
        mails = await session.scalar(select(func.count()).select_from(Message).where(Message.mail == "reminder"))
    if not mails:
        raise SystemExit("no reminder was written, so the figures mean nothing")
    return Handled(handled, seconds, cpu)


async def _remind_in_two(place: Place, opened: Runtime) -> Handled:
    """Let the next rung of everybody become due at once and be handled by two processes."""
    async with opened.store.read() as session:
        latest = await session.scalar(select(func.max(Invitation.next_at)))
    assert latest is not None
    moment = latest + timedelta(minutes=1)
    both = await work_together(place, opened, "rows", moment, processes=2)
    return Handled(both.done, both.seconds, both.cpu)


async def _dbos(place: Place, rows: int, answers: int, *, bare: bool) -> dict[str, dict[str, float]]:
    url = await asyncio.to_thread(place.databases.empty)
    given = {
        "rows": rows,
        "answers": answers,
        "per_second": ANSWERS_PER_SECOND,
        "bare": bare,
        "at_most": AT_MOST_SECONDS,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [str(PEER), "-W", "ignore", str(Path(__file__).parent / "peers" / "dbos_rows.py"), json.dumps(given)],
        env={**os.environ, "PEER_DATABASE_URL": url.replace("+asyncpg", "")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"DBOS did not get through:\n{done.stderr[-3000:]}")
    told: dict[str, dict[str, float]] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def _mail(number: int) -> str:
    return f"docent{number}@hetkompas.example"
