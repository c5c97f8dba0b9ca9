"""The audit log: every change of an audited row becomes an entry in the same transaction.

Entries hold ids, codes and, for a personal value, the id and salted hash of a row in ``personal_value``. Each entry
is chained to the one before it in its stream (an activity, or the registry).
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, TextClause, bindparam, event, func, insert, inspect, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.sql.dml import UpdateBase

from models.tables.base import PERSONAL, Table, new_id
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.store.chain import GENESIS, REGISTRY, chained, is_empty, plain, salted
from sandwich.store.scope import ScopedSession

TRAIL = "trail"
"""Key in a session's ``info`` of its :class:`Trail`."""


class ChangeSession(ScopedSession):
    """A session whose changes are written to the audit log."""


class MaintainSession(ScopedSession):
    """A session that may change only what is not audited."""


@dataclass
class Trail:
    """Who changes, when, the streams that this transaction has to itself, and the end of each that it touched."""

    actor: str
    at: datetime
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


@dataclass
class _Change:
    """One row that was flushed; ``changes`` are the new values of its columns."""

    stream: str
    row: Table
    action: str
    changes: dict[str, Any]


def stream_of(row: Table) -> str:
    """Return the stream that a row belongs to, for all its life."""
    return stream_in(
        row.__tablename__, {"id": getattr(row, "id", None), "activity_id": getattr(row, "activity_id", None)}
    )


def name_of(row: Table) -> str:
    """Return how the log calls a row of a table: its primary key."""
    return "/".join(str(part) for part in inspect(row).mapper.primary_key_from_instance(row))


def stream_in(table: str, row: Mapping[Any, Any]) -> str:
    """Return the same for a row of ``table`` given by its columns."""
    own = row["id"] if table == "activity" else row.get("activity_id")
    return str(own) if own else REGISTRY


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:stream, 0))")


def lock_stream(connection: Connection, stream: str) -> None:
    """Let one transaction at a time write to a stream (PostgreSQL; SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"stream": stream})


_TAKE_FREE = text(
    "SELECT stream FROM unnest(cast(:streams AS text[])) stream "
    "WHERE pg_try_advisory_xact_lock(hashtextextended(stream, 0)) LIMIT :most"
)


async def take_free(session: AsyncSession, streams: Sequence[str], most: int) -> list[str]:
    """Have the first ``most`` of ``streams`` that no other transaction has, without waiting; returns which those are.

    Who takes several waits for none of them, so that no two wait for each other. On SQLite there is one writer anyway.
    """
    connection = await session.connection()
    taken = list(streams[:most])
    if connection.dialect.name == "postgresql":
        taken = list(await connection.scalars(_TAKE_FREE, {"streams": list(streams), "most": most}))
    trail: Trail = session.info[TRAIL]
    trail.held.update(taken)
    return taken


_TAKE_ALL = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(stream, 0)) FROM unnest(cast(:streams AS text[])) stream"
)


async def take_all(session: AsyncSession, streams: Collection[str]) -> None:
    """Have all of ``streams``, waiting for each, in the order in which everybody takes them."""
    connection = await session.connection()
    ordered = sorted(streams, key=lambda stream: (stream == REGISTRY, stream))
    if connection.dialect.name == "postgresql":
        await connection.execute(_TAKE_ALL, {"streams": ordered})
    trail: Trail = session.info[TRAIL]
    trail.held.update(ordered)


AUDITED = frozenset(mapper.local_table.name for mapper in Table.registry.mappers if mapper.class_.audited)  # type: ignore[attr-defined]
"""Names of the tables that the log follows."""


@event.listens_for(ChangeSession, "do_orm_execute")
@event.listens_for(MaintainSession, "do_orm_execute")
def _refuse_unseen(state: ORMExecuteState) -> None:
    """Refuse statements that would change audited rows behind the log's back."""
    statement = state.statement
    if isinstance(statement, UpdateBase) and getattr(statement.table, "name", "") in AUDITED:
        raise RuntimeError(f"{statement.table} is audited: change its rows one by one, through the session")
    if isinstance(statement, TextClause) and not statement.text.lstrip().lower().startswith("select"):
        raise RuntimeError("a session that changes takes no textual statements: the log could not follow them")


@event.listens_for(MaintainSession, "before_flush")
def _refuse_audited(session: Session, _context: UOWTransaction, _instances: object) -> None:
    for row in (*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))):
        if row.audited:
            raise RuntimeError(f"{row.__tablename__} is audited: change it through Store.change")


