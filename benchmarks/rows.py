"""Due rows per second and how long an answer takes: ours, and the same work on DBOS, on one PostgreSQL in one run.

Rows: reminders of company visits with fifteen teachers each, all due in one second, handled by the service that
delivery runs; for DBOS as many workflows that sleep and then write one row. An answer: its transaction with everything
that follows from it, twenty a second; for DBOS from the message until the step is done. PostgreSQL writes through to
the disk for both. DBOS is installed by ``make bench``, apart from us.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.place import DUE, EARLY, Place
from models.draft import ActivityDraft
from models.tables.asking import Invitation
from models.tables.mail import Message
from sandwich.runtime import Runtime
from sandwich.services.advance import look_ahead
from sandwich.services.asking import asked_form
from sandwich.services.carry_out import carry_out, shown
from sandwich.services.collect import submit
from sandwich.services.moving import fix_date
from sandwich.services.remind import handle_due
from sandwich.services.start import start
from sandwich.services.waking import take_run
from tests.support.filling import fill_in

PEERS = Path(".venv-peers")
RUN = "benchmark"
TEACHERS = 15
DUE_EACH = 19
"""Rows due of every such visit: fifteen teachers and three school leaders who have not answered, and a watch."""

ANSWERS_PER_SECOND = 20
NEW = range(5)
"""The region has ten teachers; so many more are made up."""


async def measure(place: Place, rows: Sequence[int] = (1000,), answers: int = 300) -> None:
    """Measure ours and DBOS for each number of ``rows``."""
    print(__doc__)
    peer = PEERS / "bin" / "python"
    for wanted in rows:
        opened = await place.fresh()
        try:
            await _asked(opened, -(-wanted // DUE_EACH))
            seconds, cpu, handled = await _remind(opened)
            latencies = await _answer(opened, answers) if wanted == rows[0] else []
        finally:
            await opened.close()
        _tell("ours", handled, seconds, cpu)
        if latencies:
            _tell_answers("ours", latencies[len(latencies) // 2], latencies[int(0.95 * len(latencies))])
        if not peer.exists():
            print("DBOS is not here: begin by `make bench`")
            continue
        told = await _dbos(place, peer, wanted, answers)
        _tell("DBOS", wanted, told["rows_seconds"], told["rows_cpu"])
        _tell_answers("DBOS", told["answers_p50"], told["answers_p95"])
        print(f"\nours : DBOS   rows {handled / seconds / (wanted / told['rows_seconds']):.1f} x\n", flush=True)


def _tell(who: str, rows: int, seconds: float, cpu: float) -> None:
    print(
        f"{who:<6}{rows:>7} rows in {seconds:>7.2f} s{rows / seconds:>9.0f} per s{1000 * cpu / rows:>9.2f} ms CPU each"
    )


def _tell_answers(who: str, p50: float, p95: float) -> None:
    print(f"{who:<6}answers, {ANSWERS_PER_SECOND} per s: p50 {1000 * p50:.1f} ms, p95 {1000 * p95:.1f} ms", flush=True)


async def _asked(opened: Runtime, how_many: int) -> None:
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


async def _carry(opened: Runtime, activity_id: str) -> None:
    while due := (await look_ahead(opened, activity_id)).due:
        for step in due:
            await carry_out(opened, activity_id, step.key, RUN)
        await shown(opened, activity_id, [step.key for step in due], RUN)


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


async def _remind(opened: Runtime) -> tuple[float, float, int]:
    """Let all reminders become due at once and return how long handling them took, its CPU, and how many there were."""
    await opened.clock.set(DUE + timedelta(days=13))
    began, cpu, handled = time.perf_counter(), time.process_time(), 0
    while done := await handle_due(opened):
        handled += done
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    async with opened.store.read() as session:
        mails = await session.scalar(select(func.count()).select_from(Message).where(Message.mail == "reminder"))
    if not mails:
        raise SystemExit("no reminder was written, so the figures mean nothing")
    return seconds, cpu, handled


async def _dbos(place: Place, peer: Path, rows: int, answers: int) -> dict[str, float]:
    url = await asyncio.to_thread(place.databases.empty)
    given = {"rows": rows, "answers": answers, "per_second": ANSWERS_PER_SECOND, "ahead": 5 + rows / 40}
    done = await asyncio.to_thread(
        subprocess.run,
        [str(peer), "-W", "ignore", str(Path(__file__).parent / "peers" / "dbos_rows.py"), json.dumps(given)],
        env={**os.environ, "PEER_DATABASE_URL": url.replace("+asyncpg", "")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"DBOS did not get through:\n{done.stderr[-3000:]}")
    told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def _mail(number: int) -> str:
    return f"docent{number}@hetkompas.example"
