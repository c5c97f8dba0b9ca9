"""The register: the list with its search, and everything about one company."""

from datetime import date

import pytest

from models.tables.activities import ActivityStatus
from models.tables.network import Channel, Company
from sandwich.errors import NotFound
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services.company_views import CompanyView, Register, company_view, register_of
from tests.support.cast import Cast
from tests.support.driver import Play

pytestmark = pytest.mark.asyncio


async def register(runtime: Runtime, cast: Cast, search: str = "") -> Register:
    """Return what a coordinator finds."""
    async with runtime.store.read() as session:
        return await register_of(session, runtime, cast.region.id, await runtime.clock.now(), search)


async def view(runtime: Runtime, cast: Cast, code: str) -> CompanyView:
    """Return everything about a company."""
    async with runtime.store.read() as session:
        return await company_view(session, runtime, cast.region.id, cast.id(code), await runtime.clock.now())


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", 8),
        ("korteweg", 1),
        ("houtskeletbouw", 1),
        ("Timber frame", 1),
        ("Anouk", 1),
        ("sander tol", 2),
        ("verhoeven sander", 1),
        ("verhoeven korteweg", 0),
    ],
)
async def test_all_words_of_a_search_occur(runtime: Runtime, cast: Cast, search: str, found: int) -> None:
    seen = await register(runtime, cast, search)
    assert (seen.found, len(seen.lines), seen.total) == (found, found, 8)


@pytest.mark.chapter("afterwards")
async def test_the_list_says_when_a_company_was_asked_and_until_when_it_rests(play: Play, cast: Cast) -> None:
    [line] = (await register(play.runtime, cast, "korteweg")).lines
    assert (line.asked, line.last_asked, line.free_on) == (1, date(2026, 9, 24), None)
    async with play.runtime.store.change(now=await play.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).ask_again_on = date(2027, 3, 1)
    [line] = (await register(play.runtime, cast, "korteweg")).lines
    assert line.free_on == date(2027, 3, 1)
    assert line.given.estimated == 10


@pytest.mark.chapter("afterwards")
async def test_a_company_has_its_people_menu_card_and_history(play: Play, cast: Cast) -> None:
    await play.answer("P3", "host-evaluation", overall="4", again="again")
    await play.answer("P3", "host-hours", confirm="correct", on_behalf="yes", hours_prep="7", hours_day="9")
    await Play.begin(play.runtime, cast, title="Een vervolg", follows=play.activity_id, **NEXT)
    seen = await view(play.runtime, cast, "B3")
    [koen] = seen.contacts
    assert (koen.name, koen.mail, koen.phone, koen.channel) == (
        "Koen Korteweg",
        cast.mail("P3"),
        cast.phone("P3"),
        Channel.MAIL,
    )
    assert [(label.nl, offer.offered) for label, offer in seen.menu] == [("Bedrijfsbezoek", True)]
    later, first = seen.episodes
    assert (first.request.title, first.status, first.satisfaction) == (
        "Prefab bouwen bij Korteweg",
        ActivityStatus.AFTER,
        4,
    )
    assert first.led_to == ("Een vervolg",)
    assert first.schools == ("Groene Horst vmbo-groen", "Het Kompas vmbo", "Vakcollege De Grienden")
    assert (first.given.confirmed, later.given.is_nothing) == (16, True)
    assert [(year, given.confirmed) for year, given in seen.years.items()] == [(SchoolYear(2026), 16)]
    assert seen.cooling is not None, "the next request was just made"


async def test_a_company_of_another_region_is_not_there(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.read() as session:
        with pytest.raises(NotFound):
            await company_view(session, runtime, "another", cast.id("B3"), await runtime.clock.now())


async def test_who_keeps_the_contact_is_shown(runtime: Runtime, cast: Cast) -> None:
    seen = await view(runtime, cast, "B1")
    assert seen.owner is not None
    assert seen.owner.line == "Sander Tol (06-00000002)"
    assert (await view(runtime, cast, "B3")).owner is None


NEXT = {"dates": [{"start": "2027-02-11 13:30", "end": "2027-02-11 16:30"}]}


@pytest.mark.chapter("turn")
async def test_why_a_company_could_not_is_part_of_its_history(play: Play, cast: Cast) -> None:
    await play.answer("P3", "date-poll", not_possible="busy")
    [episode] = (await view(play.runtime, cast, "B3")).episodes
    assert episode.declined is not None
    assert "druk" in episode.declined.nl
