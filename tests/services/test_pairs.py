"""Pairs of a cohort: proposed with reasons, offered without a name, and matched anew after a no."""

from typing import Any

import pytest

from models.roles import Stage
from models.tables.asking import InvitationState
from models.tables.network import Region
from models.tables.pairing import PairState
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.pair_views import pairs_seen
from sandwich.services.travel import keep_travel
from sandwich.sheets.sheet import Row, Sheet
from tests.support.cast import Cast
from tests.support.chapters import begun
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

COHORT: dict[str, Any] = {
    "kind": "job-twinning",
    "title": "Job Twinning 2027",
    "purpose": "relation",
    "company": None,
    "hosts": [],
    "deputy": None,
    "teachers": ["T1", "T2", "T3"],
    "trip_leader": None,
    "others": {"professional": ["P1", "P3", "P6"]},
    "place": "Aula",
    "dates": [{"start": "2027-01-14 15:30", "end": "2027-01-14 17:30"}],
}
MONDAY = {"days__monday__half_days": ["morning", "afternoon"]}
AFTER_THE_HOLIDAYS = "2027-01-06 12:00"
"""Partners are offered on the last days before them; what follows from an answer leaves in the first slot after."""


async def offered(runtime: Runtime, cast: Cast, **changes: Any) -> Play:
    """Play a cohort up to the day after partners were offered; nobody has answered."""
    play = await Play.begin(runtime, cast, words=True, **{**COHORT, **changes})
    await Living(play, {"twinning-intake": MONDAY}, silent=("pair-proposal",)).to("2026-12-18 12:00")
    return play


OFFERED = begun("partners were offered", offered)


async def pairs_of(play: Play, *states: PairState) -> dict[str, str]:
    """Return teacher and professional of every pair in these states, by code."""
    loaded = await play.loaded()
    codes = {person.id: code for code, person in play.cast.people.items()}
    names = {item.id: codes[item.person_id] for item in loaded.participations}
    return {names[pair.teacher_id]: names[pair.professional_id] for pair in loaded.in_pairs(*states)}


@pytest.mark.chapter(OFFERED)
async def test_a_proposal_has_reasons_for_the_coordinator_and_no_name_for_the_partner(play: Play) -> None:
    pairs = (await play.loaded()).in_pairs(PairState.OFFERED)
    assert len(pairs) == 3
    assert {reason["code"] for pair in pairs for reason in pair.reasons} == {
        "teacher_learns",
        "professional_learns",
        "goals",
        "travel",
        "availability",
    }
    partner = (await pairs_of(play, PairState.OFFERED))["T1"]
    [text] = [text for mail, to, text in play.letters if (mail, to) == ("pair-proposal", "T1")]
    assert play.cast.person(partner).family_name not in text
    assert "Tekst bij role_now" in text, "who agreed to it is described"


