"""What the machine needs to run: whose database it is, the clock's offset, sign-in, leases. None of it is audited."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Table


class ClockOffset(Table):
    """The one row by which the clock is ahead, in seconds (demo and tests)."""

    __tablename__ = "clock_offset"
    audited = False

    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[float] = mapped_column(default=0)


class Installation(Table):
    """The one row that says whose database this is, and whether it was put back from a backup.

    ``key_mark`` follows from ``identity`` and the installation's secret key. Between ``restored_at`` and
    ``released_at`` no mail leaves; ``backed_up_at`` is the moment that the data are from.
    """

    __tablename__ = "installation"
    audited = False

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(24))
    key_mark: Mapped[str] = mapped_column(String(64))
    backed_up_at: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(String(64))


class LoginCode(Identified, Table):
    """A code that was mailed to a coordinator: ten minutes, one use, few tries; on real time."""

    __tablename__ = "login_code"
    audited = False

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class WebSession(Identified, Table):
    """A coordinator who is logged in; on real time."""

    __tablename__ = "web_session"
    audited = False

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Lease(Table):
    """Who does a job that only one process may do at a time, and until when; on real time."""

    __tablename__ = "lease"
    audited = False

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
