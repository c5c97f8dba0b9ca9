"""One database and three ways into it: read, change (audited) and maintain (not audited)."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVarTuple

from sqlalchemy import Row, Select, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

import sandwich.store.happenings  # noqa: F401 - it listens
from sandwich.failpoints import failpoint
from sandwich.store.audit import TRAIL, ChangeSession, MaintainSession, Trail, lock_stream
from sandwich.store.engine import NOBODYS, PATIENCE, WRITES, open_engine
from sandwich.store.plainly import committing, connecting, told_plainly
from sandwich.store.scope import EVERYTHING, SCOPE, NoScope, NotAllowed, Scope, ScopedSession, of_coach, of_school, tell

Columns = TypeVarTuple("Columns")

_IS_BOUND = text("SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user")


class Store:
    """The database of one installation, on SQLite or PostgreSQL.

    A store as it is opened is for what works for the whole installation. Who works for somebody has it
    :meth:`narrowed`; the web application begins with one that is for nobody.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE, is_throwaway: bool = False) -> None:
        """Describe the database at ``url``; nothing is opened yet.

        ``patience`` is how many seconds we wait for the database, or for another writer, before we give up.
        ``is_throwaway``: it is thrown away if anything goes wrong, and one thing happens at a time (SQLite).
        """
        self.url = make_url(url)
        self.patience = patience
        self.engine = open_engine(self.url, patience, is_throwaway=is_throwaway)
        # Rows of nobody, until a transaction says whose: what forgets to say so sees nothing.
        self._narrow = self.engine if self.is_sqlite else open_engine(self.url, patience, sees=NOBODYS)
        outside = {WRITES: None} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reader, self._narrow_reader = _reading(self.engine), _reading(self._narrow)
        self._glancer = self.engine.execution_options(**outside)
        self._scope: Scope | None = EVERYTHING
        self._turn = asyncio.Lock()

    def narrowed(self, scope: Scope) -> Self:
        """Return the same store for whoever may see no more than ``scope``."""
        return self._within(scope)

    def for_nobody(self) -> Self:
        """Return the same store, which raises :class:`NoScope` until it is narrowed."""
        return self._within(None)

    def _within(self, scope: Scope | None) -> Self:
        other = copy.copy(self)
        other._scope = scope
        return other

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the default database, one file."""
        return self.engine.dialect.name == "sqlite"

    async def is_bound(self) -> bool:
        """Whether PostgreSQL's policies bind our account; a superuser they do not, and SQLite has none."""
        if self.is_sqlite:
            return False
        with told_plainly(), connecting():
            async with self.engine.connect() as connection:
                return bool(await connection.scalar(_IS_BOUND))

    @property
    def path(self) -> Path | None:
        """The database file; ``None`` on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
        if self._narrow is not self.engine:
            await self._narrow.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session that only reads, all of it from one moment; whatever it changes is thrown away."""
        scope = self._whose()
        reader = self._reader if scope.is_everything else self._narrow_reader
        with told_plainly():
            async with self._session(reader, scope, ScopedSession, autoflush=False) as session:
                with connecting():
                    await self._begin(session, scope)
                yield session

    async def glance(self, question: Select[*Columns], **values: Any) -> Row[*Columns]:
        """Return the one row that answers ``question``, outside any transaction: for what is looked at every second.

        To begin and to end one takes longer than the answer. ``values`` are those of its parameters. In a
        narrowed store it takes a transaction all the same: whose rows are seen is said for the length of one.
        """
        if not self._whose().is_everything:
            async with self.read() as session:
                return (await session.execute(question, values)).one()
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
        trail, scope = Trail(actor=actor, at=now), self._whose()
        with told_plainly():
            async with self._my_turn(), self._session(self._writer(scope), scope, ChangeSession) as session:
                session.info[TRAIL] = trail
                with connecting():
                    connection = await self._begin(session, scope, {WRITES: True})
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
        scope = self._whose()
        with told_plainly():
            async with self._my_turn(), self._session(self._writer(scope), scope, MaintainSession) as session:
                with connecting():
                    await self._begin(session, scope, {WRITES: True})
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

    def _whose(self) -> Scope:
        if self._scope is None:
            raise NoScope("whose rows? Narrow the store to what the visitor may see")
        return self._scope

    def _writer(self, scope: Scope) -> AsyncEngine:
        if not scope.may_change:
            raise NotAllowed
        return self.engine if scope.is_everything else self._narrow

    def _session(self, engine: AsyncEngine, scope: Scope, kind: type[ScopedSession], **options: Any) -> AsyncSession:
        return AsyncSession(engine, sync_session_class=kind, expire_on_commit=False, info={SCOPE: scope}, **options)

    async def _begin(
        self, session: AsyncSession, scope: Scope, options: dict[str, Any] | None = None
    ) -> AsyncConnection:
        connection = await session.connection(execution_options=options)
        tells = not self.is_sqlite and not scope.is_everything
        if not scope.is_region:
            if tells:
                await connection.run_sync(tell, EVERYTHING)
            asked = of_school(scope.school_id) if scope.school_id is not None else of_coach(scope.person_id or "")
            session.info[SCOPE] = replace(scope, activities=tuple(await connection.scalars(asked)))
        if tells:
            await connection.run_sync(tell, scope)
        return connection

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


def _reading(engine: AsyncEngine) -> AsyncEngine:
    """Return the same connections for reading: one snapshot for everything that a session reads, as SQLite has it."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
