"""Connections to SQLite and PostgreSQL, set so that what is committed stays and nobody waits for ever."""

import time
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from sandwich.store.inline import connect_inline

WRITES = "sandwich_writes"
"""Execution option of a connection: whether its transaction will write; ``None`` for no transaction at all (SQLite)."""

PATIENCE = 15.0
"""Seconds that we wait for another writer, or for the database to answer."""

LONGEST = 60.0
"""Seconds after which a statement counts as lost, and with it the line that it went over. Steps of the database, which
may take longer, have no such end.
"""

STATEMENTS = 500
"""Statements that a connection to PostgreSQL keeps prepared: all that we have, so that none is planned again."""

KEPT, MORE = 10, 5
"""Connections to PostgreSQL that a process keeps, and how many more it may have for a moment: what eight runs need at
once is kept, for to connect costs more than all that a step asks.
"""

QUIET = 5.0
"""Seconds without use after which PostgreSQL is asked, before a connection is used, whether it is still there: three
trips. Until then we rely on what our end knows of it, and what is in work notices soon enough.
"""

REGIONS = "sandwich.regions"
"""The setting by which PostgreSQL's policies (step 0017) know whose rows a transaction may see."""

EVERYBODYS, NOBODYS = "*", ""
"""Its values for all rows, and for none."""

_GIVEN_BACK = "sandwich_given_back"

_PLANNING = {"jit": "off"}
"""Policies could ask for more than they do, so PostgreSQL thinks that every statement costs enough to make machine code
for it: with fifteen thousand people it took seconds over what takes a millisecond (decision 57).
"""

_LINE = {
    # A machine that is cut off or frozen in the middle of a change holds what it has locked. PostgreSQL undoes the
    # change as soon as it knows: within a minute, instead of two hours later.
    "idle_in_transaction_session_timeout": "60000",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
    "tcp_user_timeout": "30000",
}


def open_engine(
    url: URL,
    patience: float = PATIENCE,
    longest: float | None = LONGEST,
    *,
    is_throwaway: bool = False,
    sees: str = EVERYBODYS,
) -> AsyncEngine:
    """Describe the connections to the database at ``url``; connects to nothing yet.

    ``sees`` is whose rows PostgreSQL's policies show where a transaction does not say so itself.

    ``is_throwaway``: of a database on SQLite that is thrown away if anything goes wrong, and on which one thing happens
    at a time. It waits for no disk and no thread.
    """
    if url.get_backend_name() == "sqlite":
        inline = {"async_creator_fn": connect_inline} if is_throwaway else {}
        engine = create_async_engine(
            url, connect_args={"timeout": patience, **inline}, pool_timeout=patience, hide_parameters=True
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        if is_throwaway:
            event.listen(engine.sync_engine, "connect", _wait_for_no_disk)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    own = {"lock_timeout": f"{int(patience * 1000)}", "application_name": "sandwich", REGIONS: sees}
    settings = {**own, **_LINE, **_PLANNING}
    engine = create_async_engine(
        url,
        connect_args={
            "timeout": patience,
            "command_timeout": longest,
            "server_settings": settings,
            "prepared_statement_cache_size": STATEMENTS,
        },
        pool_size=KEPT,
        max_overflow=MORE,
        pool_timeout=patience,
        hide_parameters=True,  # values of rows are personal and stay out of error messages and logs
    )
    _look_before_use(engine)
    return engine


def _look_before_use(engine: AsyncEngine) -> None:
    """Let no connection be used whose line broke; then all are made anew, for mostly the server was started again."""

    def given_back(_line: Any, entry: ConnectionPoolEntry) -> None:
        entry.info[_GIVEN_BACK] = time.monotonic()

    def taken(line: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        if line.driver_connection.is_closed():
            raise InvalidatePoolError
        since = entry.info.get(_GIVEN_BACK)
        if since is not None and time.monotonic() - since > QUIET:
            try:
                engine.dialect.do_ping(line)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    event.listen(engine.sync_engine, "checkin", given_back)
    event.listen(engine.sync_engine, "checkout", taken)


_JOURNAL = "journal_mode=WAL"
"""Readers and the writer do not wait for each other."""

_PRAGMAS = (
    "synchronous=FULL",  # a commit is on the disk before it is acknowledged
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten: see Store.scrub
)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself, or a reader turns into a writer half-way.
    connection.isolation_level = None
    try:
        cursor = connection.cursor()
        _keep_journal(cursor)
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except Exception:
        # The pool forgets a connection that fails here, and with it a thread and an open file.
        connection.close()
        raise


def _keep_journal(cursor: Any) -> None:
    """Have a journal for this file. Where several find a new one at once, SQLite lets none of them wait for that."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute(f"PRAGMA {_JOURNAL}")
            return
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.02)


def _wait_for_no_disk(connection: Any, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    if writes is not None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