async def test_travel_counts_where_the_region_knows_it_and_the_proposal_says_so(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        region = await session.get_one(Region, cast.region.id)
        rows = [Row(2, ("S1", "B1", "50")), Row(3, ("Het Kompas vmbo", "B1", "10"))]
        assert await keep_travel(session, region, Sheet(("van", "naar", "minuten"), tuple(rows))) == 2
    play = await offered(runtime, cast, teachers=["T1", "T3"], others={"professional": ["P1", "P3"]})
    assert await pairs_of(play, PairState.OFFERED) == {"T1": "P3", "T3": "P1"}, "T3 is nearest to P1"
    async with runtime.store.read() as session:
        seen = await pairs_seen(session, await play.loaded())
    travel = [line.nl for pair in seen for line in pair.reasons if line.nl.startswith("reistijd")]
    assert sorted(travel) == [
        "reistijd 0/20 (niet bekend; geef de reistijden van de regio op)",
        "reistijd 20/20 (10 minuten)",
    ]


@pytest.mark.chapter(OFFERED)
async def test_addresses_are_exchanged_once_both_say_yes(play: Play) -> None:
    partner = (await pairs_of(play, PairState.OFFERED))["T1"]
    await play.answer("T1", "pair-proposal", accept="yes")
    assert play.sent("matches") == []
    await play.answer(partner, "pair-proposal", accept="yes")
    assert await pairs_of(play, PairState.MADE) == {"T1": partner}
    assert not (await play.facts()).pairs_made, "others are still being asked"
    await play.to(AFTER_THE_HOLIDAYS)
    assert sorted(to for _, to in play.sent("matches")) == sorted(["T1", partner])


@pytest.mark.chapter(OFFERED)
async def test_after_a_no_everybody_free_is_matched_anew_and_nobody_hears_who_said_it(play: Play) -> None:
    """Two pairs fall apart; their four people are matched crosswise, never with the same partner again."""
    first = await pairs_of(play, PairState.OFFERED)
    await play.answer("T1", "pair-proposal", accept="no")
    await play.answer(first["T2"], "pair-proposal", accept="no")
    second = await pairs_of(play, PairState.OFFERED)
    assert second == {"T1": first["T2"], "T2": first["T1"], "T3": first["T3"]}
    assert {call.what for call in await play.calls()} <= {"no-partner"}
    await play.to(AFTER_THE_HOLIDAYS)
    asked = [item for item in await play.invitations("T2") if item.form == "pair-proposal"]
    assert [item.state for item in sorted(asked, key=lambda item: item.occurrence)] == [
        InvitationState.WITHDRAWN,
        InvitationState.SENT,
    ]
    for code in (*second, *second.values()):
        await play.answer(code, "pair-proposal", accept="yes", turn=False)
    await play.turn()
    assert await pairs_of(play, PairState.MADE) == second
    assert (await play.facts()).pairs_made


@pytest.mark.chapter(OFFERED)
async def test_who_says_no_twice_is_phoned(play: Play, cast: Cast) -> None:
    first = await pairs_of(play, PairState.OFFERED)
    await play.answer("T1", "pair-proposal", accept="no")
    await play.answer(first["T2"], "pair-proposal", accept="no")
    await play.answer("T1", "pair-proposal", accept="no")
    [call] = [call for call in await play.calls() if call.what == "partner-by-phone"]
    assert call.person_id == cast.id("T1")
    assert "T1" not in await pairs_of(play, PairState.OFFERED)


async def test_one_too_many_joins_a_pair_or_waits(runtime: Runtime, cast: Cast) -> None:
    play = await offered(runtime, cast, teachers=["T1", "T2", "T3", "T4"])
    [trio] = [pair for pair in (await play.loaded()).in_pairs(PairState.OFFERED) if pair.third_id]
    codes = {person.id: code for code, person in cast.people.items()}
    names = {item.id: codes[item.person_id] for item in (await play.loaded()).participations}
    await play.answer(names[trio.third_id or ""], "pair-proposal", accept="no")
    pairs = (await play.loaded()).in_pairs(PairState.OFFERED)
    assert [pair.third_id for pair in pairs] == [None, None, None]
    for pair in pairs:
        for key in pair.people:
            await play.answer(names[key], "pair-proposal", accept="yes", turn=False)
    await play.turn()
    assert len(await pairs_of(play, PairState.MADE)) == 3


@pytest.mark.chapter(OFFERED)
async def test_who_leaves_leaves_a_call_about_the_other(play: Play, runtime: Runtime) -> None:
    left = await play.participation("T1")
    await steer.withdraw(runtime, left.id, now=await play.now(), actor=play.coordinator)
    assert "T1" not in await pairs_of(play, PairState.OFFERED)
    assert "pair-broken" in await play.open_calls()


async def test_a_cohort_of_one_side_is_a_call_and_no_error(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast, **{**COHORT, "others": {}})
    await Living(play, {"twinning-intake": MONDAY}).to("2026-12-18 12:00")
    assert (await play.loaded()).pairs == []
    assert "no-pairs" in await play.open_calls()


@pytest.mark.chapter(OFFERED)
async def test_a_pair_that_says_yes_after_the_kick_off_still_begins(play: Play, runtime: Runtime) -> None:
    pairs = await pairs_of(play, PairState.OFFERED)
    late = pairs["T3"]
    for code in [code for code in (*pairs, *pairs.values()) if code not in {"T3", late}]:
        await play.answer(code, "pair-proposal", accept="yes")
    await steer.override_gate(
        runtime, play.activity_id, Stage.BEFORE, "Twee koppels is genoeg", now=await play.now(), actor=play.coordinator
    )
    await play.to("2027-01-14 17:00")
    assert len(await play.parts()) == 2
    for code in ("T3", late):
        await play.answer(code, "pair-proposal", accept="yes")
    assert len(await play.parts()) == 3
