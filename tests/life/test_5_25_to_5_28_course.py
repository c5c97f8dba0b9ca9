"""Real life with time and answers: what never closes, the turn of the year, two answers, a scanner of mail."""

from datetime import date

import pytest
from sqlalchemy import select

from models.tables.activities import ActivityStatus, StepState
from models.tables.asking import InvitationState, Submission, Via
from models.tables.results import Hours, HoursKind
from models.text import Language
from sandwich.rules.gates import CLOSING_ACTOR
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services.answer_views import answer_view
from sandwich.services.answers_of import read_answers_of
from sandwich.services.years import YearFigures, year_figures
from sandwich.web.app import make_app
from tests.services.test_certificates import MASTERCLASS
from tests.support.cast import Cast
from tests.support.driver import Play, local, told
from tests.support.dumped import dump
from tests.support.linked import link_for
from tests.support.living import Living
from tests.web.conftest import browser_of

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


# 5.25


@pytest.mark.chapter("held")
async def test_case_5_25_it_closes_by_itself_after_ninety_days_and_says_what_is_missing(play: Play) -> None:
    await play.to("2027-02-03 07:59")
    assert (await play.activity()).status is ActivityStatus.AFTER
    await play.to("2027-02-03 08:00")
    activity = await play.activity()
    assert activity.status is ActivityStatus.FINISHED
    closed = activity.overrides["after"]
    assert closed["by"] == CLOSING_ACTOR
    assert {"shared"} <= set(closed["missing"]["hard"])
    assert {"most_evaluations", "host_evaluated"} <= set(closed["missing"]["soft"])
    assert [call.what for call in await play.calls() if call.what == "closed-by-itself"], await play.open_calls()


@pytest.mark.chapter("held")
async def test_case_5_25_the_impact_check_still_runs_after_closing(play: Play) -> None:
    """Nothing worked from the day itself until after the closing: what was due for people comes all the same."""
    await play.sleep_to("2027-02-05 10:00")
    assert (await play.activity()).status is ActivityStatus.FINISHED
    assert (await play.step("impact-check")).state is StepState.DONE
    asked = await play.invitation("T3", "impact-check")
    assert asked.state is InvitationState.SENT
    await play.answer("T3", "impact-check")
    assert (await play.invitation("T3", "impact-check")).state is InvitationState.ANSWERED
    await play.sleep_to("2027-02-26 10:00")
    assert (await play.step("result-to-host")).state is StepState.DONE
    await play.to("2027-03-02 10:00")
    assert play.sent("result-to-host")


# 5.26


async def figures(play: Play, first: int) -> YearFigures:
    """Return the figures of a school year."""
    region = (await play.activity()).region_id
    async with play.runtime.store.read() as session:
        return await year_figures(session, region, SchoolYear(first), zone="Europe/Amsterdam")


async def test_case_5_26_an_open_activity_goes_along_into_the_year_in_which_it_ends(
    runtime: Runtime, cast: Cast
) -> None:
    """A masterclass with one half-day on Thursday 24 June and one on Thursday 9 September 2027."""
    await runtime.clock.set(local("2027-04-13 10:00"))
    dates = {
        "dates": [{"start": "2027-06-24 13:30", "end": "2027-06-24 16:30"}],
        "meetings": [{"start": "2027-09-09 13:30", "end": "2027-09-09 14:30"}],
    }
    play = await Play.begin(runtime, cast, **{**MASTERCLASS, **dates})
    living = Living(play, {"host-hours": {"confirm": "adjusted", "on_behalf": "yes", "hours_day": "8"}})
    await living.to("2027-07-31 23:00")
    old, new = await figures(play, 2026), await figures(play, 2027)
    assert (old.goes_on, dict(old.held), new.goes_on, dict(new.held)) == (1, {}, 0, {})

    await living.to("2027-10-20 12:00")
    async with runtime.store.read() as session:
        rows = list(await session.scalars(select(Hours).where(Hours.activity_id == play.activity_id)))
    kinds = {row.kind for row in rows}
    assert {HoursKind.COMPANY_DURING, HoursKind.TEACHER_DURING, HoursKind.TEACHER_AFTER} <= kinds
    old, new = await figures(play, 2026), await figures(play, 2027)
    assert (old.goes_on, dict(old.held), old.teachers) == (1, {}, 0)
    assert (dict(new.held), new.teachers, new.goes_on) == ({"masterclass": 1}, 4, 0)
    # Three of the four hours of the meetings were in June: so is three quarters of the company's eight.
    assert sum(row.hours for row in rows if row.kind is HoursKind.COMPANY_DURING) == 8
    during = sum(row.hours for row in rows if row.kind is HoursKind.TEACHER_DURING)
    before = sum(row.hours for row in rows if row.kind is HoursKind.TEACHER_BEFORE)
    after = sum(row.hours for row in rows if row.kind is HoursKind.TEACHER_AFTER)
    assert old.teacher_hours == round(before + 0.75 * during, 1)
    assert new.teacher_hours == round(after + 0.25 * during, 1)
    prepared = sum(row.hours for row in rows if row.kind is HoursKind.COMPANY_BEFORE and row.is_confirmed)
    assert old.company_hours_confirmed == round(prepared + 6, 1)
    later = sum(row.hours for row in rows if row.kind is HoursKind.COMPANY_AFTER and row.is_confirmed)
    assert new.company_hours_confirmed == round(later + 2, 1)


