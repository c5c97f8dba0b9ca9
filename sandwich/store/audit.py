"""The audit log: every change of an audited row becomes an entry in the same transaction.

Entries hold ids, codes and, for a personal value, the id and salted hash of a row in ``personal_value``. Each entry
is chained to the one before it in its stream (an activity, or the registry).
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, event, func, insert, inspect, select, text
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.attributes import History

from models.tables.base import PERSONAL, Table, new_id
from models.tables.truth import AuditEntry, PersonalValue

REGISTRY = "registry"
"""The stream of everything that belongs to no activity."""

GENESIS = "0" * 64
"""What the first entry of a stream is chained to."""


class ChangeSession(Session):
    """A session whose changes are written to the audit log."""


@dataclass
class Trail:
    """Who changes, when, and the end of each stream that this transaction has touched."""

    actor: str
    at: datetime
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)


TRAIL = "trail"


def plain(value: Any) -> Any:
    """Return ``value`` as JSON knows it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return value


def canonical(value: Any) -> str:
    """Return one spelling of a JSON value: what is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def salted(salt: str, value: Any) -> str:
    """Return the hash by which an entry refers to a personal value."""
    return hashlib.sha256(f"{salt}:{canonical(value)}".encode()).hexdigest()


def chained(previous: str, entry: dict[str, Any]) -> str:
    """Return the hash of an entry that follows ``previous``."""
    return hashlib.sha256(f"{previous}:{canonical(entry)}".encode()).hexdigest()


def hashed_part(entry: AuditEntry | dict[str, Any]) -> dict[str, Any]:
    """Return what the hash of an entry covers."""
    names = ("stream", "number", "at", "actor", "action", "table", "row", "changes")
    if isinstance(entry, dict):
        return {name: plain(entry[name]) for name in names}
    return {name: plain(getattr(entry, name)) for name in names}


def stream_of(row: Table) -> str:
    """Return the stream that a row belongs to, for all its life."""
    own = row.id if row.__tablename__ == "activity" else getattr(row, "activity_id", None)  # type: ignore[attr-defined]
    return str(own) if own else REGISTRY


def lock_stream(connection: Connection, stream: str) -> None:
    """Let one transaction at a time write to a stream (PostgreSQL; SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:stream, 0))"), {"stream": stream})


@event.listens_for(ChangeSession, "do_orm_execute")
def _refuse_unaudited(state: ORMExecuteState) -> None:
    if (state.is_update or state.is_delete) and state.bind_mapper is not None and state.bind_mapper.class_.audited:
        raise RuntimeError(f"{state.bind_mapper.class_.__tablename__} is audited: change its rows one by one")


@event.listens_for(ChangeSession, "after_flush")
def _write_entries(session: Session, context: UOWTransaction) -> None:
    entries: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    trail: Trail = session.info[TRAIL]
    connection = session.connection()
    for row in session.new:
        if row.audited:
            _enter(connection, trail, row, "insert", _columns(row, values, changed_only=False), entries)
    for row in session.dirty:
        if row.audited and session.is_modified(row):
            changes = _columns(row, values, changed_only=True)
            if changes:
                _enter(connection, trail, row, "update", changes, entries)
    for row in session.deleted:
        if row.audited:
            _enter(connection, trail, row, "delete", {}, entries)
    if values:
        connection.execute(insert(PersonalValue), values)
    if entries:
        connection.execute(insert(AuditEntry), entries)


def _columns(row: Table, values: list[dict[str, Any]], *, changed_only: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    state = inspect(row)
    for attribute in state.mapper.column_attrs:
        history: History = state.attrs[attribute.key].history
        if changed_only and not history.has_changes():
            continue
        value = plain(getattr(row, attribute.key))
        owner = attribute.columns[0].info.get(PERSONAL)
        if owner is not None and value is not None:
            kept = {"id": new_id(), "person_id": getattr(row, owner), "salt": secrets.token_hex(16), "value": value}
            values.append(kept)
            value = {"personal": kept["id"], "hash": salted(kept["salt"], value)}
        changes[attribute.key] = value
    return changes


def _enter(
    connection: Connection,
    trail: Trail,
    row: Table,
    action: str,
    changes: dict[str, Any],
    entries: list[dict[str, Any]],
) -> None:
    stream = stream_of(row)
    number, previous = _head(connection, trail, stream)
    entry = {
        "id": new_id(),
        "stream": stream,
        "number": number + 1,
        "at": trail.at,
        "actor": trail.actor,
        "action": action,
        "table": row.__tablename__,
        "row": "/".join(str(part) for part in inspect(row).mapper.primary_key_from_instance(row)),
        "changes": changes,
        "previous": previous,
    }
    entry["hash"] = chained(previous, hashed_part(entry))
    trail.heads[stream] = (number + 1, entry["hash"])
    entries.append(entry)


def _head(connection: Connection, trail: Trail, stream: str) -> tuple[int, str]:
    if stream not in trail.heads:
        lock_stream(connection, stream)
        newest = select(func.max(AuditEntry.number)).where(AuditEntry.stream == stream).scalar_subquery()
        found = connection.execute(
            select(AuditEntry.number, AuditEntry.hash).where(AuditEntry.stream == stream, AuditEntry.number == newest)
        ).first()
        trail.heads[stream] = (found[0], found[1]) if found else (0, GENESIS)
    return trail.heads[stream]
