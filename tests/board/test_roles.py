"""Who signs in and does not coordinate a region: what they see, what they cannot do, and a role that is taken away."""

import io
import zipfile
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.rights import Office
from models.roles import Role
from models.scopes import ApiScope
from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.asking import Submission, Via
from models.tables.hooks import Hook
from models.tables.network import Contact, Person, School
from models.tables.privacy import Retention
from sandwich.clock import real_now
from sandwich.errors import BadInput
from sandwich.privacy import retention
from sandwich.runtime import Runtime
from sandwich.services.api_tokens import holder_of, make_token
from sandwich.services.collect import report_change
from sandwich.services.hooks import make_hook
from sandwich.services.login import begin_session, coordinator_of, recognise, who_signs_in_at
from sandwich.services.offices import give_role, held_by, take_role
from sandwich.services.on_request import erase_for
from sandwich.services.steer import cancel
from sandwich.services.told import PRIVACY, objectors
from sandwich.store.scope import NotAllowed
from tests.board.conftest import signed_in
from tests.support.browser import BASE, Browser
from tests.support.rows import a_participation, an_activity
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def office(runtime: Runtime, visit: Visit, code: str, role: Role | Office) -> str:
    """Give somebody a role and return who it is."""
    person_id = visit.cast.id(code)
    assert await give_role(runtime, person_id, role, now=await runtime.clock.now(), actor="test")
    return person_id


async def test_control_05_a_role_that_comes_back_brings_no_token_and_no_hook_back(
    runtime: Runtime, visit: Visit
) -> None:
    """Found by hand: what a program had worked again as soon as its coordinator had the role again."""
    now, real, person_id = await runtime.clock.now(), real_now(), visit.cast.id("C1")
    made = await make_token(runtime, person_id, "x", ApiScope.WRITE, 30, now=now, real=real, actor="test")
    listed = runtime.settings.model_copy(update={"webhook_addresses": "https://rooster.school.example/sandwich"})
    hooking = Runtime(listed, runtime.store, runtime.clock, runtime.library)
    async with runtime.store.read() as session:
        who = await coordinator_of(session, person_id)
    assert who is not None
    hook = await make_hook(hooking, who, "https://rooster.school.example/sandwich", (), now=now)
    assert await holder_of(runtime, made.token, real=real) is not None
    assert await take_role(runtime, person_id, Role.COORDINATOR, now=now, real=real, actor="test")
    assert await give_role(runtime, person_id, Role.COORDINATOR, now=now, actor="test")
    assert await holder_of(runtime, made.token, real=real) is None
    async with runtime.store.read() as session:
        assert (await session.get_one(Hook, hook.id)).ended_at is not None


async def test_a_region_manager_reads_where_things_are_and_nothing_that_people_wrote(
    app: FastAPI, runtime: Runtime, visit: Visit
) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    await visit.date_agreed()
    manager = await office(runtime, visit, "T9", Office.REGION_MANAGER)
    async with signed_in(app, runtime, manager) as browser:
        board = await browser.open("/board")
        page = await browser.open(f"/board/{visit.activity_id}")
        assert browser.status == 200
        assert "Prefab bouwen bij Korteweg" in board.text
        assert "Prefab bouwen bij Korteweg" in page.text
        assert visit.cast.name("T2") not in page.html
        assert not [link for link, _ in page.links if link.startswith(f"/board/{visit.activity_id}/")]
        assert "/board/start" not in board.html
        for part in ("/people", "/cancel", f"/answer/{invitation.id}", f"/print/{invitation.id}"):
            await browser.open(f"/board/{visit.activity_id}{part}")
            assert browser.status == 404, part
        await browser.open("/board/figures/report")
        assert browser.status == 200


async def test_below_the_pages_it_is_so_too(runtime: Runtime, visit: Visit) -> None:
    await visit.date_agreed()
    await office(runtime, visit, "T9", Office.REGION_MANAGER)
    async with runtime.store.maintain() as session:
        token = begin_session(session, visit.cast.id("T9"), real_now())
    who = await recognise(runtime, token, real=real_now())
    assert who is not None
    theirs = runtime.narrowed(who.scope)
    async with theirs.store.read() as session:
        assert list(await session.scalars(select(Submission.id))) == []
        assert (await session.get_one(Activity, visit.activity_id)).title
    with pytest.raises(NotAllowed):
        await cancel(theirs, visit.activity_id, "zomaar", now=await runtime.clock.now(), actor=who.person_id)
    with pytest.raises(NotAllowed):
        await erase_for(theirs, who, visit.cast.id("T2"), await runtime.clock.now())


