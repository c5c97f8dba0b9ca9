"""Whose turn it is: round and round over the schools, the first queue before the second, the oldest first."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sandwich.rules.turns import Candidate, next_in_turn

EIGHT = datetime(2026, 11, 5, 7, tzinfo=UTC)


def due(key: str, *schools: str, minute: int = 0, queue: int = 0) -> Candidate:
    return Candidate(key, queue, frozenset(schools), EIGHT + timedelta(minutes=minute))


def order(waiting: list[Candidate], at_once: int = 1) -> list[str]:
    """Begin everything, with so many in hand at the same time; each that ends makes room for one."""
    left, hand, served, begun = list(waiting), list[Candidate](), Counter[str](), list[str]()
    while left:
        if len(hand) == at_once:
            hand.pop(0)
        busy = Counter(school for one in hand for school in one.schools)
        chosen = next_in_turn(left, busy, served)
        left.remove(chosen)
        hand.append(chosen)
        begun.append(chosen.key)
        for school in chosen.schools:
            served[school] = len(begun)
    return begun


def test_a_heap_of_one_school_does_not_hold_up_another() -> None:
    heap = [due(f"a{number:03}", "A") for number in range(500)]
    few = [due(f"b{number}", "B", minute=5) for number in range(3)]
    for at_once in (1, 2, 8):
        begun = order(heap + few, at_once)
        last = max(begun.index(one.key) for one in few)
        assert last < 8 + 2 * 3, f"{at_once} at once"
        assert [key for key in begun if key.startswith("a")] == [one.key for one in heap], "oldest first"
        assert sorted(begun) == sorted(one.key for one in heap + few)


def test_the_first_queue_goes_before_the_second_whoever_waits_in_it() -> None:
    waiting = [due("late", "B", queue=1), due("a1", "A", minute=1), due("a2", "A", minute=2)]
    assert order(waiting) == ["a1", "a2", "late"]


def test_what_has_been_due_for_longest_goes_first_within_a_school() -> None:
    assert order([due("new", "A", minute=9), due("old", "A", minute=1)]) == ["old", "new"]


def test_what_is_for_several_schools_takes_the_turn_of_the_one_served_least() -> None:
    busy, served = {"A": 3}, {"A": 7, "B": 6}
    waiting = [due("a", "A"), due("both", "A", "C", minute=3), due("b", "B", minute=1)]
    assert next_in_turn(waiting, busy, served).key == "both", "C never had a turn"


def test_what_is_for_no_school_has_a_turn_like_a_school() -> None:
    assert order([due("a1", "A"), due("a2", "A"), due("none", minute=9)])[:2] == ["a1", "none"]
