"""Who meets whom when not everybody can meet everybody: what is wanted most, spread fairly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandwich.rules.evening import Attendee, Pair
from sandwich.rules.optimum import Gap, Goal, Programme, Terms

TOP = 3
"""So many of a teacher's wishes are top choices."""
POINTS = (4, 3, 2)
"""What the first wishes count for; every further one counts for one."""


@dataclass(frozen=True)
class Span:
    """Rounds in which the same people are there."""

    numbers: tuple[int, ...]
    teachers: tuple[str, ...]
    professionals: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """Everybody, and who met whom already; at most ``group`` teachers sit with one professional."""

    teachers: Mapping[str, Attendee]
    professionals: Mapping[str, Attendee]
    met: frozenset[Pair]
    group: int

    def wishes(self, teacher: str) -> list[str]:
        """Return whom a teacher wants to meet or wanted and met, most wanted first; not who did not come."""
        wants = dict.fromkeys(self.teachers[teacher].wants)
        return [one for one in wants if one in self.professionals or (teacher, one) in self.met]

    def points(self, pair: Pair) -> int:
        """Return what a talk is worth to the teacher."""
        wishes = self.wishes(pair[0])
        if pair[1] not in wishes:
            return 0
        place = wishes.index(pair[1])
        return POINTS[place] if place < len(POINTS) else 1

    def can_wait(self, pair: Pair) -> bool:
        """Return whether the talk comes last."""
        return self.teachers[pair[0]].rather_later(self.professionals[pair[1]])

    def open_pairs(self, span: Span) -> list[Pair]:
        """Return who could meet in these rounds and did not yet."""
        pairs = [(one, other) for one in span.teachers for other in span.professionals]
        return [pair for pair in pairs if pair not in self.met]


