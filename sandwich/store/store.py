"""One database and three ways into it: read, change (audited) and maintain (not audited)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVarTuple

from sqlalchemy import Row, Select, make_url
from sqlalchemy.ext.asyncio import AsyncSession

import sandwich.store.happenings  # noqa: F401 - it listens
from sandwich.failpoints import failpoint
from sandwich.store.audit import TRAIL, ChangeSession, MaintainSession, Trail, lock_stream
from sandwich.store.engine import PATIENCE, WRITES, open_engine
from sandwich.store.plainly import committing, connecting, told_plainly

Columns = TypeVarTuple("Columns")


class Store:
    """The database of one installation, on SQLite or PostgreSQL."""

    def __init__(self, url: str, *, patience: float = PATIENCE, is_throwaway: bool = False) -> None:
        """Describe the database at ``url``; nothing is opened yet.

        ``patience`` is how many seconds we wait for the database, or for another writer, before we give up.
        ``is_throwaway``: it is thrown away if anything goes wrong, and one thing happens at a time (SQLite).
        """
        self.url = make_url(url)
        self.patience = patience
        self.engine = open_engine(self.url, patience, is_throwaway=is_throwaway)
        # One snapshot for everything that a session reads, as SQLite has it anyway.
        self._reader = self.engine
        if not self.is_sqlite:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        outside = {WRITES: None} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._glancer = self.engine.execution_options(**outside)
        self._turn = asyncio.Lock()

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
        """Open a session that only reads, all of it from one moment; whatever it changes is thrown away."""
        with told_plainly():
            async with AsyncSession(self._reader, expire_on_commit=False, autoflush=False) as session:
                with connecting():
                    await session.connection()
                yield session

    async def glance(self, question: Select[*Columns], **values: datetime) -> Row[*Columns]:
        """Return the one row that answers ``question``, outside any transaction: for what is looked at every second.

        To begin and to end one takes longer than the answer. ``values`` are those of its parameters.
        """
        with told_plainly():
            connection = self._glancer.connect()
            with connecting():
                await connection.start()
            try:
                return (await connection.execute(question, values)).one()
            finally:
                await connection.close()

    @asynccontextmanager
    async def change(self, *, now: datetime, actor: str, stream: str | None = None) -> AsyncIterator[AsyncSession]:
        """Open an audited transaction, committed at the end of the block and undone by an exception.

        ``actor`` is a person's id, or what part of the system acts. With ``stream`` (an activity's id) the
        transaction has that activity to itself from the start.
        """
        trail = Trail(actor=actor, at=now)
        with told_plainly():
            async with (
                self._my_turn(),
                AsyncSession(
                    self.engine, sync_session_class=ChangeSession, expire_on_commit=False, info={TRAIL: trail}
                ) as session,
            ):
                with connecting():
                    connection = await session.connection(execution_options={WRITES: True})
                if stream is not None:
                    await connection.run_sync(lock_stream, stream)
                    trail.held.add(stream)
                yield session
                await session.flush()
                await failpoint("change-committing")
                with committing():
                    await session.commit()
                await failpoint("change-committed")

    @asynccontextmanager
    async def maintain(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction for tables that are not audited: clock, drafts, sign-in, leases."""
        with told_plainly():
            async with (
                self._my_turn(),
                AsyncSession(self.engine, sync_session_class=MaintainSession, expire_on_commit=False) as session,
            ):
                with connecting():
                    await session.connection(execution_options={WRITES: True})
                yield session
                await session.flush()
                with committing():
                    await session.commit()
                await failpoint("upkeep-committed")

    async def scrub(self) -> None:
        """Make sure that nothing that was erased is left in the file: rewrite it and empty its journal.

        Only for SQLite, where deleted text could stay in unused parts of the file. PostgreSQL's own vacuum does
        this by itself in time. It takes the whole database for as long as it lasts, about a second per 100 MB.
        """
        if not self.is_sqlite:
            return
        with told_plainly(), connecting():
            async with self._my_turn(), self.engine.connect() as connection:
                outside = await connection.execution_options(**{WRITES: None})
                await outside.exec_driver_sql("VACUUM")
                busy, *_ = (await outside.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
                if busy:
                    raise TimeoutError

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        """On SQLite, let the writers of this process in one by one, first come first served.

        SQLite would do it too, but by asking again and again, and whoever comes late may be lucky.
        """
        if not self.is_sqlite:
            yield
            return
        with connecting():
            async with asyncio.timeout(self.patience):
                await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()
