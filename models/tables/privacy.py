"""What a region agreed to about throwing data away, who was erased, which backups there are, and codes that confirm."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Table


class Retention(Table):
    """One kind of data of one region: nothing of it is removed before it was shown and somebody said yes.

    ``shown`` is how much it was when it was first shown, ``removed`` how much has gone since. ``approved_by`` is a
    person's id, or the part of the system by which an administrator said so.
    """

    __tablename__ = "retention"

    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    shown_at: Mapped[datetime | None]
    shown: Mapped[int] = mapped_column(default=0)
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(64))
    ran_at: Mapped[datetime | None]
    removed: Mapped[int] = mapped_column(default=0)


class Erasure(Table):
    """That somebody was erased, under a digest of their number: what a backup brings back is known again by it."""

    __tablename__ = "erasure"
    audited = False

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime]


class BackupMade(Identified, Table):
    """A backup that was written, and where; whether it is still there is looked at each time."""

    __tablename__ = "backup_made"
    audited = False

    place: Mapped[str]
    made_at: Mapped[datetime]


class Confirmation(Identified, Table):
    """A code that was mailed to somebody who wants something for which a link is not enough; on real time."""

    __tablename__ = "confirmation"
    audited = False

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
