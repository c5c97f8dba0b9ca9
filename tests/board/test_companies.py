"""The register of companies on the board, and starting at a company that rests."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.network import Channel, Company, Person
from models.tables.truth import AuditEntry
from sandwich.runtime import Runtime
from tests.board.conftest import signed_in
from tests.support.browser import Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def test_the_list_finds_by_technique_and_leads_to_a_page(jolanda: Browser, visit: Visit) -> None:
    page = await jolanda.open("/board/companies?q=houtskeletbouw")
    assert "1 van 8 bedrijven" in page.text
    assert "Schooljaar 2026–2027: nog niets." in page.text
    assert (f"/board/companies/{visit.cast.id('B3')}", "Bouwbedrijf Korteweg") in page.links
    page = await jolanda.open(f"/board/companies/{visit.cast.id('B3')}")
    assert jolanda.status == 200
    for words in (
        "Spantlaan 12, Wilgendam",
        "Houtskeletbouw",
        "Koen Korteweg",
        "06-00000018",
        "Prefab bouwen bij Korteweg",
        "Weer vrij vanaf 5 november 2026",
        "Wie houdt het contact?",
    ):
        assert words in page.text, words


async def test_nothing_typed_into_the_search_becomes_a_page(jolanda: Browser, visit: Visit) -> None:
    page = await jolanda.open("/board/companies?q=%3Cscript%3E")
    assert "<script>" not in page.html.replace("<script ", "")
    assert "0 van 8 bedrijven" in page.text


async def test_somebody_else_keeps_the_contact_from_now_on(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    cast, address = visit.cast, f"/board/companies/{visit.cast.id('B3')}"
    page = await jolanda.open(address)
    page = await jolanda.send(page, address, {"owner": cast.id("C2")})
    assert jolanda.path == address
    async with runtime.store.read() as session:
        assert (await session.get_one(Company, cast.id("B3"))).owner_id == cast.id("C2")
        entry = await session.scalar(
            select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.number.desc()).limit(1)
        )
    assert entry is not None
    assert (entry.actor, entry.changes) == (cast.id("C1"), {"owner_id": cast.id("C2")})
    await jolanda.send(await jolanda.open(address), address, {"owner": ""})
    async with runtime.store.read() as session:
        assert (await session.get_one(Company, cast.id("B3"))).owner_id is None


async def test_a_word_finds_what_a_form_keeps_by_its_key(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    page = await jolanda.open("/board/companies?q=magazijnrobots")
    assert "1 van 8 bedrijven" in page.text
    assert "Hoflogistiek" in page.text


async def test_a_coordinator_changes_what_is_known_of_a_company(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    cast, address = visit.cast, f"/board/companies/{visit.cast.id('B6')}/edit"
    page = await jolanda.open(f"/board/companies/{cast.id('B6')}")
    assert (address, "Verander dit bedrijf") in page.links
    page = await jolanda.open(address)
    assert page.form("/edit").fields["company.tags"] == ["logistics", "robots"], "labels are shown, keys are kept"
    page = await jolanda.send(
        page,
        "/edit",
        {
            "company.name": "Hof Logistiek B.V.",
            "company.tags": ["logistics", "robots", "sensors"],
            "other-tags": "Lasrobot, drones",
            "profile.size": "50-249",
            "profile.limits": "Geen groepen boven de 6",
            "offer.guest-lesson.offered": "yes",
            "offer.guest-lesson.per_year": "2",
            f"channel-{cast.id('P6')}": "app",
            f"best-{cast.id('P6')}": "na 16 uur",
            "company.note": "Vraag altijd naar Bas.",
        },
    )
    for words in (
        "Hof Logistiek B.V.",
        "Lassen en lasrobots, drones",
        "app of sms, na 16 uur",
        "Vraag altijd naar Bas.",
    ):
        assert words in page.text, words
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B6"))
        bas = await session.get_one(Person, cast.id("P6"))
        changed = {
            row.table: row.actor
            for row in await session.scalars(select(AuditEntry).where(AuditEntry.row.in_([company.id, bas.id])))
            if row.action == "update"
        }
    assert company.tags == ["logistics", "robots", "sensors", "welding", "drones"]
    assert company.profile == {
        "size": "50-249",
        "limits": "Geen groepen boven de 6",
        "offers": [{"row": "guest-lesson", "offered": True, "per_year": 2}],
    }
    assert (bas.channel, bas.best_time) == (Channel.APP, "na 16 uur")
    assert changed == {"company": cast.id("C1"), "person": cast.id("C1")}
    page = await jolanda.send(
        await jolanda.open(address), "/edit", {"other-tags": "", "offer.guest-lesson.per_year": ""}
    )
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B6"))
    assert company.tags == ["logistics", "robots", "sensors", "welding"]
    assert (company.profile or {})["offers"] == [{"row": "guest-lesson", "offered": True}]


async def test_what_cannot_be_kept_of_a_company_changes_nothing(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    cast, address = visit.cast, f"/board/companies/{visit.cast.id('B6')}/edit"
    wrong: dict[str, str | list[str]] = {
        "company.name": "",
        "offer.masterclass.per_year": "vaak",
        "company.note": "Blijft staan",
    }
    page = await jolanda.send(await jolanda.open(address), "/edit", wrong)
    assert jolanda.status == 422
    for words in ("Schrijf de naam van het bedrijf.", "Schrijf een geheel getal van 0 tot 365.", "Blijft staan"):
        assert words in page.html, words
    page = await jolanda.send(page, "/edit", {"company.name": "bouwbedrijf korteweg", "offer.masterclass.per_year": ""})
    assert "Zo heet al een ander bedrijf in deze regio." in page.text
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B6"))
    assert (company.name, company.note) == ("Hoflogistiek", None)


async def test_what_somebody_else_changed_meanwhile_is_not_undone(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    cast, address = visit.cast, f"/board/companies/{visit.cast.id('B6')}/edit"
    page = await jolanda.open(address)
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B6"))).address = "Nieuwe weg 1"
    page = await jolanda.send(page, "/edit", {"company.note": "Mijn notitie"})
    assert "Iemand veranderde dit bedrijf intussen." in page.text
    page = await jolanda.send(page, "/edit", {"company.address": "Nieuwe weg 1"})
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B6"))
    assert (company.address, company.note) == ("Nieuwe weg 1", "Mijn notitie")


async def test_a_coordinator_adds_closed_days_and_takes_them_away(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    cast, address = visit.cast, f"/board/companies/{visit.cast.id('B3')}"
    page = await jolanda.open(address)
    assert "Er zijn geen dagen bekend waarop dit bedrijf dicht is" in page.text
    wrong: dict[str, str | list[str]] = {"closed-name": "Bouwvak", "closed-first": "2027-08-13"}
    page = await jolanda.send(page, "/closed", {**wrong, "closed-last": "2027-07-26"})
    assert jolanda.status == 422
    assert "Bouwvak eindigt voor het begint. Kijk of de datums omgewisseld zijn." in page.text
    assert page.form("/closed").fields["closed-first"] == ["2027-08-13"], "what was typed is still there"
    page = await jolanda.send(page, "/closed", {"closed-first": "2027-07-26", "closed-last": "2027-08-13"})
    assert jolanda.path == address
    for words in ("Bouwvak", "ma 26 jul 2027", "vr 13 aug 2027"):
        assert words in page.text, words
    async with runtime.store.read() as session:
        [row] = await session.scalars(select(CalendarBlock).where(CalendarBlock.company_id == cast.id("B3")))
        actor = await session.scalar(select(AuditEntry.actor).where(AuditEntry.row == row.id))
    assert (row.kind, row.name, actor) == (BlockKind.CLOSED, "Bouwvak", cast.id("C1"))
    page = await jolanda.send(page, "/open-again")
    assert "Er zijn geen dagen bekend" in page.text
    async with runtime.store.read() as session:
        assert await session.get(CalendarBlock, row.id) is None


async def test_a_company_that_is_not_there(jolanda: Browser, visit: Visit) -> None:
    for address in ("/board/companies/nobody", "/board/companies/nobody/edit"):
        await jolanda.open(address)
        assert jolanda.status == 404


async def test_a_resting_company_is_asked_only_with_a_reason(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    page = await jolanda.open("/board/start?whole")
    check = await jolanda.send(page, "/board/start", answers(visit, "P3"), press="_action=check")
    assert "Jolanda Meerdink" in check.text
    assert "vroeg Bouwbedrijf Korteweg op 24 september 2026 voor ‘Prefab bouwen bij Korteweg’" in check.text
    assert "Weer vrij vanaf 5 november 2026." in check.text
    check = await jolanda.send(check, "/board/start", press="_action=begin")
    assert jolanda.status == 422
    assert "Schrijf waarom je het bedrijf toch vraagt" in check.text
    async with runtime.store.read() as session:
        assert len((await session.scalars(select(Activity.id))).all()) == 1, "nothing leaves before"
    page = await jolanda.send(check, "/board/start", {"_why": "Ander onderwerp, in overleg"}, press="_action=begin")
    assert "Toch gevraagd, al was het bedrijf net gevraagd: Ander onderwerp, in overleg" in page.text


async def test_who_keeps_the_contact_decides(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    cast = visit.cast
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).owner_id = cast.id("C2")
    page = await jolanda.open("/board/start?whole")
    check = await jolanda.send(page, "/board/start", answers(visit, "P3"), press="_action=check")
    assert "Sander Tol (06-00000002) houdt het contact en beslist." in check.text
    check = await jolanda.send(check, "/board/start", {"_why": "Haast"}, press="_action=begin")
    assert "Bel eerst met wie het contact houdt" in check.text
    assert "Haast" in check.html, "what was typed stays"
    page = await jolanda.send(check, "/board/start", {"_agrees": "yes"}, press="_action=begin")
    assert jolanda.path.startswith("/board/")
    assert "Toch gevraagd" in page.text


async def test_who_keeps_the_contact_needs_nobodys_yes(app: FastAPI, runtime: Runtime, visit: Visit) -> None:
    cast = visit.cast
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).owner_id = cast.id("C2")
    async with signed_in(app, runtime, cast.id("C2")) as sander:
        page = await sander.open("/board/start?whole")
        check = await sander.send(page, "/board/start", answers(visit, "P3"), press="_action=check")
        assert "_agrees" not in check.form("/board/start").offered
        page = await sander.send(check, "/board/start", {"_why": "Afgesproken"}, press="_action=begin")
        assert "Toch gevraagd" in page.text


def answers(visit: Visit, host: str) -> dict[str, str | list[str]]:
    """Return what is typed to start at the company of ``host``."""
    return {
        "kind": "company-visit",
        "title": "Nog een bezoek",
        "purpose": "knowledge",
        "host": visit.cast.id(host),
        "date-1": "2026-12-03",
        "from-1": "13:30",
        "to-1": "16:30",
        "teachers": [visit.cast.id("T1")],
    }
