"""What a database says when it cannot work, turned into our own error, which people can read."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sandwich.errors import OutcomeUnknown, StoreUnavailable

_STATES = ("08", "25006", "28", "3D000", "40", "42P01", "42703", "42501", "53", "55P03", "57")
"""PostgreSQL's codes for: no connection, read-only, no entry, no such database, collision, no table, no column, no
right, no room, locked, shutting down. Everything else is a mistake of ours and stays what it is."""

_WORDS = ["AUTH", "BUSY", "CANTOPEN", "CORRUPT", "FULL", "IOERR", "LOCKED", "NOMEM", "NOTADB", "PERM", "READONLY"]
_NAMES = tuple(f"SQLITE_{word}" for word in _WORDS)
"""SQLite's names for the same. A table or column that is missing has no name of its own there."""


@contextmanager
def connecting() -> Iterator[None]:
    """Raise ``StoreUnavailable`` when there is no connection to be had in time.

    Drivers raise errors of their own kind here, such as a plain ``OSError``.
    """
    try:
        yield
    except (PoolTimeout, OSError) as error:
        raise StoreUnavailable.because(error) from error
    except Exception as error:
        if _state(error).startswith(_STATES):
            raise StoreUnavailable.because(error) from error
        raise


@contextmanager
def told_plainly() -> Iterator[None]:
    """Raise ``StoreUnavailable`` where the database could not do its work, so that nothing was changed."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or _cannot_work(error.orig):
            raise StoreUnavailable.because(error) from error
        raise


@contextmanager
def committing() -> Iterator[None]:
    """Raise ``OutcomeUnknown`` where the line broke while the database was committing: it may have done so."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise OutcomeUnknown from error
        raise


def _cannot_work(error: BaseException | None) -> bool:
    """Whether the database is in trouble; a mistake in a statement of ours is not its fault."""
    if _state(error).startswith(_STATES):
        return True
    name = str(getattr(error, "sqlite_errorname", None) or "")
    return name.startswith(_NAMES) or (name == "SQLITE_ERROR" and "no such " in str(error))


def _state(error: BaseException | None) -> str:
    """Return PostgreSQL's five-letter code of what went wrong, or nothing."""
    return str(getattr(error, "sqlstate", None) or "")
