"""How long pairs and rounds take, for the largest groups that the field knows and beyond."""

import time
from collections.abc import Callable
from functools import partial
from random import Random

from sandwich.rules.cohort import Cohort
from sandwich.rules.evening import Attendee, as_held
from sandwich.rules.fit import Candidate
from sandwich.rules.matching import Matching, match
from sandwich.rules.rotation import Rotation, rotate

Evening = tuple[list[Attendee], list[Attendee]]

STAYS = [(1, None)]
TWO_MOMENTS = [(3, None), (1, 6)]
ALL_MOMENTS = [*((first, None) for first in range(2, 6)), *((1, last) for last in range(4, 8))]


def measure() -> None:
    """Print a table; the first line is the loading of the solvers."""
    print("Pairs and rounds (processor time of all threads, and the clock of this machine, busy or not)\n")
    _line("load the solvers, one teacher with one professional", lambda: rotate(*_evening(1, 1)))
    _line("10 × 7, everybody meets everybody", lambda: rotate(*_evening(10, 7)))
    _line("10 × 10, eight rounds, wishes decide", lambda: rotate(*_evening(10, 10)))
    _line("24 × 12, eight rounds, wishes decide", lambda: rotate(*_evening(24, 12)))
    _line("24 × 12, 6 come late or leave early, 3 half", lambda: rotate(*_evening(24, 12, 6, 3, TWO_MOMENTS)))
    _line("24 × 12, 12 at as many moments as there are", lambda: rotate(*_evening(24, 12, 12, 4, ALL_MOMENTS)))
    teachers, professionals = _evening(24, 12)
    held = as_held(rotate(teachers, professionals).rounds, 3)
    _line("24 × 12, one ill after round 3", lambda: rotate(teachers, professionals[1:], held=held))
    for size in (10, 50, 100):
        _line(f"cohort of {size} teachers and {size + 1} professionals", partial(match, _cohort(size)))


def _line(name: str, work: Callable[[], Rotation | Matching]) -> None:
    busy, clock = time.process_time(), time.perf_counter()
    found = work()
    busy, clock = time.process_time() - busy, time.perf_counter() - clock
    proof = _proof(found) if isinstance(found, Rotation) else f"{len(found.proposals)} pairs"
    print(f"{name:<55} {busy:7.2f} s {clock:7.2f} s   {proof}")


def _proof(found: Rotation) -> str:
    """Say whether the rounds are proved best; where not, what each goal reached and what nothing can surpass."""
    gaps = (f"{gap.goal} {gap.reached} of at most {gap.possible}" for gap in found.gaps)
    return "; ".join(gaps) or "proved best"


def _evening(
    ours: int, theirs: int, moving: int = 0, half: int = 0, stays: list[tuple[int, int | None]] | None = None
) -> Evening:
    """Teachers who want three of the same few, of whom some come late or leave early; some professionals stay half."""
    chance = Random(1)
    names = [f"P{at}" for at in range(theirs)]
    popular = names[: max(3, theirs // 2)]
    teachers = []
    for at in range(ours):
        first, last = chance.choice(stays or STAYS) if at < moving else (1, None)
        wants = tuple(chance.sample(popular, min(3, len(popular))))
        later = frozenset(chance.sample(names, min(2, theirs)))
        teachers.append(Attendee(f"T{at}", wants=wants, later=later, first=first, last=last))
    return teachers, [Attendee(name, last=4 if at < half else None) for at, name in enumerate(names)]


def _cohort(size: int) -> Cohort:
    chance = Random(1)
    days = [f"{day}-{part}" for day in ("mon", "tue", "wed", "thu", "fri") for part in ("morning", "afternoon")]

    def candidate(key: str) -> Candidate:
        topics = [frozenset(chance.sample("abcdefghij", number)) for number in (3, 3, 2)]
        return Candidate(key, *topics, frozenset(chance.sample(days, 4)))

    return Cohort(
        [candidate(f"T{at}") for at in range(size)],
        [candidate(f"P{at}") for at in range(size + 1)],
    )
