"""Evenings for tests, and every plan that there is for a small one, judged by other means than the rules do."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from sandwich.rules.evening import Attendee, Pair, Round
from sandwich.rules.rotation import Rotation


def teachers(number: int, **traits: object) -> list[Attendee]:
    """Return T1, T2 … with the same traits."""
    return [Attendee(f"T{at}", **traits) for at in range(1, number + 1)]  # type: ignore[arg-type]


def professionals(number: int, **traits: object) -> list[Attendee]:
    """Return P1, P2 … with the same traits."""
    return [Attendee(f"P{at}", **traits) for at in range(1, number + 1)]  # type: ignore[arg-type]


def assert_can_be_held(
    rotation: Rotation,
    ours: Sequence[Attendee],
    theirs: Sequence[Attendee],
    group: int = 2,
    held: Sequence[Round] = (),
) -> None:
    """Nobody twice, nobody at two tables, nobody who is not there, and everybody accounted for."""
    people = {one.id: one for one in (*ours, *theirs)}
    met: Counter[Pair] = Counter(pair for one in held for pair in one.pairs)
    for one in rotation.rounds:
        met.update(one.pairs)
        busy = Counter(teacher for teacher, _ in one.pairs)
        assert set(busy.values()) <= {1}
        tables = Counter(professional for _, professional in one.pairs)
        assert all(times <= group for times in tables.values())
        there = {key for key, person in people.items() if person.is_there(one.number)}
        assert there == set(busy) | set(tables) | set(one.pausing)
        assert len(one.pausing) == len(set(one.pausing))
    assert set(met.values()) <= {1}
    everybody = {(teacher.id, professional.id) for teacher in ours for professional in theirs}
    assert set(rotation.missed) == everybody - set(met)


def every_plan(
    ours: Sequence[Attendee], theirs: Sequence[Attendee], rounds: int, group: int
) -> Iterator[dict[Pair, int]]:
    """All plans, as the round of each pair: in every round each teacher sits somewhere or nowhere."""
    seats = [
        [None, *(other.id for other in theirs if one.is_there(number) and other.is_there(number))]
        for number in range(1, rounds + 1)
        for one in ours
    ]
    order = [(number, one.id) for number in range(1, rounds + 1) for one in ours]
    for choice in product(*seats):
        talks = [(number, one, other) for (number, one), other in zip(order, choice, strict=True) if other is not None]
        plan = {(one, other): number for number, one, other in talks}
        tables = Counter((number, other) for number, _, other in talks)
        if len(plan) == len(talks) and all(times <= group for times in tables.values()):
            yield plan


def worth(
    plan: dict[Pair, int], ours: Sequence[Attendee], theirs: Sequence[Attendee], spans: Sequence[Sequence[int]]
) -> tuple[int, ...]:
    """What ``select`` promises, in its order, counted anew; more is better."""
    names = [one.id for one in theirs]
    wishes = {one.id: [other for other in one.wants if other in names] for one in ours}
    tops = {one: sum((one, other) in plan for other in wished[:3]) for one, wished in wishes.items()}
    points = sum([4, 3, 2, *[1] * 99][wishes[one].index(other)] for one, other in plan if other in wishes[one])
    waits = {
        (one.id, other.id)
        for one in ours
        for other in theirs
        if other.id in one.later
        or one.id in other.later
        or (one.employer is not None and one.employer == other.employer)
    }
    place = {number: at for at, span in enumerate(spans) for number in span}
    crowding = 0
    for at, span in enumerate(spans):
        for other in names:
            heads = sum(pair[1] == other and place[number] == at for pair, number in plan.items())
            crowding += sum(max(0, heads - chair * len(span)) for chair in range(1, heads + 1))
    talks_of = Counter(person for pair in plan for person in pair)
    return (
        sum(times > 0 for times in tops.values()),
        points,
        len(plan),
        -sum(pair in waits for pair in plan),
        -crowding,
        -sum(times**2 for times in (*tops.values(), *talks_of.values())),
        sum(sum(spans[place[plan[pair]]]) // len(spans[place[plan[pair]]]) for pair in plan if pair in waits),
    )
