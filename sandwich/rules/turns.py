"""Whose turn it is: work of many schools is begun in turns, so that nobody waits behind another's heap."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Candidate:
    """Something that is due; ``schools`` are those that it is for, by their codes, ``queue`` is the first at 0."""

    key: str
    queue: int
    schools: frozenset[str]
    due_at: datetime


def in_turns(waiting: Iterable[T], school_of: Callable[[T], str]) -> Iterator[T]:
    """Yield what waits, one of each school in turn; what is of one school stays in its order."""
    queues: dict[str, deque[T]] = {}
    for one in waiting:
        queues.setdefault(school_of(one), deque()).append(one)
    while queues:
        for school in list(queues):
            yield queues[school].popleft()
            if not queues[school]:
                del queues[school]


def next_in_turn(waiting: Iterable[Candidate], busy: Mapping[str, int], served: Mapping[str, int]) -> Candidate:
    """Return which of those that wait is begun next.

    The first queue goes before the second. In it, the school with the least in hand (``busy``), then the one whose
    last turn (``served``, a number that rises with every turn) is longest ago, then what has been due for longest.
    What is for several schools takes the turn of the one that has been served least. Raises ``ValueError`` when
    nothing waits.
    """

    def place(one: Candidate) -> tuple[int, int, int, datetime, str]:
        schools = one.schools or {""}
        least = min(busy.get(school, 0) for school in schools)
        return one.queue, least, min(served.get(school, 0) for school in schools), one.due_at, one.key

    return min(waiting, key=place)
