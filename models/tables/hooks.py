"""Webhooks: addresses that are told what happens, and what was sent to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.happenings import Happening
from models.tables.base import Identified, Json, Table, one_of


class Hook(Identified, Table):
    """An address to which a coordinator wants to be told what happens; ``events`` are happenings, none for all.

    Its secret is nowhere: it follows from its id and the installation's own.
    """

    __tablename__ = "hook"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"))
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[Any]] = mapped_column(Json, default=list)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class NoticeState(StrEnum):
    """Where a notice is."""

    WAITING = "waiting"
    TAKEN = "taken"  # the other side said yes
    GIVEN_UP = "given_up"


class Notice(Identified, Table):
    """One thing that happened, for one hook: written with the change itself, sent afterwards, kept for a month.

    ``body`` holds ids only. ``status`` is what the other side answered last, ``why`` why it was not taken.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_due", "state", "due_at"), Index("ix_notice_hook", "hook_id", "queued_at"))
    audited = False

    hook_id: Mapped[str] = mapped_column(ForeignKey("hook.id"))
    event: Mapped[Happening] = mapped_column(one_of(Happening))
    body: Mapped[dict[str, Any]]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[NoticeState] = mapped_column(one_of(NoticeState), default=NoticeState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    why: Mapped[str | None] = mapped_column(String(32))
    ended_at: Mapped[datetime | None]
