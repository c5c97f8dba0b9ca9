"""Every figure is what its definition says, and none of them is about one or two people (field rules 17, 38 and 57)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.roles import DOTS, Demand, Role
from models.tables.activities import ActivityStatus, Presence, Standing
from models.tables.asking import InvitationState
from models.tables.results import HoursKind
from sandwich.rules.calendar import Calendar
from sandwich.rules.cofinancing import Contribution, Piece, Share
from sandwich.rules.figures.chart_wording import BENCHMARKS, CHARTS, GROUPS
from sandwich.rules.figures.counting import Gifts, Network
from sandwich.rules.figures.rows import Answer, Asked, Made, OneActivity, Reaction, Rows, TakingPart
from sandwich.rules.figures.shape import FEWEST, Figure, Sample, mean, share, spread, total
from sandwich.rules.figures.whole import Figures, figures
from sandwich.rules.figures.wording import FIGURES
from sandwich.rules.school_years import CalendarYear, Period, SchoolYear, key_of, period_of_key, years_before

YEAR = SchoolYear(2026)
ON = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
ALL = frozenset(DOTS)


def activity(key: str = "a", on: datetime = ON, **changes: Any) -> OneActivity:
    """Return an activity of three hours that was held."""
    known: dict[str, Any] = {
        "kind": "visit",
        "status": ActivityStatus.FINISHED,
        "started_at": on - timedelta(days=42),
        "finished_at": None,
        "spans": ((on, on + timedelta(hours=3)),),
        "company_id": "firm",
        "met": ALL,
    }
    return OneActivity(id=key, **{**known, **changes})


def teacher(key: str, activity_id: str = "a", school: str = "S1", **changes: Any) -> TakingPart:
    """Return a teacher who was there."""
    known: dict[str, Any] = {
        "role": Role.TEACHER,
        "standing": Standing.REGISTERED,
        "presence": Presence.PRESENT,
        "school_id": school,
    }
    return TakingPart(activity_id, f"{activity_id}-{key}", key, **{**known, **changes})


def host(key: str = "P", activity_id: str = "a") -> TakingPart:
    """Return somebody of a company."""
    return TakingPart(
        activity_id, f"{activity_id}-{key}", key, Role.HOST_CONTACT, Standing.REGISTERED, Presence.UNKNOWN, None, "firm"
    )


def answers(form: str, *people: TakingPart, **said: Any) -> list[Answer]:
    """Return the same answer of several people."""
    return [Answer(one.activity_id, form, one, said) for one in people]


def of(
    school: str | None = None,
    period: Period = YEAR,
    gifts: Gifts | None = None,
    network: Network | None = None,
    **rows: Any,
) -> Figures:
    """Return the figures of some rows."""
    everything = Rows(calendar=Calendar(ZoneInfo("Europe/Amsterdam")), **rows)
    return figures(everything, period, gifts or Gifts(), network or Network(), school_id=school, schools={"S1": "Een"})


THREE = [teacher("T1"), teacher("T2"), teacher("T3", school="S2")]
SIX = [*THREE, *(teacher(f"T{number}", school="S2") for number in range(4, 7))]


# the flagship


def test_a_sandwich_is_complete_with_all_four_demands_and_no_less() -> None:
    almost = [activity(demand.value, met=ALL - {demand}) for demand in DOTS]
    found = of(activities=[activity("whole"), *almost])
    figure = found.figure("complete")
    assert (figure.value, figure.part, figure.of) == (20, 1, 5)
    [chart] = next(group for group in found.groups if group.key == "sandwich").charts
    assert {bar.label: bar.values for bar in chart.bars} == {demand.value: (80,) for demand in DOTS}
    assert Demand.EVALUATION.value not in {bar.label for bar in chart.bars}


def test_only_what_was_held_in_the_period_counts() -> None:
    rows = [
        activity("this"),
        activity("last", ON - timedelta(days=365)),
        activity("calls", status=ActivityStatus.CANCELLED, finished_at=ON),
        activity("before", status=ActivityStatus.BEFORE),
        activity("later", datetime(2027, 9, 1, tzinfo=UTC), started_at=ON, status=ActivityStatus.BEFORE),
    ]
    found = of(activities=rows)
    assert [found.figure(key).value for key in ("held", "cancelled", "goes_on", "started")] == [1, 1, 1, 4]
    assert [one.value for one in found.trend.lines[0]] == [0, 1, 1], "the years before stand beside it"


def test_a_calendar_year_is_another_year_than_a_school_year() -> None:
    rows = [activity("autumn"), activity("spring", datetime(2027, 3, 1, tzinfo=UTC))]
    assert of(activities=rows).figure("held").value == 2
    assert of(activities=rows, period=CalendarYear(2026)).figure("held").value == 1
    assert of(activities=rows, period=CalendarYear(2027)).figure("held").value == 1


# small numbers


@pytest.mark.parametrize(("people", "told"), [(2, False), (3, True)])
def test_no_mean_of_fewer_than_three(people: int, told: bool) -> None:
    some = SIX[:people]
    found = of(
        activities=[activity()], people=some, answers=answers("teacher-evaluation", *some, overall=5, good_use=4)
    )
    for key, value in (("satisfaction", 5.0), ("good_use", 100)):
        figure = found.figure(key)
        assert (figure.value, figure.is_hidden) == ((value, False) if told else (None, True)), key


def test_a_school_is_not_told_what_would_tell_of_one_of_another_school() -> None:
    some = [teacher("T1"), teacher("T2"), teacher("T3"), teacher("U1", school="S2")]
    rows: dict[str, Any] = {"activities": [activity()], "people": some}
    rows["answers"] = answers("teacher-evaluation", *some, overall=4)
    assert of(**rows).figure("satisfaction").value == 4
    assert of("S1", **rows).figure("satisfaction").is_hidden, "four less three is one"
    alone = {**rows, "people": some[:3], "answers": rows["answers"][:3]}
    assert of("S1", **alone).figure("satisfaction").value == 4


def test_who_objected_is_in_no_figure_about_people() -> None:
    found = of(
        activities=[activity()],
        people=SIX[:4],
        answers=answers("teacher-evaluation", *SIX[:4], overall=4),
        hours=[Made("a", HoursKind.TEACHER_DURING, one.person_id, one.school_id, 3, True) for one in SIX[:4]],
        silent=frozenset({"T4"}),
    )
    assert (found.figure("teachers").value, found.left_out) == (3, 1)
    assert found.figure("satisfaction").of == 3
    assert found.figure("teacher_hours").value == 9


def test_hours_of_a_teacher_are_never_told() -> None:
    def with_hours(*hours: float) -> Figures:
        some = [teacher(f"T{number}") for number in range(len(hours))]
        made = [
            Made("a", HoursKind.TEACHER_DURING, one.person_id, "S1", number, True)
            for one, number in zip(some, hours, strict=True)
        ]
        return of(activities=[activity()], people=some, hours=made)

    two = with_hours(3, 40)
    assert two.figure("teacher_hours").is_hidden
    assert two.figure("teacher_hours_median").value is None
    found = with_hours(1, 2, 3, 5, 9, 90)
    [chart, *_] = next(group for group in found.groups if group.key == "reach").charts
    assert [(bar.label, bar.values) for bar in chart.bars if bar.values[0]] == [("0–4", (3,)), ("4+", (3,))]


@given(st.lists(st.floats(0, 200), max_size=40))
def test_no_step_of_a_spread_has_one_or_two_people(values: list[float]) -> None:
    steps = spread(Sample(tuple(values)), (0, 4, 8, 16, 40, 83))
    assert sum(number for _, _, number in steps) == (len(values) if len(values) >= FEWEST else 0)
    assert all(number == 0 or number >= FEWEST for _, _, number in steps)
    assert [low for low, _, _ in steps[1:]] == [high for _, high, _ in steps[:-1]], "without a gap"


def test_nothing_is_told_of_nobody() -> None:
    none = Sample(())
    assert [one.value for one in (mean("satisfaction", none), share("good_use", none, 4), total("pupils", none))] == [
        None
    ] * 3
    assert not mean("satisfaction", none).is_hidden, "not hidden: there is nothing"


# results


def test_learning_is_measured_over_the_same_people() -> None:
    found = of(
        activities=[activity()],
        people=SIX[:4],
        answers=[
            *answers("goals", *SIX[:3], conf_career=2),
            *answers("teacher-evaluation", *SIX[:2], conf_career=4, goal_result=[{"row": "g", "result": 4}]),
            *answers("teacher-evaluation", *SIX[2:4], conf_career=1, goal_result=[{"row": "g", "result": 3}]),
        ],
    )
    figure = found.figure("more_confident")
    assert (figure.value, figure.part, figure.of) == (67, 2, 3), "the fourth was not asked before"
    reached = found.figure("goals_reached")
    assert (reached.part, reached.of) == (2, 4)
    [chart] = next(group for group in found.groups if group.key == "learning").charts
    assert [(bar.label, bar.values) for bar in chart.bars] == [("conf_career", (2.0, 3.0, None))]


def test_plans_pupils_and_wishes() -> None:
    later = {"done": [{"row": "guest-lesson", "result": "done"}, {"row": "adapt", "result": "not-yet"}]}
    found = of(
        activities=[activity()],
        people=THREE,
        answers=[
            *answers("impact-check", *THREE, pupils=10, change_lesson=4, **later),
            *answers("teacher-evaluation", *THREE, plan_what=["adapt", "unknown"], next_wish=["dot", "nothing"]),
        ],
    )
    assert found.figure("pupils").value == 30
    assert found.figure("plans_done").value == 50
    assert found.figure("guest_lessons").value == 3
    assert found.figure("placements").value == 0
    assert found.wishes == (("dot", 3),)
    assert (
        of(
            activities=[activity()],
            people=THREE[:2],
            answers=answers("teacher-evaluation", *THREE[:2], next_wish=["dot"]),
        ).wishes
        == ()
    )


def test_hosts_who_want_more_are_told_from_three_on() -> None:
    def with_hosts(count: int) -> Figure:
        keys = [f"a{number}" for number in range(count)]
        said = [
            Answer(key, "host-evaluation", host(f"P{key}", key), {"again": "other-form", "explain": 5}) for key in keys
        ]
        found = of(activities=[activity(key) for key in keys], people=[one.person for one in said], answers=said)
        assert found.figure("host_explained").value == found.figure("host_again").value
        return found.figure("host_again")

    assert with_hosts(2).is_hidden
    assert with_hosts(3).value == 100


def test_reactions_of_colleagues_belong_to_the_day_on_which_they_came() -> None:
    said = [Reaction(ON, {"useful": 5, "use": "lesson"})] * 3 + [Reaction(ON - timedelta(days=400), {"useful": 1})]
    found = of(activities=[activity()], reactions=said)
    assert (found.figure("reactions").value, found.figure("useful").value, found.figure("in_lesson").value) == (
        3,
        100,
        100,
    )


# companies


def contribution(
    company: str, hours: float, *, confirmed: bool = True, year: Period = YEAR, key: str = "a"
) -> Contribution[Period]:
    """Return hours of a company."""
    return Contribution(company, key, year, Piece(hours=hours, is_confirmed=confirmed, rate=50))


def test_confirmed_hours_stand_beside_estimated_ones_and_only_they_have_a_value() -> None:
    gifts = Gifts([contribution("firm", 10), contribution("other", 4, confirmed=False)])
    found = of(activities=[activity()], people=THREE, gifts=gifts, network=Network(companies=9, share=Share(1000, 500)))
    keys = ("hours_confirmed", "hours_estimated", "value", "target", "companies", "companies_active")
    assert [found.figure(key).value for key in keys] == [10, 4, 500, 50, 9, 2]
    part = of("S1", activities=[activity()], people=THREE, gifts=gifts)
    assert part.figure("hours_confirmed").value == 6.7, "two of the three teachers are of this school"


def test_companies_come_and_go() -> None:
    gifts = Gifts(
        [contribution("old", 1, year=SchoolYear(2025), key="x"), contribution("new", 2), contribution("stays", 1)]
    )
    gifts = Gifts([*gifts.pieces, contribution("stays", 1, year=SchoolYear(2024), key="y")])
    found = of(activities=[activity()], gifts=gifts)
    assert [found.figure(key).value for key in ("companies_active", "companies_new", "companies_lost")] == [2, 1, 1]


# process


def test_the_host_is_involved_beforehand_when_it_answers_two_weeks_before() -> None:
    def division(key: str, days: int) -> Asked:
        state, at = InvitationState.ANSWERED, ON - timedelta(days=days)
        return Asked(
            key, "task-division", host(activity_id=key), state, ON - timedelta(days=28), ON - timedelta(days=7), at
        )

    rows = [division("early", 20), division("on-time", 10), division("late", 2)]
    found = of(activities=[activity(one.activity_id) for one in rows], asked=rows)
    assert (found.figure("division_on_time").part, found.figure("host_before").part) == (2, 1)
    assert found.figure("lead_time").value == 42


# empty, and words


def test_a_year_of_which_nothing_is_known_is_empty_and_breaks_nothing() -> None:
    found = of()
    assert found.is_empty
    assert all(not figure.value for group in found.groups for figure in group.figures)
    assert not of(activities=[activity("calls", status=ActivityStatus.CANCELLED, finished_at=ON)]).is_empty


def test_everything_has_words_in_both_languages() -> None:
    full = of(gifts=Gifts([contribution("firm", 1)]), network=Network(share=Share(1, 1)), activities=[activity()])
    known = {figure.key for found in (of(), full) for group in found.groups for figure in group.figures}
    assert known == FIGURES.keys(), "no words without a figure, and no figure without words"
    assert {group.key for group in full.groups} == GROUPS.keys()
    assert BENCHMARKS.keys() <= FIGURES.keys()
    charts = {chart.key for group in full.groups for chart in group.charts} | {full.schools.key, "benchmarks"}
    assert charts == CHARTS.keys()
    texts = [text for words in FIGURES.values() for text in (words.label, words.meaning)]
    assert all(text.nl and text.en for text in texts)


@pytest.mark.parametrize("period", [SchoolYear(2026), CalendarYear(2027)])
def test_a_period_stands_in_an_address(period: Period) -> None:
    assert period_of_key(key_of(period)) == period
    assert years_before(period, 2).first == period.first - 2
    assert period.begins_on in period
    assert period.next_begins_on not in period
    assert date(1999, 1, 1) not in period


@pytest.mark.parametrize(
    "key", ["", "2026", "school-", "school-26", "school-٢٠٢٦", "month-2026", "calendar-1999", "school-2026-2027"]
)
def test_what_is_no_period_is_none(key: str) -> None:
    assert period_of_key(key) is None
