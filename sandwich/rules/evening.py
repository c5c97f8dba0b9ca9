"""An event of short talks in rounds: who comes, for how long, and how many rounds there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sandwich.rules.cohort import PROFESSIONALS, TEACHERS, refuse_doubles
from sandwich.rules.pairing_errors import GroupTooSmall, NobodyOnASide, NoRounds, StayTooShort

Pair = tuple[str, str]
"""A teacher and a professional."""

Stay = tuple[int, int | None]
"""The first round in which somebody is there, and the last (``None``: to the end; 0: not at all)."""

NEVER: Stay = (1, 0)
"""Of somebody who does not come."""


def covers(stay: Stay, number: int) -> bool:
    """Return whether somebody is there in round ``number``."""
    first, last = stay
    return first <= number and (last is None or number <= last)


@dataclass(frozen=True)
class Attendee:
    """A teacher or a professional, present in the rounds ``first`` to ``last`` (``None``: to the end), from 1 on.

    ``wants`` are the professionals that a teacher wants to meet, most wanted first. ``later`` are people whom they know
    already or would rather not meet: such a talk comes last, and is the first to fall out.
    """

    id: str
    employer: str | None = None
    wants: tuple[str, ...] = ()
    later: frozenset[str] = frozenset()
    first: int = 1
    last: int | None = None

    def is_there(self, number: int) -> bool:
        """Return whether they are there in round ``number``."""
        return covers((self.first, self.last), number)

    def has_left(self, number: int) -> bool:
        """Return whether nothing after round ``number`` is for them: they left, or did not come."""
        return self.last is not None and self.last <= number

    def rather_later(self, other: "Attendee") -> bool:
        """Return whether a talk of the two can wait: one says so, or they have one employer."""
        same = self.employer is not None and self.employer == other.employer
        return same or other.id in self.later or self.id in other.later


@dataclass(frozen=True)
class Timing:
    """How long talks last, in minutes, and how many teachers may sit with one professional at a time."""

    talk: int = 10
    change: int = 2
    longest: int = 100
    group: int = 2

    @property
    def round(self) -> int:
        """Minutes from the start of one round to that of the next."""
        return self.talk + self.change

    @property
    def most_rounds(self) -> int:
        """How many rounds fit."""
        return self.longest // self.round

    def stay(self, arrives: int | None, leaves: int | None) -> tuple[int, int | None]:
        """Return the first and last round of somebody who comes and goes so many minutes after the start."""
        first = 1 if arrives is None or arrives <= 0 else -(-arrives // self.round) + 1
        return first, None if leaves is None else (leaves + self.change) // self.round

    def check(self) -> None:
        """Refuse times in which there is no round, and groups of nobody."""
        if self.talk < 1 or self.change < 0 or self.longest < self.round:
            raise NoRounds(talk=self.talk, change=self.change, longest=self.longest)
        if self.group < 1:
            raise GroupTooSmall(group=self.group)


@dataclass(frozen=True)
class Talk:
    """One professional with the teachers at their table."""

    professional: str
    teachers: tuple[str, ...]


@dataclass(frozen=True)
class Round:
    """One round: the talks, and who is there without one, teachers first."""

    number: int
    talks: tuple[Talk, ...]
    pausing: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Who talks with whom."""
        return tuple((teacher, talk.professional) for talk in self.talks for teacher in talk.teachers)


def as_held(
    rounds: Sequence[Round], number: int, fell_through: Collection[Pair] = (), stays: Mapping[str, Stay] | None = None
) -> tuple[Round, ...]:
    """Return the rounds up to ``number`` as they were held, without the talks that did not happen.

    Those are the talks that ``fell_through``, and those of people who by ``stays`` were not there in that round.
    """

    def was_there(person: str, at: int) -> bool:
        return covers((stays or {}).get(person, (1, None)), at)

    def held(one: Round) -> Round:
        there = {key for pair in one.pairs for key in pair if was_there(key, one.number)}
        pairs = [pair for pair in one.pairs if pair not in fell_through and there.issuperset(pair)]
        talks = (
            Talk(talk.professional, tuple(key for key in talk.teachers if (key, talk.professional) in pairs))
            for talk in one.talks
        )
        busy = {key for pair in pairs for key in pair}
        waited = sorted(there - busy)
        pausing = (*(key for key in one.pausing if was_there(key, one.number)), *waited)
        return Round(one.number, tuple(talk for talk in talks if talk.teachers), pausing)

    return tuple(held(one) for one in rounds if one.number <= number)


def check_people(teachers: Sequence[Attendee], professionals: Sequence[Attendee]) -> None:
    """Refuse an event without one of the sides, somebody listed twice, and a stay without a round."""
    for side, people in ((TEACHERS, teachers), (PROFESSIONALS, professionals)):
        if not people:
            raise NobodyOnASide(side=side)
    refuse_doubles([one.id for one in teachers], [one.id for one in professionals])
    # Somebody who left during the evening has no round before them any more; that is no mistake.
    if nowhere := [one.id for one in (*teachers, *professionals) if one.last is not None and one.last < one.first]:
        raise StayTooShort(nowhere)
