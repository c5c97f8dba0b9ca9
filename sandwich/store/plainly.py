"""What a database says when it cannot work, turned into our own error, which people can read."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sandwich.errors import OutcomeUnknown, StoreUnavailable

_STATES = ("08", "25006", "28", "3D000", "40", "42P01", "42703", "42501", "53", "55P03", "57")
"""PostgreSQL's codes for: no connection, read-only, no entry, no such database, collision, no table, no column, no
right, no room, locked, shutting down. Everything else is a mistake of ours and stays what it is."""


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
        if (
            isinstance(error, OperationalError)
            or type(error) is DatabaseError  # SQLite: the file is damaged
            or error.connection_invalidated
            or _state(error.orig).startswith(_STATES)
        ):
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


def _state(error: BaseException | None) -> str:
    """Return PostgreSQL's five-letter code of what went wrong, or nothing."""
    return str(getattr(error, "sqlstate", None) or "")
