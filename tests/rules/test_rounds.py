"""Pairs divided over rounds: nobody at two tables at once, nobody twice, everything even."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sandwich.rules.evening import Pair
from sandwich.rules.rounds import into_rounds


@st.composite
def choices(draw: st.DrawFn) -> tuple[set[Pair], int, int]:
    """Pairs of which nobody is in more than fits in so many rounds, with so many at a table."""
    rounds, group = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    ours, theirs = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    busy: Counter[str] = Counter()
    pairs = set()
    order = draw(st.permutations([(f"T{a}", f"P{b}") for a in range(ours) for b in range(theirs)]))
    for teacher, professional in order:
        if busy[teacher] < rounds and busy[professional] < rounds * group and draw(st.booleans()):
            busy.update((teacher, professional))
            pairs.add((teacher, professional))
    return pairs, rounds, group


@settings(max_examples=150)
@given(choices(), st.data())
def test_every_pair_meets_once_and_the_rounds_are_even(choice: tuple[set[Pair], int, int], data: st.DataObject) -> None:
    pairs, count, group = choice
    late = data.draw(st.sets(st.sampled_from(sorted(pairs))) if pairs else st.just(set()))
    rounds = into_rounds(pairs, count, dict.fromkeys(late, 1))
    assert len(rounds) == count
    assert sorted(pair for one in rounds for pair in one) == sorted(pairs)
    asked = Counter(professional for _, professional in pairs)
    for one in rounds:
        assert len(pairs) // count <= len(one) <= -(-len(pairs) // count)
        assert max(Counter(teacher for teacher, _ in one).values(), default=0) <= 1
        table = Counter(professional for _, professional in one)
        assert all(times // count <= table[who] <= min(group, -(-times // count)) for who, times in asked.items())


def test_what_can_wait_comes_last() -> None:
    pairs = [(f"T{a}", f"P{b}") for a in range(4) for b in range(4)]
    late = {("T0", "P0"), ("T1", "P1"), ("T2", "P2"), ("T3", "P3"), ("T0", "P1"), ("T1", "P0")}
    rounds = into_rounds(pairs, 4, dict.fromkeys(late, 1))
    assert set(rounds[3]) == {("T0", "P0"), ("T1", "P1"), ("T2", "P2"), ("T3", "P3")}
    assert {("T0", "P1"), ("T1", "P0")} <= set(rounds[2])


def test_what_is_wanted_comes_first() -> None:
    pairs = [(f"T{a}", f"P{b}") for a in range(3) for b in range(3)]
    wanted = {("T0", "P2"), ("T1", "P0"), ("T2", "P1")}
    assert set(into_rounds(pairs, 3, dict.fromkeys(wanted, -1))[0]) == wanted
