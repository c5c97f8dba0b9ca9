"""The figures of a region are read from the tables in a few queries, and tell released words alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ActivityStatus
from models.tables.agreements import Agreement, AgreementVersion, Party
from models.tables.asking import Submission
from models.tables.network import Region, School
from models.tables.results import CardState, ImpressionCard, ShareScope
from models.text import Language
from sandwich.errors import NotFound
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.school_years import CalendarYear, Period, SchoolYear
from sandwich.runtime import Runtime
from sandwich.services.facts import gather_many
from sandwich.services.figures import Report, report_of, scope_of
from sandwich.services.loaded import load_many
from sandwich.services.report_words import worded
from sandwich.services.standing import standing_of
from sandwich.services.year_rows import read_rows
from sandwich.services.years import year_figures
from tests.support.cast import Cast
from tests.support.made_year import GOOD, MadeYear

pytestmark = pytest.mark.asyncio

ON = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
NOW = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
YEAR = SchoolYear(2026)


@pytest_asyncio.fixture
async def filled(runtime: Runtime, cast: Cast) -> list[str]:
    """Two schools with a visit each that is complete, one together that is not, one called off, one a year before."""
    async with runtime.store.change(now=NOW, actor="test") as session:
        made = MadeYear(session, runtime.library, cast.region.id, cast.id("C1"))
        one, other = cast.schools["S1"], cast.schools["S2"]
        koen = cast.person("P3")
        first = [await made.person(school=one, name=f"Een{number}") for number in range(4)]
        second = [await made.person(school=other, name=f"Twee{number}") for number in range(3)]
        await made.held(ON, first, koen, title="Eerste")
        await made.held(ON + timedelta(days=30), second, koen, title="Tweede", hours=10, company_hours=(8, False))
        await made.held(ON + timedelta(days=60), first[:2] + second[:1], koen, complete=False, says={}, hours=0)
        off = {"status": ActivityStatus.CANCELLED, "hours": 0, "company_hours": (50, False)}
        await made.held(ON + timedelta(days=61), first[:1], koen, says={}, title="Af", **off)  # type: ignore[arg-type]
        await made.held(ON - timedelta(days=300), first[:1], koen, says={}, title="Vorig jaar")
        return [row.id for row in made.made]


async def read(runtime: Runtime, region: Region, school: School | None = None, period: Period = YEAR) -> Report:
    """Return the figures of a period."""
    async with runtime.store.read() as session:
        return await report_of(session, runtime, await session.get_one(Region, region.id), school, period)


@pytest.mark.both
async def test_a_year_of_a_region_and_of_its_schools(runtime: Runtime, cast: Cast, filled: list[str]) -> None:
    whole = (await read(runtime, cast.region)).figures
    expected = {"held": 3, "cancelled": 1, "teachers": 7, "schools": 2, "hours_confirmed": 12, "hours_estimated": 8}
    assert {key: whole.figure(key).value for key in expected} == expected
    assert (whole.figure("complete").part, whole.figure("complete").of) == (2, 3)
    assert whole.figure("teacher_hours").value == 4 * 4 + 3 * 10
    assert (whole.figure("satisfaction").value, whole.figure("satisfaction").of) == (5, 7)
    assert whole.figure("satisfaction_host").is_hidden, "two visits, two answers"
    assert whole.figure("pupils").value == 140

    one = (await read(runtime, cast.region, cast.schools["S1"])).figures
    assert [one.figure(key).value for key in ("held", "teachers", "hours_confirmed")] == [2, 4, 10], (
        "6 and two thirds of 6"
    )
    assert (one.figure("satisfaction").of, one.figure("team").part) == (4, 4)
    nobody = (await read(runtime, cast.region, cast.schools["S3"])).figures
    assert nobody.is_empty


@pytest.mark.both
async def test_the_dots_of_many_are_those_of_each(runtime: Runtime, cast: Cast, filled: list[str]) -> None:
    async with runtime.store.read() as session:
        rows = await read_rows(session, cast.region.id, ZoneInfo(runtime.settings.timezone), SchoolYear(2025), YEAR)
        facts = await gather_many(session, await load_many(session, runtime.settings.timezone, filled), NOW)
    dots = {key: {dot for dot, state in four_dots(one).items() if state is DotState.DONE} for key, one in facts.items()}
    assert {one.id: set(one.met) for one in rows.activities} == dots
    assert len(set(map(len, dots.values()))) > 1


async def test_a_calendar_year_has_the_hours_that_were_made_in_it(
    runtime: Runtime, cast: Cast, filled: list[str]
) -> None:
    found = (await read(runtime, cast.region, period=CalendarYear(2026))).figures
    assert [found.figure(key).value for key in ("held", "hours_confirmed", "hours_estimated")] == [3, 12, 8]
    assert {figure.key for group in found.groups for figure in group.figures}.isdisjoint({"target"})
    assert (await read(runtime, cast.region, period=CalendarYear(2027))).figures.figure("hours_confirmed").value == 6


async def test_an_empty_year_and_a_year_before_anything(runtime: Runtime, cast: Cast, filled: list[str]) -> None:
    for period in (SchoolYear(2020), CalendarYear(2999), SchoolYear(2027)):
        found = await read(runtime, cast.region, period=period)
        assert found.figures.is_empty, period
        assert found.stories.stories == ()
        assert worded(found, runtime.library, Language.ENGLISH).line("satisfaction").shown == "not known yet"


async def test_a_region_in_which_nothing_ever_began(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.read() as session:
        scope = await scope_of(session, runtime, cast.region.id, NOW)
    assert (scope.school_years, scope.calendar_years) == ((YEAR,), (CalendarYear(2027),))
    assert (await read(runtime, cast.region)).figures.is_empty


async def test_what_can_be_asked_for_begins_with_the_first_activity(
    runtime: Runtime, cast: Cast, filled: list[str]
) -> None:
    async with runtime.store.read() as session:
        scope = await scope_of(session, runtime, cast.region.id, NOW)
    assert [year.first for year in scope.school_years] == [2026, 2025]
    assert [year.first for year in scope.calendar_years] == [2027, 2026, 2025]
    assert scope.school("") is None
    with pytest.raises(NotFound):
        scope.school(cast.id("B3"))


async def test_reading_more_activities_takes_no_more_queries(runtime: Runtime, cast: Cast, filled: list[str]) -> None:
    few = await queries(runtime, cast)
    async with runtime.store.change(now=NOW, actor="test") as session:
        made = MadeYear(session, runtime.library, cast.region.id, cast.id("C1"))
        some = [await made.person(school=cast.schools["S1"]) for _ in range(3)]
        for number in range(6):
            await made.held(ON + timedelta(days=number), some, cast.person("P3"), says={}, title=f"Nog {number}")
    assert await queries(runtime, cast) == few


async def queries(runtime: Runtime, cast: Cast) -> int:
    """Return how many statements the figures of a year take."""
    with counted(runtime) as statements:
        async with runtime.store.read() as session:
            await year_figures(session, cast.region.id, YEAR, zone=runtime.settings.timezone)
    return len(statements)


@contextmanager
def counted(runtime: Runtime) -> Iterator[list[str]]:
    """Keep the statements that run meanwhile."""
    found: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    engine = runtime.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", keep)


# words


@pytest.mark.both
async def test_a_story_is_told_only_when_it_was_released_and_names_nobody_of_the_host(
    runtime: Runtime, cast: Cast
) -> None:
    says = {
        "Mocht niet": {"evidence": "Geheim.", "story": "no"},
        "Met naam": {"evidence": "Koen Korteweg liet ons zagen.", "story": "with-name"},
        "Zonder": {"evidence": "Wij tekenen nu zelf.", "story": "without-name"},
        "Leerling": {"evidence": "Leerling Daan Prins kon het meteen.", "story": "without-name"},
        "Vertrouwelijk": {"evidence": "De prijslijst hangt in de klas.", "story": "without-name"},
    }
    async with runtime.store.change(now=NOW, actor="test") as session:
        made = MadeYear(session, runtime.library, cast.region.id, cast.id("C1"))
        for title, said in says.items():
            person = await made.person(school=cast.schools["S1"], name="Nora")
            later = {"impact-check": {**GOOD["impact-check"], **said}}
            activity = await made.held(ON, [person], cast.person("P3"), says=later, title=title)
            if title == "Vertrouwelijk":
                await keeps_to_itself(session, activity.id, cast, "Geen prijslijsten noemen")
    found = (await read(runtime, cast.region)).stories.stories
    assert {story.title for story in found} == {"Met naam", "Zonder"}
    named = next(story for story in found if story.title == "Met naam")
    assert named.name is not None
    assert named.name.startswith("Nora")
    assert "Korteweg" not in named.text
    assert "zagen" in named.text
    assert next(story for story in found if story.title == "Zonder").name is None
    assert (await read(runtime, cast.region, cast.schools["S2"])).stories.stories == ()


async def keeps_to_itself(session: AsyncSession, activity_id: str, cast: Cast, note: str) -> None:
    """Let the host mark something as confidential in what was agreed."""
    row = (await session.scalars(select(Agreement).where(Agreement.activity_id == activity_id))).one()
    row.accepted_version = 1
    session.add(
        AgreementVersion(
            agreement_id=row.id,
            activity_id=activity_id,
            number=1,
            proposed_by=Party.HOST,
            author_id=cast.id("P3"),
            terms={"confidential": note},
            digest="x",
            proposed_at=ON,
        )
    )
    await session.flush()


async def test_a_lesson_comes_from_a_published_card_as_far_as_its_author_lets_it_go(
    runtime: Runtime, cast: Cast
) -> None:
    async with runtime.store.change(now=NOW, actor="test") as session:
        made = MadeYear(session, runtime.library, cast.region.id, cast.id("C1"))
        for title, scope, state in (
            ("Regio", "region", CardState.PUBLISHED),
            ("School", "school", CardState.PUBLISHED),
            ("Nog niet", "region", CardState.PREVIEWED),
        ):
            person = await made.person(school=cast.schools["S1"])
            card = {"headline": title, "insight_1": f"Les van {title}", "scope": scope}
            activity = await made.held(ON, [person], cast.person("P3"), says={"impressions": card}, title=title)
            sent = await session.scalar(select(Submission.id).where(Submission.activity_id == activity.id))
            shared = ShareScope.REGION if scope == "region" else ShareScope.SCHOOL
            session.add(
                ImpressionCard(
                    activity_id=activity.id,
                    state=state,
                    share_scope=shared,
                    content={"submissions": [sent]},
                    released_at=ON,
                    published_at=ON,
                )
            )

    async def lessons(school: School | None) -> set[str]:
        return {one.text for one in (await read(runtime, cast.region, school)).stories.lessons}

    assert await lessons(None) == {"Les van Regio"}
    assert await lessons(cast.schools["S1"]) == {"Les van Regio", "Les van School"}
    assert await lessons(cast.schools["S2"]) == set(), "it took no part, so its report is not about it"


@pytest.mark.both
async def test_how_a_region_stands_counts_and_names_nobody(runtime: Runtime, cast: Cast, filled: list[str]) -> None:
    async with runtime.store.change(now=NOW, actor="test") as session:
        made = MadeYear(session, runtime.library, cast.region.id, cast.id("C1"))
        person = await made.person(school=cast.schools["S1"])
        person.no_mail = True
        await made.held(NOW + timedelta(days=9), [person], cast.person("P3"), says={}, status=ActivityStatus.BEFORE)
        elsewhere = Region(code="elders", name="Elders")
        session.add(elsewhere)
        await session.flush()
        empty = elsewhere.id
    async with runtime.store.read() as session:
        found = await standing_of(session, runtime.library, cast.region.id, NOW)
        other = await standing_of(session, runtime.library, empty, NOW)
    assert dict(found.stages)[ActivityStatus.BEFORE] == found.going_on == 1
    assert (found.want_no_mail, found.open_calls) == (1, 0)
    assert found.shared_mailboxes > 0
    assert (other.going_on, other.shared_mailboxes, other.want_no_mail) == (0, 0, 0)
