"""What all tables share: identifiers, UTC times, JSON, states, and the marks that the audit log reads."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = bytes(
    _ALPHABET[byte % len(_ALPHABET)] for byte in range(256)
)  # 256 is a multiple of 32: no letter is likelier


_counted: ContextVar[Iterator[int] | None] = ContextVar("counted", default=None)


def new_id() -> str:
    """Return a new identifier: 24 letters and digits, 120 random bits, none of them easily misread."""
    counted = _counted.get()
    if counted is not None:
        return f"{next(counted):024}"
    return secrets.token_bytes(24).translate(_LETTERS).decode("ascii")


@contextmanager
def counted_ids() -> Iterator[None]:
    """Let new identifiers count up as long as the block runs: rows of the same moment stand in the order of their
    writing, so that a rehearsal goes the same way each time. Never where anybody else can reach the database meanwhile,
    nor where it holds anybody who is not made up.
    """
    token = _counted.set(count(1))
    try:
        yield
    finally:
        _counted.reset(token)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses moments without a time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every moment back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def one_of(kind: type[StrEnum]) -> Enum:
    """Column type for a small closed set of words, stored as those words."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


PERSONAL = "personal"
"""Key in a column's ``info``: the attribute of the row that names the person whose value it holds."""

ERASED = "erased"
"""What stands where a personal value was; a list or a mapping becomes empty instead."""


def personal(owner: str) -> dict[str, Any]:
    """Mark a column as personal: the audit log keeps a hash, the value stands where it can be erased."""
    return {PERSONAL: owner}


def free_text() -> dict[str, Any]:
    """Mark a column that is nobody's own but whose text may name people: it too stands where it can be erased."""
    return {PERSONAL: ""}


class Table(DeclarativeBase):
    """Base of all tables. ``audited`` tables are written to the audit log with every change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[Any]: Json,
        Any: Json,
        str: Text(),
    }
    audited: ClassVar[bool] = True


class Identified:
    """Mixin: a random identifier as primary key."""

    id: Mapped[str] = mapped_column(String(24), primary_key=True, default=new_id)
