"""What an activity yields: the impression card, consents and hours."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.channels import ConsentChannel
from models.tables.base import Identified, Json, Table, free_text, one_of, personal


class CardState(StrEnum):
    """Where an impression card is."""

    DRAFT = "draft"
    PREVIEWED = "previewed"  # the host was asked
    OBJECTED = "objected"  # the host said no; the coordinator talks with the host
    RELEASED = "released"  # the host said yes
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ShareScope(StrEnum):
    """Who may see what came of it."""

    SCHOOL = "school"
    REGION = "region"


class ImpressionCard(Identified, Table):
    """One page per activity for the whole school, made of what its authors released.

    ``content`` names submissions and the parts of them that the card shows, never their text: what is withdrawn
    or erased is gone from the card too. ``is_restricted`` says that the host kept silent about all of it, or about what
    ``content`` names as ``restricted``: without the company's photos, names of its people and what the task division
    marks as confidential. ``asked`` in ``content`` is what the host is asked about once more.
    """

    __tablename__ = "impression_card"
    __table_args__ = (Index("ix_impression_card_published_at", "state", "published_at"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), unique=True)
    state: Mapped[CardState] = mapped_column(one_of(CardState), default=CardState.DRAFT)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    confidential: Mapped[list[Any]] = mapped_column(Json, default=list, info=free_text())
    is_restricted: Mapped[bool] = mapped_column(default=False)
    share_scope: Mapped[ShareScope] = mapped_column(one_of(ShareScope), default=ShareScope.SCHOOL)
    previewed_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    host_remark: Mapped[str | None] = mapped_column(info=personal("released_by_id"))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Consent(Identified, Table):
    """One yes or no to one channel. Never changed: a later row replaces an earlier one."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("submission_id", "channel"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"), index=True)
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submission.id"))
    channel: Mapped[ConsentChannel] = mapped_column(one_of(ConsentChannel))
    is_given: Mapped[bool]
    said_at: Mapped[datetime]


class HoursKind(StrEnum):
    """Whose hours, and for what."""

    COMPANY_BEFORE = "company_before"
    COMPANY_DURING = "company_during"
    COMPANY_AFTER = "company_after"
    TEACHER_BEFORE = "teacher_before"
    TEACHER_DURING = "teacher_during"
    TEACHER_AFTER = "teacher_after"


class Hours(Identified, Table):
    """Hours that somebody gave; of a company *estimated* until it confirms them."""

    __tablename__ = "hours"
    __table_args__ = (UniqueConstraint("activity_id", "kind", "person_id"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    kind: Mapped[HoursKind] = mapped_column(one_of(HoursKind))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    hours: Mapped[float]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    confirmed_by: Mapped[str | None] = mapped_column(info=personal("person_id"))
    stated_at: Mapped[datetime]


class CompanyValue(Identified, Table):
    """Material or room that a company gave, in euros, and what an hour of it counts for.

    ``person_id`` says so for the company; rows of older releases have none and are of the company that received.
    """

    __tablename__ = "company_value"
    __table_args__ = (UniqueConstraint("activity_id", "person_id"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    material: Mapped[float] = mapped_column(default=0)
    rate: Mapped[float | None]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(String(24))
    stated_at: Mapped[datetime]
