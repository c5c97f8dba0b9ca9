"""SQL that is written once in a process: every test has a database of its own, and all of them are asked the same."""

from typing import Any, ClassVar

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite


class _WritesOnce:
    """A dialect that shares what it wrote with all others of its kind, which would write the same."""

    written: ClassVar[dict[Any, Any]]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Give a new engine what was written for those before it."""
        engine.update_execution_options(compiled_cache=cls.written)


class Sqlite(_WritesOnce, SQLiteDialect_aiosqlite):
    """SQLite's."""

    supports_statement_cache = True
    written: ClassVar[dict[Any, Any]] = {}


class PostgreSQL(_WritesOnce, PGDialect_asyncpg):
    """PostgreSQL's."""

    supports_statement_cache = True
    written: ClassVar[dict[Any, Any]] = {}


def write_once() -> None:
    """From now on let every engine of this process share what others wrote."""
    registry.register("sqlite.aiosqlite", __name__, Sqlite.__name__)
    registry.register("postgresql.asyncpg", __name__, PostgreSQL.__name__)
