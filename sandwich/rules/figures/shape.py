"""What a figure is: a number with what it rests on, hidden where it would be about somebody (field rule 17)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

FEWEST = 3
"""From how many answers on a figure over a group is told."""


class Unit(StrEnum):
    """What a number counts."""

    COUNT = "count"
    HOURS = "hours"
    EUROS = "euros"
    PERCENT = "percent"
    SCORE = "score"  # the mean of a scale of five
    DAYS = "days"


@dataclass(frozen=True)
class Figure:
    """One number. ``value`` is ``None`` where nothing is known, or, with ``is_hidden``, where too few people answered.

    A percentage is ``part`` of ``of``; a mean rests on ``of`` answers.
    """

    key: str
    unit: Unit
    value: float | None = None
    part: int | None = None
    of: int | None = None
    is_hidden: bool = False


@dataclass(frozen=True)
class Bar:
    """One line of a chart: a value for each of its series, ``None`` where it is hidden or not known.

    ``label`` is a key that the words of the chart explain, or a name that people gave; a percentage is out of ``of``.
    """

    label: str
    values: tuple[float | None, ...]
    of: int | None = None
    is_hidden: bool = False


@dataclass(frozen=True)
class Chart:
    """Bars of one kind."""

    key: str
    unit: Unit
    bars: tuple[Bar, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for bar in self.bars for value in bar.values)


@dataclass(frozen=True)
class Group:
    """Figures that belong together."""

    key: str
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class Sample:
    """The answers that a figure of a school or region rests on, and how many ``others`` the region has besides.

    Where the others are one or two, whoever has the figures of the region could work out what they said.
    """

    values: tuple[float, ...]
    others: int = 0

    @property
    def is_told(self) -> bool:
        """Whether there are enough on both sides."""
        return len(self.values) >= FEWEST and (self.others == 0 or self.others >= FEWEST)

    @property
    def is_hidden(self) -> bool:
        """Whether there are answers, and not enough."""
        return bool(self.values) and not self.is_told


def count(key: str, value: int) -> Figure:
    """Return how many there are; of things, never of answers of people."""
    return Figure(key, Unit.COUNT, value)


def ratio(key: str, part: int, of: int) -> Figure:
    """Return a part of things, never of answers of people, in whole percents; not known of none."""
    return Figure(key, Unit.PERCENT, percent(part, of), part, of)


def percent(part: int, of: int) -> float | None:
    """Return a part in whole percents."""
    return round(100 * part / of) if of else None


def share(key: str, sample: Sample, least: float) -> Figure:
    """Return how many people answered ``least`` or more."""
    if not sample.is_told:
        return Figure(key, Unit.PERCENT, of=len(sample.values), is_hidden=sample.is_hidden)
    return ratio(key, sum(value >= least for value in sample.values), len(sample.values))


def mean(key: str, sample: Sample) -> Figure:
    """Return the mean of a scale, to one decimal."""
    of = len(sample.values)
    if not sample.is_told:
        return Figure(key, Unit.SCORE, of=of, is_hidden=sample.is_hidden)
    return Figure(key, Unit.SCORE, round(sum(sample.values) / of, 1), of=of)


def total(key: str, sample: Sample, unit: Unit = Unit.COUNT) -> Figure:
    """Return what people gave together."""
    if not sample.is_told:
        return Figure(key, unit, of=len(sample.values), is_hidden=sample.is_hidden)
    return Figure(key, unit, round(sum(sample.values), 1), of=len(sample.values))


def spread(sample: Sample, edges: Sequence[float]) -> list[tuple[float, float | None, int]]:
    """Return how many lie from each edge up to the next, in steps so wide that no step has one or two people.

    ``edges`` begin with the lowest; the last step has no end. Nothing where there are too few altogether.
    """
    if not sample.is_told:
        return []
    steps = [(low, high, _between(sample.values, low, high)) for low, high in _pairs(edges)]
    while (place := _thin(steps)) is not None:
        first = max(place - 1, 0)
        (low, _, one), (_, high, other) = steps[first : first + 2]
        steps[first : first + 2] = [(low, high, one + other)]
    return steps


def _thin(steps: Sequence[tuple[float, float | None, int]]) -> int | None:
    """Return the highest step that would tell of somebody."""
    return next((place for place in reversed(range(len(steps))) if 0 < steps[place][2] < FEWEST), None)


def _pairs(edges: Sequence[float]) -> Iterable[tuple[float, float | None]]:
    return zip(edges, [*edges[1:], None], strict=True)


def _between(values: Iterable[float], low: float, high: float | None) -> int:
    return sum(low <= value and (high is None or value < high) for value in values)
