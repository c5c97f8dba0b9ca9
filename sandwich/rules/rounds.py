"""From who meets whom to rounds in which nobody is at two tables at once."""

from collections import Counter
from collections.abc import Collection, Mapping
from math import inf

from sandwich.rules.assignment import cheapest
from sandwich.rules.evening import Pair


def into_rounds(pairs: Collection[Pair], count: int, lateness: Mapping[Pair, int]) -> list[list[Pair]]:
    """Divide the pairs over ``count`` rounds: a teacher once a round, a professional as evenly as can be.

    Nobody may be in more pairs than fit: a teacher in ``count``, a professional in as many times that as may sit with
    one. Then it always works out. Pairs are the edges of a bipartite graph and rounds its colours; König's theorem
    colours it with as many colours as the largest number of edges at a vertex, once every professional is split into
    seats of at most ``count`` edges each. De Werra's sharpening of it makes the colours even: in every round a
    professional has the rounded down or rounded up share of their teachers, and the round that of all pairs. So a
    last round with these shares can always be split off, and what is left is the same question with one round less.

    Of all such last rounds the one with the highest sum of ``lateness`` is taken, and so on towards the first.
    """
    left = sorted(pairs)
    rounds = []
    for rounds_left in range(count, 0, -1):
        last = _split_off(left, rounds_left, lateness)
        rounds.append(sorted(last))
        left = [pair for pair in left if pair not in last]
    return rounds[::-1]


def _split_off(left: list[Pair], rounds_left: int, lateness: Mapping[Pair, int]) -> set[Pair]:
    """Return the pairs of the last of ``rounds_left`` rounds, as an assignment of teachers to seats.

    Seats that must be taken and teachers who must sit have nobody else to go to; the others may stay alone.
    """
    busy = Counter(teacher for teacher, _ in left)
    asked = Counter(professional for _, professional in left)
    teachers = sorted(busy)
    seats = [
        (professional, number < times // rounds_left)
        for professional, times in sorted(asked.items())
        for number in range(-(-times // rounds_left))
    ]
    talks = len(left) // rounds_left
    size = len(teachers) + len(seats) - talks
    cost = [[0.0] * size for _ in range(size)]
    together = set(left)
    for row, teacher in enumerate(teachers):
        for column, (professional, _) in enumerate(seats):
            pair = (teacher, professional)
            cost[row][column] = -lateness.get(pair, 0) if pair in together else inf
        if busy[teacher] == rounds_left:
            cost[row][len(seats) :] = [inf] * (size - len(seats))
    for row in range(len(teachers), size):
        cost[row] = [inf if column >= len(seats) or seats[column][1] else 0.0 for column in range(size)]
    chosen = cheapest(cost)
    return {(teachers[row], seats[chosen[row]][0]) for row in range(len(teachers)) if chosen[row] < len(seats)}
