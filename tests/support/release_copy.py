"""Copy the SQLite database of a release into PostgreSQL, as that release would have had it there.

``python -m tests.support.release_copy FILE.sqlite.xz STEP FILE.postgresql.sql.xz`` makes the tables with the steps up
to ``STEP``, the last that the release had, writes the rows into them, and keeps the whole as plain SQL. It is made
once.
"""

import asyncio
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, create_engine, insert, make_url, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from models.tables import Table
from sandwich.store import migrate
from tests.support import postgres

_PLAIN = ("--no-owner", "--no-privileges", "--rows-per-insert=100")
_NOT_FOR_ALL = ("\\restrict", "\\unrestrict", "SET transaction_timeout")


def written(release: Path, step: str, server: postgres.Server) -> str:
    """Return the SQL that makes the database anew."""
    url = server.url("postgres")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sandwich.db")
        file.write_bytes(lzma.decompress(release.read_bytes()))
        asyncio.run(_copy(file, step, url))
    host, database = str(server.folder), make_url(url).database or ""
    dump = subprocess.run(
        ["pg_dump", "-h", host, "-U", server.user, "-d", database, *_PLAIN],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # Only what every server takes: no words for psql alone, and no settings of one version.
    return "".join(line for line in dump.splitlines(keepends=True) if not line.startswith(_NOT_FOR_ALL))


async def _copy(file: Path, step: str, url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(migrate._config(sync), step))
        await connection.run_sync(lambda sync: _fill(sync, file))
    await engine.dispose()


def _fill(connection: Connection, file: Path) -> None:
    connection.execute(text("SET session_replication_role = replica"))  # rows point to later ones
    source = create_engine(f"sqlite:///{file}")
    with source.connect() as old:
        for table in Table.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in old.execute(select(table))]
            if rows:
                connection.execute(insert(table), rows)
    source.dispose()


def main(release: Path, step: str, target: Path) -> None:
    """Write the SQL, compressed, to ``target``."""
    binaries = postgres.find_binaries()
    assert binaries is not None, postgres.MISSING
    with postgres.running(binaries) as server:
        target.write_bytes(lzma.compress(written(release, step, server).encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
