"""All figures of a period: the groups of the dashboard and the year report, and what changed over the years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandwich.rules.figures import counting, results
from sandwich.rules.figures.counting import Gifts, Network
from sandwich.rules.figures.rows import Rows, Year
from sandwich.rules.figures.shape import Chart, Figure, Group
from sandwich.rules.school_years import Period, years_before

YEARS = 3
"""So many years stand beside each other: this one and those before it."""


@dataclass(frozen=True)
class Trend:
    """The same figures for several years, the newest last; a line for each of them."""

    periods: tuple[Period, ...]
    lines: tuple[tuple[Figure, ...], ...]


@dataclass(frozen=True)
class Figures:
    """A period in figures. ``left_out`` are teachers who were there and objected: they are in none."""

    period: Period
    groups: tuple[Group, ...]
    trend: Trend
    schools: Chart
    wishes: tuple[tuple[str, int], ...]
    held: frozenset[str]
    left_out: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known of the period."""
        return not any(figure.value for group in self.groups for figure in group.figures if figure.key in _SIGNS)

    def figure(self, key: str) -> Figure:
        """Return one figure; raises ``KeyError`` for one that there is not."""
        return {one.key: one for group in self.groups for one in group.figures}[key]


_SIGNS = frozenset({"started", "held", "cancelled", "goes_on", "hours_confirmed", "hours_estimated"})
"""Without any of these there was nothing in a period."""

_TREND = ("held", "complete", "teachers", "hours_confirmed", "hours_estimated", "response", "satisfaction")


def figures(
    rows: Rows,
    period: Period,
    gifts: Gifts,
    network: Network,
    *,
    school_id: str | None = None,
    schools: Mapping[str, str] | None = None,
) -> Figures:
    """Return everything about a period, for the region or one school; ``schools`` are the names of those to compare."""
    year = rows.of(period, school_id)
    periods = tuple(years_before(period, back) for back in reversed(range(YEARS)))
    before = [_first(rows.of(one, school_id), gifts, network) for one in periods[:-1]]
    groups = _groups(year, gifts, network)
    lines = [[one for group in every for one in group.figures] for every in (*before, groups)]
    return Figures(
        period=period,
        groups=groups,
        trend=Trend(periods, tuple(_of_years(key, lines) for key in _TREND)),
        schools=counting.by_school(year, schools or {}),
        wishes=results.wishes(year),
        held=frozenset(year.held),
        left_out=len(counting.left_out(year)),
    )


def _first(year: Year, gifts: Gifts, network: Network) -> tuple[Group, ...]:
    """Return the groups that years are compared by."""
    return (
        counting.sandwich(year),
        counting.activities(year, network),
        counting.reach(year, network),
        counting.companies(year, gifts, network),
        counting.process(year),
        results.reaction(year),
    )


def _groups(year: Year, gifts: Gifts, network: Network) -> tuple[Group, ...]:
    return (
        *_first(year, gifts, network),
        results.learning(year),
        results.use(year),
        results.school(year),
        results.pupils(year),
        results.relations(year),
    )


def _of_years(key: str, lines: Sequence[Sequence[Figure]]) -> tuple[Figure, ...]:
    return tuple(next(one for one in line if one.key == key) for line in lines)
