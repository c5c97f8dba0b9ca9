"""The same work on DBOS: timers that are due in one second, and messages that are answered. Run by ``benchmarks.rows``.

Its own process in an environment of its own (``make bench-peers``); writes one line of JSON to standard output.
Every timer is a workflow that sleeps and then does one step, every answer a workflow that waits for a message and then
does one step; a step writes one row to the same PostgreSQL, committed before the step is recorded.
"""

import asyncio
import json
import os
import statistics
import sys
import time
import uuid

import psycopg
from dbos import DBOS, DBOSConfig

URL = os.environ["PEER_DATABASE_URL"]
GIVEN = json.loads(sys.argv[1])
done: dict[str, float] = {}
connections: list[psycopg.AsyncConnection] = []
AT_ONCE = asyncio.Semaphore(20)
"""Rows written at the same time; a thousand connections at once are more than PostgreSQL takes."""


@DBOS.step()
async def write_row(key: str) -> None:
    """Write one row and commit it."""
    async with AT_ONCE:
        connection = connections.pop() if connections else await psycopg.AsyncConnection.connect(URL)
        try:
            await connection.execute("INSERT INTO peer_row (key) VALUES (%s) ON CONFLICT DO NOTHING", (key,))
            await connection.commit()
        finally:
            connections.append(connection)


@DBOS.workflow()
async def remind(key: str, due: float) -> None:
    """Sleep until a moment, then do one step."""
    await DBOS.sleep_async(max(0.0, due - time.time()))
    await write_row(key)
    done[key] = time.time()


@DBOS.workflow()
async def collect(key: str) -> None:
    """Wait for an answer, then do one step with it."""
    await DBOS.recv_async("answer", timeout_seconds=600)
    await write_row(key)
    done[key] = time.time()


async def main() -> None:
    """Measure timers, then answers."""
    async with await psycopg.AsyncConnection.connect(URL, autocommit=True) as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS peer_row (key text PRIMARY KEY)")
    due = time.time() + GIVEN["ahead"]
    handles = [await DBOS.start_workflow_async(remind, f"row-{number}", due) for number in range(GIVEN["rows"])]
    started = time.time()
    if started > due:
        sys.stderr.write(f"starting the workflows took {started - due + GIVEN['ahead']:.1f} s, longer than there was\n")
    cpu = time.process_time()
    await asyncio.gather(*(handle.get_result() for handle in handles))
    cpu = time.process_time() - cpu
    rows = max(done.values()) - max(due, started)
    done.clear()
    waiting = [await DBOS.start_workflow_async(collect, f"answer-{number}") for number in range(GIVEN["answers"])]
    await asyncio.sleep(2)
    sent: dict[str, float] = {}

    async def answer(number: int, handle: object) -> None:
        await asyncio.sleep(number / GIVEN["per_second"])
        sent[f"answer-{number}"] = time.time()
        await DBOS.send_async(handle.workflow_id, "yes", "answer", idempotency_key=str(uuid.uuid4()))

    await asyncio.gather(*(answer(number, handle) for number, handle in enumerate(waiting)))
    await asyncio.gather(*(handle.get_result() for handle in waiting))
    taken = sorted(done[key] - sent[key] for key in sent)
    print(
        json.dumps(
            {
                "rows_seconds": rows,
                "rows_cpu": cpu,
                "answers_p50": statistics.median(taken),
                "answers_p95": taken[int(0.95 * len(taken))],
            }
        )
    )


config: DBOSConfig = {"name": "peer", "system_database_url": URL, "log_level": "ERROR"}
DBOS(config=config)
DBOS.launch()
asyncio.run(main())
DBOS.destroy()
