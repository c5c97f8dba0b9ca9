"""Activities, their contact moments and people, and their planned steps."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.roles import Role, Stage
from models.tables.base import Identified, Json, Table, free_text, one_of, personal


class ActivityStatus(StrEnum):
    """Where an activity is."""

    CONCEPT = "concept"
    REQUESTED = "requested"
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    FINISHED = "finished"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"


class PlaybookVersion(Table):
    """A playbook as it was when activities started with it; ``digest`` is over its whole content."""

    __tablename__ = "playbook_version"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int]
    definition: Mapped[dict[str, Any]]


class Activity(Identified, Table):
    """One visit, internship, series of meetings, …

    ``part_of_id`` is the activity that started it as one of its parts, ``follows_id`` the one that it came of.
    ``wake_at`` is the next moment at which its flow has something to do (``None``: only an answer or a change
    wakes it); ``run_id`` the Prefect run that carries it now and ``run_number`` how many there have been.
    ``forget_at`` is when the first answer that was for the day only is erased, or somebody who only took material.
    ``asked_anyway`` is why its companies were asked although they had been asked enough, and whose yes that was.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_wake_at", "wake_at"),
        Index("ix_activity_forget_at", "forget_at"),
        # Of a hundred thousand activities a few hundred go on.
        Index("ix_activity_status", "status", "region_id"),
        Index("ix_activity_started_at", "region_id", "started_at"),
    )

    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), index=True)
    kind: Mapped[str] = mapped_column(String(64))
    playbook_digest: Mapped[str] = mapped_column(ForeignKey("playbook_version.digest"))
    title: Mapped[str] = mapped_column(info=free_text())
    purpose: Mapped[str] = mapped_column(String(64))
    status: Mapped[ActivityStatus] = mapped_column(one_of(ActivityStatus), default=ActivityStatus.CONCEPT)
    status_before_hold: Mapped[ActivityStatus | None] = mapped_column(one_of(ActivityStatus))
    company_id: Mapped[str | None] = mapped_column(ForeignKey("company.id"), index=True)
    coordinator_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    # No foreign keys: rows of one table that need each other could not be copied one after the other.
    part_of_id: Mapped[str | None] = mapped_column(String(24), index=True)
    follows_id: Mapped[str | None] = mapped_column(String(24), index=True)
    group_size: Mapped[int | None]
    place: Mapped[str | None] = mapped_column(info=free_text())
    proposed: Mapped[list[Any]] = mapped_column(default=list)
    date_fixed_at: Mapped[datetime | None]
    moves: Mapped[list[Any]] = mapped_column(Json, default=list, info=free_text())
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    overrides: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, info=free_text())
    asked_anyway: Mapped[dict[str, Any] | None] = mapped_column(Json, info=free_text())
    shared_at: Mapped[datetime | None]
    fed_back_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None] = mapped_column(info=personal("coordinator_id"))
    wake_at: Mapped[datetime | None]
    forget_at: Mapped[datetime | None]
    run_id: Mapped[str | None] = mapped_column(String(36))
    run_number: Mapped[int] = mapped_column(default=0)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @property
    def is_online(self) -> bool:
        """Whether people meet online, although the kind has a place: it was changed so, and not moved since."""
        return bool(self.moves) and self.moves[-1].get("online") is True

    @property
    def meets_at(self) -> str | None:
        """Where people meet; ``None`` where that is not known, or where it is online."""
        return None if self.is_online else self.place


class ContactMoment(Identified, Table):
    """One dated meeting of an activity, in UTC; ``absent`` are the participations of which it is known."""

    __tablename__ = "contact_moment"
    __table_args__ = (UniqueConstraint("activity_id", "number"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    number: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    attendance_at: Mapped[datetime | None]
    attendance_presumed: Mapped[bool] = mapped_column(default=False)
    absent: Mapped[list[Any] | None]


class Standing(StrEnum):
    """Whether somebody takes part."""

    INVITED = "invited"
    REGISTERED = "registered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    UNANSWERED = "unanswered"  # registration closed without a word; a yes is still a yes


ACTIVE = (Standing.INVITED, Standing.REGISTERED)
"""Standings of people who take part or still may."""

ANSWERABLE = (*ACTIVE, Standing.UNANSWERED)
"""Standings of people who take part, or can still say that they do."""


class Approval(StrEnum):
    """What the school leader said of somebody's release."""

    NOT_NEEDED = "not_needed"
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


class Presence(StrEnum):
    """Whether somebody was there."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    PARTLY = "partly"
    ABSENT = "absent"
    PRESUMED = "presumed"


class Participation(Identified, Table):
    """One person in one role of one activity; a role that passes on leaves its history here."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("activity_id", "person_id", "role"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(one_of(Role))
    standing: Mapped[Standing] = mapped_column(one_of(Standing), default=Standing.INVITED)
    approval: Mapped[Approval] = mapped_column(one_of(Approval), default=Approval.NOT_NEEDED)
    presence: Mapped[Presence] = mapped_column(one_of(Presence), default=Presence.UNKNOWN)
    replaced_by_id: Mapped[str | None] = mapped_column(ForeignKey("participation.id"))
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class StepState(StrEnum):
    """Where a step is."""

    PLANNED = "planned"
    DONE = "done"
    SKIPPED = "skipped"


class PlanStep(Identified, Table):
    """A step of an activity. The moments follow from the playbook and the dates and are written here for reading.

    ``shown_at`` is when Prefect has the completed task run of the step, so that it is shown exactly once.
    """

    __tablename__ = "plan_step"
    __table_args__ = (UniqueConstraint("activity_id", "step"), Index("ix_plan_step_state", "state", "shown_at"))

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    step: Mapped[str] = mapped_column(String(64))
    stage: Mapped[Stage] = mapped_column(one_of(Stage))
    position: Mapped[int]
    state: Mapped[StepState] = mapped_column(one_of(StepState), default=StepState.PLANNED)
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    skip_reason: Mapped[str | None] = mapped_column(String(64))
