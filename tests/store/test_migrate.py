"""The tables come from migrations, and a database that does not fit the program is told so."""

import asyncio
import os

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from models.tables import Table
from models.text import Language
from sandwich.errors import StoreUnavailable
from sandwich.store import Store, migrate, steps
from tests.support.databases import Databases

pytestmark = pytest.mark.asyncio


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Table.metadata))


def _shape(connection: Connection) -> dict[str, object]:
    """Describe every table as the database itself does."""
    look = inspect(connection)
    return {
        name: {
            "columns": {column["name"]: (str(column["type"]), column["nullable"]) for column in look.get_columns(name)},
            "primary key": look.get_pk_constraint(name)["constrained_columns"],
            "foreign keys": sorted(str(key) for key in look.get_foreign_keys(name)),
            "unique": sorted(str(sorted(key["column_names"])) for key in look.get_unique_constraints(name)),
            "indexes": sorted(f"{index['name']} {index['column_names']}" for index in look.get_indexes(name)),
        }
        for name in look.get_table_names()
        if name != "alembic_version"
    }


async def test_migrated_tables_are_those_of_the_program(store: Store) -> None:
    """Nobody changed a table and forgot the step, which ``python -m sandwich.store.migrate revision "why"`` writes."""
    async with store.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_migrated_tables_are_those_made_directly(store: Store, databases: Databases) -> None:
    """Column by column, key by key, also what Alembic does not compare."""
    url = databases.empty()
    direct = Store(url)
    async with direct.engine.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
        expected = await connection.run_sync(_shape)
    await direct.close()
    async with store.engine.connect() as connection:
        assert await connection.run_sync(_shape) == expected
    assert len(expected) == len(Table.metadata.tables) > 25


async def test_upgrade_twice_changes_nothing(database_url: str) -> None:
    """An upgrade of a database that is up to date is nothing."""
    await migrate.upgrade(database_url)
    assert await migrate.current(database_url) == migrate.head()
    assert await migrate.is_current(database_url)
    await migrate.ensure_current(database_url)


async def test_upgrades_at_once_wait_for_each_other(databases: Databases) -> None:
    """Several processes that start together make the tables once."""
    url = databases.empty()
    await asyncio.gather(*(migrate.upgrade(url) for _ in range(4)))
    assert await migrate.is_current(url)


async def test_database_never_made(databases: Databases) -> None:
    """A new installation is told what to type, and looking makes no file."""
    url = databases.empty()
    assert await migrate.current(url) is None
    with pytest.raises(migrate.DatabaseNotMade, match="Run `sandwich db upgrade`"):
        await migrate.ensure_current(url)
    if url.startswith("sqlite"):
        assert not os.path.exists(url.partition("///")[2])  # noqa: ASYNC240 - nobody waits for it


async def test_reading_a_database_never_made(databases: Databases) -> None:
    """Whoever uses it all the same gets a sentence in the reader's language."""
    store = Store(databases.empty())
    with pytest.raises(StoreUnavailable) as caught:
        async with store.read() as session:
            await session.execute(text("SELECT 1 FROM person"))
    await store.close()
    assert "run `sandwich db upgrade`" in caught.value.to(Language.ENGLISH)
    assert "geef de opdracht `sandwich db upgrade`" in caught.value.to(Language.DUTCH)


async def _stamp(url: str, revision: str) -> None:
    store = Store(url)
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    await store.close()


async def test_database_of_a_newer_version_is_refused(database_url: str) -> None:
    """A newer version's tables are never touched by an older program."""
    await _stamp(database_url, "9999")
    for refused in (migrate.upgrade, migrate.current, migrate.is_current, migrate.ensure_current):
        with pytest.raises(migrate.DatabaseNew, match="9999; this one knows up to") as caught:
            await refused(database_url)
    assert "nieuwere versie van Sandwich (9999;" in caught.value.to(Language.DUTCH)


async def test_the_step_of_a_database_is_found_without_what_takes_the_steps(
    database_url: str, databases: Databases
) -> None:
    """What reads only asks for it, and is as quick as before."""
    assert steps.newest() == migrate.head()
    for url, found in ((database_url, migrate.head()), (databases.empty(), None)):
        store = Store(url)
        assert await steps.step_of(store) == found
        await store.close()


async def test_database_of_something_else_is_refused(databases: Databases) -> None:
    """Our tables do not go between somebody else's."""
    url = databases.empty()
    store = Store(url)
    async with store.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    await store.close()
    with pytest.raises(migrate.DatabaseForeign, match="invoices"):
        await migrate.upgrade(url)
    with pytest.raises(migrate.DatabaseForeign):
        await migrate.ensure_current(url)


async def test_a_step_that_fails_leaves_nothing(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an upgrade does not exist."""
    url = databases.empty()
    monkeypatch.setattr("sandwich.store.migrations.guards._SQLITE", ("CREATE NONSENSE",))
    monkeypatch.setattr("sandwich.store.migrations.guards._POSTGRESQL", ("CREATE NONSENSE",))
    with pytest.raises((DBAPIError, StoreUnavailable)):
        await migrate.upgrade(url)
    monkeypatch.undo()
    assert await migrate.current(url) is None
    await migrate.upgrade(url)
    assert await migrate.is_current(url)
