"""What all tests share: databases of both kinds, the parts of a running Sandwich, a moment, a known cast.

``store`` and everything built on it runs twice, on SQLite and on PostgreSQL; a test in one of the folders ``ONCE`` or
marked ``story`` runs on one of the two, unless it is marked ``both`` or ``EVERY_DATABASE`` is set (decision 0018). A
PostgreSQL server is started by the suite itself where its binaries are installed; without them those tests are skipped,
and fail where ``CI=true``.
"""

import gc
import os
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime, open_library
from sandwich.settings import Settings, read_settings
from sandwich.store import Store
from tests.support import postgres
from tests.support.cast import Cast
from tests.support.compiled import write_once
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.support.stages import ANY_NUMBER, NOW, REGION, SECRET, Stage, played

KINDS = ("sqlite", "postgresql")

ONCE = ("api", "board", "incoming", "mail", "privacy", "services", "web")
"""Folders whose tests run on one of the databases, unless a file is marked ``both``: there several act at once."""

POSTGRESQL_IN = 8
"""Of what runs once, one test in so many runs on PostgreSQL, where a short one costs more than twice as much."""

write_once()

gc.set_threshold(100_000, 50, 100)  # playbooks and statements are many objects, and none of them is ever garbage

hypothesis.settings.register_profile("sandwich", deadline=None)  # no test is timed: the machine may have other work
hypothesis.settings.load_profile("sandwich")


def pytest_sessionfinish() -> None:
    """Let what nobody holds any more say so. Pytest does it afterwards, five times, which take a second together."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what runs once to one of the databases, by its name, so that it is the same one each time."""
    if os.environ.get("EVERY_DATABASE") or postgres.find_binaries() is None:
        return
    elsewhere = [item for item in items if _runs_once(item) and not _is_at_home(item)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in set(elsewhere)]


def _runs_once(item: pytest.Item) -> bool:
    if item.get_closest_marker("story"):
        return True
    return item.path.parent.name in ONCE and not item.get_closest_marker("both")


def _is_at_home(item: pytest.Item) -> bool:
    """Whether a test that runs once runs on the database of this item."""
    kind = getattr(item, "callspec", None) and item.callspec.params.get("databases")  # type: ignore[attr-defined]
    by_name = zlib.crc32(item.nodeid.partition("[")[0].encode())
    return kind is None or kind == ("postgresql" if by_name % POSTGRESQL_IN == 1 else "sqlite")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL server for all tests."""
    binaries = postgres.find_binaries()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail(postgres.MISSING, pytrace=False)
        pytest.skip(postgres.MISSING)
    with postgres.running(binaries) as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """SQLite files."""
    return SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: postgres.Server) -> Iterator[PostgresDatabases]:
    """Databases on our PostgreSQL server."""
    databases = PostgresDatabases(postgres_server)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def shared_databases(request: pytest.FixtureRequest) -> Databases:
    """PostgreSQL where it is installed, else SQLite: for what is too slow to run on both (decision 0018)."""
    is_needed = postgres.find_binaries() is not None or os.environ.get("CI") == "true"
    found: Databases = request.getfixturevalue("postgres_databases" if is_needed else "sqlite_databases")
    return found


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Both kinds of database, one after the other."""
    name = "sqlite_databases" if request.param == "sqlite" else "postgres_databases"
    found: Databases = request.getfixturevalue(name)
    return found


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Stage | None:
    """Where in the story the test's database begins: with the region if the test wants its cast, else empty."""
    return REGION if "cast" in request.fixturenames else None


@pytest.fixture
def database_url(databases: Databases, stage: Stage | None, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with all tables, and with what the stage put into them."""
    if stage is None:
        url = databases.migrated()
    else:
        url = databases.copy(played(databases, request.getfixturevalue("library"), stage).url)
    yield url
    databases.forget(url)


@pytest_asyncio.fixture
async def store(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """A store with all tables, and with what the stage put into them; where a test runs once, one thing happens at a
    time.
    """
    store = Store(database_url, is_throwaway=_runs_once(request.node))
    yield store
    await store.close()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a development installation on that database.

    One cast is in many activities at once here, so it may get any number of mails; what becomes of the third in a week
    is shown in ``tests/mail/test_room.py``, with the settings that everybody begins with.
    """
    return read_settings(
        {},
        environment="development",
        data=tmp_path,
        database_url=database_url,
        secret_key=SECRET,
        mails_per_week=ANY_NUMBER,
    )


@pytest.fixture(scope="session")
def library() -> Library:
    """The playbooks and forms of this repository."""
    return open_library(read_settings({}, environment="development"))


@pytest.fixture
def now() -> datetime:
    """The moment at which tests begin."""
    return NOW


@pytest_asyncio.fixture
async def runtime(settings: Settings, store: Store, library: Library, now: datetime) -> Runtime:
    """The parts that services work with; the clock stands at ``now`` and ``runtime.clock.set`` moves it."""
    clock = Clock(store)
    await clock.set(now)
    return Runtime(settings, store, clock, library)


@pytest_asyncio.fixture
async def cast(runtime: Runtime) -> Cast:
    """The region De Grienden in the store, everybody by code: ``cast.person("T3")``."""
    return await Cast.read(runtime)
