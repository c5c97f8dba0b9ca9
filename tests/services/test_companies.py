"""What a company said about being asked, and which others show the same."""

from datetime import date

import pytest

from models.tables.network import Company
from models.text import Language
from sandwich.runtime import Runtime
from sandwich.services.call_lines import DECLINED
from sandwich.services.companies import wish_of, wish_of_host
from sandwich.services.overview import one
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.worded import in_one_line, worded

TODAY = date(2026, 9, 24)


@pytest.mark.parametrize(
    ("said", "warns"),
    [
        ({}, None),
        ({"asks_no_more": True}, "niet vaker mee wil doen"),
        ({"ask_again_on": date(2026, 9, 25)}, "tot 25 september 2026"),
        ({"ask_again_on": TODAY}, None),
    ],
)
def test_only_a_wish_that_still_counts_is_warned_of(said: dict[str, object], warns: str | None) -> None:
    wish = wish_of(Company(name="Hoflogistiek", **{"asks_no_more": False, **said}), TODAY)
    assert (wish is None) if warns is None else (wish is not None and warns in wish.to(Language.DUTCH))


@pytest.mark.asyncio
async def test_instead_of_a_company_that_declines_others_with_its_tags_are_named(runtime: Runtime, cast: Cast) -> None:
    tags = {"B1": ["metaal", "prefab"], "B2": ["Bouw", "BIM"], "B6": ["prefab", "BIM", "bouw"]}
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        for code, own in tags.items():
            (await session.get_one(Company, cast.id(code))).tags = own
        (await session.get_one(Company, cast.id("B6"))).asks_no_more = True
    play = await Play.begin(runtime, cast)
    await play.turn()
    await play.answer("P3", "date-poll", not_possible="busy")
    async with runtime.store.read() as session:
        known = await one(session, play.activity_id, await play.now(), zone="Europe/Amsterdam")
        assert await wish_of_host(session, "B6", TODAY) is not None
    [call] = [line for line in known.calls if line.what == DECLINED]
    assert [(other.name, other.shared) for other in call.others] == [
        ("Van Rijs Installatietechniek", 2),
        ("Verhoeven Plaatwerk B.V.", 1),
    ]
    assert (call.others[0].contact, call.others[0].phone) == (cast.name("P2"), cast.phone("P2"))
    text = in_one_line((await worded(play, "call", "C1")).text)
    assert f"Van Rijs Installatietechniek ({cast.name('P2')} {cast.phone('P2')})" in text
