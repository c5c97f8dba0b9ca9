"""The figures of a kind: all of them defaults that a school may change."""

from typing import Self

from pydantic import Field, model_validator

from models.moments import Moment, MomentRule, Unit
from models.roles import Host
from models.text import Definition, Misfit


class Group(Definition):
    """How many people a kind is meant for."""

    minimum: int = Field(ge=1)
    maximum: int = Field(ge=1)


class Meetings(Definition):
    """How many contact moments a kind has, and how far apart they are planned where nobody says their dates."""

    count: int = Field(default=1, ge=1, le=40)
    minimum: int = Field(default=1, ge=1)
    maximum: int = Field(default=1, ge=1, le=40)
    apart: int = Field(default=1, ge=1)
    unit: Unit = Unit.WEEKS

    @model_validator(mode="after")
    def _is_between(self) -> Self:
        if not self.minimum <= self.count <= self.maximum:
            raise Misfit("count ligt tussen minimum en maximum", "count must lie between minimum and maximum")
        return self


class Certificate(Definition):
    """Who gets a certificate: whoever looked back and was there for this share of the contact moments."""

    present: float = Field(gt=0, le=1)


class Rounds(Definition):
    """Short talks in rounds, in minutes: how long a talk and a change take, and all of it ``at_most``.

    ``together`` teachers may sit with one professional; where not everybody can meet everybody there are ``rounds``.
    """

    minutes: int = Field(default=10, ge=1, le=120)
    change: int = Field(default=2, ge=0, le=60)
    together: int = Field(default=2, ge=1, le=20)
    at_most: int = Field(default=100, ge=1, le=600)
    rounds: int = Field(default=8, ge=1, le=60)


class Matching(Definition):
    """What counts for how much when pairs are proposed, in points out of a hundred; ``minutes`` away is near."""

    topics: int = Field(default=40, ge=0)
    goals: int = Field(default=20, ge=0)
    travel: int = Field(default=20, ge=0)
    days: int = Field(default=20, ge=0)
    minutes: int = Field(default=30, ge=0)

    @model_validator(mode="after")
    def _is_a_hundred(self) -> Self:
        total = self.topics + self.goals + self.travel + self.days
        if total != 100:
            raise Misfit(
                "topics, goals, travel en days zijn samen honderd punten, en dit zijn er {total}",
                "topics, goals, travel and days must be a hundred points together, and these are {total}",
                total=total,
            )
        return self


class Parameters(Definition):
    """Figures of a kind (field rule 11); all of them defaults that an activity may change.

    ``group`` counts the teachers, ``professionals`` who comes from outside. At ``closes`` an activity that nobody ended
    closes by itself (field rule 23).
    """

    lead_weeks: int = Field(ge=0, le=30)
    hours: float = Field(gt=0)
    group: Group
    professionals: Group | None = None
    host: Host = Host.COMPANY
    meetings: Meetings = Meetings()
    evaluation_window: MomentRule
    closes: MomentRule = Moment(anchor="E", offset=90)
    certificate: Certificate | None = None
    rounds: Rounds | None = None
    matching: Matching | None = None
