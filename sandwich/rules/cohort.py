"""The people of a cohort who look for a partner, checked before anybody is matched."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.text import Text
from sandwich.rules.fit import Candidate, Distances, Hindrance, Yardstick, hindrances
from sandwich.rules.pairing_errors import (
    AvoidsThemselves,
    FixedBlocked,
    FixedTwice,
    FixedUnknown,
    ListedTwice,
    NobodyOnASide,
    OnBothSides,
)

TEACHERS = Text(nl="docenten", en="teachers")
PROFESSIONALS = Text(nl="professionals", en="professionals")

HINDERED = {
    Hindrance.SAME_EMPLOYER: Text(nl="dezelfde werkgever", en="same employer"),
    Hindrance.RATHER_NOT: Text(nl="liever niet samen", en="rather not together"),
    Hindrance.NO_SHARED_HALF_DAY: Text(nl="geen gedeeld dagdeel", en="no shared half-day"),
    Hindrance.DECLINED: Text(nl="eerder nee gezegd", en="said no before"),
}
"""What stands between two people who cannot be a pair."""


@dataclass(frozen=True)
class Decline:
    """Somebody said no to a proposed partner; nobody asks why."""

    by: str
    partner: str


@dataclass(frozen=True)
class Cohort:
    """Everybody who looks for a partner now.

    Who stands earlier goes before where everything else is equal. ``fixed`` are pairs (teacher, professional) that the
    coordinator made by hand; ``declines`` what was said to earlier proposals.
    """

    teachers: Sequence[Candidate]
    professionals: Sequence[Candidate]
    declines: Sequence[Decline] = ()
    fixed: Sequence[tuple[str, str]] = ()
    distances: Distances = field(default_factory=lambda: Distances({}))
    yardstick: Yardstick = field(default_factory=Yardstick)

    @property
    def declined(self) -> frozenset[frozenset[str]]:
        """The pairs that one of the two said no to."""
        return frozenset(frozenset({decline.by, decline.partner}) for decline in self.declines)

    def check(self) -> None:
        """Refuse what can not be; raises the first of ``CannotPair`` that applies, with all whom it concerns."""
        for side, people in ((TEACHERS, self.teachers), (PROFESSIONALS, self.professionals)):
            if not people:
                raise NobodyOnASide(side=side)
        refuse_doubles([one.id for one in self.teachers], [one.id for one in self.professionals])
        if themselves := [one.id for one in (*self.teachers, *self.professionals) if one.id in one.avoids]:
            raise AvoidsThemselves(themselves)
        self._check_fixed()

    def _check_fixed(self) -> None:
        teachers = {one.id: one for one in self.teachers}
        professionals = {one.id: one for one in self.professionals}
        for one, other in self.fixed:
            if one not in teachers or other not in professionals:
                raise FixedUnknown([one, other])
        if twice := _more_than_once(person for pair in self.fixed for person in pair):
            raise FixedTwice(twice)
        for one, other in self.fixed:
            if found := hindrances(teachers[one], professionals[other], self.declined):
                raise FixedBlocked([one, other], why=HINDERED[found[0]])


def refuse_doubles(teachers: Sequence[str], professionals: Sequence[str]) -> None:
    """Refuse ids of which one stands in a list twice (``ListedTwice``) or in both (``OnBothSides``)."""
    if twice := _more_than_once(teachers) or _more_than_once(professionals):
        raise ListedTwice(twice)
    if both := [one for one in teachers if one in professionals]:
        raise OnBothSides(both)


def _more_than_once(ids: Iterable[str]) -> list[str]:
    return [one for one, times in Counter(ids).items() if times > 1]
