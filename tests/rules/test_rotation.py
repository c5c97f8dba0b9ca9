"""The rotation of short talks: who meets whom in which round."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text import Language
from sandwich.rules.evening import Attendee, Timing, as_held
from sandwich.rules.pairing_errors import (
    CannotPair,
    GroupTooSmall,
    ListedTwice,
    NobodyOnASide,
    NobodyTogether,
    NoRounds,
    OnBothSides,
    StayTooShort,
)
from sandwich.rules.rotation import Rotation, rotate
from tests.rules.evenings import assert_can_be_held, professionals, teachers

FEW = 20
"""So few nodes may be searched, that an evening is sometimes left with a gap, and soon."""


def tables(rotation: Rotation) -> list[list[int]]:
    """How many teachers sit at each table, the fullest first, round by round."""
    return [sorted((len(talk.teachers) for talk in one.talks), reverse=True) for one in rotation.rounds]


@pytest.mark.parametrize(
    ("ours", "theirs", "minutes", "groups"),
    [(10, 7, 84, [2, 2, 2, 1, 1, 1, 1]), (10, 8, 96, [2, 2, 1, 1, 1, 1, 1, 1])],
)
def test_vector_8_everybody_meets_everybody(ours: int, theirs: int, minutes: int, groups: list[int]) -> None:
    found = rotate(teachers(ours), professionals(theirs))
    assert_can_be_held(found, teachers(ours), professionals(theirs))
    assert tables(found) == [groups] * theirs
    assert (found.minutes, found.needed, found.missed, found.gaps) == (minutes, theirs, (), ())
    assert all(not one.pausing for one in found.rounds)


def test_vector_8_ten_professionals_are_too_many_so_wishes_decide() -> None:
    names = [one.id for one in professionals(10)]
    ours = [Attendee(f"T{at}", wants=(names[at % 3], names[at % 4], names[9 - at])) for at in range(10)]
    found = rotate(ours, professionals(10))
    assert_can_be_held(found, ours, professionals(10))
    assert (len(found.rounds), found.needed, found.minutes, found.gaps) == (8, 10, 96, ())
    assert not any(one.lacks_top_choice for one in found.granted)
    # Eight rounds have room for all three wishes of each: a professional takes two at a time.
    assert all(not one.missed for one in found.granted)
    assert len(found.missed) == 10 * 10 - 8 * 10


def test_vector_8_one_is_ill_just_before_or_during_the_evening() -> None:
    ours, theirs = teachers(10), professionals(8)
    planned = rotate(ours, theirs)
    before = rotate(ours, theirs[1:])
    assert_can_be_held(before, ours, theirs[1:])
    assert (len(before.rounds), before.minutes, before.missed) == (7, 84, ())
    for number in range(1, 8):
        held = as_held(planned.rounds, number)
        after = rotate(ours, theirs[1:], held=held)
        assert_can_be_held(after, ours, theirs[1:], held=held)
        assert [one.number for one in after.rounds] == list(range(number + 1, 9))
        assert after.missed == ()


def test_a_talk_that_fell_through_is_held_in_a_later_round() -> None:
    ours, theirs = teachers(10), professionals(7)
    planned = rotate(ours, theirs)
    absent = theirs[2].id
    lost = {pair for one in planned.rounds[:2] for pair in one.pairs if pair[1] == absent}
    assert lost
    held = as_held(planned.rounds, 2, fell_through=lost)
    after = rotate(ours, theirs, held=held)
    assert_can_be_held(after, ours, theirs, held=held)
    assert after.missed == ()
    assert after.rounds[-1].number == 8  # one round more makes up for it, and eight fit


def test_when_all_have_met_no_round_is_left() -> None:
    ours, theirs = teachers(3), professionals(3)
    planned = rotate(ours, theirs)
    assert rotate(ours, theirs, held=planned.rounds).rounds == ()


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 8), st.integers(1, 3))
def test_the_number_of_rounds_is_the_least_possible(ours: int, theirs: int, group: int) -> None:
    timing = Timing(group=group, longest=10_000)
    found = rotate(teachers(ours), professionals(theirs), timing)
    assert_can_be_held(found, teachers(ours), professionals(theirs), group)
    assert len(found.rounds) == found.needed == max(theirs, -(-ours // group))
    assert found.missed == ()
    if ours <= theirs:
        assert {heads for one in tables(found) for heads in one} == {1}
    loads = [len(one.pairs) for one in found.rounds]
    assert max(loads) - min(loads) <= 1


@settings(max_examples=25, deadline=None)
@given(st.integers(6, 24), st.integers(6, 12), st.integers(0, 2**20))
def test_when_all_stay_the_rounds_of_every_evening_are_proved_best(ours: int, theirs: int, wishes: int) -> None:
    attending = wishing(ours, theirs, Random(wishes))
    found = rotate(attending, professionals(theirs))
    assert_can_be_held(found, attending, professionals(theirs))
    assert found.gaps == ()


@settings(max_examples=12, deadline=None)
@given(st.integers(6, 24), st.integers(6, 12), st.integers(1, 6), st.integers(0, 2**20))
def test_with_late_comers_a_gap_says_what_was_reached_and_what_nothing_can_surpass(
    ours: int, theirs: int, late: int, chance: int
) -> None:
    drawn = Random(chance)
    stays: list[tuple[int, int | None]] = [drawn.choice([(3, None), (1, 6)]) for _ in range(late)]
    attending = [
        replace(one, first=first, last=last)
        for one, (first, last) in zip(wishing(ours, theirs, drawn), [*stays, *[(1, None)] * ours], strict=False)
    ]
    found = rotate(attending, professionals(theirs), nodes=FEW)
    assert_can_be_held(found, attending, professionals(theirs))
    for gap in found.gaps:
        assert 0 <= gap.reached < gap.possible
    talks = sum(len(one.pairs) for one in found.rounds)
    assert talks + len(found.missed) == ours * theirs


def wishing(ours: int, theirs: int, chance: Random) -> list[Attendee]:
    """Return teachers who want three of the professionals each."""
    names = [one.id for one in professionals(theirs)]
    return [Attendee(f"T{at}", wants=tuple(chance.sample(names, 3))) for at in range(1, ours + 1)]


@settings(max_examples=40)
@given(st.data(), st.integers(2, 10), st.integers(2, 7), st.integers(1, 3))
def test_the_rest_of_an_evening_needs_no_more_rounds_and_nobody_meets_twice(
    data: st.DataObject, ours: int, theirs: int, group: int
) -> None:
    timing = Timing(group=group, longest=10_000)
    planned = rotate(teachers(ours), professionals(theirs), timing)
    held = as_held(planned.rounds, data.draw(st.integers(0, len(planned.rounds))))
    stay = teachers(ours)[data.draw(st.integers(0, ours - 1)) :]
    present = professionals(theirs)[: data.draw(st.integers(1, theirs))]
    after = rotate(stay, present, timing, held=held)
    assert_can_be_held(after, stay, present, group, held)
    assert after.missed == ()
    assert len(held) + len(after.rounds) <= len(planned.rounds)


def test_one_professional_speaks_with_all_in_turn() -> None:
    found = rotate(teachers(5), professionals(1))
    assert tables(found) == [[2], [2], [1]]
    assert found.missed == ()
    assert [len(one.pausing) for one in found.rounds] == [3, 3, 4]


def test_with_more_professionals_than_teachers_every_talk_is_between_two() -> None:
    found = rotate(teachers(3), professionals(5))
    assert tables(found) == [[1, 1, 1]] * 5
    assert [len(one.pausing) for one in found.rounds] == [2] * 5


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_colleagues_and_acquaintances_meet_in_the_last_rounds(shift: int) -> None:
    partner = {f"T{at}": f"P{(at + shift) % 4}" for at in range(4)}
    ours = [
        Attendee("T0", employer="B1"),  # a colleague
        Attendee("T1", later=frozenset({partner["T1"]})),  # the teacher says so
        Attendee("T2"),
        Attendee("T3"),
    ]
    says = {partner[one.id]: one.id for one in ours if one.id in {"T2", "T3"}}  # the professional does
    theirs = [Attendee(name, later=frozenset({teacher})) for name, teacher in says.items()]
    theirs += [Attendee(partner["T0"], employer="B1"), Attendee(partner["T1"])]
    found = rotate(ours, theirs)
    assert found.missed == ()
    assert set(found.rounds[-1].pairs) == set(partner.items())


@pytest.mark.parametrize("known", ["P1", "P2", "P3"])
def test_what_can_wait_waits_also_for_who_comes_late(known: str) -> None:
    ours = [*teachers(2, later=frozenset({known})), Attendee("late", first=3)]
    found = rotate(ours, professionals(3))
    assert found.missed == ()
    rounds = {pair: one.number for one in found.rounds for pair in one.pairs}
    assert {rounds["T1", known], rounds["T2", known]} <= {3, 4, 5}


def test_what_can_wait_is_the_first_to_fall_out() -> None:
    ours = teachers(10, later=frozenset({"P4", "P7"}))
    found = rotate(ours, professionals(10))
    assert Counter(professional for _, professional in found.missed) == {"P4": 10, "P7": 10}


def test_when_all_want_the_same_one_as_many_get_him_as_fit_and_nobody_goes_without_a_choice() -> None:
    ours = teachers(24, wants=("P1", "P2", "P3"))
    found = rotate(ours, professionals(12))
    assert_can_be_held(found, ours, professionals(12))
    assert found.gaps == ()
    wanted = Counter(one for granted in found.granted for one in granted.met)
    assert wanted == {"P1": 16, "P2": 16, "P3": 16}
    assert {len(granted.met) for granted in found.granted} == {2}  # spread: two each, not three for some
    talks = Counter(teacher for one in found.rounds for teacher, _ in one.pairs)
    assert set(talks.values()) == {8}


def test_a_top_choice_for_everybody_goes_before_more_points() -> None:
    # Most points: P1 for T1 and T2, P2 for two of the others, and one of these three gets nothing.
    ours = [
        Attendee("T1", wants=("P1", "P3")),
        Attendee("T2", wants=("P1", "P3")),
        Attendee("T3", wants=("P2",)),
        Attendee("T4", wants=("P2", "P1")),
        Attendee("T5", wants=("P2", "P1")),
    ]
    found = rotate(ours, professionals(3), Timing(group=1), most_rounds=2)
    assert not any(one.lacks_top_choice for one in found.granted)
    assert "P2" in found.granted[2].met


def test_who_gets_none_of_the_top_choices_is_said() -> None:
    ours = teachers(20, wants=("P1",))
    found = rotate(ours, professionals(9))
    assert sum(one.lacks_top_choice for one in found.granted) == 4  # eight rounds, two at the table
    assert all(one.missed == ("P1",) for one in found.granted if one.lacks_top_choice)


def test_a_wish_for_somebody_who_does_not_come_is_no_wish_any_more() -> None:
    found = rotate(teachers(2, wants=("P9", "P1")), professionals(2))
    assert [(one.met, one.missed, one.lacks_top_choice) for one in found.granted] == [(("P1",), (), False)] * 2


def test_who_comes_late_or_leaves_early_is_planned_while_there() -> None:
    ours = [*teachers(8), Attendee("late", first=3, wants=("P6",)), Attendee("early", last=4, wants=("P7",))]
    theirs = [*professionals(6), Attendee("P7", first=4)]
    found = rotate(ours, theirs)
    assert_can_be_held(found, ours, theirs)
    assert found.gaps == ()
    assert not any(one.lacks_top_choice for one in found.granted)
    busy = {number: {one for pair in found.rounds[number - 1].pairs for one in pair} for number in range(1, 8)}
    assert "late" not in busy[1] | busy[2]
    assert "early" not in busy[5] | busy[6] | busy[7]
    assert sum(pair[0] == "early" for pair in found.missed) == 3  # four rounds of seven


def test_a_late_arrival_makes_one_round_more_where_it_fits() -> None:
    ours = [*teachers(3), Attendee("late", first=2)]
    found = rotate(ours, professionals(4))
    assert (len(found.rounds), found.missed) == (5, ())
    assert len(rotate(ours, professionals(4), most_rounds=4).missed) == 1


def test_two_who_come_late_meet_the_same_one_after_each_other() -> None:
    found = rotate([Attendee("T1", first=3), Attendee("T2", first=3)], professionals(1), Timing(group=1))
    assert [len(one.pairs) for one in found.rounds] == [0, 0, 1, 1]


def test_where_all_leave_early_the_evening_ends_with_them() -> None:
    found = rotate(teachers(4, last=3), professionals(6))
    assert len(found.rounds) == 3
    assert len(found.missed) == 4 * 6 - 4 * 3
    assert found.gaps == ()


def test_minutes_become_rounds() -> None:
    timing = Timing()
    assert timing.most_rounds == 8
    assert timing.stay(None, None) == (1, None)
    assert timing.stay(0, 94) == (1, 8)  # the eighth talk ends after 94 minutes
    assert timing.stay(1, 93) == (2, 7)
    assert timing.stay(24, 9) == (3, 0)
    assert Timing(talk=15, change=3).most_rounds == 5


@pytest.mark.parametrize(
    ("people", "timing", "error", "english", "dutch"),
    [
        (([], professionals(2)), Timing(), NobodyOnASide, "There are no teachers yet.", "Er zijn nog geen docenten."),
        ((teachers(2), []), Timing(), NobodyOnASide, "There are no professionals yet.", "nog geen professionals."),
        ((teachers(2) * 2, professionals(1)), Timing(), ListedTwice, "more than once: T1, T2.", "één keer in de lijst"),
        ((teachers(2), teachers(1)), Timing(), OnBothSides, "teacher and professional: T1.", "als professional: T1."),
        ((teachers(2, last=0), professionals(1)), Timing(), StayTooShort, "Leaves before the", "Vertrekt vóór het"),
        (
            (teachers(2, last=2), professionals(2, first=3)),
            Timing(),
            NobodyTogether,
            "in the same",
            "in dezelfde ronde",
        ),
        ((teachers(2, first=9), professionals(2)), Timing(), NobodyTogether, "in the same", "in dezelfde ronde"),
        ((teachers(2), professionals(2)), Timing(longest=5), NoRounds, "talks of 10 minutes", "van 10 minuten"),
        ((teachers(2), professionals(2)), Timing(talk=0), NoRounds, "No round fits", "Er past geen ronde"),
        ((teachers(2), professionals(2)), Timing(group=0), GroupTooSmall, "not 0.", "niet 0."),
    ],
)
def test_what_can_not_be_is_said_in_both_languages(
    people: tuple[list[Attendee], list[Attendee]], timing: Timing, error: type[CannotPair], english: str, dutch: str
) -> None:
    with pytest.raises(error) as raised:
        rotate(*people, timing)
    assert english in raised.value.to(Language.ENGLISH)
    assert dutch in raised.value.to(Language.DUTCH)


def test_an_error_can_tell_names_instead_of_ids() -> None:
    with pytest.raises(OnBothSides) as raised:
        rotate(teachers(2), teachers(2))
    told = raised.value.named({"T1": "Rob van Wijk"})
    assert (told.who, "professional: Rob van Wijk, T2." in str(told)) == (("Rob van Wijk", "T2"), True)
