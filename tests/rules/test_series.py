"""Series: steps that come again for each contact moment, and the anchors that count from one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.moments import Each, Moment, Rhythm
from models.playbook import Playbook
from models.steps import OwnFact, Step
from sandwich.rules.moments import Dates, due_at
from sandwich.rules.series import unrolled
from tests.rules.school_year import MIDDLE, calendars, local, told
from tests.rules.test_plan import VISIT

MID = calendars(("S1", MIDDLE))
FOUR = Dates(
    (
        (local("2026-10-08 15:00"), local("2026-10-08 17:00")),
        (local("2026-10-29 15:00"), local("2026-10-29 17:00")),
        (local("2026-11-19 15:00"), local("2026-11-19 17:00")),
        (local("2027-01-14 15:00"), local("2027-01-14 17:00")),
    ),
    {},
)
LOG = Step.model_validate(
    {
        "key": "log",
        "stage": "during",
        "title": {"nl": "Verslag", "en": "Log"},
        "at": "ME+1d",
        "rhythm": "routine",
        "each": "but-first",
        "needs": ["date_fixed"],
        "asks": [{"to": "teacher", "mail": "field-note", "form": "field-note", "remind": "none", "deadline": "ME+3d"}],
        "watches": [
            {
                "key": "silent",
                "at": "log+4w",
                "unless": "logged",
                "call": "no-goal",
                "title": {"nl": "Stil", "en": "Silent"},
            }
        ],
    }
)
NUDGE = Step.model_validate(
    {
        "key": "nudge",
        "stage": "during",
        "title": {"nl": "Nog even", "en": "Again"},
        "at": "log+3d",
        "each": "but-first",
        "needs": ["logged"],
        "tells": [{"to": ["teacher"], "mail": "field-note", "when": "logged"}],
    }
)
LOGGED = OwnFact.model_validate({"key": "logged", "step": "log", "lacks": {"nl": "geen verslag", "en": "no log"}})


def a_series() -> Playbook:
    """Return the company visit with a log for every contact moment but the first."""
    return VISIT.model_copy(update={"steps": (*VISIT.steps, LOG, NUDGE), "facts": (LOGGED,)})


def test_a_step_that_comes_again_is_written_out_for_its_contact_moments() -> None:
    playbook = unrolled(a_series(), 4)
    logs = [step for step in playbook.steps if step.key.startswith("log")]
    assert [step.key for step in logs] == ["log-2", "log-3", "log-4"]
    assert [told(due_at(step, FOUR, MID)) for step in logs] == [
        "Fri 30 Oct 2026 08:00",
        "Fri 20 Nov 2026 08:00",
        "Fri 15 Jan 2027 08:00",
    ]
    third = logs[1]
    assert str(third.asks[0].deadline) == "E3+3d"
    assert [(watch.key, str(watch.at), watch.unless) for watch in third.watches] == [
        ("silent-3", "log-3+4w", "logged-3")
    ]
    assert third.needs == ("date_fixed",)
    assert third.each is None
    assert [(fact.key, fact.step) for fact in playbook.facts] == [
        ("logged-2", "log-2"),
        ("logged-3", "log-3"),
        ("logged-4", "log-4"),
        ("logged", "log"),
    ]
    assert playbook.facts[-1].steps == ("log-2", "log-3", "log-4")
    nudge = playbook.step("nudge-4")
    assert (str(nudge.at), nudge.needs, nudge.tells[0].when) == ("log-4+3d", ("logged-4",), "logged-4")
    assert playbook.steps[: len(VISIT.steps)] == VISIT.steps


def test_a_fact_can_hold_for_a_contact_moment_by_what_was_answered_at_a_later_one() -> None:
    later = LOGGED.model_copy(update={"or_later": True})
    playbook = unrolled(a_series().model_copy(update={"facts": (later,)}), 4)
    assert [(fact.key, fact.steps) for fact in playbook.facts] == [
        ("logged-2", ("log-2", "log-3", "log-4")),
        ("logged-3", ("log-3", "log-4")),
        ("logged-4", ("log-4",)),
        ("logged", ("log-2", "log-3", "log-4")),
    ]


def test_a_playbook_without_a_series_stays_as_it_is() -> None:
    assert unrolled(VISIT, 1) is VISIT
    assert unrolled(VISIT, 3) is VISIT


@pytest.mark.parametrize(
    ("each", "of_four", "of_one"),
    [
        (Each.EVERY, [1, 2, 3, 4], [1]),
        (Each.BUT_FIRST, [2, 3, 4], []),
        (Each.BUT_LAST, [1, 2, 3], []),
        (Each.INNER, [2, 3], []),
        (Each.FIRST_OF_TWO, [1, 3], []),
    ],
)
def test_which_contact_moments_are_meant(each: Each, of_four: list[int], of_one: list[int]) -> None:
    assert list(each.of(4)) == of_four
    assert list(each.of(1)) == of_one


@given(each=st.sampled_from(Each), moments=st.integers(1, 12))
def test_no_step_counts_from_a_contact_moment_that_does_not_come(each: Each, moments: int) -> None:
    step = LOG.model_copy(update={"each": each, "at": Moment(anchor="ME")})
    playbook = unrolled(VISIT.model_copy(update={"steps": (*VISIT.steps, step), "facts": (LOGGED,)}), moments)
    numbers = [int(one.at.anchor[1:]) for one in playbook.steps if one.key.startswith("log-")]
    assert all(1 <= number <= moments for number in numbers)
    assert len({one.key for one in playbook.steps}) == len(playbook.steps)


@pytest.mark.parametrize(
    ("anchor", "at"),
    [
        ("T", "Thu 08 Oct 2026 15:00"),
        ("E", "Thu 14 Jan 2027 17:00"),
        ("T2", "Thu 29 Oct 2026 15:00"),
        ("E3", "Thu 19 Nov 2026 17:00"),
        ("T9", "Thu 14 Jan 2027 15:00"),  # there are fewer: the last one
        ("H", "Thu 29 Oct 2026 17:00"),  # after two of four
    ],
)
def test_anchors_of_a_series(anchor: str, at: str) -> None:
    assert told(FOUR.of(anchor)) == at


def test_halfway_a_single_block_is_its_middle() -> None:
    week = Dates(((local("2027-02-01 09:00"), local("2027-02-05 17:00")),), {})
    assert told(week.of("H")) == "Wed 03 Feb 2027 13:00"
    assert week.of("some-step") is None


def test_a_time_of_day_at_the_end_of_a_meeting_is_never_before_it() -> None:
    late = LOG.model_copy(update={"at": Moment.parse("E2 16:30"), "rhythm": Rhythm.EXACT})
    assert told(due_at(late, FOUR, MID)) == "Thu 29 Oct 2026 17:00"
