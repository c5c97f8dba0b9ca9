"""A real Prefect server, an installation of its own for every module, and its database without any worker."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from sandwich.orchestration.server import Prefect
from tests.support.carried import Carried, Installation
from tests.support.databases import Databases, SqliteDatabases
from tests.support.prefect import running_prefect

BEGIN = datetime(2026, 9, 24, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def prefect(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Prefect:
    """The session's Prefect server."""
    return running_prefect(pytestconfig, tmp_path_factory.mktemp("prefect"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one module."""
    return tmp_path_factory.mktemp("installation")


@pytest.fixture(scope="session")
def carrying_databases(sqlite_databases: SqliteDatabases) -> Databases:
    """The kind of database that activities are carried on; the tests of the flows take another (decision 0018)."""
    return sqlite_databases


@pytest.fixture(scope="module")
def installation(prefect: Prefect, carrying_databases: Databases, folder: Path) -> Iterator[Installation]:
    """An installation for one module; its clock begins on the first day of activity A1."""
    url = carrying_databases.migrated()
    yield Installation.make(prefect, url, folder, BEGIN)
    carrying_databases.forget(url)


@pytest_asyncio.fixture
async def carried(installation: Installation) -> AsyncIterator[Carried]:
    """The installation, opened in the loop of one test, and a client of its Prefect."""
    from prefect.client.orchestration import get_client

    opened = installation.open()
    async with get_client() as client:
        yield Carried(opened, client)
    await opened.close()
