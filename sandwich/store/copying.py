"""Copy a whole database while it works, and put a copy in the place of one that nobody works with.

SQLite by its online backup; PostgreSQL by its own programs ``pg_dump``, ``pg_restore`` and ``psql``.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, inspect, make_url, text

from sandwich.errors import SandwichError
from sandwich.store.engine import EVERYBODYS, REGIONS
from sandwich.store.store import Store

WAIT_SECONDS = 1.0
"""How long a busy database is waited for before somebody is said to work with it."""


class ToolMissing(SandwichError):
    """The program {tool} is not on this machine, and PostgreSQL is backed up and restored with it. Install PostgreSQL's
    client programs (postgresql-client), of the server's version or newer.
    """

    dutch = (
        "Het programma {tool} staat niet op deze machine, en daarmee wordt PostgreSQL gekopieerd en teruggezet. "
        "Installeer de programma's van PostgreSQL (postgresql-client), van de versie van de server of nieuwer."
    )


class ToolFailed(SandwichError):
    """The program {tool} could not do it (exit code {code}{said}). Nothing was changed."""

    dutch = "Het programma {tool} kon het niet (code {code}{said}). Er is niets veranderd."


class InUse(SandwichError):
    """Something works with the database. Nothing was changed. Stop Sandwich (every `sandwich up`, `worker`, `deliver`
    and `web`) and try again.
    """

    dutch = (
        "Er werkt nog iets met de database. Er is niets veranderd. Stop Sandwich (elke `sandwich up`, `worker`, "
        "`deliver` en `web`) en probeer het opnieuw."
    )


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database as it is at one moment; whoever writes to it goes on writing."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    one_file(target)


def one_file(path: Path) -> None:
    """Let a SQLite database that nobody has open be a single file, without a journal beside it."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")


def put_sqlite_in_place(copy: Path, target: Path) -> None:
    """Let ``copy`` take the place of the database ``target``, at once; raises ``InUse`` while somebody has it open."""
    if target.exists():
        with closing(sqlite3.connect(target, timeout=WAIT_SECONDS)) as database:
            try:
                database.execute("PRAGMA journal_mode=DELETE")  # refused as long as anybody else is connected
            except sqlite3.OperationalError as error:
                if "lock" in str(error):
                    raise InUse from None
            except sqlite3.DatabaseError:
                pass  # too damaged to be asked; that may be why a backup is put back
        for ending in ("-wal", "-shm", "-journal"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
    copy.replace(target)


async def dump_postgres(url: str, target: Path, snapshot: str) -> None:
    """Write a PostgreSQL database to a file, as it is in an exported snapshot."""
    await _run("pg_dump", make_url(url), "--format=custom", f"--snapshot={snapshot}", f"--file={target}", *_OURS, *_ALL)


async def put_postgres_in_place(url: str, copy: Path, *, backed_up_at: datetime, restored_at: datetime) -> None:
    """Let a dump take the place of all our tables, held for a person from the same moment on, or change nothing.

    Raises ``InUse`` while anybody of ours is connected, ``ToolMissing`` and ``ToolFailed``.
    """
    address = make_url(url)
    for tool in ("pg_restore", "psql"):
        _find(tool)
    store = Store(url)
    try:
        async with store.engine.connect() as connection:
            if await connection.scalar(text(_OTHERS)):
                raise InUse
            tables = await connection.run_sync(lambda one: inspect(one).get_table_names())
    finally:
        await store.close()
    drop, fill, hold = (copy.with_name(f"{copy.name}.{part}.sql") for part in ("drop", "fill", "hold"))
    try:
        await _run("pg_restore", None, f"--file={fill}", *_OURS, *_ALL, str(copy))
        drop.write_text(
            "".join(f'DROP TABLE IF EXISTS "{table}" CASCADE;\n' for table in sorted(tables))
            + "".join(f"DROP FUNCTION IF EXISTS {function} CASCADE;\n" for function in _FUNCTIONS)
        )
        hold.write_text(_HOLD.format(backed_up_at=backed_up_at.isoformat(), restored_at=restored_at.isoformat()))
        files = (argument for file in (drop, fill, hold) for argument in ("-f", str(file)))
        await _run("psql", address, "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction", *files, is_quiet=True)
    finally:
        for file in (drop, fill, hold):
            file.unlink(missing_ok=True)


_FUNCTIONS = (
    "audit_entry_refuses()",
    "sandwich_of_coach(varchar)",
    "sandwich_of_school(varchar)",
    "sandwich_takes_part(varchar, text)",
)
"""All functions that steps make."""

_OURS = ("--no-owner", "--no-privileges", "--no-comments")
"""Another server may have other accounts."""

_ALL = ("--enable-row-security",)
"""Row-level security is on for the owner too, and shows all rows to whoever says so (``PGOPTIONS``)."""

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'sandwich' AND pid <> pg_backend_pid()
"""

_HOLD = """
RESET search_path;
SET row_security = on;
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM PUBLIC, CURRENT_USER;
UPDATE installation
SET backed_up_at = '{backed_up_at}', restored_at = '{restored_at}', released_at = NULL, released_by = NULL;
DELETE FROM lease;
DELETE FROM login_code;
DELETE FROM web_session;
DO $$ BEGIN
  IF to_regclass('api_secret') IS NOT NULL THEN
    DELETE FROM api_secret; DELETE FROM api_once;
  END IF;
  IF to_regclass('notice') IS NOT NULL THEN
    DELETE FROM notice;
  END IF;
END $$;
"""
"""What belongs to a database that was put back: no mail leaves, and who works and who is signed in is of that time."""


async def _run(tool: str, address: URL | None, *arguments: str, is_quiet: bool = False) -> None:
    """Run one of PostgreSQL's programs. ``is_quiet``: what it complains of can hold values of rows."""
    process = await asyncio.create_subprocess_exec(
        _find(tool),
        *arguments,
        env={**os.environ, **(_environment(address) if address is not None else {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    if process.returncode:
        lines = [] if is_quiet else complaint.decode(errors="replace").strip().splitlines()
        raise ToolFailed(tool=tool, code=process.returncode, said=f": {lines[-1]}" if lines else "")


def _find(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise ToolMissing(tool=tool)
    return found


def _environment(address: URL) -> dict[str, str]:
    """Return where the database is, as PostgreSQL's programs want to know it; a password is no argument."""

    def first(value: str | Sequence[str] | None) -> str | None:
        return value if value is None or isinstance(value, str) else value[0]

    query = address.query
    values = {
        "PGHOST": first(query.get("host")) or address.host,
        "PGPORT": first(query.get("port")) or (str(address.port) if address.port else None),
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGSSLMODE": first(query.get("ssl")),
        "PGCONNECT_TIMEOUT": "15",
        "PGOPTIONS": f"-c {REGIONS}={EVERYBODYS}",
    }
    return {name: value for name, value in values.items() if value}