@pytest.mark.parametrize(
    ("day", "first"), [(date(2026, 7, 31), 2025), (date(2026, 8, 1), 2026), (date(2027, 7, 31), 2026)]
)
async def test_case_5_26_the_year_turns_on_the_first_of_august(day: date, first: int) -> None:
    assert SchoolYear.of(day) == SchoolYear(first)
    assert day in SchoolYear(first)


# 5.27


@pytest.mark.chapter("asked")
async def test_case_5_27_the_last_answer_counts_and_both_are_kept_with_time_and_author(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.answer("T3", "registration", via=Via.PHONE, entered_by=play.coordinator, attend="yes")
    await play.answer("T3", "goals", via=Via.PHONE, entered_by=play.coordinator, goal_1="Lassen")
    assert (await play.invitation("T3", "goals")).state is InvitationState.PHONED
    await play.to("2026-10-08 12:00")
    await play.answer("T3", "goals", goal_1="Solderen")
    assert (await play.invitation("T3", "goals")).state is InvitationState.ANSWERED
    async with runtime.store.read() as session:
        rows = list(
            await session.scalars(select(Submission).where(Submission.form == "goals").order_by(Submission.number))
        )
        answers = await read_answers_of(session, play.activity_id)
        view = await answer_view(session, play.activity_id, rows[0].id, Language.DUTCH, formal_people=frozenset())
    assert [(row.answers["goal_1"], row.via, row.entered_by_id, told(row.submitted_at)) for row in rows] == [
        ("Lassen", Via.PHONE, play.coordinator, "Thu 08 Oct 10:00"),
        ("Solderen", Via.WEB, None, "Thu 08 Oct 12:00"),
    ]
    assert {row.person_id for row in rows} == {cast.id("T3")}
    assert [item.answers["goal_1"] for item in answers.of_form("goals")] == ["Solderen"]
    assert (view.entered_by, [version.number for version in view.versions]) == ("Jolanda Meerdink", [1, 2])


# 5.28


@pytest.mark.chapter("asked")
async def test_case_5_28_looking_changes_nothing_and_a_link_works_until_something_is_sent(
    play: Play, runtime: Runtime
) -> None:
    app = make_app(runtime)
    tokens = []
    for code, form in (("T3", "registration"), ("T3", None), ("P3", "task-division"), ("L1", "approval")):
        seat = await play.participation(code)
        asked = await play.invitation(code, form) if form else None
        now = await play.now()
        async with runtime.store.change(now=now, actor="delivery", stream=play.activity_id) as session:
            tokens.append(await link_for(session, runtime.settings, seat.id, asked and asked.id, now))
    before = await dump(runtime.store)
    for token in tokens:
        async with browser_of(app) as scanner:
            for method in ("HEAD", "GET", "GET", "GET"):
                answer = await scanner.request(method, f"/f/{token}", headers={"Sec-Purpose": "prefetch"})
                assert answer.status_code == 200
    assert await dump(runtime.store) == before, "neither a state nor a token is used up"
    await play.answer("T3", "registration", attend="yes")
    async with browser_of(app) as web:
        assert (await web.get(f"/f/{tokens[0]}")).status_code == 200
