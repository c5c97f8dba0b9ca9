"""The best choice of whole numbers under linear rules, for goals of which the first goes before the second.

A thin layer over HiGHS, which comes with scipy. scipy is loaded when something is solved, not before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite

Terms = Mapping[int, int]
"""How often each unknown counts in a sum."""

NODES = 200
"""So many branches are looked at per goal before the best so far is taken: the same on every machine, unlike a time."""

TOLERANCE = 1e-6
"""So far from a whole number is still that number: the solver computes with floating points."""

_Rule = tuple[Terms, float, float]


@dataclass(frozen=True)
class Goal:
    """A sum that is to be as large as it can be."""

    name: str
    terms: Terms


@dataclass(frozen=True)
class Gap:
    """A goal of which the solver found ``reached`` and could not rule out ``possible``."""

    goal: str
    reached: int
    possible: int


class Programme:
    """Unknown whole numbers and rules about them; with every unknown at zero no rule may be broken."""

    def __init__(self) -> None:
        self._most: list[int] = []
        self._rules: list[_Rule] = []

    def unknown(self, most: int = 1) -> int:
        """Add an unknown from 0 to ``most``."""
        self._most.append(most)
        return len(self._most) - 1

    def unknowns(self, number: int) -> list[int]:
        """Add unknowns that are 0 or 1."""
        return [self.unknown() for _ in range(number)]

    def rule(self, terms: Terms, *, least: float = -inf, most: float = inf) -> None:
        """Demand that a sum lies between ``least`` and ``most``."""
        if terms:
            self._rules.append((terms, least, most))

    def bound(self, goal: Goal) -> int:
        """Return what the goal can not surpass: what it comes to with fractions allowed, rounded down."""
        return self._push(goal, self._rules, None).bound if self._most else 0

    def solve(self, goals: Sequence[Goal], *, nodes: int = NODES) -> tuple[list[int], tuple[Gap, ...]]:
        """Return the value of every unknown, and the goals of which it is not proved that nothing is better.

        Goals go in order: each is pushed as far as it goes, and then held while the next is.

        First with fractions allowed: that is quick, and no whole numbers can do better. One whole answer that reaches
        all these bounds is the best there is. Where the rules alone leave only corners in whole numbers it always
        exists, for holding a goal at its bound leaves a face of the same corners. Where it does not, each goal is
        pushed in whole numbers, and only there can a gap stay.
        """
        goals = [goal for goal in goals if any(goal.terms.values())]
        if not goals:
            return [0] * len(self._most), ()
        rules = list(self._rules)
        answer = _Answer([], 0)
        for goal in goals:
            answer = self._push(goal, rules, None)
            rules.append((goal.terms, answer.bound, inf))
        if not answer.values:
            answer = self._push(goals[-1], rules, nodes)
        return (answer.values, ()) if answer.values else self._one_by_one(goals, nodes)

    def _one_by_one(self, goals: Sequence[Goal], nodes: int) -> tuple[list[int], tuple[Gap, ...]]:
        rules, found, gaps = list(self._rules), [0] * len(self._most), []
        for goal in goals:
            answer = self._push(goal, rules, nodes)
            found = answer.values or found
            reached = _sum(goal.terms, found)
            if answer.bound > reached:
                gaps.append(Gap(goal.name, reached, answer.bound))
            rules.append((goal.terms, reached, inf))
        return found, tuple(gaps)

    def _push(self, goal: Goal, rules: Sequence[_Rule], nodes: int | None) -> "_Answer":
        """Make one goal as large as the rules allow; without ``nodes`` fractions are allowed."""
        import numpy
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        size = len(self._most)
        weights = numpy.zeros(size)
        for unknown, weight in goal.terms.items():
            weights[unknown] = -weight
        entries = [(row, at, times) for row, (terms, _, _) in enumerate(rules) for at, times in terms.items()]
        rows, columns, times = zip(*entries, strict=True) if entries else ((), (), ())
        table = coo_array((times, (rows, columns)), shape=(len(rules), size)).tocsr()
        least, most = ([rule[end] for rule in rules] for end in (1, 2))
        result = milp(
            weights,
            constraints=LinearConstraint(table, least, most) if rules else None,
            bounds=Bounds(0, self._most),
            integrality=None if nodes is None else numpy.ones(size),
            options={"mip_rel_gap": 0} if nodes is None else {"mip_rel_gap": 0, "node_limit": nodes},
        )
        values = [] if result.x is None else [round(value) for value in result.x]
        if result.x is not None and numpy.abs(result.x - values).max(initial=0) > TOLERANCE:
            values = []
        if result.status == 0:
            return _Answer(values, floor(TOLERANCE - result.fun))
        # Without an answer the solver may know no bound either.
        trivial = sum(max(weight, 0) * self._most[unknown] for unknown, weight in goal.terms.items())
        bound = -inf if result.mip_dual_bound is None else float(result.mip_dual_bound)
        return _Answer(values, min(trivial, floor(TOLERANCE - bound)) if isfinite(bound) else trivial)


@dataclass(frozen=True)
class _Answer:
    """The unknowns, none where they are not whole or there is no answer; and what the goal can not surpass."""

    values: list[int]
    bound: int


def _sum(terms: Terms, values: Sequence[int]) -> int:
    return sum(times * values[unknown] for unknown, times in terms.items())