def spans_of(wanted: Wanted, numbers: Sequence[int]) -> list[Span]:
    """Return the rounds, taken together where the same people are there."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for number in numbers:
        there = tuple(
            tuple(one for one, person in side.items() if person.is_there(number))
            for side in (wanted.teachers, wanted.professionals)
        )
        found.setdefault((there[0], there[1]), []).append(number)
    return [Span(tuple(rounds), *there) for there, rounds in found.items()]


def select(wanted: Wanted, spans: Sequence[Span], *, nodes: int) -> tuple[list[list[Pair]], tuple[Gap, ...]]:
    """Return for each span who meets there, and of which goals it is not proved that nothing is better.

    In this order: as many teachers as can be get a top choice; the points of their wishes; the number of talks; as few
    of those that can wait; as few as can be at one table; what each has, even (the smallest sum of squares of the top
    choices and the talks of each teacher and the talks of each professional); what can wait late.

    Within a span any choice in which nobody has more talks than fit can be divided into rounds (``into_rounds``), so
    only who meets in which span is unknown. With one span, so when everybody stays, the unknowns are flows from a
    teacher to a professional and the even shares parallel arcs of rising cost: such a table is totally unimodular,
    every corner is whole, and each goal leaves a face with whole corners to the next. Hence the optimum is exact. With
    several spans a pair has several chances and the solver may have to branch; then it proves the optimum or says the
    gap.
    """
    if len(spans) == 1 and _everybody(wanted, spans[0]):
        return [wanted.open_pairs(spans[0])], ()
    question = _Question(wanted, spans)
    values, gaps = question.programme.solve(question.goals(), nodes=nodes)
    chosen: list[list[Pair]] = [[] for _ in spans]
    for (pair, place), unknown in question.talks.items():
        if values[unknown]:
            chosen[place].append(pair)
    return chosen, gaps


def most_talks(wanted: Wanted, spans: Sequence[Span]) -> int:
    """Return how many talks can be held in these spans, at most."""
    question = _Question(wanted, spans)
    return question.programme.bound(Goal("talks", dict.fromkeys(question.talks.values(), 1)))


def _everybody(wanted: Wanted, span: Span) -> bool:
    """Whether everybody can meet everybody whom they did not meet yet."""
    pairs = wanted.open_pairs(span)
    rounds = len(span.numbers)
    ours = all(sum(pair[0] == one for pair in pairs) <= rounds for one in span.teachers)
    theirs = all(sum(pair[1] == one for pair in pairs) <= wanted.group * rounds for one in span.professionals)
    return ours and theirs


class _Question:
    """The programme: its unknowns, its rules, and the goals in their order."""

    def __init__(self, wanted: Wanted, spans: Sequence[Span]) -> None:
        self.wanted, self.spans, self.programme = wanted, spans, Programme()
        self.talks = {
            (pair, place): self.programme.unknown()
            for place, span in enumerate(spans)
            for pair in wanted.open_pairs(span)
        }
        for pair in {pair for pair, _ in self.talks}:
            self.programme.rule(self._talks(pair), most=1)
        self.crowding: dict[int, int] = {}
        for place, span in enumerate(spans):
            for teacher in span.teachers:
                self.programme.rule(self._talks(teacher=teacher, place=place), most=len(span.numbers))
            for professional in span.professionals:
                self._seat(professional, place)
        self.tops = {one: self._top_choices(one) for one in wanted.teachers}
        rounds = sum(len(span.numbers) for span in spans)
        self.ours = {one: self._shares(self._talks(teacher=one), rounds) for one in wanted.teachers}
        self.theirs = {
            one: self._shares(self._talks(professional=one), rounds * wanted.group) for one in wanted.professionals
        }

    def goals(self) -> list[Goal]:
        wanted, talks = self.wanted, self.talks
        had = {one: len(self._had(one)) for one in wanted.teachers}
        ours = {one: sum(pair[0] == one for pair in wanted.met) for one in wanted.teachers}
        theirs = {one: sum(pair[1] == one for pair in wanted.met) for one in wanted.professionals}
        late = [sum(span.numbers) // len(span.numbers) for span in self.spans]
        return [
            Goal("top_choice_each", {tops[0]: 1 for one, tops in self.tops.items() if tops and not had[one]}),
            Goal("wishes", {unknown: wanted.points(pair) for (pair, _), unknown in talks.items()}),
            Goal("talks", dict.fromkeys(talks.values(), 1)),
            Goal("rather_later", {unknown: -wanted.can_wait(pair) for (pair, _), unknown in talks.items()}),
            Goal("few_at_a_table", {unknown: -seat for unknown, seat in self.crowding.items()}),
            Goal("even", _even(self.tops, had) | _even(self.ours, ours) | _even(self.theirs, theirs)),
            Goal("late", {unknown: late[at] * wanted.can_wait(pair) for (pair, at), unknown in talks.items()}),
        ]

    def _talks(
        self,
        pair: Pair | None = None,
        *,
        teacher: str | None = None,
        professional: str | None = None,
        place: int | None = None,
    ) -> dict[int, int]:
        return {
            unknown: 1
            for (found, at), unknown in self.talks.items()
            if pair in {None, found}
            and teacher in {None, found[0]}
            and professional in {None, found[1]}
            and place in {None, at}
        }

    def _seat(self, professional: str, place: int) -> None:
        """Let every chair at a table be taken once a round; the second counts as crowding, the third doubly."""
        rounds = len(self.spans[place].numbers)
        chairs = {self.programme.unknown(rounds): number for number in range(self.wanted.group)}
        self.crowding |= chairs
        self._equal(self._talks(professional=professional, place=place), chairs)

    def _top_choices(self, teacher: str) -> list[int]:
        open_tops = [one for one in self.wanted.wishes(teacher)[:TOP] if one not in self._had(teacher)]
        return self._shares(
            {unknown: 1 for (pair, _), unknown in self.talks.items() if pair[0] == teacher and pair[1] in open_tops},
            len(open_tops),
        )

    def _had(self, teacher: str) -> list[str]:
        return [one for one in self.wanted.wishes(teacher)[:TOP] if (teacher, one) in self.wanted.met]

    def _shares(self, talks: Terms, most: int) -> list[int]:
        """Return unknowns of which as many are one as there are talks; the cheapest are taken first."""
        shares = self.programme.unknowns(min(most, len(talks)))
        self._equal(talks, shares)
        return shares

    def _equal(self, talks: Terms, others: Sequence[int] | Mapping[int, int]) -> None:
        self.programme.rule({**talks, **dict.fromkeys(others, -1)}, least=0, most=0)


def _even(shares: Mapping[str, Sequence[int]], had: Mapping[str, int]) -> dict[int, int]:
    """Return terms whose sum is largest where everybody has about as much: less the squares of what they have."""
    return {
        unknown: -(2 * (had[one] + number) + 1)
        for one, unknowns in shares.items()
        for number, unknown in enumerate(unknowns)
    }
