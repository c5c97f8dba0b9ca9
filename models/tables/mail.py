"""The outbox: every mail is a row before it is a mail."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Table, one_of, personal


class MessageState(StrEnum):
    """Where a message is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    BUNDLED = "bundled"  # went out inside another message to the same person
    SKIPPED = "skipped"  # no longer needed when its time came
    HELD = "held"  # waits for a person
    FAILED = "failed"
    UNKNOWN = "unknown"  # the line died after the last dot: it may have arrived, and is never resent by itself
    DISCARDED = "discarded"


UNSETTLED = (
    MessageState.QUEUED,
    MessageState.SENDING,
    MessageState.HELD,
    MessageState.FAILED,
    MessageState.UNKNOWN,
)
"""States in which a message still waits for its moment, for its outcome or for a person."""

ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.HELD)
"""States of a mail that will still leave."""


class Message(Identified, Table):
    """One outgoing mail. It holds ids and codes, and is worded at the moment of sending.

    ``key`` is what it is for and unique: a second writing of the same message is refused by the database. ``about``
    are the ids that its template needs; ``needed_if`` the condition that is checked again before it leaves.
    ``counted_on`` is the local day on which it left as one of the mails of its reader's week. ``word`` is what the
    coordinator put at its beginning by hand.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_message_due", "state", "due_at"),
        Index("ix_message_thread", "activity_id", "person_id"),
        Index("ix_message_counted", "person_id", "counted_on"),
    )

    key: Mapped[str] = mapped_column(String(160))
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    participation_id: Mapped[str | None] = mapped_column(ForeignKey("participation.id"))
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    mail: Mapped[str] = mapped_column(String(64))
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    needed_if: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[MessageState] = mapped_column(one_of(MessageState), default=MessageState.QUEUED)
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    counted_on: Mapped[date | None]
    carrier_id: Mapped[str | None] = mapped_column(ForeignKey("message.id"))
    message_id: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    word: Mapped[str | None] = mapped_column(info=personal("person_id"))


class AttemptOutcome(StrEnum):
    """How one try ended."""

    STARTED = "started"  # committed before DATA; stays so when the process dies
    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Attempt(Identified, Table):
    """One try to deliver a message, written down before the first byte of the mail leaves.

    ``counts_for`` is the school, or the region or company, that it is a mail of an hour of; none where it is none, or
    was put off.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("message_id", "number"),
        Index("ix_attempt_counts_for", "counts_for", "started_at"),
    )

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[AttemptOutcome] = mapped_column(one_of(AttemptOutcome), default=AttemptOutcome.STARTED)
    code: Mapped[int | None]
    remark: Mapped[str | None] = mapped_column(info=personal("person_id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    counts_for: Mapped[str | None] = mapped_column(String(24))


class CallState(StrEnum):
    """Where a call is."""

    PLANNED = "planned"  # opens when its moment comes and its condition does not hold
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  # was not needed any more


class Call(Identified, Table):
    """Something the coordinator must do: phone somebody, decide, look at a counter-proposal.

    ``submission_id`` is the answer that it came from, where one made it.
    """

    __tablename__ = "call"
    __table_args__ = (UniqueConstraint("key"), Index("ix_call_due", "state", "due_at"))

    key: Mapped[str] = mapped_column(String(160))
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    what: Mapped[str] = mapped_column(String(64))
    step: Mapped[str | None] = mapped_column(String(64))
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitation.id"))
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submission.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    unless: Mapped[str | None] = mapped_column(String(64))
    does: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[CallState] = mapped_column(one_of(CallState), default=CallState.OPEN)
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str | None] = mapped_column(info=personal("done_by_id"))
