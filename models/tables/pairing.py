"""Who meets whom: pairs of a teacher and a professional, and rounds of short talks."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Json, Table, one_of


class PairState(StrEnum):
    """Where a pair is."""

    PROPOSED = "proposed"  # only the coordinator knows
    OFFERED = "offered"  # everybody in it is asked
    MADE = "made"
    DECLINED = "declined"  # somebody said no
    DROPPED = "dropped"  # the coordinator, or somebody's leaving, took it apart


LIVE = (PairState.PROPOSED, PairState.OFFERED, PairState.MADE)
"""States in which the people of a pair look for nobody else."""


class Pair(Identified, Table):
    """A teacher and a professional, by their participations, who may learn from each other or want to go on talking.

    ``third_id`` joins them where one side has one person more. ``score`` is out of a hundred, ``reasons`` are its
    parts; neither where both found each other. ``declined_by`` are the noes: by whom, to whom. ``part_id`` is the
    activity that the pair has to itself.
    """

    __tablename__ = "pair"
    __table_args__ = (UniqueConstraint("activity_id", "number"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    teacher_id: Mapped[str] = mapped_column(ForeignKey("participation.id"))
    professional_id: Mapped[str] = mapped_column(ForeignKey("participation.id"))
    third_id: Mapped[str | None] = mapped_column(ForeignKey("participation.id"))
    state: Mapped[PairState] = mapped_column(one_of(PairState), default=PairState.PROPOSED)
    score: Mapped[int | None]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    declined_by: Mapped[list[Any]] = mapped_column(default=list)
    made_at: Mapped[datetime | None]
    proposed_at: Mapped[datetime]
    part_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in it, the third last."""
        return (self.teacher_id, self.professional_id, *((self.third_id,) if self.third_id else ()))


class RoundPlan(Identified, Table):
    """All rounds of an evening, held ones too, as they were planned at one moment; the last one counts.

    ``rounds`` holds for each its number, its talks and who pauses, by participation. Up to ``held`` they have been.
    ``stays`` is what was noted of people who are not there all the time: by participation the first round and the last
    (``None``: to the end; 0: not at all). ``digest`` is over the people and wishes that it was made from: the same
    again needs no other plan.
    """

    __tablename__ = "round_plan"
    __table_args__ = (UniqueConstraint("activity_id", "number"),)

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    rounds: Mapped[list[Any]]
    held: Mapped[int] = mapped_column(default=0)
    gaps: Mapped[int] = mapped_column(default=0)
    stays: Mapped[dict[str, Any] | None] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
