"""A connection to SQLite without a thread: every statement is carried out on the spot, and everything else waits.

The driver hands each statement to a thread and back, which takes longer than most statements themselves. Where one
person rehearses there is nobody to hold up.
"""

import sqlite3
from asyncio import Future
from collections.abc import Callable, Generator
from typing import Any

import aiosqlite

Work = tuple[Future[Any] | None, Callable[[], Any]]
"""What the driver puts on its thread's queue: what to do, and where the outcome goes."""


class _OnTheSpot:
    """Takes the place of the queue."""

    def put_nowait(self, work: Work) -> None:
        """Do it, and say what came of it."""
        future, function = work
        try:
            done = function()
        except BaseException as error:
            if future is None:
                raise
            future.set_exception(error)
        else:
            if future is not None:
                future.set_result(done)


class InlineConnection(aiosqlite.Connection):
    """The driver's connection, whose thread is never started."""

    def __init__(self, connector: Callable[[], Any], iter_chunk_size: int) -> None:
        """Describe a connection that ``connector`` opens."""
        super().__init__(connector, iter_chunk_size)
        self._tx = _OnTheSpot()  # type: ignore[assignment]

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        """Open it."""
        return self._connect().__await__()


def connect_inline(database: str, **options: Any) -> InlineConnection:
    """Describe a connection as ``aiosqlite.connect`` does."""
    return InlineConnection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
