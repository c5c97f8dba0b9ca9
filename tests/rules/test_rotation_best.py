"""No plan is better than the one that comes out: small evenings, compared with every plan there is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandwich.rules.evening import Attendee, Timing
from sandwich.rules.pairing_errors import NobodyTogether
from sandwich.rules.rotation import rotate
from tests.rules.evenings import assert_can_be_held, every_plan, worth

SIZES = [(2, 2, 3), (3, 2, 2), (2, 3, 2), (3, 3, 2), (4, 2, 2), (2, 4, 2), (4, 3, 1), (5, 2, 1)]


@st.composite
def evenings(draw: st.DrawFn, *, stay: bool) -> tuple[list[Attendee], list[Attendee], int, int]:
    ours, theirs, rounds = draw(st.sampled_from(SIZES))
    names = [f"P{at}" for at in range(theirs)]

    def attendee(key: str, wants: tuple[str, ...], others: list[str]) -> Attendee:
        first = 1 if stay else draw(st.integers(1, rounds))
        return Attendee(
            key,
            employer=draw(st.sampled_from([None, None, "B1"])),
            wants=wants,
            later=draw(st.frozensets(st.sampled_from(others), max_size=1)),
            first=first,
            last=None if stay else draw(st.none() | st.integers(first, rounds)),
        )

    teachers = [
        attendee(f"T{at}", tuple(draw(st.permutations(names))[: draw(st.integers(0, theirs))]), names)
        for at in range(ours)
    ]
    people = [one.id for one in teachers]
    return teachers, [attendee(name, (), people) for name in names], rounds, draw(st.integers(1, 2))


def compare(teachers: list[Attendee], professionals: list[Attendee], rounds: int, group: int) -> None:
    timing = Timing(group=group, longest=10_000)
    try:
        found = rotate(teachers, professionals, timing, most_rounds=rounds)
    except NobodyTogether:
        assert not any(
            one.is_there(number) and other.is_there(number)
            for one in teachers
            for other in professionals
            for number in range(1, rounds + 1)
        )
        return
    assert_can_be_held(found, teachers, professionals, group)
    plan = {pair: one.number for one in found.rounds for pair in one.pairs}
    # As many rounds as it takes for the most talks that there can be, and not one more.
    plans = list(every_plan(teachers, professionals, rounds, group))
    longest = {}
    for other in plans:
        longest[len(other)] = min(max(other.values(), default=0), longest.get(len(other), rounds))
    rounds = longest[max(longest)]
    assert len(found.rounds) == rounds
    there: dict[tuple[str, ...], list[int]] = {}
    for number in range(1, rounds + 1):
        there.setdefault(tuple(one.id for one in (*teachers, *professionals) if one.is_there(number)), []).append(
            number
        )
    spans = list(there.values())
    best = max(
        worth(other, teachers, professionals, spans) for other in plans if max(other.values(), default=0) <= rounds
    )
    assert worth(plan, teachers, professionals, spans) == best
    assert found.gaps == ()


@settings(max_examples=60)
@given(evenings(stay=True))
def test_nothing_is_better_when_everybody_stays(evening: tuple[list[Attendee], list[Attendee], int, int]) -> None:
    compare(*evening)


@settings(max_examples=60)
@given(evenings(stay=False))
def test_nothing_is_better_when_some_come_and_go(evening: tuple[list[Attendee], list[Attendee], int, int]) -> None:
    compare(*evening)


@pytest.mark.parametrize("group", [1, 2])
def test_the_comparison_sees_a_worse_plan(group: int) -> None:
    teachers = [Attendee("T0", wants=("P1",)), Attendee("T1", wants=("P1", "P0"))]
    professionals = [Attendee("P0"), Attendee("P1")]
    worse = {("T0", "P0"): 1, ("T1", "P1"): 1}
    plans = list(every_plan(teachers, professionals, 1, group))
    assert worse in plans
    assert worth(worse, teachers, professionals, [[1]]) < max(
        worth(plan, teachers, professionals, [[1]]) for plan in plans
    )
