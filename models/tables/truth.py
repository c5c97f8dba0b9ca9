"""The audit log and the personal values that it points to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Json, Table


class AuditEntry(Identified, Table):
    """One change of one row, chained by hash to the entry before it in the same stream.

    ``stream`` is the activity that the row belongs to, or ``registry``. In ``changes`` a personal value stands as
    the id of its :class:`PersonalValue` and a salted hash. The database refuses to update or delete entries.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("stream", "number"),)
    audited = False

    stream: Mapped[str] = mapped_column(String(24), index=True)
    number: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(8))
    table: Mapped[str] = mapped_column(String(64))
    row: Mapped[str] = mapped_column(String(64))
    changes: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class PersonalValue(Identified, Table):
    """A value about a person, where it can be erased; the audit log holds only its salted hash."""

    __tablename__ = "personal_value"
    audited = False

    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    salt: Mapped[str | None] = mapped_column(String(32))
    value: Mapped[Any | None] = mapped_column(Json)
    erased_at: Mapped[datetime | None]
