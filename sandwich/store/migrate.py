"""Bring a database to the tables of this version of the program, and tell whether it has them.

``python -m sandwich.store.migrate revision "reason"`` writes the step that is missing, from ``models/tables``. A step
that databases have had is never changed (``tests/store/test_releases.py`` holds its hash): a change is a new step.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, event, inspect, make_url

from sandwich.errors import SandwichError
from sandwich.store.audit import lock_stream
from sandwich.store.engine import PATIENCE, WRITES, open_engine
from sandwich.store.homes import give_homes
from sandwich.store.plainly import connecting, told_plainly

UPGRADING = 60.0
"""Seconds that an upgrade waits for another one, which makes tables anew and may take its time."""

_FOLDER = Path(__file__).parent / "migrations"
R = TypeVar("R")


class DatabaseNotMade(SandwichError):
    """The database has no tables yet. Run `sandwich db upgrade`."""

    dutch = "De database heeft nog geen tabellen. Geef de opdracht `sandwich db upgrade`."


class DatabaseOld(SandwichError):
    """The database was made by an older version ({current}; this one needs {needed}). Make a backup, then run
    `sandwich db upgrade`.
    """

    dutch = (
        "De database is van een oudere versie ({current}; deze heeft {needed} nodig). Maak een reservekopie en geef "
        "dan de opdracht `sandwich db upgrade`."
    )


class DatabaseNew(SandwichError):
    """The database was made by a newer version of Sandwich ({current}; this one knows up to {needed}). Install that
    version, or put back a backup from before the upgrade.
    """

    dutch = (
        "De database is van een nieuwere versie van Sandwich ({current}; deze kent tot en met {needed}). Installeer "
        "die versie, of zet een reservekopie van voor de overgang terug."
    )


class DatabaseForeign(SandwichError):
    """The database has tables, but not ours ({example}). Give SANDWICH_DATABASE_URL a database of its own."""

    dutch = "In de database staan tabellen van iets anders ({example}). Geef SANDWICH_DATABASE_URL een eigen database."


async def upgrade(url: str) -> None:
    """Bring the database at ``url`` up to date, all of it or nothing; several at once wait for each other.

    Raises ``DatabaseNew`` or ``DatabaseForeign`` and then changes nothing, ``StoreUnavailable`` when it cannot be used.
    """
    await _on(url, _upgrade, writes=True)


async def current(url: str) -> str | None:
    """Return the last step that the database has had; ``None`` when it was never made.

    Raises ``DatabaseNew`` when a newer version of the program made it, ``DatabaseForeign`` when it is not ours.
    """
    if _is_missing(url):
        return None  # to look would make an empty file
    return await _on(url, _revision, writes=False)


async def is_current(url: str) -> bool:
    """Whether the database has exactly the tables of this version."""
    return await current(url) == head()


async def ensure_current(url: str) -> None:
    """Return when the database fits this version; raise what is wrong and what to do about it otherwise."""
    found = await current(url)
    if found is None:
        raise DatabaseNotMade
    if found != head():
        raise DatabaseOld(current=found, needed=head())


def head() -> str:
    """Return the last step that this version of the program knows."""
    return str(_script().get_current_head())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _is_missing(url: str) -> bool:
    address = make_url(url)
    return address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file()


async def _on(url: str, work: Callable[[Connection], R], *, writes: bool) -> R:
    """Do ``work`` in one transaction on the database at ``url``."""
    engine = open_engine(make_url(url), UPGRADING if writes else PATIENCE, longest=None)
    if engine.dialect.name == "sqlite" and writes:
        # A step may make a table anew; what points to it is checked at the end.
        event.listen(engine.sync_engine, "connect", _without_foreign_keys)
    try:
        with told_plainly():
            with connecting():
                connection = await engine.connect()
            try:
                await connection.execution_options(**{WRITES: writes})
                async with connection.begin():
                    return await connection.run_sync(work)
            finally:
                await connection.close()
    finally:
        await engine.dispose()


def _without_foreign_keys(connection: Any, _entry: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _revision(connection: Connection) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        tables = sorted(inspect(connection).get_table_names())
        if tables:
            raise DatabaseForeign(example=tables[0])
        return None
    try:
        _script().get_revision(found)
    except CommandError:
        raise DatabaseNew(current=found, needed=head()) from None
    return found


def _upgrade(connection: Connection) -> None:
    lock_stream(connection, "upgrade")
    _revision(connection)
    command.upgrade(_config(connection), "head")
    give_homes(connection)
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if lost:
            raise RuntimeError(f"{len(lost)} rows point to rows that do not exist; nothing was changed")


def _write_step(connection: Connection, reason: str) -> None:
    """Write a step from the difference between the database, brought up to date, and the tables of the program."""
    command.upgrade(_config(connection), "head")
    number = f"{int(head()) + 1:04}"
    command.revision(_config(connection), reason, autogenerate=True, rev_id=number)


async def _main(words: list[str]) -> None:
    if len(words) != 2 or words[0] != "revision":
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/empty.db"
        await _on(url, lambda connection: _write_step(connection, words[1]), writes=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
