"""Read the audit log back: check its chains, and build the tables from nothing but the log.

Both read everything in batches and in one snapshot, the one of the session that they are given (``Store.read``).
:func:`check` does both at once and keeps one stream in memory, and of each row that is done a number.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Row, String, any_, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from models.tables.base import ERASED, Table
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.store.audit import AUDITED
from sandwich.store.chain import GENESIS, canonical, chained, plain, salted
from sandwich.store.personal import marked

Rows = dict[str, dict[str, dict[str, Any]]]
"""Per table, per primary key (parts joined by ``/``), the values by column, as JSON knows them."""

_Entry = Row[Any]
_Values = Mapping[str, Row[Any]]
_References = Sequence[tuple[str, Mapping[str, str]]]

_BATCH = 2000
_REFERENCE = frozenset({"personal", "hash"})
_COLUMNS = {name: dict.fromkeys(Table.metadata.tables[name].columns.keys()) for name in AUDITED}
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


async def check(session: AsyncSession) -> tuple[Verification, list[Difference]]:
    """Verify the log, and find where the tables are not what it says; where the log is broken there is no telling."""
    replayed = _Replayed()
    found = await verify(session, replayed.take)
    if not found.ok or await replayed.is_like(session):
        return found, []
    return found, differences(await replay(session), await tables(session))


async def verify(
    session: AsyncSession, then: Callable[[_Entry, _References, _Values], None] | None = None
) -> Verification:
    """Check every entry: numbers without a gap, the chain of hashes, and the personal values that were not erased.

    Entries cut off at the end of a stream leave a chain that is right as far as it goes; ``differences`` finds them.
    ``then`` gets each entry that is right, with the values of its batch.
    """
    count, stream, number, head = 0, "", 0, GENESIS
    async for batch, values in _batches(session):
        for entry, references in batch:
            if entry.stream != stream:
                stream, number, head = entry.stream, 0, GENESIS
            why = _wrong_in_chain(entry, number, head) or _wrong_in_values(entry, references, values)
            if why:
                return Verification(ok=False, entries=count, first_broken=f"{stream}/{entry.number}", why=why)
            count, number, head = count + 1, entry.number, entry.hash
            if then is not None:
                then(entry, references, values)
    return Verification(ok=True, entries=count)


async def replay(session: AsyncSession) -> Rows:
    """Return the audited tables as the log and the personal values make them; an erased value is ``erased``."""
    rows: Rows = {name: {} for name in AUDITED}
    async for batch, values in _batches(session):
        for entry, references in batch:
            if entry.table in rows:  # tables of older versions are gone
                _apply(rows[entry.table], entry, references, values)
    return rows


async def tables(session: AsyncSession) -> Rows:
    """Return the audited tables as they are."""
    return {name: {key: values async for key, values in _rows_of(session, name)} for name in sorted(AUDITED)}


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


class _Replayed:
    """The tables as the log makes them, but of each row whose stream was read to its end only a number."""

    def __init__(self) -> None:
        self._stream = ""
        self._rows: Rows = {}
        self._marks: dict[str, dict[str, int]] = {name: {} for name in AUDITED}

    def take(self, entry: _Entry, references: _References, values: _Values) -> None:
        """Let the next entry happen."""
        if entry.stream != self._stream:
            self._end()
            self._stream = entry.stream
        if entry.table in AUDITED:
            _apply(self._rows.setdefault(entry.table, {}), entry, references, values)

    async def is_like(self, session: AsyncSession) -> bool:
        """Whether the tables are the same, row by row."""
        self._end()
        for name, marks in self._marks.items():
            async for key, values in _rows_of(session, name):
                if marks.pop(key, None) != _mark(values):
                    return False
        return not any(self._marks.values())

    def _end(self) -> None:
        """A row stays in the stream in which it began: those of a stream that ended are done."""
        for name, rows in self._rows.items():
            self._marks[name].update((key, _mark(values)) for key, values in rows.items())
        self._rows = {}


def _mark(values: Mapping[str, Any]) -> int:
    return hash(tuple([canonical(value) if isinstance(value, dict | list) else value for value in values.values()]))


async def _rows_of(session: AsyncSession, name: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a table as they are, each with what the log calls it."""
    table = Table.metadata.tables[name]
    columns, keys = tuple(_COLUMNS[name]), [column.name for column in table.primary_key.columns]
    found = await (await session.connection()).stream(select(table).execution_options(yield_per=_BATCH))
    async for rows in found.partitions():
        for row in rows:
            values = dict(zip(columns, map(plain, row), strict=True))
            yield "/".join([str(values[key]) for key in keys]), values


async def _batches(session: AsyncSession) -> AsyncIterator[tuple[list[tuple[_Entry, _References]], _Values]]:
    """Yield the log in batches, stream by stream: entries, each with what it refers to, and the values of all those."""
    last = ("", 0)
    query = select(AuditEntry.__table__).order_by(AuditEntry.stream, AuditEntry.number).limit(_BATCH)
    connection = await session.connection()  # without what a session does for objects: a million rows are no objects
    while found := (await connection.execute(query.where(tuple_(AuditEntry.stream, AuditEntry.number) > last))).all():
        batch = [(entry, _references(entry)) for entry in found]
        wanted = [kept["personal"] for _, references in batch for _, kept in references]
        yield batch, await _values_of(connection, wanted)
        last = (found[-1].stream, found[-1].number)


async def _values_of(connection: AsyncConnection, wanted: Sequence[str]) -> dict[str, Row[Any]]:
    """Return personal values by their ids."""
    values: dict[str, Row[Any]] = {}
    is_one_list = connection.dialect.name == "postgresql"  # SQLite takes so many parameters and no more
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        here = any_(bindparam("ids", some, ARRAY(String)))
        among = PersonalValue.id == here if is_one_list else PersonalValue.id.in_(some)
        query = select(PersonalValue.__table__).where(among)
        values.update((row.id, row) for row in await connection.execute(query))
    return values


def _references(entry: _Entry) -> _References:
    """Return the columns of an entry that refer to a personal value, with the reference."""
    changes = entry.changes
    return [
        (column, value)
        for column in _MARKED.get(entry.table, ())
        if isinstance(value := changes.get(column), dict) and value.keys() == _REFERENCE
    ]


def _wrong_in_chain(entry: _Entry, number: int, head: str) -> str | None:
    if entry.number != number + 1:
        return "an entry before it is missing"
    if entry.previous != head:
        return "it does not follow the entry before it"
    if entry.hash != chained(head, entry._mapping):
        return "it was changed"
    return None


def _wrong_in_values(entry: _Entry, references: _References, values: _Values) -> str | None:
    for column, reference in references:
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


def _apply(rows: dict[str, dict[str, Any]], entry: _Entry, references: _References, values: _Values) -> None:
    if entry.action == "delete":
        del rows[entry.row]
        return
    changes, empty = dict(entry.changes), _COLUMNS[entry.table]
    for column, reference in references:
        kept = values[reference["personal"]]
        changes[column] = ERASED if kept.erased_at is not None else kept.value
    if changes.keys() - empty.keys():
        changes = {column: value for column, value in changes.items() if column in empty}  # those of older versions
    # A column that did not exist yet when the row was made is empty in it.
    rows[entry.row] = {**(empty if entry.action == "insert" else rows[entry.row]), **changes}
