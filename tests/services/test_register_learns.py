"""What the register learns from a company's own profile: techniques, menu card, and how its people are reached best."""

import pytest
from sqlalchemy import select

from models.tables.network import Channel, Company, Person
from sandwich.rules.menu_card import menu_card
from sandwich.runtime import Runtime
from sandwich.services.asking import asked_form
from tests.support.cast import Cast
from tests.support.driver import Play

pytestmark = pytest.mark.asyncio


async def asked(runtime: Runtime, cast: Cast, tags: list[str]) -> Play:
    """Let Korteweg be asked for its profile; ``tags`` are what the register has of it by then."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).tags = []
    play = await Play.begin(runtime, cast)
    await play.turn()
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).tags = tags
    return play


async def test_what_it_ticks_replaces_what_it_could_tick_and_other_words_stay(runtime: Runtime, cast: Cast) -> None:
    play = await asked(runtime, cast, ["prefab", "kraanwerk"])
    form = await asked_form(runtime, (await play.invitation("P3", "company-profile")).id, await play.now())
    assert form.prefilled["techniques"] == ["prefab"], "what is known is ticked already"
    await play.answer("P3", "company-profile", techniques=["bim", "timber-frame"], sector=["building"])
    async with runtime.store.read() as session:
        found = await session.get_one(Company, cast.id("B3"))
    assert found.tags == ["timber-frame", "bim", "building", "kraanwerk"]


async def test_its_menu_card_and_the_best_time_to_phone_are_kept(runtime: Runtime, cast: Cast) -> None:
    play = await asked(runtime, cast, [])
    koen = f"contacts__{cast.id('P3')}"
    said = {
        "offers__company-visit__offered": "yes",
        "offers__company-visit__max_people": "12",
        "offers__company-visit__months": "maart, april",
        f"{koen}__channel": "phone",
        f"{koen}__best_time": "na vieren",
    }
    await play.answer("P3", "company-profile", **said)
    async with runtime.store.read() as session:
        found = await session.get_one(Company, cast.id("B3"))
        person = (await session.scalars(select(Person).where(Person.id == cast.id("P3")))).one()
    visit = next(offer for offer in menu_card(found.profile) if offer.key == "company-visit")
    assert (visit.offered, visit.max_people, visit.months) == (True, 12, "maart, april")
    assert (person.channel, person.best_time) == (Channel.PHONE, "na vieren")
