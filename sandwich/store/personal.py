"""Everything marked as personal or free text, over all tables: find it, empty it, take one person out of it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Draft, Invitation
from models.tables.base import PERSONAL, Table
from models.tables.mail import Call
from models.tables.network import Contact, Person
from models.tables.replies import ReplyText
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.store.audit import AUDITED, name_of, stream_in, stream_of
from sandwich.store.chain import erased_like, is_empty

Redact = Callable[[str, str, str, Any], Any]
"""From stream, table, column and value to the value without the person; the same value when they are not in it."""

NAMES = frozenset({Person.__tablename__, Contact.__tablename__})
"""Tables with the name and addresses of one person a row: somebody else's stay, also when they are called the same."""

_BATCH = 1000
_MAPPERS = {mapper.local_table.name: mapper for mapper in Table.registry.mappers}  # type: ignore[attr-defined]


def marked(table: str) -> dict[str, str]:
    """Return the columns of a table that are kept apart, each with the column that names its owner (or nothing)."""
    columns = Table.metadata.tables[table].columns
    return {column.name: column.info[PERSONAL] for column in columns if PERSONAL in column.info}


async def empty_own_columns(session: AsyncSession, person_id: str) -> None:
    """Put ``erased`` in every column that holds a value of this person."""
    for table in sorted(AUDITED):
        kind = _MAPPERS[table].class_
        own = {column: owner for column, owner in marked(table).items() if owner}
        for owner in sorted(set(own.values())):
            for row in await session.scalars(select(kind).where(getattr(kind, owner) == person_id)):
                for column in own:
                    value = getattr(row, column)
                    if own[column] == owner and not is_empty(value):
                        setattr(row, column, erased_like(value))


async def redact_columns(session: AsyncSession, redact: Redact) -> int:
    """Take somebody out of every text that is not a name or an address; return out of how many."""
    found = 0
    await session.flush()  # what was emptied must not be read, and written back, as it was
    for table in sorted(AUDITED - NAMES):
        columns = marked(table)
        if not columns:
            continue
        rows = Table.metadata.tables[table]
        keys = [column.name for column in rows.primary_key.columns]
        wanted = {*keys, *columns, *({"activity_id"} & set(rows.columns.keys()))}
        hits: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        query = select(*(rows.columns[name] for name in sorted(wanted))).execution_options(yield_per=_BATCH)
        async for row in (await session.stream(query)).mappings():
            stream = stream_in(table, row)
            without = {name: redact(stream, table, name, row[name]) for name in columns}
            changed = {name: value for name, value in without.items() if value != row[name]}
            if changed:
                hits.append((tuple(row[key] for key in keys), changed))
        for key, changed in hits:
            found += len(changed)
            row_object = await session.get_one(_MAPPERS[table].class_, key if len(key) > 1 else key[0])
            for name, value in changed.items():
                setattr(row_object, name, value)
    return found


async def redact_drafts(session: AsyncSession, redact: Redact) -> int:
    """Do the same in what others have typed and not sent, and in replies that wait; return in how many."""
    found = 0
    drafts = select(Draft, Invitation.activity_id).join(Invitation, Invitation.id == Draft.invitation_id)
    for draft, activity_id in await session.execute(drafts):
        without = redact(activity_id, Draft.__tablename__, "typed", draft.typed)
        if without != draft.typed:
            draft.typed = without
            found += 1
    replies = select(ReplyText, Call.activity_id).join(Call, Call.id == ReplyText.call_id)
    for reply, activity_id in await session.execute(replies):
        without = redact(activity_id, ReplyText.__tablename__, "words", reply.words)
        if without != reply.words:
            reply.words = without
            found += 1
    return found


async def erase_values(session: AsyncSession, person_id: str, redact: Redact, now: datetime) -> int:
    """Empty the kept values of this person, and the older ones of others in which they occur; return how many.

    Their hashes stay in the log and, without the salt, tell nothing. Call this after the columns were emptied and
    written: what others wrote has by then been kept anew without the person.
    """
    there = PersonalValue.erased_at.is_(None)
    erased = await _erase(session, PersonalValue.person_id == person_id, now)
    columns = (PersonalValue.id, PersonalValue.stream, PersonalValue.table, PersonalValue.column, PersonalValue.value)
    query = select(*columns).where(there, PersonalValue.table.not_in(NAMES)).execution_options(yield_per=_BATCH)
    hits = [
        row.id
        async for row in await session.stream(query)
        if redact(row.stream, row.table, row.column, row.value) != row.value
    ]
    for start in range(0, len(hits), _BATCH):
        erased += await _erase(session, PersonalValue.id.in_(hits[start : start + _BATCH]), now)
    return erased


async def erase_earlier(session: AsyncSession, row: Table, column: str, now: datetime) -> int:
    """Empty what was kept of one column of one row before its newest value; return how many values.

    Call this after the row was written: what it holds now has by then been kept anew.
    """
    entries = await session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.stream == stream_of(row),
            AuditEntry.table == row.__tablename__,
            AuditEntry.row == name_of(row),
        )
        .order_by(AuditEntry.number)
    )
    written = [entry.changes[column] for entry in entries if column in entry.changes]
    earlier = [value["personal"] for value in written[:-1] if isinstance(value, dict) and "personal" in value]
    return await _erase(session, PersonalValue.id.in_(earlier), now)


async def erase_values_of(session: AsyncSession, stream: str, people: Iterable[str], now: datetime) -> int:
    """Empty what one stream kept of these people; their rows stand under other people by now, or are gone."""
    return await _erase(session, (PersonalValue.stream == stream) & PersonalValue.person_id.in_(sorted(people)), now)


async def erase_rows(session: AsyncSession, stream: str, table: str, rows: Iterable[str], now: datetime) -> int:
    """Empty everything that was kept of these rows of a table, which are gone; return how many values."""
    names, erased = sorted(rows), 0
    for start in range(0, len(names), _BATCH):
        entries = await session.scalars(
            select(AuditEntry.changes).where(
                AuditEntry.stream == stream,
                AuditEntry.table == table,
                AuditEntry.row.in_(names[start : start + _BATCH]),
            )
        )
        kept = [
            value["personal"]
            for changes in entries
            for value in changes.values()
            if isinstance(value, dict) and "personal" in value
        ]
        for first in range(0, len(kept), _BATCH):
            erased += await _erase(session, PersonalValue.id.in_(kept[first : first + _BATCH]), now)
    return erased


async def _erase(session: AsyncSession, which: Any, now: datetime) -> int:
    statement = (
        update(PersonalValue)
        .where(which, PersonalValue.erased_at.is_(None))
        .values(value=None, salt=None, erased_at=now)
        .execution_options(synchronize_session=False)
    )
    result = await session.execute(statement)
    return result.rowcount if isinstance(result, CursorResult) else 0
