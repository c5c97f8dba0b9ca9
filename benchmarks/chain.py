"""How long ``sandwich audit verify`` takes on a log of a million entries, on PostgreSQL, with the tables beside it.

Two visits are played to their end by the product itself; their rows are copied (``benchmarks/many.py``), and the log of
each copy is chained anew with the product's own functions, so that every hash holds. The command is a process of its
own, as an administrator starts it. Then one entry in the middle is changed behind the log's back: it must be named.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from datetime import UTC
from typing import Any

import asyncpg

from benchmarks.lateness import play_whole
from benchmarks.mails import connected
from benchmarks.many import copy_activities
from benchmarks.place import DUE, Place
from benchmarks.scene import goal
from sandwich.store.chain import GENESIS, chained, salted
from tests.support.cast import Cast
from tests.support.driver import Play

ENTRIES = 1_000_000
GOAL_SECONDS = 60.0
STREAMS = 100
"""Streams that are chained at a time."""

_COLUMNS = ("id", "stream", "number", "at", "actor", "action", "table", "row", "changes", "previous", "hash")
_SPOIL = """
UPDATE audit_entry SET actor = 'somebody-else' WHERE id = (
    SELECT id FROM audit_entry ORDER BY stream, number OFFSET $1 LIMIT 1
) RETURNING stream || '/' || number
"""


async def measure(place: Place, entries: int = ENTRIES) -> None:
    """Make the log, verify it, spoil it and verify it again."""
    print(__doc__)
    opened = await place.fresh()
    try:
        cast = await Cast.read(opened)
        originals = []
        for _ in range(2):
            await opened.clock.set(DUE)
            play = await Play.begin(opened, cast, teachers=["T2", "T3"])
            await play_whole(play)
            originals.append(play.activity_id)
    finally:
        await opened.close()
    async with connected(place) as own:
        began = time.monotonic()
        each = await own.fetchval("SELECT count(*) FROM audit_entry WHERE stream = ANY($1)", originals) / 2
        made = await copy_activities(place, originals, int(entries / each) + 1)
        await own.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")  # the log itself refuses to be written anew
        ids = [key for key, _run in made]
        for first in range(0, len(ids), STREAMS):
            await _chain_anew(own, ids[first : first + STREAMS])
        await own.execute("VACUUM (ANALYZE) audit_entry")
        await own.execute("VACUUM (ANALYZE) personal_value")
        there = await own.fetchval("SELECT count(*) FROM audit_entry")
        print(f"{there:,} entries of {len(ids) + 2:,} activities made in {time.monotonic() - began:.0f} s", flush=True)
        took, said, cpu, memory = await asyncio.to_thread(_verified, place)
        if said.returncode != 0 or f"{there}" not in said.stdout:
            raise SystemExit(f"The log is not right, so the figure means nothing: {said.stdout}{said.stderr}")
        print(said.stdout.strip(), flush=True)
        goal(
            f"{there:,} entries verified, and the tables compared, with {memory} MB of memory and {cpu:.0f} s of CPU",
            f"{took:.1f} s",
            reached=took <= GOAL_SECONDS,
            wanted=f"at most {GOAL_SECONDS:.0f} s",
        )
        spoiled = await own.fetchval(_SPOIL, there // 2)
        _, said, _, _ = await asyncio.to_thread(_verified, place)
        if said.returncode != 1 or spoiled not in said.stdout:
            raise SystemExit(f"{spoiled} was changed and not found: {said.stdout}{said.stderr}")
        print(f"an entry in the middle that was changed is named: {spoiled}", flush=True)


def _verified(place: Place) -> tuple[float, subprocess.CompletedProcess[str], float, int]:
    """Return how long the command took, what it said, its CPU seconds, and the most memory that it had."""
    ours = {name: value for name, value in place.environ.items() if name.startswith("SANDWICH_")}
    command = ["/usr/bin/time", "-f", "%U %S %M", sys.executable, "-m", "sandwich", "audit", "verify"]
    began = time.monotonic()
    said = subprocess.run(
        command, env={**os.environ, **ours, "SANDWICH_LANGUAGE": "en"}, capture_output=True, text=True, check=False
    )
    took = time.monotonic() - began
    user, system, memory = said.stderr.split()[-3:]
    return took, said, float(user) + float(system), int(memory) // 1024


async def _chain_anew(own: asyncpg.Connection, streams: list[str]) -> None:
    values = await own.fetch("SELECT id, salt, value FROM personal_value WHERE stream = ANY($1)", streams)
    hashes = {row["id"]: salted(row["salt"], json.loads(row["value"])) for row in values if row["salt"] is not None}
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    rows = await own.fetch(f"SELECT {columns} FROM audit_entry WHERE stream = ANY($1) ORDER BY stream, number", streams)
    written, stream, head = [], "", GENESIS
    for row in rows:
        entry: dict[str, Any] = {**row, "changes": json.loads(row["changes"])}
        for value in entry["changes"].values():
            if isinstance(value, dict) and value.keys() == {"personal", "hash"} and value["personal"] in hashes:
                value["hash"] = hashes[value["personal"]]
        if entry["stream"] != stream:
            stream, head = entry["stream"], GENESIS
        if entry["at"].tzinfo is None:
            entry["at"] = entry["at"].replace(tzinfo=UTC)
        entry["previous"] = head
        head = entry["hash"] = chained(head, entry)
        entry["changes"], entry["at"] = json.dumps(entry["changes"]), row["at"]
        written.append(tuple(entry[name] for name in _COLUMNS))
    await own.execute("DELETE FROM audit_entry WHERE stream = ANY($1)", streams)
    await own.copy_records_to_table("audit_entry", records=written, columns=_COLUMNS)
