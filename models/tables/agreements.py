"""The task division: who does what, in versions that both sides see."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Json, Table, free_text, one_of, personal


class AgreementState(StrEnum):
    """Where an agreement is."""

    PROPOSED = "proposed"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WAIVED = "waived"


class Party(StrEnum):
    """The two sides."""

    SCHOOL = "school"
    HOST = "host"


class Agreement(Identified, Table):
    """The task division of an activity; ``accepted_version`` is the number that both sides accepted."""

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("activity_id", "subject"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    subject: Mapped[str] = mapped_column(String(64), default="task-division")
    state: Mapped[AgreementState] = mapped_column(one_of(AgreementState), default=AgreementState.PROPOSED)
    rounds: Mapped[int] = mapped_column(default=0)
    accepted_version: Mapped[int | None]
    accepted_at: Mapped[datetime | None]


class AgreementVersion(Identified, Table):
    """One version; ``digest`` is over its terms, so that both sides accept the same one."""

    __tablename__ = "agreement_version"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id"), index=True)
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    proposed_by: Mapped[Party] = mapped_column(one_of(Party))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    terms: Mapped[dict[str, Any]] = mapped_column(Json, info=free_text())
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(info=personal("author_id"))
    proposed_at: Mapped[datetime]
    school_accepted_at: Mapped[datetime | None]
    host_accepted_at: Mapped[datetime | None]
