"""Rounds of short talks: everybody meets everybody where it fits, what is wanted most where it does not."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from sandwich.rules.evening import Attendee, Pair, Round, Talk, Timing, check_people
from sandwich.rules.optimum import NODES, Gap
from sandwich.rules.pairing_errors import NobodyTogether
from sandwich.rules.rounds import into_rounds
from sandwich.rules.selection import TOP, Span, Wanted, most_talks, select, spans_of

_CAN_WAIT = 1000
"""Counts for more than all wishes of one round together."""


@dataclass(frozen=True)
class Granted:
    """Which wishes of a teacher are met, those of held rounds too, and which are not; most wanted first.

    ``lacks_top_choice`` says that they had top choices and get none of them. Who did not come is no wish any more.
    """

    teacher: str
    met: tuple[str, ...]
    missed: tuple[str, ...]
    lacks_top_choice: bool


@dataclass(frozen=True)
class Rotation:
    """The rounds that are still to come, and what they leave.

    ``needed`` is the number of the round after which everybody could have met everybody if all had been there all the
    time; where there are fewer rounds, the wishes decide. ``missed`` are the pairs that do not meet at all. ``gaps`` is
    empty where every goal is proved best.
    """

    rounds: tuple[Round, ...]
    needed: int
    minutes: int
    missed: tuple[Pair, ...]
    granted: tuple[Granted, ...]
    gaps: tuple[Gap, ...]


def rotate(
    teachers: Sequence[Attendee],
    professionals: Sequence[Attendee],
    timing: Timing | None = None,
    *,
    held: Sequence[Round] = (),
    most_rounds: int | None = None,
    nodes: int = NODES,
) -> Rotation:
    """Return the rounds for these people; nobody meets the same person twice.

    When everybody stays, the number of rounds is the least in which everybody can meet everybody: with D teachers, P
    professionals and g at a table max(P, ⌈D/g⌉). Fewer can not be, for a teacher needs P rounds and a professional
    ⌈D/g⌉; and ``into_rounds`` shows that these are enough. ``most_rounds`` (what fits in ``timing`` by default) caps
    it; then ``select`` chooses who meets whom. When some come late or leave early it is the least number of rounds in
    which as many talks can be held as under the cap.

    ``held`` are rounds that were held already: only what comes after them is made, for the people given, so that
    somebody who is gone or ill is left out and nobody meets twice. Raises what ``check_people`` and ``Timing.check``
    raise, and ``NobodyTogether``.
    """
    timing = timing or Timing()
    timing.check()
    check_people(teachers, professionals)
    met = frozenset(pair for one in held for pair in one.pairs)
    wanted = Wanted({one.id: one for one in teachers}, {one.id: one for one in professionals}, met, timing.group)
    start = max((one.number for one in held), default=0) + 1
    needed = _needed(wanted, start)
    spans = _spans(wanted, start, timing.most_rounds if most_rounds is None else most_rounds, needed)
    if not spans and not held:
        raise NobodyTogether
    chosen, gaps = select(wanted, spans, nodes=nodes)
    talks: dict[int, list[Pair]] = {}
    for span, pairs in zip(spans, chosen, strict=True):
        lateness = {pair: _CAN_WAIT * wanted.can_wait(pair) - wanted.points(pair) for pair in pairs}
        talks |= zip(span.numbers, into_rounds(pairs, len(span.numbers), lateness), strict=True)
    last = max((number for number, pairs in talks.items() if pairs), default=start - 1)
    rounds = tuple(_round(wanted, number, talks.get(number, [])) for number in range(start, last + 1))
    planned = met.union(*talks.values())
    everybody = [(one, other) for one in wanted.teachers for other in wanted.professionals]
    return Rotation(
        rounds,
        needed,
        last * timing.round,
        tuple(pair for pair in everybody if pair not in planned),
        tuple(_granted(wanted, one, planned) for one in wanted.teachers),
        gaps,
    )


def _needed(wanted: Wanted, start: int) -> int:
    """Return the round after which everybody could have met everybody, if all were there all the time."""
    ours, theirs = wanted.teachers, wanted.professionals
    needs = [sum((one, other) not in wanted.met for other in theirs) for one in ours]
    needs += [-(-sum((one, other) not in wanted.met for one in ours) // wanted.group) for other in theirs]
    return start - 1 + max(needs)


def _spans(wanted: Wanted, start: int, most: int, needed: int) -> list[Span]:
    """Return the rounds in which somebody can meet somebody, as few as will do."""

    def until(last: int) -> list[Span]:
        return [span for span in spans_of(wanted, range(start, last + 1)) if wanted.open_pairs(span)]

    people = [*wanted.teachers.values(), *wanted.professionals.values()]
    if all(one.is_there(number) for one in people for number in (start, max(start, most))):
        return until(min(most, needed))
    talks = most_talks(wanted, until(most))
    last = bisect_left(range(most + 1), talks, lo=start - 1, key=lambda number: most_talks(wanted, until(number)))
    return until(last)


def _round(wanted: Wanted, number: int, pairs: Sequence[Pair]) -> Round:
    talks = tuple(
        Talk(one, tuple(teacher for teacher in wanted.teachers if (teacher, one) in pairs))
        for one in wanted.professionals
        if any(professional == one for _, professional in pairs)
    )
    busy = {person for pair in pairs for person in pair}
    people = [*wanted.teachers.values(), *wanted.professionals.values()]
    return Round(number, talks, tuple(one.id for one in people if one.is_there(number) and one.id not in busy))


def _granted(wanted: Wanted, teacher: str, planned: frozenset[Pair]) -> Granted:
    wishes = wanted.wishes(teacher)
    met = tuple(one for one in wishes if (teacher, one) in planned)
    missed = tuple(one for one in wishes if one not in met)
    return Granted(teacher, met, missed, bool(wishes) and not set(wishes[:TOP]) & set(met))
