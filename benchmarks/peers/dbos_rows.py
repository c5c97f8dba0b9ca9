"""The same on DBOS: people who are reminded in one second, and answers. Run by ``benchmarks.rows``.

Its own process in an environment of its own; writes one line of JSON to standard output. DBOS is used as its manual
tells: asynchronous workflows, sleeps that survive a crash, a transaction of its datasource for what is written, so that
it is committed together with the record that the step was done, pooled connections, recovery on.

``rows``: one workflow per person climbs the ladder of reminders. At each rung one transaction looks whether the answer
has come, and if not writes the reminder into the outbox, the next moment, and an audit entry for each of the two; then
the workflow sleeps until the next rung. A row counts as handled when its transaction is committed: that the next sleep
is recorded is not waited for. ``bare``: a workflow sleeps and then one step writes one key.
"""

import asyncio
import json
import os
import statistics
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import sqlalchemy as sa
from dbos import DBOS, AsyncSQLAlchemyDatasource, DBOSConfig

URL = os.environ["PEER_DATABASE_URL"]
GIVEN = json.loads(sys.argv[1])
DAY = 86_400.0
AT_ONCE = 20
"""Connections that write at the same time, as many as DBOS itself has; also how many workflows are started at once."""

TABLES = """
CREATE TABLE peer_row (key text PRIMARY KEY);
CREATE TABLE invitation (
    id text PRIMARY KEY, activity_id text NOT NULL, answered_at timestamptz, rung int NOT NULL, next_at float);
CREATE TABLE message (
    id text PRIMARY KEY, key text NOT NULL UNIQUE, activity_id text NOT NULL,
    invitation_id text NOT NULL REFERENCES invitation, mail text NOT NULL, about jsonb NOT NULL,
    state text NOT NULL, queued_at timestamptz NOT NULL);
CREATE INDEX ON message (activity_id);
CREATE INDEX ON message (state, queued_at);
CREATE TABLE audit (
    id text PRIMARY KEY, activity_id text NOT NULL, at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL,
    "table" text NOT NULL, row text NOT NULL, changes json NOT NULL);
CREATE INDEX ON audit (activity_id);
"""
done: dict[str, float] = {}
connections: list[psycopg.AsyncConnection] = []
writing = asyncio.Semaphore(AT_ONCE)


async def a_source() -> AsyncSQLAlchemyDatasource:
    """Open what the transactions write to; its tables are made here, its connections later, where they are used."""
    pool = {"pool_size": AT_ONCE, "max_overflow": 0, "pool_timeout": 600}
    opened = await AsyncSQLAlchemyDatasource.create(URL, engine_kwargs=pool)
    await opened.engine.dispose()
    return opened


source = asyncio.run(a_source())


@source.transaction(isolation_level="READ COMMITTED")
async def climb(invitation: str, rung: int, next_at: float | None) -> bool:
    """Remind somebody who has not answered; returns whether there is anything left to wait for."""
    session = source.sql_session()
    found = (
        await session.execute(
            sa.text("SELECT activity_id, answered_at FROM invitation WHERE id = :id FOR UPDATE"), {"id": invitation}
        )
    ).one()
    if found.answered_at is not None:
        return False
    message = {
        "id": uuid.uuid4().hex,
        "key": f"{invitation}:reminder:{rung}",
        "activity": found.activity_id,
        "invitation": invitation,
        "mail": "reminder",
        "about": json.dumps({"invitations": [invitation], "number": rung}),
        "state": "queued",
    }
    await session.execute(
        sa.text("UPDATE invitation SET rung = :rung, next_at = :next_at WHERE id = :id"),
        {"id": invitation, "rung": rung, "next_at": next_at},
    )
    await session.execute(
        sa.text(
            "INSERT INTO message VALUES "
            "(:id, :key, :activity, :invitation, :mail, cast(:about AS jsonb), :state, now()) ON CONFLICT DO NOTHING"
        ),
        message,
    )
    changes = {"invitation": {"rung": rung, "next_at": next_at}, "message": message}
    rows = {"invitation": ("update", invitation), "message": ("insert", message["id"])}
    await session.execute(
        sa.text(
            "INSERT INTO audit VALUES "
            "(:id, :activity, now(), 'reminders', :action, :table, :row, cast(:changes AS json))"
        ),
        [
            {
                "id": uuid.uuid4().hex,
                "activity": found.activity_id,
                "action": action,
                "table": table,
                "row": row,
                "changes": json.dumps(changes[table]),
            }
            for table, (action, row) in rows.items()
        ],
    )
    return next_at is not None


