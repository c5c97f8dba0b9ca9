"""What a database holds: every row of every table."""

from typing import Any

from sqlalchemy import select

from models.tables import Table
from sandwich.store import Store


async def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with store.read() as session:
        for table in Table.metadata.sorted_tables:
            rows = await session.execute(select(table))
            found[table.name] = sorted((tuple(map(repr, row)) for row in rows), key=repr)
    return found
