"""The audit log and the personal values that it points to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Table

AsWritten = JSON(none_as_null=True)
"""JSON kept as the text that was written, on every database: what is hashed must come back the same (1e16, 1.0)."""


class AuditEntry(Identified, Table):
    """One change of one row, chained by hash to the entry before it in the same stream.

    ``stream`` is the activity that the row belongs to, or ``registry``. In ``changes`` a personal value stands as
    the id of its :class:`PersonalValue` and a salted hash. The database refuses to update or delete entries.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("stream", "number"),)
    audited = False

    stream: Mapped[str] = mapped_column(String(24))
    number: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(8))
    table: Mapped[str] = mapped_column(String(64))
    row: Mapped[str] = mapped_column(String(64))
    changes: Mapped[dict[str, Any]] = mapped_column(AsWritten)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class PersonalValue(Identified, Table):
    """A value about a person, where it can be erased; the audit log holds only its salted hash.

    ``stream``, ``table`` and ``column`` say where it was written, so that nobody has to search the log for it.
    ``person_id`` is empty for a text that is nobody's own but may name people.
    """

    __tablename__ = "personal_value"
    audited = False

    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    stream: Mapped[str] = mapped_column(String(24), index=True)
    table: Mapped[str] = mapped_column(String(64))
    column: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(32))
    value: Mapped[Any | None] = mapped_column(AsWritten)
    erased_at: Mapped[datetime | None]
