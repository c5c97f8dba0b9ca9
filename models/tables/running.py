"""What the machine needs to run: the clock's offset, sign-in, leases. None of it is audited."""

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
