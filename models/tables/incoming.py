"""What comes back by mail: kept as it came for a while, and for good what it was and what followed from it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Table, one_of


class Came(StrEnum):
    """What a mail that came in is."""

    NEW = "new"  # nobody has looked at it yet
    BOUNCE = "bounce"  # a mail of ours will not arrive
    DELAYED = "delayed"  # a mail of ours has not arrived yet
    AUTOMATIC = "automatic"  # nobody wrote it
    AWAY = "away"  # an automatic answer of somebody who is not there
    CALENDAR = "calendar"  # a calendar says what its owner chose
    REPLY = "reply"  # a person wrote it
    JUNK = "junk"
    TOO_LARGE = "too-large"  # left where it was
    UNREADABLE = "unreadable"  # it could not be handled, however often it was tried


class Incoming(Identified, Table):
    """One mail that came to an address of ours, once however often it is brought.

    Ids and codes only: who wrote what stands in :class:`IncomingContent`. ``key`` is a digest of its Message-ID and the
    address that it came to. ``message_id`` is the mail of ours that it is about, ``person_id`` whom that mail went to.
    ``about`` says what follows from it, as a code; ``call_id`` is the call that it caused.
    """

    __tablename__ = "incoming"
    __table_args__ = (UniqueConstraint("key"), Index("ix_incoming_kind", "kind", "received_at"))

    key: Mapped[str] = mapped_column(String(64))
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"))
    tag: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Came] = mapped_column(one_of(Came), default=Came.NEW)
    about: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)


class IncomingContent(Table):
    """The mail itself, with the sender of its envelope; gone when its term is over. Not audited."""

    __tablename__ = "incoming_content"
    audited = False

    incoming_id: Mapped[str] = mapped_column(ForeignKey("incoming.id"), primary_key=True)
    sender: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(index=True)
