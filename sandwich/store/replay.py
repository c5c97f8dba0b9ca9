"""Read the audit log back: check its chains, and build the tables from nothing but the log.

Both read everything in batches and in one snapshot, the one of the session that they are given (``Store.read``).
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.base import ERASED, Table
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.store.audit import AUDITED
from sandwich.store.chain import GENESIS, chained, plain, salted
from sandwich.store.personal import marked

Rows = dict[str, dict[str, dict[str, Any]]]
"""Per table, per primary key (parts joined by ``/``), the values by column, as JSON knows them."""

_BATCH = 2000
_ENTRY = (*AuditEntry.__table__.columns,)
_REFERENCE = frozenset({"personal", "hash"})
_MARKED = {name: tuple(marked(name)) for name in AUDITED}


@dataclass(frozen=True)
class Verification:
    """What a check of the log found. ``first_broken`` is ``stream/number`` of the first entry that is wrong."""

    ok: bool
    entries: int
    first_broken: str | None = None
    why: str | None = None


@dataclass(frozen=True, order=True)
class Difference:
    """A place where a table is not what the log says; values are personal and stay out of it."""

    table: str
    row: str
    column: str | None
    what: str


async def verify(session: AsyncSession) -> Verification:
    """Check every entry: numbers without a gap, the chain of hashes, and the personal values that were not erased.

    Entries cut off at the end of a stream leave a chain that is right as far as it goes; ``differences`` finds them.
    """
    count, stream, number, head = 0, "", 0, GENESIS
    async for batch in _batches(session):
        values = await _values_of(session, batch)
        for entry in batch:
            if entry.stream != stream:
                stream, number, head = entry.stream, 0, GENESIS
            why = _wrong_in_chain(entry, number, head) or _wrong_in_values(entry, values)
            if why:
                return Verification(ok=False, entries=count, first_broken=f"{stream}/{entry.number}", why=why)
            count, number, head = count + 1, entry.number, entry.hash
    return Verification(ok=True, entries=count)


async def replay(session: AsyncSession) -> Rows:
    """Return the audited tables as the log and the personal values make them; an erased value is ``erased``."""
    rows: Rows = {name: {} for name in AUDITED}
    async for batch in _batches(session):
        values = await _values_of(session, batch)
        for entry in batch:
            if entry.table in rows:  # tables of older versions are gone
                _apply(rows[entry.table], entry, values)
    return rows


async def tables(session: AsyncSession) -> Rows:
    """Return the audited tables as they are."""
    rows: Rows = {}
    for name in sorted(AUDITED):
        table = Table.metadata.tables[name]
        keys = [column.name for column in table.primary_key.columns]
        found = await session.stream(select(table).execution_options(yield_per=_BATCH))
        rows[name] = {}
        async for row in found.mappings():
            values = {column: plain(value) for column, value in row.items()}
            rows[name]["/".join(str(values[key]) for key in keys)] = values
    return rows


def differences(replayed: Rows, real: Rows) -> list[Difference]:
    """Return where the real tables are not what the log says, in order."""
    found = []
    for name in replayed.keys() | real.keys():
        expected, actual = replayed.get(name, {}), real.get(name, {})
        for key in expected.keys() | actual.keys():
            if key not in actual:
                found.append(Difference(name, key, None, "is missing"))
            elif key not in expected:
                found.append(Difference(name, key, None, "is not in the log"))
            else:
                found += [
                    Difference(name, key, column, "differs")
                    for column in expected[key].keys() | actual[key].keys()
                    if expected[key].get(column) != actual[key].get(column)
                ]
    return sorted(found, key=lambda place: (place.table, place.row, place.column or ""))


async def _batches(session: AsyncSession) -> AsyncIterator[Sequence[Row[Any]]]:
    last = ("", 0)
    query = select(*_ENTRY).order_by(AuditEntry.stream, AuditEntry.number).limit(_BATCH)
    while batch := (await session.execute(query.where(tuple_(AuditEntry.stream, AuditEntry.number) > last))).all():
        yield batch
        last = (batch[-1].stream, batch[-1].number)


async def _values_of(session: AsyncSession, batch: Sequence[Row[Any]]) -> dict[str, Row[Any]]:
    """Return the personal values that the entries of a batch refer to, by id."""
    wanted = [kept["personal"] for entry in batch for _, kept in _references(entry)]
    values: dict[str, Row[Any]] = {}
    for start in range(0, len(wanted), _BATCH):
        query = select(*PersonalValue.__table__.columns).where(PersonalValue.id.in_(wanted[start : start + _BATCH]))
        values.update((row.id, row) for row in await session.execute(query))
    return values


def _references(entry: Row[Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the columns of an entry that refer to a personal value, with the reference."""
    changes = entry.changes
    for column in _MARKED.get(entry.table, ()):
        value = changes.get(column)
        if isinstance(value, dict) and value.keys() == _REFERENCE:
            yield column, value


def _wrong_in_chain(entry: Row[Any], number: int, head: str) -> str | None:
    if entry.number != number + 1:
        return "an entry before it is missing"
    if entry.previous != head:
        return "it does not follow the entry before it"
    if entry.hash != chained(head, entry._mapping):
        return "it was changed"
    return None


def _wrong_in_values(entry: Row[Any], values: Mapping[str, Row[Any]]) -> str | None:
    for column, reference in _references(entry):
        kept = values.get(reference["personal"])
        if kept is None:
            return f"the value of {column} is missing"
        if (kept.stream, kept.table, kept.column) != (entry.stream, entry.table, column):
            return f"the value of {column} stands in another place"
        if kept.erased_at is not None:
            if kept.value is not None or kept.salt is not None:
                return f"the value of {column} is said to be erased and is still there"
        elif kept.salt is None or salted(kept.salt, kept.value) != reference["hash"]:
            return f"the value of {column} was changed"
    return None


def _apply(rows: dict[str, dict[str, Any]], entry: Row[Any], values: Mapping[str, Row[Any]]) -> None:
    if entry.action == "delete":
        del rows[entry.row]
        return
    changes = dict(entry.changes)
    for column, reference in _references(entry):
        kept = values[reference["personal"]]
        changes[column] = ERASED if kept.erased_at is not None else kept.value
    columns = Table.metadata.tables[entry.table].columns.keys()
    if entry.action == "insert":
        # A column that did not exist yet when the row was made is empty in it.
        rows[entry.row] = dict.fromkeys(columns)
    # Columns of older versions are gone.
    rows[entry.row].update((column, value) for column, value in changes.items() if column in columns)
