"""A company that was asked enough is left alone, whichever school asks; who still asks says why (field rule 44)."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.draft import ActivityDraft, NewPerson
from models.roles import Role
from models.tables.activities import Activity, ActivityStatus
from models.tables.network import Company
from models.text import Language
from sandwich.runtime import Runtime
from sandwich.services import start, steer
from sandwich.services.cool_down import Asking, StillCooling, cooling_of_draft
from sandwich.services.joining import foresee_joining, in_words
from sandwich.services.loaded import load
from sandwich.services.new_host import NewHost, change_host
from sandwich.services.trail import trail_of
from tests.support.cast import Cast
from tests.support.driver import A1, AMSTERDAM, local

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

ZONE = "Europe/Amsterdam"


def draft(**changes: Any) -> ActivityDraft:
    """Return A1 or what ``changes`` make of it."""
    return ActivityDraft.model_validate({**A1, **changes})


async def begin(runtime: Runtime, cast: Cast, asking: Asking | None = None, **changes: Any) -> str:
    """Start an activity for whoever asks."""
    asking = asking or Asking(cast.id("C1"))
    return await start.start(runtime, draft(**changes), now=await runtime.clock.now(), actor="test", asking=asking)


async def refused(runtime: Runtime, cast: Cast, asking: Asking | None = None, **changes: Any) -> str:
    """Return why it cannot start, in Dutch; nothing was started."""
    async with runtime.store.read() as session:
        before = len((await session.scalars(select(Activity.id))).all())
    with pytest.raises(StillCooling) as caught:
        await begin(runtime, cast, asking, **changes)
    async with runtime.store.read() as session:
        assert len((await session.scalars(select(Activity.id))).all()) == before
    return caught.value.to(Language.DUTCH)


async def test_case_5_15_two_schools_ask_one_company_and_the_second_is_warned(runtime: Runtime, cast: Cast) -> None:
    await begin(runtime, cast, teachers=["T2", "T3"])
    said = await refused(runtime, cast, title="Nog een bezoek", teachers=["T6"])
    assert said.startswith(
        "Jolanda Meerdink (Het Kompas vmbo, Vakcollege De Grienden) vroeg Bouwbedrijf Korteweg op 24 september 2026 "
        "voor ‘Prefab bouwen bij Korteweg’. Weer vrij vanaf 5 november 2026."
    )
    async with runtime.store.read() as session:
        found = await cooling_of_draft(session, runtime.settings, draft(title="x"), await runtime.clock.now())
    assert [(one.company, one.free_on, one.owner) for one in found] == [
        ("Bouwbedrijf Korteweg", date(2026, 11, 5), None)
    ]
    await runtime.clock.set(local("2026-11-05 09:00"))
    dates = [{"start": "2027-01-14 13:30", "end": "2027-01-14 16:30"}]
    await begin(runtime, cast, title="Nog een bezoek", teachers=["T6"], dates=dates)


async def test_case_5_15_the_relation_owner_decides(runtime: Runtime, cast: Cast) -> None:
    await begin(runtime, cast, company="B1", hosts=["P1"])
    again: dict[str, Any] = {"company": "B1", "hosts": ["P1"], "title": "Nog eens"}
    said = await refused(runtime, cast, Asking(cast.id("C1"), "Haast"), **again)
    assert "Sander Tol (06-00000002) houdt het contact en beslist." in said
    assert "Bel eerst Sander Tol (06-00000002)" in said
    assert "schrijf dan waarom" in await refused(runtime, cast, Asking(cast.id("C2")), **again)
    await begin(runtime, cast, Asking(cast.id("C2"), "Ik sprak ze gisteren"), **again)
    asked = Asking(cast.id("C1"), "Sander vindt het goed", owner_agrees=True)
    activity_id = await begin(runtime, cast, asked, **again)
    async with runtime.store.read() as session:
        activity = await session.get_one(Activity, activity_id)
        assert activity.asked_anyway == {
            "reason": "Sander vindt het goed",
            "companies": [cast.id("B1")],
            "owners": [cast.id("C2")],
        }
        lines = [one.sentence.nl for one in await trail_of(session, await load(session, ZONE, activity_id))]
    assert "Toch gevraagd, al was het bedrijf net gevraagd: Sander vindt het goed" in lines


async def test_the_fourth_request_of_a_school_year_waits_for_the_next(runtime: Runtime, cast: Cast) -> None:
    for month in ("08", "10", "12"):
        await runtime.clock.set(local(f"2026-{month}-20 09:00"))
        dates = [{"start": "2027-05-13 13:30", "end": "2027-05-13 16:30"}]
        await begin(runtime, cast, title=f"Bezoek {month}", dates=dates)
    await runtime.clock.set(local("2027-03-01 09:00"))
    said = await refused(runtime, cast, title="Vierde", dates=dates)
    assert "al 3 keer gevraagd, het laatst op 20 december 2026" in said
    assert "Weer vrij vanaf 1 augustus 2027." in said


async def test_what_a_company_asked_for_counts_as_well(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).ask_again_on = date(2027, 3, 1)
    said = await refused(runtime, cast)
    assert "vroeg om tot 1 maart 2027 niets te vragen. Weer vrij vanaf 1 maart 2027." in said


async def test_who_comes_with_somebody_of_a_company_asks_that_company(runtime: Runtime, cast: Cast) -> None:
    await begin(runtime, cast, company="B6", hosts=["P6"])
    said = await refused(runtime, cast, others={"professional": ["P6", "P7"]}, title="Met een professional")
    assert "Hoflogistiek" in said
    assert "Nieuwe Grond" not in said


async def test_what_was_cancelled_before_any_mail_left_was_not_asked(runtime: Runtime, cast: Cast) -> None:
    activity_id = await begin(runtime, cast)
    async with runtime.store.change(now=await runtime.clock.now(), actor="test", stream=activity_id) as session:
        activity = await session.get_one(Activity, activity_id)
        activity.status = ActivityStatus.CANCELLED
    await begin(runtime, cast, title="Toch een ander")


async def test_a_concept_is_looked_at_when_it_begins(runtime: Runtime, cast: Cast) -> None:
    concept = await start.make_concept(runtime, "company-visit", "S1", "B3", "C1", [date(2026, 12, 3)], "trends", None)
    now = await runtime.clock.now()
    for code, role in (("P3", Role.HOST_CONTACT), ("T2", Role.TEACHER)):
        await steer.add_person(runtime, concept, code, role, now=now, actor="test")
    await begin(runtime, cast)
    with pytest.raises(StillCooling):
        await start.begin(runtime, concept, now=now, actor="test", asking=Asking(cast.id("C1")))
    await start.begin(runtime, concept, now=now, actor="test", asking=Asking(cast.id("C1"), "Ander onderwerp"))
    async with runtime.store.read() as session:
        activity = await session.get_one(Activity, concept)
    assert (activity.asked_anyway or {})["reason"] == "Ander onderwerp"


async def test_another_host_is_asked_by_the_same_rule(runtime: Runtime, cast: Cast) -> None:
    await begin(runtime, cast, company="B6", hosts=["P6"], title="Eerder")
    activity_id = await begin(runtime, cast)
    spans, now = [(local("2026-12-10 13:30"), local("2026-12-10 16:30"))], await runtime.clock.now()

    async def ask(asking: Asking) -> Activity:
        reason = "Korteweg kan niet"
        host = NewHost("B6", ["P6"], spans, asking=asking)
        await change_host(runtime, activity_id, host, reason, now=now, actor="test")
        async with runtime.store.read() as session:
            return await session.get_one(Activity, activity_id)

    with pytest.raises(StillCooling, match="Hoflogistiek"):
        await ask(Asking(cast.id("C1")))
    async with runtime.store.read() as session:
        assert (await session.get_one(Activity, activity_id)).company_id == cast.id("B3")
    activity = await ask(Asking(cast.id("C1"), "Zij boden het zelf aan"))
    assert activity.company_id == cast.id("B6")
    assert activity.asked_anyway == {
        "reason": "Zij boden het zelf aan",
        "companies": [cast.id("B6")],
        "owners": [],
    }


async def test_whoever_comes_in_from_another_company_asks_that_company_too(runtime: Runtime, cast: Cast) -> None:
    await begin(runtime, cast, company="B6", hosts=["P6"], title="Eerder")
    activity_id, now = await begin(runtime, cast), await runtime.clock.now()

    async def add(code: str, asking: Asking) -> None:
        await steer.add_person(runtime, activity_id, code, Role.PROFESSIONAL, now=now, actor="test", asking=asking)

    joining = await foresee_joining(runtime, activity_id, ["P6"], Role.PROFESSIONAL, now=now)
    assert in_words(joining, AMSTERDAM)[0].nl.endswith("Weer vrij vanaf 5 november 2026.")
    with pytest.raises(StillCooling, match="Hoflogistiek"):
        await add("P6", Asking(cast.id("C1")))
    async with runtime.store.read() as session:
        loaded = await load(session, ZONE, activity_id)
    assert loaded.in_role(Role.PROFESSIONAL) == [], "nobody was asked yet"
    await add("P6", Asking(cast.id("C1"), "Zij boden het zelf aan"))
    await add("P7", Asking(cast.id("C1")))
    async with runtime.store.read() as session:
        activity = await session.get_one(Activity, activity_id)
    assert activity.asked_anyway == {
        "reason": "Zij boden het zelf aan",
        "companies": [cast.id("B6")],
        "owners": [],
    }


async def test_somebody_else_of_the_same_company_asks_nothing_new(runtime: Runtime, cast: Cast) -> None:
    activity_id, now = await begin(runtime, cast), await runtime.clock.now()
    new = NewPerson(given_name="Bo", family_name="Steiger", mail="b.steiger@korteweg.example", company="B3")
    await steer.add_person(
        runtime, activity_id, new, Role.PROFESSIONAL, now=now, actor="test", asking=Asking(cast.id("C1"))
    )
    await begin(runtime, cast, company="B6", hosts=["P6"], title="Eerder")
    async with runtime.store.read() as session:
        [seat] = (await load(session, ZONE, activity_id)).in_role(Role.HOST_CONTACT)
    with pytest.raises(StillCooling, match="Hoflogistiek"):
        await steer.replace(runtime, seat.id, "P6", now=now, actor="test", asking=Asking(cast.id("C1")))


async def test_of_two_who_ask_at_the_same_time_one_is_warned(runtime: Runtime, cast: Cast) -> None:
    found = await asyncio.gather(
        *(begin(runtime, cast, title=f"Bezoek {number}") for number in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["StillCooling", "str"]
