"""Agreements: what people settle together, in versions that everybody sees, and who said yes or no to which."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.roles import Role
from models.tables.asking import Via
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
    """One agreement of an activity, told apart by its ``subject``.

    ``accepted_version`` is the number of the last version to which all parties said yes: it holds until they say yes to
    another. ``rounds`` counts the counter-proposals since then.
    """

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("activity_id", "subject"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    subject: Mapped[str] = mapped_column(String(64), default="task-division")
    state: Mapped[AgreementState] = mapped_column(one_of(AgreementState), default=AgreementState.PROPOSED)
    rounds: Mapped[int] = mapped_column(default=0)
    accepted_version: Mapped[int | None]
    accepted_at: Mapped[datetime | None]


class AgreementVersion(Identified, Table):
    """One version; ``digest`` is over its terms, so that everybody says yes to the same one.

    ``proposed_by`` is the side of its author, and ``role`` what the author is in the activity: a version from before
    there were more than two parties has no role.
    """

    __tablename__ = "agreement_version"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id"), index=True)
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    proposed_by: Mapped[Party] = mapped_column(one_of(Party))
    role: Mapped[Role | None] = mapped_column(one_of(Role))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    terms: Mapped[dict[str, Any]] = mapped_column(Json, info=free_text())
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(info=personal("author_id"))
    proposed_at: Mapped[datetime]


class PartyWord(Identified, Table):
    """A yes or a no of one party to a version, as it was with this ``digest``; its author's own yes needs none.

    ``terms`` names the terms that it is a yes to; ``None``: all of them. It ``is_implied`` where a party that had said
    yes left something empty, and another filled it in. ``entered_by_id`` is who typed it, where that was another.
    """

    __tablename__ = "party_word"

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id"), index=True)
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    party: Mapped[Role] = mapped_column(one_of(Role))
    is_yes: Mapped[bool] = mapped_column(default=True)
    terms: Mapped[list[Any] | None] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(info=personal("person_id"))
    is_implied: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    entered_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    via: Mapped[Via] = mapped_column(one_of(Via), default=Via.WEB)
    said_at: Mapped[datetime]
