"""Pairs of a teacher and a professional: the best for the whole cohort together, each with its reasons."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models.text import Language, Text
from sandwich.rules.assignment import best_pairs
from sandwich.rules.cohort import HINDERED, Cohort, Decline
from sandwich.rules.fit import Candidate, Hindrance, Reason, hindrances, rather_not, reasons
from sandwich.rules.pairing_errors import NoPairPossible

PHONE_AFTER = 2
"""So many times somebody says no before the coordinator phones instead."""


@dataclass(frozen=True)
class Third:
    """Who joins a pair because one side has one person more, and the partner of the other side: their own score."""

    person: str
    partner: str
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Proposal:
    """A pair that both are asked about, with its score out of a hundred and the parts of that score."""

    teacher: str
    professional: str
    score: int
    reasons: tuple[Reason, ...]
    third: Third | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in it, the third last."""
        return (self.teacher, self.professional, *([self.third.person] if self.third else []))

    def free_after(self, said_no: Iterable[str]) -> frozenset[str]:
        """Return who of its people looks for a partner again once these said no.

        That is everybody, unless one of each side stays: then only who said no.
        """
        gone = frozenset(said_no) & frozenset(self.people)
        pair_stays = self.third is not None and len(gone) == 1 and self.third.partner not in gone
        return gone if pair_stays or not gone else frozenset(self.people)


class Outcome(StrEnum):
    """What becomes of somebody without a partner."""

    WAITING = "waiting"  # could have one, but there are too few on the other side
    NOBODY_FITS = "nobody_fits"
    COORDINATOR_PHONES = "coordinator_phones"  # said no too often


@dataclass(frozen=True)
class Left:
    """Somebody without a partner, and for how many of the other side each hindrance holds."""

    person: str
    outcome: Outcome
    hindrances: tuple[tuple[Hindrance, int], ...] = ()


@dataclass(frozen=True)
class Matching:
    """Every proposal, in the order of the teachers, and everybody who is left, teachers first."""

    proposals: tuple[Proposal, ...]
    left: tuple[Left, ...]

    def free_after(self, declines: Sequence[Decline]) -> frozenset[str]:
        """Return who looks for a partner once these have said no: they are the people of the next cohort."""
        free = {left.person for left in self.left}
        for proposal in self.proposals:
            free |= proposal.free_after(decline.by for decline in declines if decline.partner in proposal.people)
        return frozenset(free)


def match(cohort: Cohort) -> Matching:
    """Propose the pairs of a cohort: as many as can be, and of those the highest total score.

    The solver gives the optimum over all pairs together, not the best for one after the other; what is equally good is
    decided by the order of the people. A third joins a pair, once at most, when exactly one person is left over.
    Raises ``NoPairPossible``, and what ``Cohort.check`` raises.
    """
    cohort.check()
    matching = _propose(cohort)
    if not matching.proposals:
        pairs = [(one, other) for one in cohort.teachers for other in cohort.professionals]
        counted = Counter(found for one, other in pairs for found in hindrances(one, other, cohort.declined))
        raise NoPairPossible(pairs=len(pairs), why=_told(counted))
    return matching


def rematch(cohort: Cohort) -> Matching:
    """Propose new pairs to those who are left after some said no; nobody meets the same partner again.

    Like ``match``, but that no pair is left is no mistake any more: then everybody is told what becomes of them.
    """
    cohort.check()
    return _propose(cohort)


def _propose(cohort: Cohort) -> Matching:
    said_no = Counter(decline.by for decline in set(cohort.declines))
    fixed = {person for pair in cohort.fixed for person in pair}
    to_phone = {person for person, times in said_no.items() if times >= PHONE_AFTER}
    teachers, professionals = (
        [one for one in side if one.id not in fixed | to_phone] for side in (cohort.teachers, cohort.professionals)
    )
    by_id = {one.id: one for one in (*cohort.teachers, *cohort.professionals)}
    values = [[_value(cohort, one, other) for other in professionals] for one in teachers]
    pairs = [(teachers[row].id, professionals[column].id) for row, column in best_pairs(values)]
    order = [one.id for one in cohort.teachers]
    proposals = [
        _proposal(cohort, by_id[one], by_id[other])
        for one, other in sorted([*cohort.fixed, *pairs], key=lambda pair: order.index(pair[0]))
    ]
    paired = {person for proposal in proposals for person in proposal.people}
    left = [one for one in by_id.values() if one.id not in paired]
    lone = [one for one in left if one.id not in to_phone]
    if len(lone) == 1 and _add_third(cohort, proposals, lone[0], by_id):
        left.remove(lone[0])
    return Matching(tuple(proposals), tuple(_left(cohort, one, one.id in to_phone) for one in left))


def _value(cohort: Cohort, teacher: Candidate, professional: Candidate) -> int | None:
    """Return the score of a pair, ``None`` where it can not be."""
    if hindrances(teacher, professional, cohort.declined):
        return None
    return _proposal(cohort, teacher, professional).score


def _proposal(cohort: Cohort, teacher: Candidate, professional: Candidate) -> Proposal:
    parts = reasons(teacher, professional, cohort.distances, cohort.yardstick)
    return Proposal(teacher.id, professional.id, sum(part.points for part in parts), parts)


def _add_third(cohort: Cohort, proposals: list[Proposal], lone: Candidate, people: dict[str, Candidate]) -> bool:
    """Let ``lone`` join the pair that they fit best, and return whether there was one."""
    is_teacher = lone in cohort.teachers
    fitting: list[tuple[int, Third]] = []
    for place, proposal in enumerate(proposals):
        teacher, professional = people[proposal.teacher], people[proposal.professional]
        beside, partner = (teacher, professional) if is_teacher else (professional, teacher)
        all_can = lone.half_days & beside.half_days & partner.half_days
        if all_can and not rather_not(lone, beside) and not hindrances(lone, partner, cohort.declined):
            own = _proposal(cohort, *((lone, partner) if is_teacher else (partner, lone)))
            fitting.append((place, Third(lone.id, partner.id, own.score, own.reasons)))
    if not fitting:
        return False
    place, third = max(fitting, key=lambda found: (found[1].score, -found[0]))
    proposals[place] = replace(proposals[place], third=third)
    return True


def _left(cohort: Cohort, one: Candidate, is_to_phone: bool) -> Left:
    others = cohort.professionals if one in cohort.teachers else cohort.teachers
    found = [hindrances(one, other, cohort.declined) for other in others]
    counted = Counter(hindrance for each in found for hindrance in each)
    outcome = Outcome.WAITING if () in found else Outcome.NOBODY_FITS
    return Left(one.id, Outcome.COORDINATOR_PHONES if is_to_phone else outcome, tuple(_in_order(counted)))


def _in_order(counted: Counter[Hindrance]) -> Iterator[tuple[Hindrance, int]]:
    return ((hindrance, counted[hindrance]) for hindrance in Hindrance if counted[hindrance])


def _told(counted: Counter[Hindrance]) -> Text:
    """Say how many pairs each hindrance forbids."""
    nl, en = (
        ", ".join(f"{number} × {HINDERED[hindrance].to(language)}" for hindrance, number in _in_order(counted))
        for language in Language
    )
    return Text(nl=nl, en=en)
