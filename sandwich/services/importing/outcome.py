"""What an import does, or would do: row by row, with every value that changes, or why a row is refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.text import Text
from sandwich.errors import SandwichError


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Change:
    """A value that becomes another one, as people read them; ``before`` is empty where there was none."""

    column: Text
    before: str
    after: str


@dataclass(frozen=True)
class RowResult:
    """One row: whom or what it is about, and what becomes of it."""

    number: int
    outcome: Outcome
    about: str
    changes: tuple[Change, ...] = ()
    problems: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Report:
    """All rows of an import."""

    rows: tuple[RowResult, ...]

    @property
    def counts(self) -> Counter[Outcome]:
        """How many rows there are of each outcome."""
        return Counter(row.outcome for row in self.rows)

    @property
    def refused(self) -> tuple[RowResult, ...]:
        """The rows that cannot be taken."""
        return tuple(row for row in self.rows if row.outcome is Outcome.REFUSED)


MOST_TOLD = 50
"""Mistakes that are listed; whoever has more has made one of them many times."""


class ImportRefused(SandwichError):
    """Nothing was imported: of {rows} rows {refused} cannot be taken."""

    dutch = "Er is niets geïmporteerd: van {rows} rijen zijn er {refused} niet te gebruiken."

    def __init__(self, report: Report) -> None:
        """List what is wrong, by row."""
        super().__init__(rows=len(report.rows), refused=len(report.refused))
        self.report = report
        told = mistakes_of(report.refused)
        more = len(told) - MOST_TOLD
        whole = Text(nl=type(self).dutch, en=type(self).__doc__ or "").filled(**self.values)
        self.mistakes = (whole, *told[:MOST_TOLD], *((_MORE.filled(count=more),) if more > 0 else ()))


def mistakes_of(rows: Sequence[RowResult]) -> list[Text]:
    """Return what is wrong with rows, a line for each mistake."""
    return [_MISTAKE.filled(number=row.number, said=said) for row in rows for said in row.problems]


_MISTAKE = Text(nl="- rij {number}: {said}", en="- row {number}: {said}")
_MORE = Text(nl="- en nog {count}.", en="- and {count} more.")
