"""Goals in their order, in whole numbers, with a proof or with the gap."""

import sys
from itertools import combinations, product
from random import Random
from subprocess import run

from hypothesis import given, settings
from hypothesis import strategies as st

from sandwich.rules.optimum import Gap, Goal, Programme


def clique(size: int) -> Programme:
    """Unknowns of which no two can be chosen together: half of each, where halves are allowed."""
    programme = Programme()
    for pair in combinations(programme.unknowns(size), 2):
        programme.rule(dict.fromkeys(pair, 1), most=1)
    return programme


def test_who_only_names_the_rules_does_not_wait_for_the_solver() -> None:
    names = "sandwich.rules.matching, sandwich.rules.rotation"
    code = f"import sys, {names}; sys.exit('scipy' in sys.modules or 'numpy' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_first_goal_goes_before_the_second() -> None:
    programme = Programme()
    one, other = programme.unknown(5), programme.unknown(5)
    programme.rule({one: 1, other: 1}, most=6)
    assert programme.solve([Goal("one", {one: 1}), Goal("other", {other: 9})]) == ([5, 1], ())


def test_without_a_goal_nothing_is_chosen() -> None:
    programme = clique(3)
    assert programme.solve([]) == ([0, 0, 0], ())
    assert programme.solve([Goal("nothing", {0: 0})]) == ([0, 0, 0], ())


def test_what_only_fractions_reach_is_found_in_whole_numbers_too() -> None:
    programme = clique(5)  # five halves: the bound is two, one is the best
    values, gaps = programme.solve([Goal("many", dict.fromkeys(range(5), 1)), Goal("the last", {4: 1})])
    assert (values, gaps) == ([0, 0, 0, 0, 1], ())


def test_what_is_not_proved_is_said() -> None:
    chance = Random(3)
    rules = [[chance.randint(20, 99) for _ in range(60)] for _ in range(5)]
    worth = [chance.randint(20, 99) for _ in range(60)]
    programme = Programme()
    programme.unknowns(60)
    for terms in rules:
        programme.rule(dict(enumerate(terms)), most=1400)
    values, gaps = programme.solve([Goal("worth", dict(enumerate(worth)))], nodes=1)
    assert all(sum(a * b for a, b in zip(terms, values, strict=True)) <= 1400 for terms in rules)
    reached = sum(a * b for a, b in zip(worth, values, strict=True))
    assert gaps == (Gap("worth", reached, gaps[0].possible),)
    assert reached < gaps[0].possible


@settings(max_examples=60)
@given(st.data())
def test_nothing_is_better_than_what_is_found(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 6))
    weights = st.lists(st.integers(0, 3), min_size=size, max_size=size)
    rules = data.draw(st.lists(st.tuples(weights, st.integers(0, 6)), max_size=4))
    goals = data.draw(st.lists(st.lists(st.integers(-3, 3), min_size=size, max_size=size), min_size=1, max_size=3))
    programme = Programme()
    programme.unknowns(size)
    for terms, most in rules:
        programme.rule(dict(enumerate(terms)), most=most)
    values, gaps = programme.solve([Goal(str(at), dict(enumerate(goal))) for at, goal in enumerate(goals)])

    def worth(chosen: tuple[int, ...]) -> list[int]:
        return [sum(a * b for a, b in zip(goal, chosen, strict=True)) for goal in goals]

    allowed = [
        chosen
        for chosen in product((0, 1), repeat=size)
        if all(sum(a * b for a, b in zip(terms, chosen, strict=True)) <= most for terms, most in rules)
    ]
    assert tuple(values) in allowed
    assert worth(tuple(values)) == max(worth(chosen) for chosen in allowed)
    assert gaps == ()
