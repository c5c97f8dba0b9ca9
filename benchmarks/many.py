"""Thousands of activities in a minute or two: a few are made by the product itself, then their rows are copied.

A copy has everything that its original has under new ids, in our database and in Prefect's: activity, plan, people,
invitations, messages, links, calls and audit entries; run, states, task runs and artifacts. For waker, repair, worker,
delivery and pages it is an activity like any other. What it is not: the hashes of its audit entries are its
original's, so ``sandwich audit verify`` does not hold here, and its links open nothing, for no token was made for them.
Prefect's events and logs are not copied: it throws them away after a week. In a place without Prefect only our own
database has copies, which all name the original's run.
"""

import asyncio
import itertools
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from uuid import uuid4

import asyncpg

from benchmarks.place import Place
from models.tables.base import Table, new_id

CHUNK = 2000
"""Copies whose ids are kept in memory at a time."""

MANY = 20_000
"""From so many copies on, indexes are taken away first and made anew."""

_OWN = {
    "activity": "id = $1",
    "audit_entry": "stream = $1",
    "personal_value": "stream = $1",
    "upload_content": "upload_id IN (SELECT id FROM upload WHERE activity_id = $1)",
    "card_word": "view_id IN (SELECT id FROM card_view WHERE activity_id = $1)",
}
_WITHOUT_ID = ("upload_content", "card_word")
_RUNS = "SELECT id FROM flow_run WHERE id = $1::text::uuid"
_TASKS = f"SELECT id FROM task_run WHERE flow_run_id IN ({_RUNS})"
_PREFECT = {
    "flow_run": f"id IN ({_RUNS})",
    "flow_run_state": f"flow_run_id IN ({_RUNS})",
    "task_run": f"flow_run_id IN ({_RUNS})",
    "task_run_state": f"task_run_id IN ({_TASKS})",
    "artifact": f"flow_run_id IN ({_RUNS})",
    "artifact_collection": f"flow_run_id IN ({_RUNS})",
}
_LOG = ("audit_entry", "personal_value")


@dataclass(frozen=True)
class Original:
    """One activity as text, each id in it replaced by ``%s``: per table the text, and which ids stand in it."""

    ids: tuple[str, ...]
    own: dict[str, tuple[str, tuple[int, ...]]]
    prefect: dict[str, tuple[str, tuple[int, ...]]]

    def new_ids(self) -> list[str]:
        """Return ids for one copy; the last one is the beginning of the first one, as it stands in names of runs."""
        fresh = [_like(one) for one in self.ids[:-1]]
        return [*fresh, fresh[0][:8]]


async def copy_activities(
    place: Place,
    activities: Sequence[str],
    how_many: int,
    *,
    log_of_one_in: int = 1,
    run_of_one_in: int = 1,
) -> list[tuple[str, str | None]]:
    """Copy ``activities`` in turn until there are ``how_many`` copies; return their ids and those of their runs.

    Only one in ``log_of_one_in`` gets audit entries, and one in ``run_of_one_in`` a run in Prefect.
    """
    if how_many <= 0:
        return []
    async with _both(place) as (own, prefect), _without_indexes(own if how_many >= MANY else None):
        originals = [await _original(own, prefect, one) for one in activities]
        made: list[tuple[str, str | None]] = []
        while len(made) < how_many:
            lot = [
                (original, original.new_ids(), number)
                for number, original in zip(
                    range(len(made), min(len(made) + CHUNK, how_many)), itertools.cycle(originals), strict=False
                )
            ]
            writing = [_write(own, [(one.own, ids, number % log_of_one_in == 0) for one, ids, number in lot])]
            if prefect is not None:
                runs = [(one.prefect, ids, True) for one, ids, number in lot if number % run_of_one_in == 0]
                writing.append(_write(prefect, runs))
            await asyncio.gather(*writing)
            made += [(ids[0], ids[1] if one.prefect else None) for one, ids, _number in lot]
        for connection in (own, prefect):
            if connection is not None:
                await connection.execute("ANALYZE")
    return made


