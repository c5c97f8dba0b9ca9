"""Fresh databases for tests: migrated once, then copied."""

import asyncio
import itertools
import shutil
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg

from sandwich.store.migrate import upgrade
from tests.support.postgres import Server

T = TypeVar("T")


class Databases(Protocol):
    """One kind of database."""

    def empty(self) -> str:
        """Return the address of a database that has no tables."""

    def migrated(self) -> str:
        """Return the address of a database that has all tables and no rows."""

    def copy(self, url: str) -> str:
        """Return the address of a copy of a database that nobody is connected to."""

    def forget(self, url: str) -> None:
        """Throw the database away."""


class SqliteDatabases:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._template: Path | None = None

    def empty(self) -> str:
        """Return the address of a file that does not exist yet."""
        return f"sqlite+aiosqlite:///{self._folder / f'{next(self._numbers)}.db'}"

    def migrated(self) -> str:
        """Return the address of a copy of the migrated file."""
        if self._template is None:
            self._template = self._folder / "template.db"
            apart(upgrade(f"sqlite+aiosqlite:///{self._template}"))
        url = self.empty()
        shutil.copyfile(self._template, url.removeprefix("sqlite+aiosqlite:///"))
        return url

    def copy(self, url: str) -> str:
        """Return the address of a copy of the file."""
        copy = self.empty()
        shutil.copyfile(url.removeprefix("sqlite+aiosqlite:///"), copy.removeprefix("sqlite+aiosqlite:///"))
        return copy

    def forget(self, url: str) -> None:
        """Delete the file and its journal."""
        for ending in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite+aiosqlite:///") + ending).unlink(missing_ok=True)


class PostgresDatabases:
    """Databases on one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="databases")
        self._thread.start()
        self._connection = self._do(asyncpg.connect(user=server.user, host=str(server.folder), database="postgres"))
        self._numbers = itertools.count(1)
        self._template: str | None = None
        # In memory to copy files is four times as fast as to write them through the log; before 15 there is no choice.
        self._how = " STRATEGY FILE_COPY" if self._connection.get_server_version().major >= 15 else ""

    def empty(self) -> str:
        """Make a database without tables."""
        return self._make("template0")

    def migrated(self) -> str:
        """Make a copy of the migrated database."""
        if self._template is None:
            url = self.empty()
            apart(upgrade(url))
            self._template = self._name(url)
        return self._make(self._template)

    def filled(self, statements: str) -> str:
        """Make a database with what plain SQL puts into it."""
        url = self.empty()

        async def fill() -> None:
            own = await asyncpg.connect(user=self._server.user, host=str(self._server.folder), database=self._name(url))
            await own.execute(statements)
            await own.close()

        self._do(fill())
        return url

    def owned(self) -> str:
        """Make a database without tables for an account that owns it and is no superuser, as an installation has it."""
        url = self.empty()
        name = self._name(url)
        self._run(f"CREATE ROLE owner_of_{name} LOGIN")
        self._run(f"ALTER DATABASE {name} OWNER TO owner_of_{name}")
        return url.replace("//sandwich@", f"//owner_of_{name}@")

    def by_administrator(self, url: str) -> str:
        """Return the address of the same database for whoever set the server up."""
        return self._server.url(self._name(url))

    def copy(self, url: str) -> str:
        """Return the address of a copy of the database."""
        return self._make(self._name(url))

    def forget(self, url: str) -> None:
        """Drop the database, whoever is still connected."""
        self._run(f"DROP DATABASE IF EXISTS {self._name(url)} WITH (FORCE)")

    def _make(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}{self._how}")
        return self._server.url(name)

    def _name(self, url: str) -> str:
        return url.partition("@/")[2].partition("?")[0]

    def close(self) -> None:
        """Leave the server."""
        self._do(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, statement: str) -> None:
        self._do(self._connection.execute(statement))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Do ``work`` in an event loop of its own: a test may be running in this thread's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@contextmanager
def a_database(databases: Databases) -> Iterator[str]:
    """Give a migrated database for the length of the block."""
    url = databases.migrated()
    try:
        yield url
    finally:
        databases.forget(url)
