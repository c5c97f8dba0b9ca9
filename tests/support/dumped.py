"""What a database holds: every row of every table, or every byte."""

from pathlib import Path
from typing import Any

from sqlalchemy import select, text

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


async def bytes_of(store: Store) -> bytes:
    """Return everything that a database holds: its files, or all rows of all tables."""
    if store.path is not None:
        files = [Path(f"{store.path}{ending}") for ending in ("", "-wal", "-shm")]
        return b"\0".join(file.read_bytes() for file in files if file.exists())
    found = b""
    async with store.engine.connect() as connection:
        for name in (*Table.metadata.tables, "alembic_version"):
            for row in await connection.execute(text(f'SELECT * FROM "{name}"')):
                found += b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    return found
