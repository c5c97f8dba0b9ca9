"""Asking and answering: invitations, the links to them, drafts, submissions and uploads."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Json, Table, one_of, personal


class FormVersion(Table):
    """A form as it was asked, self-contained; ``digest`` is over its whole content, lists and scales included."""

    __tablename__ = "form_version"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int]
    definition: Mapped[dict[str, Any]]


class InvitationState(StrEnum):
    """Where an invitation is. Reminders are counted apart."""

    PLANNED = "planned"
    SENT = "sent"
    OPENED = "opened"  # the first answer was typed or chosen
    DRAFT = "draft"  # part of the answers was kept
    ANSWERED = "answered"
    PHONED = "phoned"  # answered by phone, typed in by the coordinator
    COUNTERED = "countered"  # answered with a counter-proposal
    REFUSED = "refused"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    CLOSED = "closed"  # the window passed; a late answer is still taken


OPEN = (InvitationState.PLANNED, InvitationState.SENT, InvitationState.OPENED, InvitationState.DRAFT)
"""States in which an answer is awaited."""

TIMED = (*OPEN, InvitationState.ANSWERED, InvitationState.PHONED)
"""States in which the next moment of an invitation counts; that of an answer *later* is when it is too late."""

ANSWERED = (InvitationState.ANSWERED, InvitationState.PHONED, InvitationState.COUNTERED, InvitationState.REFUSED)
"""States with an answer."""

FELL_AWAY = (InvitationState.WITHDRAWN, InvitationState.REPLACED)
"""States after which the same person can be asked the same once more."""


class Invitation(Identified, Table):
    """One person asked to fill in one form, once per occurrence.

    ``next_at`` is the next rung of its ladder of reminders (``None``: nothing more comes); ``rung`` how many have
    been climbed.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("activity_id", "step", "form", "participation_id", "occurrence"),
        Index("ix_invitation_next_at", "next_at"),
    )

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    step: Mapped[str] = mapped_column(String(64))
    form: Mapped[str] = mapped_column(String(64))
    variant: Mapped[str | None] = mapped_column(String(64))
    form_digest: Mapped[str] = mapped_column(ForeignKey("form_version.digest"))
    participation_id: Mapped[str] = mapped_column(ForeignKey("participation.id"), index=True)
    occurrence: Mapped[int] = mapped_column(default=1)
    mail: Mapped[str] = mapped_column(String(64))
    state: Mapped[InvitationState] = mapped_column(one_of(InvitationState), default=InvitationState.PLANNED)
    asked_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    profile: Mapped[str] = mapped_column(String(64))
    rung: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    reconfirm: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    waive_reason: Mapped[str | None] = mapped_column(info=personal("waived_by_id"))
    waived_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class Link(Identified, Table):
    """A personal link. The token follows from ``nonce`` and the installation's secret; only its hash is stored.

    It opens one invitation, or, without one, the page with everything that is asked of this participation.
    """

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("participation_id", "invitation_id", "generation"),)

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    nonce: Mapped[str] = mapped_column(String(64))
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    participation_id: Mapped[str] = mapped_column(ForeignKey("participation.id"), index=True)
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    generation: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Via(StrEnum):
    """How an answer came in."""

    WEB = "web"
    PHONE = "phone"
    COMMAND = "command"
    MAIL = "mail"  # from a mail or a calendar, where it could be read without a doubt


class Submission(Identified, Table):
    """One filled-in form. All are kept; the last one counts.

    ``person_id`` is whose answer it is, ``entered_by_id`` who typed it (by phone: the coordinator), and
    ``answered_by`` the name given where several people read one mailbox.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("invitation_id", "number"), UniqueConstraint("key"))

    key: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    form: Mapped[str] = mapped_column(String(64))
    form_digest: Mapped[str] = mapped_column(ForeignKey("form_version.digest"))
    number: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    entered_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_by: Mapped[str | None] = mapped_column(info=personal("person_id"))
    via: Mapped[Via] = mapped_column(one_of(Via), default=Via.WEB)
    answers: Mapped[dict[str, Any]] = mapped_column(Json, info=personal("person_id"))
    submitted_at: Mapped[datetime]


class Draft(Table):
    """What somebody has typed so far; replaced with every save, gone with the submission. Not audited."""

    __tablename__ = "draft"
    audited = False

    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id"), primary_key=True)
    typed: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class Upload(Identified, Table):
    """A file that came with an answer; pictures are stored anew, without metadata."""

    __tablename__ = "upload"

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    question: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(info=personal("person_id"))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime]


class UploadContent(Table):
    """The bytes of an upload, apart from the row that the audit log follows."""

    __tablename__ = "upload_content"
    audited = False

    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