async def test_a_school_leader_reads_the_activities_of_the_own_school(
    app: FastAPI, runtime: Runtime, visit: Visit
) -> None:
    async with runtime.store.read() as session:
        mine = (await session.get_one(Person, visit.cast.id("T2"))).school_id
        leaders = list(await session.scalars(select(Person).where(Person.is_school_leader)))
    there = next(one for one in leaders if one.school_id == mine)
    async with signed_in(app, runtime, there.id) as browser:
        await browser.open(f"/board/{visit.activity_id}")
        assert browser.status == 200
        await browser.open("/board/figures")
        assert browser.status == 404
    parts = {visit.cast.person(code).school_id for code in ("T2", "T3", "T5", "T6")}
    for elsewhere in (one for one in leaders if one.school_id not in parts):
        async with signed_in(app, runtime, elsewhere.id) as browser:
            assert "Prefab" not in (await browser.open("/board")).text
            await browser.open(f"/board/{visit.activity_id}")
            assert browser.status == 404


async def test_control_05_a_coach_steers_what_they_coach_and_nothing_else(
    app: FastAPI, browser: Browser, runtime: Runtime, visit: Visit
) -> None:
    """In their own design team like a coordinator; no other activity, no company, no key; and none of it afterwards."""
    now, coach = await runtime.clock.now(), visit.cast.id("T10")
    async with runtime.store.change(now=now, actor="test") as session:
        taking = Participation(activity_id=visit.activity_id, person_id=coach, role=Role.COACH, added_at=now)
        session.add(taking)
        there = await session.get_one(School, visit.cast.person("T10").school_id)
        other = await an_activity(session, there, await session.get_one(Person, visit.cast.id("C1")), now)
        await a_participation(session, other, await session.get_one(Person, coach), now)
        address = await session.scalar(select(Contact.address).where(Contact.person_id == coach))
        assert address is not None
        assert await who_signs_in_at(session, address.casefold()) == [coach]
        assert await coordinator_of(session, coach) is None  # no token and no webhook either
    own = await browser.open(f"/f/{await visit.personal_token('T10')}")
    assert "/board" in [link for link, _ in own.links]
    async with signed_in(app, runtime, coach) as coaching:
        board = await coaching.open("/board")
        assert "Prefab bouwen bij Korteweg" in board.text
        assert not [link for link, _ in board.links if link in ("/board/start", "/board/companies", "/board/keys")]
        page = await coaching.open(f"/board/{visit.activity_id}/cancel")
        assert coaching.status == 200
        for path in (f"/board/{other.id}", "/board/start", "/board/companies", "/board/keys", "/board/figures"):
            await coaching.open(path)
            assert coaching.status == 404, path
        await coaching.send(page, "/cancel", {"reason": "te weinig mensen"})
    async with runtime.store.change(now=now, actor="test") as session:
        assert (await session.get_one(Activity, visit.activity_id)).finished_at is not None
        (await session.get_one(Participation, taking.id)).left_at = now
    async with signed_in(app, runtime, coach) as coaching:
        await coaching.open("/board")
        assert coaching.path == "/login"


async def test_a_privacy_officer_gives_out_and_erases_and_sees_no_activity(
    app: FastAPI, runtime: Runtime, visit: Visit
) -> None:
    officer = await office(runtime, visit, "T9", Office.PRIVACY_OFFICER)
    async with signed_in(app, runtime, officer) as browser:
        page = await browser.open("/board")
        assert browser.path == "/board/privacy"
        nobody = await browser.send(page, "/board/privacy", {"who": "niemand@elders.example"})
        assert "Niemand in deze regio is zo bekend." in nobody.text
        found = await browser.send(page, "/board/privacy", {"who": "T2"})
        assert visit.cast.name("T2") in found.text
        await browser.send(found, "/data")
        assert browser.answer is not None
        names = zipfile.ZipFile(io.BytesIO(browser.answer.content)).namelist()
        assert any(name.endswith(".json") for name in names)
        unsure = await browser.send(found, "/erase")
        assert "Er is niets gewist." in unsure.text
        done = await browser.send(found, "/erase", {"sure": ["yes"]})
        assert "Gewist:" in done.text
        await browser.open(f"/board/{visit.activity_id}")
        assert browser.status == 404
    async with runtime.store.read() as session:
        assert (await session.get_one(Person, visit.cast.id("T2"))).erased_on is not None


