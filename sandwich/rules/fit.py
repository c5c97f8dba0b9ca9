"""How well a teacher and a professional fit as a pair, out of a hundred, with the reasons; and what forbids it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Candidate:
    """One person of a cohort, as the intake tells.

    Topics and goals are tags, half-days keys like ``mon-morning``. ``travel_limit`` is in minutes, ``None`` where it
    does not matter. ``avoids`` holds ids of people and of employers.
    """

    id: str
    gives: frozenset[str] = frozenset()
    gets: frozenset[str] = frozenset()
    goals: frozenset[str] = frozenset()
    half_days: frozenset[str] = frozenset()
    travel_limit: int | None = None
    place: str | None = None
    employer: str | None = None
    avoids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Yardstick:
    """What counts for how much, in points out of a hundred."""

    topics: int = 40
    goals: int = 20
    travel: int = 20
    availability: int = 20
    near: int = 30
    """Minutes that are no distance."""
    ample: int = 3
    """Shared half-days a week that are as good as any more."""
    complementary: frozenset[tuple[str, str]] = frozenset()
    """Goals of a teacher and of a professional that serve each other; the same goal always does."""


@dataclass(frozen=True)
class Distances:
    """Minutes of travel between places, in either direction."""

    minutes: Mapping[tuple[str, str], int]

    def between(self, one: str | None, other: str | None) -> int | None:
        """Return the minutes; ``None`` where nobody knows."""
        if one is None or other is None:
            return None
        return 0 if one == other else self.minutes.get((one, other), self.minutes.get((other, one)))


class ReasonCode(StrEnum):
    """Why a pair has points, or why it has not."""

    TEACHER_LEARNS = "teacher_learns"  # topics that the professional gives and the teacher wants
    PROFESSIONAL_LEARNS = "professional_learns"
    GOALS = "goals"
    TRAVEL = "travel"
    AVAILABILITY = "availability"


@dataclass(frozen=True)
class Reason:
    """Part of a score: ``points`` out of ``most``.

    ``tags`` are the topics, goals or half-days that count, in alphabetical order; ``minutes`` the way to travel, where
    it is known.
    """

    code: ReasonCode
    points: int
    most: int
    tags: tuple[str, ...] = ()
    minutes: int | None = None


class Hindrance(StrEnum):
    """Why a pair can not be."""

    SAME_EMPLOYER = "same_employer"
    RATHER_NOT = "rather_not"
    NO_SHARED_HALF_DAY = "no_shared_half_day"
    DECLINED = "declined"  # one of the two said no to this very pair


def hindrances(one: Candidate, other: Candidate, declined: Iterable[frozenset[str]] = ()) -> tuple[Hindrance, ...]:
    """Return everything that forbids the pair; nothing where it can be."""
    found = {
        Hindrance.SAME_EMPLOYER: one.employer is not None and one.employer == other.employer,
        Hindrance.RATHER_NOT: rather_not(one, other),
        Hindrance.NO_SHARED_HALF_DAY: not one.half_days & other.half_days,
        Hindrance.DECLINED: frozenset({one.id, other.id}) in declined,
    }
    return tuple(hindrance for hindrance, applies in found.items() if applies)


def rather_not(one: Candidate, other: Candidate) -> bool:
    """Return whether one of the two would rather not meet the other, or the other's employer."""
    return bool(one.avoids & {other.id, other.employer} or other.avoids & {one.id, one.employer})


def reasons(
    teacher: Candidate, professional: Candidate, distances: Distances, yardstick: Yardstick
) -> tuple[Reason, ...]:
    """Return the parts of the pair's score, always all five, in the order of ``ReasonCode``.

    Topics count by the share of what somebody wants to learn that the other can give: half of the points for each of
    the two. Goals likewise, by the share that serves a goal of the other. Travel counts whole or not at all: near
    enough, and within what both want.
    """
    half = yardstick.topics // 2
    minutes = distances.between(teacher.place, professional.place)
    limits = [yardstick.near, *(one.travel_limit for one in (teacher, professional) if one.travel_limit is not None)]
    is_near = minutes is not None and minutes <= min(limits)
    shared = teacher.half_days & professional.half_days
    return (
        _learns(ReasonCode.TEACHER_LEARNS, teacher, professional, half),
        _learns(ReasonCode.PROFESSIONAL_LEARNS, professional, teacher, yardstick.topics - half),
        _goals(teacher, professional, yardstick),
        Reason(ReasonCode.TRAVEL, yardstick.travel if is_near else 0, yardstick.travel, minutes=minutes),
        Reason(
            ReasonCode.AVAILABILITY,
            _share(yardstick.availability, min(len(shared), yardstick.ample), yardstick.ample),
            yardstick.availability,
            tuple(sorted(shared)),
        ),
    )


def _learns(code: ReasonCode, learner: Candidate, giver: Candidate, most: int) -> Reason:
    learned = learner.gets & giver.gives
    return Reason(code, _share(most, len(learned), len(learner.gets)), most, tuple(sorted(learned)))


def _goals(teacher: Candidate, professional: Candidate, yardstick: Yardstick) -> Reason:
    served = {
        (one, other)
        for one in teacher.goals
        for other in professional.goals
        if one == other or (one, other) in yardstick.complementary
    }
    ours, theirs = {one for one, _ in served}, {other for _, other in served}
    half = yardstick.goals // 2
    points = _share(half, len(ours), len(teacher.goals))
    points += _share(yardstick.goals - half, len(theirs), len(professional.goals))
    return Reason(ReasonCode.GOALS, points, yardstick.goals, tuple(sorted(ours | theirs)))


def _share(most: int, part: int, whole: int) -> int:
    """Return ``part`` of ``whole`` in points, halves upwards; none where there is nothing to share."""
    return (2 * most * part + whole) // (2 * whole) if whole else 0
