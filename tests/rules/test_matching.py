"""Pairs for a whole cohort: the best together, what becomes of the others, and after a no."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text import Language
from sandwich.rules.cohort import Cohort, Decline
from sandwich.rules.fit import Candidate, Hindrance, hindrances, rather_not, reasons
from sandwich.rules.matching import Left, Matching, Outcome, Third, match, rematch
from sandwich.rules.pairing_errors import (
    AvoidsThemselves,
    CannotPair,
    FixedBlocked,
    FixedTwice,
    FixedUnknown,
    ListedTwice,
    NobodyOnASide,
    NoPairPossible,
    OnBothSides,
)

DAY = frozenset({"mon-morning"})


def person(key: str, gives: str = "", gets: str = "", **traits: object) -> Candidate:
    """Somebody who gives and gets the topics named by single letters, on Monday morning."""
    return Candidate(key, frozenset(gives), frozenset(gets), half_days=DAY, **traits)  # type: ignore[arg-type]


def people(side: str, number: int) -> list[Candidate]:
    return [person(f"{side}{at}") for at in range(1, number + 1)]


def pairs(matching: Matching) -> list[tuple[str, str]]:
    return [(one.teacher, one.professional) for one in matching.proposals]


def test_the_best_for_all_together_is_not_the_best_for_the_first() -> None:
    # Greedy would give T1 the professional who has all that T1 wants, and leave T2 with nothing.
    teachers = [person("T1", gets="ab"), person("T2", gets="a")]
    professionals = [person("P1", gives="ab"), person("P2", gives="b")]
    found = match(Cohort(teachers, professionals))
    assert pairs(found) == [("T1", "P2"), ("T2", "P1")]
    assert [one.score for one in found.proposals] == [17, 27]
    assert found.left == ()


def test_one_pair_more_goes_before_a_higher_score() -> None:
    teachers = [person("T1", gets="a"), person("T2", avoids=frozenset({"P2"}))]
    professionals = [person("P1", gives="a"), person("P2")]
    assert pairs(match(Cohort(teachers, professionals))) == [("T1", "P2"), ("T2", "P1")]


def test_what_is_equal_is_decided_by_the_order() -> None:
    found = match(Cohort(people("T", 4), people("P", 2)))
    assert pairs(found) == [("T1", "P1"), ("T2", "P2")]
    assert found.left == (Left("T3", Outcome.WAITING), Left("T4", Outcome.WAITING))
    backwards = match(Cohort(people("T", 4)[::-1], people("P", 2)))
    assert pairs(backwards) == [("T4", "P1"), ("T3", "P2")]


def test_the_one_who_is_left_joins_the_pair_that_fits_best() -> None:
    teachers = [person("T1", gets="a"), person("T2", gets="b"), person("T3", gets="bc")]
    professionals = [person("P1", gives="a"), person("P2", gives="b")]
    found = match(Cohort(teachers, professionals))
    assert pairs(found) == [("T1", "P1"), ("T2", "P2")]
    third = found.proposals[1].third
    assert third is not None
    assert (third.person, third.partner, third.score) == ("T3", "P2", 17)
    assert found.proposals[1].people == ("T2", "P2", "T3")
    assert found.left == ()


def test_the_third_can_be_a_professional() -> None:
    found = match(Cohort(people("T", 1), people("P", 2)))
    assert [one.people for one in found.proposals] == [("T1", "P1", "P2")]
    third = found.proposals[0].third
    assert third is not None
    assert third.partner == "T1"


@pytest.mark.parametrize(
    "traits",
    [
        {"avoids": frozenset({"T1"})},  # would rather not with the other teacher
        {"avoids": frozenset({"P1"})},
        {"employer": "B1"},
        {"half_days": frozenset({"tue-morning"})},
    ],
)
def test_nobody_joins_a_pair_that_does_not_fit(traits: dict[str, object]) -> None:
    third = replace(person("T2"), **traits)  # type: ignore[arg-type]
    found = match(Cohort([person("T1"), third], [person("P1", employer="B1")]))
    assert [one.people for one in found.proposals] == [("T1", "P1")]
    assert [one.person for one in found.left] == ["T2"]


def test_all_three_need_one_half_day_together() -> None:
    one, two, both = frozenset({"mon-morning"}), frozenset({"tue-morning"}), frozenset({"mon-morning", "tue-morning"})
    teachers = [Candidate("T1", half_days=one), Candidate("T2", half_days=two)]
    found = match(Cohort(teachers, [Candidate("P1", half_days=both)]))
    assert [one.people for one in found.proposals] == [("T1", "P1")]
    assert found.left == (Left("T2", Outcome.WAITING),)


def test_when_two_are_left_there_is_a_waiting_list_and_no_trio() -> None:
    found = match(Cohort(people("T", 3), people("P", 1)))
    assert [one.people for one in found.proposals] == [("T1", "P1")]
    assert [one.outcome for one in found.left] == [Outcome.WAITING] * 2


def test_who_fits_nobody_is_told_apart_from_who_waits() -> None:
    teachers = [person("T1"), person("T2", employer="B1"), person("T3", avoids=frozenset({"P1"}))]
    found = match(Cohort(teachers, [person("P1", employer="B1")]))
    assert found.left == (
        Left("T2", Outcome.NOBODY_FITS, ((Hindrance.SAME_EMPLOYER, 1),)),
        Left("T3", Outcome.NOBODY_FITS, ((Hindrance.RATHER_NOT, 1),)),
    )


def test_after_a_no_the_two_look_again_and_never_meet_each_other() -> None:
    teachers, professionals = people("T", 3), people("P", 3)
    first = match(Cohort(teachers, professionals))
    assert pairs(first) == [("T1", "P1"), ("T2", "P2"), ("T3", "P3")]
    declines = [Decline("T1", "P1"), Decline("P2", "T2")]
    free = first.free_after(declines)
    assert free == {"T1", "P1", "T2", "P2"}
    again = rematch(
        Cohort([one for one in teachers if one.id in free], [one for one in professionals if one.id in free], declines)
    )
    assert pairs(again) == [("T1", "P2"), ("T2", "P1")]


def test_who_said_no_twice_is_phoned_and_proposed_to_nobody() -> None:
    declines = [Decline("T1", "P1"), Decline("T1", "P2"), Decline("P2", "T2"), Decline("P2", "T2")]
    found = rematch(Cohort(people("T", 2), people("P", 3), declines))
    assert found.left[0] == Left("T1", Outcome.COORDINATOR_PHONES, ((Hindrance.DECLINED, 2),))
    assert pairs(found) == [("T2", "P1")]
    # P2 said no once, though it came in twice, and both teachers are a no by now.
    assert found.left[1:] == (
        Left("P2", Outcome.NOBODY_FITS, ((Hindrance.DECLINED, 2),)),
        Left("P3", Outcome.WAITING),
    )


def test_after_the_phone_call_the_coordinator_can_fix_a_pair() -> None:
    declines = [Decline("T1", "P1"), Decline("T1", "P2")]
    found = rematch(Cohort(people("T", 1), people("P", 3), declines, fixed=[("T1", "P3")]))
    assert pairs(found) == [("T1", "P3")]


def test_when_nothing_is_left_to_propose_after_a_no_that_is_told_and_no_mistake() -> None:
    found = rematch(Cohort(people("T", 1), people("P", 1), [Decline("T1", "P1")]))
    assert found.proposals == ()
    assert [(one.person, one.outcome) for one in found.left] == [
        ("T1", Outcome.NOBODY_FITS),
        ("P1", Outcome.NOBODY_FITS),
    ]


@pytest.mark.parametrize(
    ("by", "free"),
    [
        ("T2", {"T2"}),  # the third
        ("T1", {"T1"}),  # the one beside the third: the other two are a pair
        ("P1", {"T1", "T2", "P1"}),
    ],
)
def test_when_one_of_three_says_no(by: str, free: set[str]) -> None:
    found = match(Cohort(people("T", 2), people("P", 1)))
    assert found.proposals[0].people == ("T1", "P1", "T2")
    partner = "P1" if by != "P1" else "T1"
    assert found.free_after([Decline(by, partner)]) == free
    assert found.free_after([]) == set()
    assert found.free_after([Decline("T1", "P1"), Decline("T2", "P1")]) == {"T1", "T2", "P1"}


def test_a_pair_that_was_fixed_by_hand_stays() -> None:
    found = match(Cohort(people("T", 2), people("P", 2), fixed=[("T2", "P1")]))
    assert pairs(found) == [("T1", "P2"), ("T2", "P1")]


@pytest.mark.parametrize(
    ("cohort", "error", "who", "english", "dutch"),
    [
        (Cohort([], people("P", 1)), NobodyOnASide, (), "no teachers yet", "nog geen docenten"),
        (Cohort(people("T", 1), []), NobodyOnASide, (), "no professionals yet", "nog geen professionals"),
        (
            Cohort(people("T", 2), [*people("P", 1), *people("T", 2)]),
            OnBothSides,
            ("T1", "T2"),
            "Both teacher and professional: T1, T2. Choose one",
            "Kies voor ieder van hen één",
        ),
        (Cohort(people("T", 2) * 2, people("P", 1)), ListedTwice, ("T1", "T2"), "once: T1, T2.", "keer in de lijst"),
        (
            Cohort([person("T1", avoids=frozenset({"T1"}))], people("P", 1)),
            AvoidsThemselves,
            ("T1",),
            "themselves: T1.",
            "aan zichzelf gekoppeld worden: T1.",
        ),
        (
            Cohort(people("T", 2), people("P", 1), fixed=[("T1", "P1"), ("T2", "P1")]),
            FixedTwice,
            ("P1",),
            "by hand: P1. Keep one",
            "vastgezet: P1. Laat",
        ),
        (
            Cohort(people("T", 1), people("P", 1), fixed=[("P1", "T1")]),
            FixedUnknown,
            ("P1", "T1"),
            "who take part: P1, T1.",
            "die meedoen: P1, T1.",
        ),
        (
            Cohort([person("T1", avoids=frozenset({"P1"}))], people("P", 1), fixed=[("T1", "P1")]),
            FixedBlocked,
            ("T1", "P1"),
            "cannot be: T1, P1 (rather not together). Release it",
            "kan niet: T1, P1 (liever niet samen). Maak het los",
        ),
        (
            Cohort(people("T", 1), people("P", 1), [Decline("P1", "T1")], fixed=[("T1", "P1")]),
            FixedBlocked,
            ("T1", "P1"),
            "(said no before)",
            "(eerder nee gezegd)",
        ),
        (
            Cohort([person("T1", employer="B1"), Candidate("T2")], [person("P1", employer="B1"), Candidate("P2")]),
            NoPairPossible,
            (),
            "Of the 4 there could be: 1 × same employer, 3 × no shared half-day. Ask",
            "Van de 4 die er konden zijn: 1 × dezelfde werkgever, 3 × geen gedeeld dagdeel. Vraag",
        ),
    ],
)
def test_what_can_not_be_is_said_in_both_languages(
    cohort: Cohort, error: type[CannotPair], who: tuple[str, ...], english: str, dutch: str
) -> None:
    with pytest.raises(error) as raised:
        match(cohort)
    assert raised.value.who == who
    assert english in raised.value.to(Language.ENGLISH)
    assert dutch in raised.value.to(Language.DUTCH)


topics = st.frozensets(st.sampled_from("abc"), max_size=2)


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    def candidate(key: str, others: list[str]) -> Candidate:
        return Candidate(
            key,
            gives=draw(topics),
            gets=draw(topics),
            half_days=draw(st.frozensets(st.sampled_from(["mon", "tue", "wed"]), max_size=3)),
            employer=draw(st.sampled_from([None, "B1", "B2"])),
            avoids=draw(st.frozensets(st.sampled_from([*others, "B1"]), max_size=1)),
        )

    ours = [f"T{at}" for at in range(draw(st.integers(1, 5)))]
    theirs = [f"P{at}" for at in range(draw(st.integers(1, 5)))]
    said_no = st.tuples(st.sampled_from(ours), st.sampled_from(theirs), st.booleans())
    declines = [
        Decline(*((one, other) if first else (other, one))) for one, other, first in draw(st.lists(said_no, max_size=4))
    ]
    return Cohort([candidate(one, theirs) for one in ours], [candidate(one, ours) for one in theirs], declines)


def every_matching(cohort: Cohort, free: list[Candidate], taken: frozenset[str] = frozenset()) -> Iterator[list[int]]:
    """The scores of every set of pairs that may be, for these teachers."""
    if not free:
        yield []
        return
    yield from every_matching(cohort, free[1:], taken)
    for other in cohort.professionals:
        if other.id not in taken and not hindrances(free[0], other, cohort.declined):
            score = sum(part.points for part in reasons(free[0], other, cohort.distances, cohort.yardstick))
            for rest in every_matching(cohort, free[1:], taken | {other.id}):
                yield [score, *rest]


@settings(max_examples=100)
@given(cohorts())
def test_nothing_is_better_than_what_is_proposed(cohort: Cohort) -> None:
    found = rematch(cohort)
    said_no: dict[str, set[str]] = {}
    for decline in cohort.declines:
        said_no.setdefault(decline.by, set()).add(decline.partner)
    phoned = {key for key, partners in said_no.items() if len(partners) >= 2}
    asked = replace(cohort, professionals=[one for one in cohort.professionals if one.id not in phoned])
    free = [one for one in cohort.teachers if one.id not in phoned]
    best = max((len(scores), sum(scores)) for scores in every_matching(asked, free))
    assert (len(found.proposals), sum(one.score for one in found.proposals)) == best
    everybody = [one.id for one in (*cohort.teachers, *cohort.professionals)]
    placed = [key for one in found.proposals for key in one.people] + [one.person for one in found.left]
    assert sorted(placed) == sorted(everybody)
    assert {one.person for one in found.left if one.outcome is Outcome.COORDINATOR_PHONES} == phoned
    by_id = {one.id: one for one in (*cohort.teachers, *cohort.professionals)}
    trios = [one for one in found.proposals if one.third]
    assert len(trios) <= 1
    for one in trios:
        assert isinstance(one.third, Third)
        beside = one.professional if one.third.partner == one.teacher else one.teacher
        assert not rather_not(by_id[one.third.person], by_id[beside])
        assert frozenset.intersection(*(by_id[key].half_days for key in one.people))
    assert rematch(cohort) == found
