"""A second region with the same in it: every row of the first once more, under ids and codes of its own."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table as Sheet
from sqlalchemy import insert, select
from sqlalchemy.engine import RowMapping

from models.tables import Table
from models.tables.base import new_id
from models.tables.running import ClockOffset, Installation, Lease
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.store import Store

_NOT_COPIED = {kind.__tablename__ for kind in (ClockOffset, Installation, Lease, AuditEntry, PersonalValue)}
_OF_ALL = {"playbook_version", "form_version"}
_TWICE = "x"
"""What stands before a code, an address or a key that may be there only once."""


async def copy_region(store: Store) -> dict[str, str]:
    """Copy all that belongs to somebody; returns the new id by the old one. The audit log knows nothing of it."""
    sheets = [sheet for sheet in Table.metadata.sorted_tables if sheet.name not in _NOT_COPIED | _OF_ALL]
    async with store.engine.begin() as connection:
        rows = {sheet.name: (await connection.execute(select(sheet))).mappings().all() for sheet in sheets}
        twins = {row["id"]: new_id() for found in rows.values() for row in found if isinstance(row.get("id"), str)}
        # Calendar blocks that are everybody's are there already.
        rows["calendar_block"] = [row for row in rows["calendar_block"] if row["school_id"] or row["company_id"]]
        for sheet in sheets:
            made = [_twin(sheet, row, twins) for row in rows[sheet.name]]
            for row in made:
                await connection.execute(insert(sheet), row)
    return twins


def _twin(sheet: Sheet, row: RowMapping, twins: dict[str, str]) -> dict[str, Any]:
    alone = set(_alone(sheet))
    return {
        column.name: _once(column.name, _mapped(row[column.name], twins), row[column.name], alone)
        for column in sheet.columns
    }


def _alone(sheet: Sheet) -> Iterable[str]:
    """Columns whose value may be there only once and that are no id."""
    for constraint in (*sheet.constraints, *sheet.indexes):
        columns = [column.name for column in getattr(constraint, "columns", ())]
        if len(columns) == 1 and not columns[0].endswith("id") and _is_unique(constraint):
            yield columns[0]


def _is_unique(constraint: Any) -> bool:
    return type(constraint).__name__ == "UniqueConstraint" or getattr(constraint, "unique", False)


def _once(name: str, value: Any, before: Any, alone: set[str]) -> Any:
    """Return a value that nothing else has; the hash of a token stays as long as it was."""
    if name not in alone or not isinstance(value, str) or value != before:
        return value
    return f"{_TWICE}{value[:-1]}" if len(value) == 64 else f"{_TWICE}{value}"


_ID = re.compile(r"[0-9a-hjkmnp-z]{24}")


def _mapped(value: Any, twins: dict[str, str]) -> Any:
    match value:
        case str():
            return _ID.sub(lambda found: twins.get(found[0], found[0]), value)
        case dict():
            return {_mapped(key, twins): _mapped(item, twins) for key, item in value.items()}
        case list():
            return [_mapped(item, twins) for item in value]
    return value
