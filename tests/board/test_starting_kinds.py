"""Every kind can be begun on the board, with what that kind needs, and from the activity that it comes of."""

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.activities import Activity, Participation
from models.tables.network import Person
from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.rows import a_school, an_activity
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

DAY: dict[str, str | list[str]] = {"date-1": "2027-02-04", "from-1": "13:30", "to-1": "16:30"}


async def begin(browser: Browser, **answers: str | list[str]) -> str:
    """Begin an activity on the board and return its page."""
    page = await browser.open("/board/start?whole")
    named = {name.replace("_", "-"): value for name, value in answers.items()}
    check = await browser.send(page, "/board/start", {**DAY, **named}, press="_action=check")
    assert "Dit gebeurt er als je op ‘Begin’ drukt" in check.text, check.text
    return (await browser.send(check, "/board/start", press="_action=begin")).text


async def last(runtime: Runtime) -> Activity:
    async with runtime.store.read() as session:
        found = await session.scalar(select(Activity).order_by(Activity.started_at.desc(), Activity.id).limit(1))
    assert found is not None
    return found


async def people(runtime: Runtime, cast: Cast, activity_id: str) -> set[tuple[str, Role]]:
    codes = {person.id: code for code, person in cast.people.items()}
    async with runtime.store.read() as session:
        rows = await session.scalars(select(Participation).where(Participation.activity_id == activity_id))
        return {(codes[row.person_id], row.role) for row in rows}


async def test_every_kind_and_variant_can_be_chosen_but_no_part(jolanda: Browser, cast: Cast) -> None:
    page = await jolanda.open("/board/start?whole")
    for name in ("Masterclass", "Docentstage: Bij een mbo-collega", "Schoolbezoek: Visitatie", "Speeddates", "DOT"):
        assert name in page.text
    assert 'value="twin-pair"' not in page.html


async def test_a_kind_at_a_school_needs_somebody_of_that_school(jolanda: Browser, runtime: Runtime, cast: Cast) -> None:
    said = await begin(
        jolanda,
        kind="school-visit/visitation",
        title="Op bezoek bij de Groene Horst",
        purpose="other-school",
        host=cast.id("L3"),
        teachers=[cast.id("T1"), cast.id("T3")],
        others_chair=[cast.id("T3")],
    )
    assert "Groene Horst vmbo-groen" in said
    activity = await last(runtime)
    assert activity.kind == "school-visit"
    assert {("T3", Role.CHAIR), ("L3", Role.HOST_CONTACT)} <= await people(runtime, cast, activity.id)
    page = await jolanda.open("/board/start?whole")
    answers = {**DAY, "kind": "school-visit/visitation", "title": "x", "purpose": "other-school", "host": cast.id("P1")}
    page = await jolanda.send(page, "/board/start", answers, press="_action=check")
    assert "Kies de contactpersoon van de school die ontvangt." in page.text


async def test_a_kind_without_a_host_needs_none_and_shows_its_whole_series(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    page = await jolanda.open("/board/start?whole")
    answers: dict[str, str | list[str]] = {
        **DAY,
        "kind": "teacher-design-team",
        "title": "Lesmateriaal",
        "purpose": "make-material",
        "teachers": [cast.id("T1"), cast.id("T4"), cast.id("T7")],
        "others-reviewer": [cast.id("T2")],
    }
    check = await jolanda.send(page, "/board/start", answers, press="_action=check")
    assert check.text.count("Verslag in één minuut") == 4
    await jolanda.send(check, "/board/start", press="_action=begin")
    activity = await last(runtime)
    assert ("T2", Role.REVIEWER) in await people(runtime, cast, activity.id)


async def test_a_coach_who_belongs_to_no_school_or_company_can_be_chosen(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    page = await jolanda.open("/board/start?whole")
    assert "Zonder school of bedrijf" in page.text
    await begin(
        jolanda,
        kind="teacher-design-team",
        title="Lesmateriaal",
        purpose="make-material",
        host=cast.id("P2"),
        teachers=[cast.id("T1"), cast.id("T4"), cast.id("T7")],
        others_coach=[cast.id("D1")],
    )
    activity = await last(runtime)
    known = await people(runtime, cast, activity.id)
    assert {("D1", Role.COACH), ("P2", Role.HOST_CONTACT)} <= known
    async with runtime.store.read() as session:
        seat = await session.scalar(
            select(Participation.id).where(Participation.activity_id == activity.id, Participation.role == Role.COACH)
        )
    page = await jolanda.open(f"/board/{activity.id}/replace/{seat}")
    assert cast.name("P1") in page.text, "another coach may work at a company"


async def test_whoever_belongs_to_nobody_and_is_known_from_another_region_alone_is_not_shown(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test") as session:
        elsewhere = await an_activity(session, await a_school(session), cast.person("C2"), now)
        session.add(Participation(activity_id=elsewhere.id, person_id=cast.id("D1"), role=Role.COACH, added_at=now))
        (await session.get_one(Person, cast.id("D1"))).region_id = None
    page = await jolanda.open("/board/start?whole")
    assert cast.name("D1") not in page.text


async def test_a_variant_that_does_not_exist_is_refused(jolanda: Browser, cast: Cast) -> None:
    page = await jolanda.open("/board/start?whole")
    page.form("/board/start").fields["kind"] = ["school-visit/holiday"]
    page = await jolanda.send(page, "/board/start", {**DAY, "title": "x"}, press="_action=check")
    assert "Kies wat voor activiteit het wordt." in page.text


async def test_what_follows_begins_with_what_is_known_and_both_ends_show_it(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    cast = visit.cast
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        activity = await session.get_one(Activity, visit.activity_id)
        activity.purpose = "knowledge"
    page = await jolanda.open(f"/board/start?after={visit.activity_id}&kind=masterclass")
    fields = page.form("/board/start").fields
    assert fields["kind"] == ["masterclass"]
    assert fields["host"] == [cast.id("P3")]
    assert {cast.id("T2"), cast.id("T3")} <= set(fields["teachers"])
    assert cast.id("T9") not in fields["teachers"]
    check = await jolanda.send(page, "/board/start", {**DAY, "title": "Zelf prefab maken"}, press="_action=check")
    after = await jolanda.send(check, "/board/start", {"_why": "Het vervolg"}, press="_action=begin")
    assert "Komt voort uit Prefab bouwen bij Korteweg" in " ".join(after.text.split())
    before = await jolanda.open(f"/board/{visit.activity_id}")
    assert "Leidde tot Zelf prefab maken" in " ".join(before.text.split())


async def test_an_activity_of_nowhere_leads_to_nothing(jolanda: Browser, cast: Cast) -> None:
    await jolanda.open("/board/start?after=nowhere&kind=masterclass")
    assert jolanda.status == 404
    page = await jolanda.open("/board/start?after=nowhere&kind=nothing")
    assert "follows" not in page.form("/board/start").fields
