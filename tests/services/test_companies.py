"""What a company said about being asked, and which others show the same."""

from datetime import date

import pytest

from models.tables.activities import Activity
from models.tables.network import Company, Contact, ContactKind, Person
from models.text import Language
from sandwich.runtime import Runtime
from sandwich.services.call_lines import DECLINED
from sandwich.services.calls import open_call
from sandwich.services.companies import wish_of
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
            (await session.get_one(Company, cast.id(code))).tags = runtime.library.tags.kept(own)
        (await session.get_one(Company, cast.id("B6"))).asks_no_more = True
    play = await Play.begin(runtime, cast)
    await play.turn()
    await play.answer("P3", "date-poll", not_possible="busy")
    async with runtime.store.read() as session:
        known = await one(session, runtime.settings, play.activity_id, await play.now())
    [call] = [line for line in known.calls if line.what == DECLINED]
    assert [(other.name, other.shared) for other in call.others] == [
        ("Van Rijs Installatietechniek", 2),
        ("Verhoeven Plaatwerk B.V.", 1),
    ]
    assert (call.others[0].contact, call.others[0].phone) == (cast.name("P2"), cast.phone("P2"))
    text = in_one_line((await worded(play, "call", "C1")).text)
    assert f"Van Rijs Installatietechniek ({cast.name('P2')} {cast.phone('P2')})" in text


@pytest.mark.asyncio
async def test_a_tag_finds_its_like_whether_a_form_or_a_list_gave_it(runtime: Runtime, cast: Cast) -> None:
    """The demo's file says *bouw*; the form has ``building``."""
    play = await Play.begin(runtime, cast)
    await play.turn()
    await play.answer("P3", "date-poll", not_possible="busy")
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B1"))).tags = runtime.library.tags.kept(["Houtskeletbouw", "Bouw"])
    async with runtime.store.read() as session:
        known = await one(session, runtime.settings, play.activity_id, await play.now())
    [call] = [line for line in known.calls if line.what == DECLINED]
    assert [(other.name, other.shared) for other in call.others] == [("Verhoeven Plaatwerk B.V.", 2)]


@pytest.mark.asyncio
async def test_of_companies_with_as_much_in_common_the_one_asked_longest_ago_comes_first(
    runtime: Runtime, cast: Cast
) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        for code in ("B1", "B2", "B3"):
            (await session.get_one(Company, cast.id(code))).tags = ["prefab"]
    await Play.begin(runtime, cast, company="B2", hosts=["P2"], title="Elders")
    play = await Play.begin(runtime, cast)
    await play.turn()
    await play.answer("P3", "date-poll", not_possible="busy")
    async with runtime.store.read() as session:
        known = await one(session, runtime.settings, play.activity_id, await play.now())
    [call] = [line for line in known.calls if line.what == DECLINED]
    assert [other.name for other in call.others] == ["Verhoeven Plaatwerk B.V.", "Van Rijs Installatietechniek"]


@pytest.mark.asyncio
async def test_a_company_that_was_asked_enough_comes_last_whatever_it_shows(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        for code, tags in {"B1": ["prefab"], "B2": ["prefab", "bim"], "B3": ["prefab", "bim"]}.items():
            (await session.get_one(Company, cast.id(code))).tags = tags
    await Play.begin(runtime, cast, company="B2", hosts=["P2"], title="Elders")
    play = await Play.begin(runtime, cast)
    await play.turn()
    await play.answer("P3", "date-poll", not_possible="busy")
    async with runtime.store.read() as session:
        known = await one(session, runtime.settings, play.activity_id, await play.now())
    [call] = [line for line in known.calls if line.what == DECLINED]
    assert [(other.name, other.shared) for other in call.others] == [
        ("Verhoeven Plaatwerk B.V.", 1),
        ("Van Rijs Installatietechniek", 2),
    ]


@pytest.mark.asyncio
async def test_case_5_19_another_contact_of_the_company_is_proposed(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.turn()
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        for name, mail in (("Nel", "nel@korteweg.example"), ("Ab", None)):
            person = Person(company_id=cast.id("B3"), given_name=name, family_name="de Wit")
            session.add(person)
            await session.flush()
            if mail:
                session.add(Contact(person_id=person.id, kind=ContactKind.MAIL, address=mail, lookup=mail))
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        activity = await session.get_one(Activity, play.activity_id)
        await open_call(session, activity, "bounced", key="a bounce", now=await play.now(), person_id=cast.id("P3"))
    async with runtime.store.read() as session:
        known = await one(session, runtime.settings, play.activity_id, await play.now())
    [call] = [line for line in known.calls if line.what == "bounced"]
    assert [other.line for other in call.instead] == ["Nel de Wit (nel@korteweg.example)"], (
        "who cannot be reached is no help"
    )
    assert "Nel de Wit" in in_one_line((await worded(play, "call", "C1")).text)
