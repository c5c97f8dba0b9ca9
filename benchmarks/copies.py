"""Many activities alike in seconds: the rows of one that was started properly, copied by PostgreSQL itself."""

import re

from sqlalchemy import text

from models.tables.base import Table
from sandwich.runtime import Runtime

_MARK = "@@@@@"
"""Stands for the end of every identifier of a copy: an i, which no identifier has, and its number in four digits."""

_HASH = re.compile(r'("token_hash":"\w{59})\w{5}')
"""What must differ between copies although no identifier stands in it."""


async def copy(opened: Runtime, activity_id: str, how_many: int) -> list[str]:
    """Copy an activity with everything that belongs to it, its audit entries too; returns the new ids.

    The hashes of the copied entries are those of the original: a copy goes on with its chain, but does not verify.
    """
    if how_many > 9999:
        raise ValueError("the number of a copy has four digits")
    numbers = [f"i{number:04}" for number in range(1, how_many + 1)]
    async with opened.store.engine.begin() as connection:
        rows: dict[str, list[str]] = {}
        ids: list[str] = []
        for table in Table.metadata.sorted_tables:
            mine = (
                "id" if table.name == "activity" else next((n for n in ("activity_id", "stream") if n in table.c), "")
            )
            if not mine:
                continue
            query = text(f'SELECT row_to_json(one)::text FROM "{table.name}" one WHERE one."{mine}" = :mine')
            rows[table.name] = list(await connection.scalars(query, {"mine": activity_id}))
            found = await connection.scalars(
                text(f'SELECT id FROM "{table.name}" WHERE "{mine}" = :mine'), {"mine": activity_id}
            )
            ids += found
        known = re.compile("|".join(ids))
        for name, originals in rows.items():
            marked = [
                _HASH.sub(rf"\1{_MARK}", known.sub(lambda found: found[0][:-5] + _MARK, row)) for row in originals
            ]
            await connection.execute(
                text(
                    f'INSERT INTO "{name}" SELECT (json_populate_record(null::"{name}", '
                    f"replace(row, '{_MARK}', number)::json)).* "
                    "FROM unnest(cast(:rows AS text[])) row, unnest(cast(:numbers AS text[])) number"
                ),
                {"rows": marked, "numbers": numbers},
            )
    async with opened.store.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("ANALYZE"))
    return [activity_id[:-5] + number for number in numbers]
