"""Pairs and rounds on the board: what there is, with its reasons, and what a coordinator changes."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.tables.activities import Standing
from models.tables.asking import Submission, Via
from models.tables.mail import Message
from models.tables.pairing import PairState
from sandwich.mail.claim import Holder, claim
from sandwich.runtime import Runtime
from tests.services.test_pairs import OFFERED, offered, pairs_of
from tests.services.test_rounds import BEGUN, TWO_DAYS_BEFORE, code_of, lived, met
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.driver import Play

pytestmark = pytest.mark.asyncio

WEEKS_BEFORE = lived(BEGUN, "2027-01-12 12:00")
FIRST_ROUND = lived(TWO_DAYS_BEFORE, "2027-02-04 15:35")
SECOND_ROUND = lived(FIRST_ROUND, "2027-02-04 15:53")


@pytest.mark.chapter(OFFERED)
async def test_pairs_stand_there_with_reasons_and_are_changed_by_hand(play: Play, jolanda: Browser, cast: Cast) -> None:
    page = await jolanda.open(f"/board/{play.activity_id}")
    assert "De koppels" in page.text
    assert "gedeelde dagdelen 13/20 (maandag middag, maandag ochtend)" in page.text
    first = await pairs_of(play, PairState.OFFERED)
    [number] = re.findall(rf"/apart/(\d)\"[^>]*>Uit elkaar<span[^>]*>: {cast.name('T1')}", page.html)

    page = await jolanda.open(f"/board/{play.activity_id}/apart/{number}")
    assert "Zij horen niet waarom." in page.text
    await jolanda.send(page, f"/apart/{number}")
    assert "T1" not in await pairs_of(play, PairState.OFFERED)

    page = await jolanda.open(f"/board/{play.activity_id}/pair")
    page = await jolanda.send(page, "/pair", {"teacher": cast.id("T2"), "professional": cast.id(first["T1"])})
    assert "heeft al een partner" in page.text
    page = await jolanda.send(page, "/pair", {"teacher": "", "professional": cast.id(first["T1"])})
    assert "Kies een docent en een professional." in page.text
    await jolanda.send(page, "/pair", {"teacher": cast.id("T1"), "professional": cast.id(first["T1"])})
    assert (await pairs_of(play, PairState.OFFERED))["T1"] == first["T1"]


async def test_a_yes_is_phoned_in_for_one_side_and_whoever_is_not_mailed_hears_of_the_match_by_phone(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    """P2 reads no mail. What may be told of the other stands on the page; a name does not, until both say yes."""
    play = await offered(runtime, cast, others={"professional": ["P1", "P2", "P3"]})
    pairs = await pairs_of(play, PairState.OFFERED)
    [teacher] = [one for one, other in pairs.items() if other == "P2"]
    page = await jolanda.open(f"/board/{play.activity_id}")
    asking = next(href for href, words in page.links if words == f"Bel en vul ja of nee in: {cast.name('P2')}")
    page = await jolanda.open(asking)
    assert "Dit mag je over de ander vertellen" in page.text
    assert "Tekst bij role_now" in page.text
    assert str(cast.person(teacher).family_name) not in page.text
    page = await jolanda.send(page, "/answer/", {"accept": "yes"})
    assert f"{cast.name('P2')}: ja" in page.text
    await play.answer(teacher, "pair-proposal", accept="yes", turn=False)
    assert (await pairs_of(play, PairState.MADE))[teacher] == "P2"
    async with runtime.store.read() as session:
        query = select(Message).where(Message.person_id == cast.id("P2"), Message.mail == "matches")
        [mail] = await session.scalars(query)
    await runtime.clock.set(mail.due_at)  # in the first slot
    holder = Holder("test", timedelta(minutes=5))
    assert await claim(runtime, holder, mail.id, play.activity_id, mail.due_at) is None
    page = await jolanda.open(f"/board/{play.activity_id}")
    assert "krijgt geen mail. Vertel met wie het wederzijds is" in page.text
    assert f"{cast.name(teacher)} {cast.phone(teacher)}" in page.text


@pytest.mark.chapter(WEEKS_BEFORE)
async def test_a_professional_comes_in_and_goes_out_again(play: Play, jolanda: Browser, cast: Cast) -> None:
    page = await jolanda.open(f"/board/{play.activity_id}/people/professional")
    assert "werkbegeleider" not in page.text, "an evening has none"
    page = await jolanda.send(page, "/people", {"person": [cast.id("P2")]})
    assert await play.invitations("P2")
    seat = f"/withdraw/{(await play.participation('P2')).id}"
    page = await jolanda.open(f"/board/{play.activity_id}{seat}")
    await jolanda.send(page, seat)
    assert (await play.participation("P2")).standing is Standing.WITHDRAWN


@pytest.mark.chapter(OFFERED)
async def test_who_said_yes_on_the_phone_already_is_not_asked_again(
    play: Play, jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    first = await pairs_of(play, PairState.OFFERED)
    page = await jolanda.open(f"/board/{play.activity_id}")
    [number] = re.findall(rf"/apart/(\d)\"[^>]*>Uit elkaar<span[^>]*>: {cast.name('T1')}", page.html)
    await jolanda.send(await jolanda.open(f"/board/{play.activity_id}/apart/{number}"), f"/apart/{number}")
    page = await jolanda.open(f"/board/{play.activity_id}/pair")
    chosen = {"teacher": cast.id("T1"), "professional": cast.id(first["T1"])}
    page = await jolanda.send(page, "/pair", {**chosen, "said-yes": ["teacher"]})
    assert f"{cast.name('T1')}: ja" in page.text
    assert f"{cast.name(first['T1'])}: nog geen antwoord" in page.text
    asked = await play.invitation("T1", "pair-proposal")
    async with runtime.store.read() as session:
        [said] = await session.scalars(select(Submission).where(Submission.invitation_id == asked.id))
    assert (said.via, said.entered_by_id, said.answers) == (Via.PHONE, cast.id("C1"), {"accept": True})
    await play.answer(first["T1"], "pair-proposal", accept="yes")
    assert (await pairs_of(play, PairState.MADE))["T1"] == first["T1"]


@pytest.mark.chapter(SECOND_ROUND)
async def test_during_the_evening_the_rest_is_made_anew_for_who_is_late_leaves_or_does_not_come(
    play: Play, jolanda: Browser
) -> None:
    before = await met(play)
    ids = {code: key for key, code in (await code_of(play)).items()}
    page = await jolanda.open(f"/board/{play.activity_id}")
    assert "2, 15:42 (nu)" in page.text
    page = await jolanda.open(f"/board/{play.activity_id}/rounds")
    assert "De rondes van nu. Bewezen: met wie er wanneer zijn, kunnen deze rondes niet beter." in page.text
    assert page.form("/rounds").fields["held"] == ["2"], "by the clock, and the one that goes on counts"
    assert "vanaf ronde 3" in page.text
    page = await jolanda.send(page, "/rounds", {"held": "two"})
    assert "Vul in hoeveel rondes er geweest zijn" in page.text
    page = await jolanda.send(page, "/rounds", {"held": "12"})
    assert "Er zijn 6 rondes" in page.text
    stays = {"P1": "1-0", "T2": "3-", "T7": "1-4"}
    page = await jolanda.send(page, "/rounds", {"held": "2", **{f"stay-{ids[one]}": stays[one] for one in stays}})
    for words in ("kwam niet", "vanaf ronde 3", "weg na ronde 4"):
        assert words in page.text
    after = await met(play)
    assert [talk for talk in after if talk[0] <= 2] == [
        talk for talk in before if talk[0] <= 2 and not {"P1", "T2"} & set(talk)
    ]
    assert not [talk for talk in after if "P1" in talk]
    assert {number for number, one, _ in after if one == "T7"} <= {1, 2, 3, 4}
    assert min(number for number, one, _ in after if one == "T2") >= 3


@pytest.mark.chapter(FIRST_ROUND)
async def test_what_was_noted_before_holds_when_the_rest_is_made_anew_once_more(play: Play, jolanda: Browser) -> None:
    ids = {code: key for key, code in (await code_of(play)).items()}
    address = f"/board/{play.activity_id}/rounds"
    await jolanda.send(await jolanda.open(address), "/rounds", {f"stay-{ids['P1']}": "1-0", f"stay-{ids['T7']}": "1-4"})
    await play.to("2027-02-04 15:56")
    page = await jolanda.open(address)
    assert page.form("/rounds").fields[f"stay-{ids['P1']}"] == ["1-0"]
    await jolanda.send(page, "/rounds", {f"stay-{ids['P3']}": "1-3"})
    after = await met(play)
    assert not [talk for talk in after if "P1" in talk], "somebody who did not come does not come back by itself"
    assert max(number for number, one, _ in after if one == "T7") <= 4
    assert max(number for number, _, other in after if other == "P3") <= 3
    pairs = [(one, other) for _, one, other in after]
    assert len(pairs) == len(set(pairs))
    await jolanda.send(await jolanda.open(address), "/rounds", {f"stay-{ids['P1']}": "4-"})
    assert min(number for number, _, other in await met(play) if other == "P1") == 4, "came after all"
    page = await jolanda.open(address)
    page.form("/rounds").fields[f"stay-{ids['P1']}"] = ["soon"]
    page = await jolanda.send(page, "/rounds")
    assert "Kies uit de lijst." in page.text


@pytest.mark.chapter(FIRST_ROUND)
async def test_a_talk_that_fell_through_is_held_later_in_the_evening(play: Play, jolanda: Browser, cast: Cast) -> None:
    ids = {code: key for key, code in (await code_of(play)).items()}
    number, teacher, professional = next(talk for talk in await met(play) if talk[0] == 1)
    page = await jolanda.open(f"/board/{play.activity_id}/rounds")
    assert f"{cast.name(teacher)} – {cast.name(professional)}" in page.text
    assert len(page.form("/rounds").offered["lost"]) == 6, "only the round that goes on has talks that could be lost"
    wrong = await jolanda.open(f"/board/{play.activity_id}/rounds")
    wrong.form("/rounds").fields["lost"] = ["nobody:nobody"]
    assert "Kies uit de lijst." in (await jolanda.send(wrong, "/rounds")).text
    # Three have to leave room for it: everybody was to meet everybody in exactly these six rounds.
    stays = {f"stay-{ids[code]}": "1-1" for code in ("P1", "P3", "P5") if code != professional}
    await jolanda.send(page, "/rounds", {"lost": [f"{ids[teacher]}:{ids[professional]}"], **stays})
    assert (number, teacher, professional) not in await met(play)
    assert (teacher, professional) in [(one, other) for later, one, other in await met(play) if later > 1]


@pytest.mark.chapter(OFFERED)
async def test_there_is_no_such_page_where_there_are_no_pairs_or_rounds(play: Play, jolanda: Browser) -> None:
    await jolanda.open(f"/board/{play.activity_id}/rounds")
    assert jolanda.status == 404
    await jolanda.open(f"/board/{play.activity_id}/apart/9")
    assert jolanda.status == 404


@pytest.mark.chapter(OFFERED)
async def test_the_call_about_somebody_without_a_partner_leads_to_making_a_pair(play: Play, jolanda: Browser) -> None:
    first = await pairs_of(play, PairState.OFFERED)
    await play.answer("T1", "pair-proposal", accept="no")
    await play.answer(first["T2"], "pair-proposal", accept="no")
    await play.answer("T1", "pair-proposal", accept="no")
    page = await jolanda.open(f"/board/{play.activity_id}")
    assert (f"/board/{play.activity_id}/pair", "Maak een koppel") in page.links