async def test_a_privacy_officer_lets_go_what_is_over_its_term(app: FastAPI, runtime: Runtime, visit: Visit) -> None:
    """Also one who works at a school that has no part in what goes: the office is a region's."""
    officer = await office(runtime, visit, "T9", Office.PRIVACY_OFFICER)
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        activity = await session.get_one(Activity, visit.activity_id)
        activity.status, activity.finished_at = ActivityStatus.CANCELLED, now
        title, region_id = activity.title, activity.region_id
    await runtime.clock.set(now + timedelta(days=1100))
    await retention.run(runtime, await runtime.clock.now())
    async with signed_in(app, runtime, officer) as browser:
        begun = await browser.open("/board/privacy")
        assert "over hun bewaartermijn" in begun.text
        assert "/board/retention" in {link for link, _ in begun.links}
        page = await browser.open("/board/retention/answers")
        assert title in page.text
        await browser.send(page, "/board/retention/answers", press="_action=approve")
        assert browser.path == "/board/retention"
    async with runtime.store.read() as session:
        row = await session.get_one(Retention, (region_id, "answers"))
    assert row.approved_by == officer
    assert (await retention.run(runtime, await runtime.clock.now())).removed >= 1


async def test_a_privacy_officer_sees_what_was_asked_and_notes_an_objection(
    app: FastAPI, runtime: Runtime, visit: Visit
) -> None:
    officer = await office(runtime, visit, "T9", Office.PRIVACY_OFFICER)
    await visit.date_agreed()
    async with runtime.store.read() as session:
        part = (
            await session.scalars(select(Participation).where(Participation.person_id == visit.cast.id("T2")))
        ).first()
    assert part is not None
    posted = {"kind": ["access"], "about": ["everything"], "reply": ["mail"]}
    now = await runtime.clock.now()
    await report_change(runtime, part.id, PRIVACY, posted, now=now, key="asked", via=Via.WEB)
    async with signed_in(app, runtime, officer) as browser:
        page = await browser.open("/board/privacy")
        assert f"{visit.cast.name('T2')}: Mijn gegevens inzien" in page.text
        found = await browser.send(page, "/board/privacy")
        noted = await browser.send(found, "/object")
        assert "Het bezwaar staat genoteerd" in noted.text
    async with runtime.store.read() as session:
        assert visit.cast.id("T2") in await objectors(session)


async def test_a_role_taken_away_in_the_middle_of_a_form_loses_nothing_that_was_typed(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    page = await jolanda.open(f"/board/{visit.activity_id}/cancel")
    form = page.form("/cancel").filled({"reason": "het bedrijf is verhuisd"})
    now, real = await runtime.clock.now(), real_now()
    assert await take_role(runtime, visit.cast.id("C1"), Role.COORDINATOR, now=now, real=real, actor="test")

    answer = await jolanda.client.post(f"/board/{visit.activity_id}/cancel", data=form, headers={"origin": BASE})

    assert answer.status_code == 403
    assert "het bedrijf is verhuisd" in answer.text
    async with runtime.store.read() as session:
        assert (await session.get_one(Activity, visit.activity_id)).finished_at is None
        address = "jolanda.meerdink@sto-degrienden.example"
        assert await who_signs_in_at(session, address) == []
    assert await give_role(runtime, visit.cast.id("C1"), Role.COORDINATOR, now=now, actor="test")
    await jolanda.open("/board")
    assert jolanda.path == "/login"  # the session stays ended


async def test_a_role_is_held_once_and_by_whom_it_fits(runtime: Runtime, visit: Visit) -> None:
    now, person = await runtime.clock.now(), visit.cast.id("T9")
    assert await give_role(runtime, person, Office.REGION_MANAGER, now=now, actor="test")
    assert not await give_role(runtime, person, Office.REGION_MANAGER, now=now, actor="test")
    async with runtime.store.read() as session:
        assert await held_by(session, person) == {Office.REGION_MANAGER}
    assert await take_role(runtime, person, Office.REGION_MANAGER, now=now, real=real_now(), actor="test")
    assert not await take_role(runtime, person, Office.REGION_MANAGER, now=now, real=real_now(), actor="test")
    with pytest.raises(BadInput, match="works at none"):
        await give_role(runtime, visit.cast.id("C1"), Role.SCHOOL_LEADER, now=now, actor="test")
