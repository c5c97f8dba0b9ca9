"""What companies gave in a school year, and how far that is towards their share of the costs (field rule 45)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.tables.results import HoursKind
from sandwich.rules.school_years import Period

COMPANY_HOURS = (HoursKind.COMPANY_BEFORE, HoursKind.COMPANY_DURING, HoursKind.COMPANY_AFTER)
"""The hours of companies; all others are of teachers."""

Year = TypeVar("Year", bound=Period)


@dataclass(frozen=True)
class Given:
    """Hours and material, in euros; ``value`` is what all that was confirmed is worth, ``None`` without a rate."""

    confirmed: float = 0
    estimated: float = 0
    material: float = 0
    material_estimated: float = 0
    value: float | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was given, and nothing is expected."""
        return not (self.confirmed or self.estimated or self.material or self.material_estimated)


@dataclass(frozen=True)
class Piece:
    """Hours, or euros of material, of one activity; ``rate`` is what an hour of it counts for."""

    hours: float = 0
    material: float = 0
    is_confirmed: bool = False
    rate: float | None = None


@dataclass(frozen=True)
class Contribution(Generic[Year]):
    """A piece that a company gave, in an activity and a year."""

    company_id: str
    activity_id: str
    year: Year
    piece: Piece


@dataclass(frozen=True)
class Share:
    """How much companies are to give in a school year, and which part of that they confirmed."""

    target: float
    reached: float

    @property
    def percent(self) -> int:
        """The part in whole percents, rounded down: a target is not reached before it is."""
        return int(100 * self.reached / self.target) if self.target else 100


def given(pieces: Iterable[Piece]) -> Given:
    """Add up; only what was confirmed has a value."""
    confirmed = estimated = material = expected = value = 0.0
    has_rate = True
    for piece in pieces:
        if not piece.is_confirmed:
            estimated += piece.hours
            expected += piece.material
            continue
        confirmed += piece.hours
        material += piece.material
        value += piece.material + piece.hours * (piece.rate or 0)
        has_rate = has_rate and (piece.rate is not None or not piece.hours)
    return Given(confirmed, estimated, material, expected, round(value, 2) if has_rate else None)


def share_of(all_given: Given, eligible_costs: float | None, percent: float) -> Share | None:
    """Return how far a region is; ``None`` where its costs, or the rate of an hour, are not known."""
    if eligible_costs is None or all_given.value is None:
        return None
    return Share(round(eligible_costs * percent / 100, 2), all_given.value)