@asynccontextmanager
async def _both(place: Place) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection | None]]:
    async with AsyncExitStack() as stack:

        async def connected(address: str) -> asyncpg.Connection:
            connection = await _connect(address)
            stack.push_async_callback(connection.close)
            # Rows that point to each other come in any order: keys are not looked at, and all of them fit.
            await connection.execute("SET session_replication_role = replica")
            return connection

        yield await connected(place.raw_url), await connected(place.prefect_url) if place.prefect_url else None


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection | None) -> AsyncIterator[None]:
    """Make indexes anew behind so many rows, which is quicker than row by row; those that guard what is unique stay."""
    found = []
    if connection is not None:
        found = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
        )
    for index in found:
        await connection.execute(f'DROP INDEX "{index["indexname"]}"')
    yield
    for index in found:
        await connection.execute(index["indexdef"])


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""))


async def _original(own: asyncpg.Connection, prefect: asyncpg.Connection | None, activity_id: str) -> Original:
    run_id = await own.fetchval("SELECT run_id FROM activity WHERE id = $1", activity_id) if prefect else None
    ours = {table.name: _OWN.get(table.name, "activity_id = $1") for table in Table.metadata.sorted_tables}
    ours = {
        name: where
        for name, where in ours.items()
        if name in _OWN or "activity_id" in Table.metadata.tables[name].columns
    }
    texts = {name: await _text(own, name, where, activity_id) for name, where in ours.items()}
    theirs = {name: await _text(prefect, name, where, run_id) for name, where in _PREFECT.items()} if run_id else {}
    ids = dict.fromkeys([activity_id, *([run_id] if run_id else [])])
    for connection, tables, key in ((own, ours, activity_id), (prefect, _PREFECT if run_id else {}, run_id)):
        for name, where in tables.items():
            if name in _WITHOUT_ID:
                continue
            ids |= dict.fromkeys(
                str(row[0]) for row in await connection.fetch(f'SELECT id FROM "{name}" WHERE {where}', key)
            )
    rows = await own.fetch("SELECT token_hash, nonce FROM link WHERE activity_id = $1", activity_id)
    ids |= dict.fromkeys(itertools.chain.from_iterable(rows))
    every = (*ids, activity_id[:8])
    return Original(every, _cut(texts, every), _cut(theirs, every))


async def _text(connection: asyncpg.Connection, table: str, where: str, key: str) -> str:
    """Return rows as PostgreSQL writes them out."""
    output = BytesIO()
    await connection.copy_from_query(f'SELECT * FROM "{table}" WHERE {where}', key, output=output)
    return output.getvalue().decode()


def _cut(texts: dict[str, str], ids: Sequence[str]) -> dict[str, tuple[str, tuple[int, ...]]]:
    number = {one: at for at, one in enumerate(ids)}
    any_of_them = re.compile("|".join(map(re.escape, ids)))  # the longest first: the short one stands at the end
    return {
        name: (any_of_them.sub("%s", text.replace("%", "%%")), tuple(number[one] for one in any_of_them.findall(text)))
        for name, text in texts.items()
        if text
    }


async def _write(
    connection: asyncpg.Connection,
    copies: list[tuple[dict[str, tuple[str, tuple[int, ...]]], list[str], bool]],
) -> None:
    async def rows(table: str) -> AsyncIterator[bytes]:
        for texts, ids, with_log in copies:
            if table in texts and (with_log or table not in _LOG):
                text, at = texts[table]
                yield (text % tuple([ids[one] for one in at])).encode()

    for table in dict.fromkeys(name for texts, _ids, _with_log in copies for name in texts):
        await connection.copy_to_table(table, source=rows(table))


def _like(one: str) -> str:
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one):
        return str(uuid4())
    return new_id() if len(one) == 24 else secrets.token_hex(len(one))[: len(one)]
