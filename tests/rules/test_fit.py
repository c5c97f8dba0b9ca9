"""How well two people fit as a pair, and what forbids it."""

from dataclasses import replace

import pytest

from sandwich.rules.fit import Candidate, Distances, Hindrance, Reason, ReasonCode, Yardstick, hindrances, reasons

TEACHER = Candidate(
    "T6",
    gives=frozenset({"didactics", "plants"}),
    gets=frozenset({"sensors", "greenhouse", "drones"}),
    goals=frozenset({"lesson", "project"}),
    half_days=frozenset({"mon-morning", "thu-afternoon"}),
    travel_limit=45,
    place="S3",
    employer="S3",
)
PROFESSIONAL = Candidate(
    "P7",
    gives=frozenset({"sensors", "greenhouse"}),
    gets=frozenset({"didactics"}),
    goals=frozenset({"guest-lesson"}),
    half_days=frozenset({"thu-afternoon", "fri-morning"}),
    place="B7",
    employer="B7",
)
NEAR = Distances({("S3", "B7"): 25})


def points(teacher: Candidate, professional: Candidate, distances: Distances = NEAR, **other: object) -> dict[str, int]:
    found = reasons(teacher, professional, distances, Yardstick(**other))  # type: ignore[arg-type]
    return {reason.code.value: reason.points for reason in found}


def test_the_reasons_tell_what_counts_and_for_how_much() -> None:
    yardstick = Yardstick(complementary=frozenset({("lesson", "guest-lesson")}))
    assert reasons(TEACHER, PROFESSIONAL, NEAR, yardstick) == (
        Reason(ReasonCode.TEACHER_LEARNS, 13, 20, ("greenhouse", "sensors")),  # two of three
        Reason(ReasonCode.PROFESSIONAL_LEARNS, 20, 20, ("didactics",)),
        Reason(ReasonCode.GOALS, 15, 20, ("guest-lesson", "lesson")),  # one of two, one of one
        Reason(ReasonCode.TRAVEL, 20, 20, minutes=25),
        Reason(ReasonCode.AVAILABILITY, 7, 20, ("thu-afternoon",)),  # one of the three that are ample
    )


def test_all_there_is_makes_a_hundred_and_nothing_makes_none() -> None:
    days = frozenset({"mon-morning", "tue-morning", "wed-morning", "fri-evening"})
    twin = Candidate("A", frozenset("x"), frozenset("x"), frozenset("g"), days, place="here")
    assert sum(points(twin, replace(twin, id="B")).values()) == 100
    assert sum(points(Candidate("A"), Candidate("B")).values()) == 0


@pytest.mark.parametrize(
    ("minutes", "limits", "expected"),
    [
        (30, (None, None), 20),
        (31, (None, None), 0),
        (25, (30, 45), 20),
        (25, (15, 45), 0),  # one of the two does not want to travel so far
        (25, (45, 15), 0),
        (None, (None, None), 0),  # nobody knows
    ],
)
def test_travel_counts_when_it_is_near_for_both(
    minutes: int | None, limits: tuple[int | None, int | None], expected: int
) -> None:
    distances = Distances({} if minutes is None else {("B7", "S3"): minutes})
    teacher, professional = replace(TEACHER, travel_limit=limits[0]), replace(PROFESSIONAL, travel_limit=limits[1])
    assert points(teacher, professional, distances)["travel"] == expected


def test_who_is_in_one_place_travels_no_minute() -> None:
    assert Distances({}).between("S3", "S3") == 0
    assert Distances({}).between(None, None) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({}, {}, ()),
        ({"employer": "B7"}, {}, (Hindrance.SAME_EMPLOYER,)),
        ({"employer": None}, {"employer": None}, ()),
        ({"avoids": frozenset({"P7"})}, {}, (Hindrance.RATHER_NOT,)),
        ({}, {"avoids": frozenset({"S3"})}, (Hindrance.RATHER_NOT,)),  # the other's school
        ({}, {"half_days": frozenset({"fri-morning"})}, (Hindrance.NO_SHARED_HALF_DAY,)),
        (
            {"employer": "B7", "avoids": frozenset({"B7"}), "half_days": frozenset()},
            {},
            (Hindrance.SAME_EMPLOYER, Hindrance.RATHER_NOT, Hindrance.NO_SHARED_HALF_DAY),
        ),
    ],
)
def test_what_forbids_a_pair(one: dict[str, object], other: dict[str, object], expected: tuple[Hindrance, ...]) -> None:
    teacher, professional = replace(TEACHER, **one), replace(PROFESSIONAL, **other)  # type: ignore[arg-type]
    assert hindrances(teacher, professional) == expected
    assert hindrances(professional, teacher) == expected


def test_a_pair_of_which_one_said_no_is_none_any_more() -> None:
    declined = [frozenset({"P7", "T6"})]
    assert hindrances(TEACHER, PROFESSIONAL, declined) == (Hindrance.DECLINED,)