@event.listens_for(ChangeSession, "after_flush")
def _write_entries(session: Session, _context: UOWTransaction) -> None:
    values: list[dict[str, Any]] = []
    changes = _flushed(session, values)
    if not changes:
        return
    # Everybody takes the locks of several streams in the same order, the registry last, so that no two wait for
    # each other.
    changes.sort(key=lambda change: (change.stream == REGISTRY, change.stream))
    connection = session.connection()
    trail: Trail = session.info[TRAIL]
    _find_heads(connection, trail, dict.fromkeys(change.stream for change in changes))
    entries = [_enter(trail, change) for change in changes]
    if values:
        connection.execute(insert(PersonalValue), values)
    connection.execute(insert(AuditEntry), entries)


def _flushed(session: Session, values: list[dict[str, Any]]) -> list[_Change]:
    return [
        *(
            _Change(stream_of(row), row, "insert", _columns(row, values, is_new=True))
            for row in session.new
            if row.audited
        ),
        *(
            _Change(stream_of(row), row, "update", columns)
            for row in session.dirty
            if row.audited and (columns := _columns(row, values, is_new=False))
        ),
        *(_Change(stream_of(row), row, "delete", {}) for row in session.deleted if row.audited),
    ]


@cache
def _columns_of(table: type[Table]) -> dict[str, str | None]:
    """Return the columns of a table, each with the attribute that names whose value it is, if it is personal."""
    return {one.key: one.columns[0].info.get(PERSONAL) for one in inspect(table).column_attrs}


def _columns(row: Table, values: list[dict[str, Any]], *, is_new: bool) -> dict[str, Any]:
    """Return the columns that were written; their personal values are added to ``values``."""
    state = inspect(row)
    owners = _columns_of(type(row))
    written: Collection[str] = owners
    if not is_new:
        # What is not among the committed values of old was not touched.
        written = {key for key in owners.keys() & state.committed_state if state.attrs[key].history.has_changes()}
        if not written:
            return {}
        if not written.isdisjoint({"activity_id", "id"}):
            raise RuntimeError(f"{row.__tablename__}: a row stays in the stream in which it began")
    changes: dict[str, Any] = {}
    for key, owner in owners.items():
        # A value whose row gets another owner is kept anew, under the person to whom it now belongs.
        if key not in written and (not owner or owner not in written):
            continue
        value = plain(getattr(row, key))
        if owner is not None and not is_empty(value):
            kept = {
                "id": new_id(),
                "person_id": getattr(row, owner) if owner else None,
                "stream": stream_of(row),
                "table": row.__tablename__,
                "column": key,
                "salt": secrets.token_hex(16),
                "value": value,
            }
            values.append(kept)
            value = {"personal": kept["id"], "hash": salted(kept["salt"], value)}
        changes[key] = value
    return changes


def _enter(trail: Trail, change: _Change) -> dict[str, Any]:
    number, previous = trail.heads[change.stream]
    entry = {
        "id": new_id(),
        "stream": change.stream,
        "number": number + 1,
        "at": trail.at,
        "actor": trail.actor,
        "action": change.action,
        "table": change.row.__tablename__,
        "row": name_of(change.row),
        "changes": change.changes,
        "previous": previous,
    }
    entry["hash"] = chained(previous, entry)
    trail.heads[change.stream] = (number + 1, entry["hash"])
    return entry


def _find_heads(connection: Connection, trail: Trail, streams: Iterable[str]) -> None:
    """Have ``streams`` to ourselves, in their order, and find where each ends."""
    missing = [stream for stream in streams if stream not in trail.heads]
    for stream in missing:
        if stream not in trail.held:
            lock_stream(connection, stream)
            trail.held.add(stream)
    trail.heads |= dict.fromkeys(missing, (0, GENESIS))
    for ends, values in _ends_of(missing):
        trail.heads |= {row[0]: (row[1], row[2]) for row in connection.execute(ends, values)}


_STREAM = bindparam("stream", type_=AuditEntry.stream.type)
_END = select(AuditEntry.stream, AuditEntry.number, AuditEntry.hash).where(
    AuditEntry.stream == _STREAM,
    AuditEntry.number == select(func.max(AuditEntry.number)).where(AuditEntry.stream == _STREAM).scalar_subquery(),
)


def _ends_of(streams: Sequence[str]) -> Iterator[tuple[Select[str, int, str], dict[str, str]]]:
    """Return what finds the last entries of ``streams``, with its values.

    Several activities take one query, which goes through their entries; a single stream is cheaper by itself, and the
    registry, which grows for ever, always is.
    """
    several = [stream for stream in streams if stream != REGISTRY]
    if len(several) > 1:
        newest = select(AuditEntry.stream, func.max(AuditEntry.number)).group_by(AuditEntry.stream)
        ends = tuple_(AuditEntry.stream, AuditEntry.number).in_(newest.where(AuditEntry.stream.in_(several)))
        yield select(AuditEntry.stream, AuditEntry.number, AuditEntry.hash).where(ends), {}
    for stream in streams if len(several) <= 1 else {REGISTRY}.intersection(streams):
        yield _END, {"stream": stream}