@DBOS.workflow()
async def ladder(invitation: str, first: float) -> None:
    """Remind one person, at each rung, for as long as there is no answer."""
    moments = [first, first + 7 * DAY, first + 14 * DAY]
    for rung, moment in enumerate(moments, start=1):
        await DBOS.sleep_async(max(0.0, moment - time.time()))
        goes_on = await climb(invitation, rung, moments[rung] if rung < len(moments) else None)
        note(invitation)
        if not goes_on:
            return


@DBOS.step()
async def write_key(key: str) -> None:
    """Write one row and commit it."""
    async with writing:
        connection = connections.pop() if connections else await psycopg.AsyncConnection.connect(URL)
        try:
            await connection.execute("INSERT INTO peer_row (key) VALUES (%s) ON CONFLICT DO NOTHING", (key,))
            await connection.commit()
        finally:
            connections.append(connection)


@DBOS.workflow()
async def bare(key: str, due: float) -> None:
    """Sleep until a moment, then do one step."""
    await DBOS.sleep_async(max(0.0, due - time.time()))
    await write_key(key)
    note(key)


@DBOS.workflow()
async def collect(key: str) -> None:
    """Wait for an answer, then do one step with it."""
    await DBOS.recv_async("answer", timeout_seconds=600)
    await write_key(key)
    note(key)


all_done = asyncio.Event()
wanted = 0


def note(key: str) -> None:
    """Note when something was done, and whether it was the last."""
    done[key] = time.time()
    if len(done) >= wanted:
        all_done.set()


async def started(how_many: int, start: Callable[[int], Awaitable[Any]]) -> tuple[list[Any], float]:
    """Start workflows, some at once; returns their handles, and how many began per second."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> Any:
        async with turn:
            return await start(number)

    began = time.time()
    handles = await asyncio.gather(*(one(number) for number in range(how_many)))
    return handles, how_many / (time.time() - began)


async def timers(rate: float, start: Callable[[int, float], Awaitable[Any]]) -> dict[str, float]:
    """Let workflows be due in one second; returns how many were done, in how many seconds, and the CPU that took."""
    global wanted
    wanted = GIVEN["rows"]
    done.clear()
    all_done.clear()
    due = time.time() + 5 + 1.5 * wanted / rate
    await started(wanted, lambda number: start(number, due))
    if time.time() > due:
        sys.exit(f"starting the workflows took {time.time() - due:.1f} s longer than there was")
    await asyncio.sleep(due - time.time())
    cpu = time.process_time()
    try:
        await asyncio.wait_for(all_done.wait(), GIVEN["at_most"])
    except TimeoutError:
        sys.stderr.write(f"cut off after {GIVEN['at_most']} s\n")
    cpu = time.process_time() - cpu
    return {"done": len(done), "seconds": max(done.values()) - due, "cpu": cpu}


async def answers(waiting: list[Any]) -> dict[str, float]:
    """Let answers come, some a second; returns how long each took."""
    global wanted
    wanted = len(waiting)
    done.clear()
    all_done.clear()
    sent: dict[str, float] = {}

    async def answer(number: int, handle: Any) -> None:
        await asyncio.sleep(number / GIVEN["per_second"])
        sent[f"answer-{number}"] = time.time()
        await DBOS.send_async(handle.workflow_id, "yes", "answer", idempotency_key=str(uuid.uuid4()))

    await asyncio.gather(*(answer(number, handle) for number, handle in enumerate(waiting)))
    await asyncio.wait_for(all_done.wait(), 60)
    taken = sorted(done[key] - sent[key] for key in sent)
    return {"p50": statistics.median(taken), "p95": taken[int(0.95 * len(taken))]}


async def main() -> None:
    """Measure what was asked for."""
    async with await psycopg.AsyncConnection.connect(URL, autocommit=True) as connection:
        await connection.execute(TABLES)
        await connection.execute(
            "INSERT INTO invitation SELECT 'row-' || n, 'activity-' || n / 18, NULL, 0, 0 "
            "FROM generate_series(0, %s) n",
            (GIVEN["rows"],),
        )
    told: dict[str, dict[str, float]] = {}
    waiting, rate = await started(
        GIVEN["answers"], lambda number: DBOS.start_workflow_async(collect, f"answer-{number}")
    )
    told["answers"] = await answers(waiting)
    if GIVEN["bare"]:
        told["bare"] = await timers(rate, lambda number, due: DBOS.start_workflow_async(bare, f"bare-{number}", due))
    told["rows"] = await timers(rate, lambda number, due: DBOS.start_workflow_async(ladder, f"row-{number}", due))
    print(json.dumps(told), flush=True)
    os._exit(0)  # whoever was reminded sleeps for a week now


config: DBOSConfig = {"name": "peer", "system_database_url": URL, "log_level": "ERROR"}
DBOS(config=config)
DBOS.launch()
asyncio.run(main())
