"""One database and three ways into it: read, change (audited) and maintain (not audited)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from sandwich.errors import StoreUnavailable
from sandwich.store.audit import TRAIL, ChangeSession, Trail, lock_stream

_WRITES = "sandwich_writes"
BUSY_SECONDS = 15
"""How long SQLite waits for another writer before it gives up."""


class Store:
    """The database of one installation, on SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the default database, one file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The database file; ``None`` on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session that only reads; whatever it changes is thrown away."""
        with _told_plainly():
            async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
                yield session

    @asynccontextmanager
    async def change(self, *, now: datetime, actor: str, stream: str | None = None) -> AsyncIterator[AsyncSession]:
        """Open an audited transaction, committed at the end of the block and undone by an exception.

        ``actor`` is a person's id, or what part of the system acts. With ``stream`` (an activity's id) the
        transaction has that activity to itself from the start.
        """
        trail = Trail(actor=actor, at=now)
        with _told_plainly():
            async with AsyncSession(
                self.engine, sync_session_class=ChangeSession, expire_on_commit=False, info={TRAIL: trail}
            ) as session:
                connection = await session.connection(execution_options={_WRITES: True})
                if stream is not None:
                    await connection.run_sync(lock_stream, stream)
                yield session
                await session.commit()

    @asynccontextmanager
    async def maintain(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction for tables that are not audited: clock, drafts, sign-in, leases."""
        with _told_plainly():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                await session.connection(execution_options={_WRITES: True})
                yield session
                await session.commit()


def _engine(url: str) -> AsyncEngine:
    options: dict[str, Any] = {}
    if make_url(url).get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_SECONDS}
    else:
        options["pool_pre_ping"] = True
    engine = create_async_engine(url, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself, or a reader turns into a writer half-way.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _told_plainly:  # noqa: N801 - reads as a phrase where it is used
    """Turn what a database says when it cannot work into our own error, which people can read."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
            raise StoreUnavailable.because(error) from error
