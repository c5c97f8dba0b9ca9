"""What the board says along a whole visit: every stage draws, and the sentence is the one that a person would say."""

import pytest
from sqlalchemy import select

from models.tables.network import Contact
from sandwich.runtime import Runtime
from sandwich.services import agree
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play
from tests.support.page import Page

pytestmark = pytest.mark.asyncio


async def test_the_board_follows_a_visit_from_request_to_result(jolanda: Browser, runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.turn()

    assert "Wacht op Koen Korteweg, sinds do 24 sep: verzoek aan het bedrijf" in await line(jolanda)
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    assert "Over 7 dagen: docenten uitnodigen" in await line(jolanda)

    await play.to("2026-10-01 12:00")
    assert "Wacht op 8 mensen, sinds do 1 okt: docenten uitnodigen" in await line(jolanda)
    await play.answer_all(TEACHERS, "registration", attend="yes")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.to("2026-10-08 12:00")
    await play.answer_all(TEACHERS[1:], "goals")
    await play.to("2026-10-13 12:00")
    await play.answer("P3", "task-division", agree="changes", max_group="8", counter="Acht mensen", hours_plan="10")
    said = await line(jolanda)
    assert "Tegenvoorstel van Koen Korteweg" in said
    assert "taken: bezig" in said
    await agree.decide(runtime, play.activity_id, "accept", now=await play.now(), actor=play.coordinator)
    assert "taken: klaar" in await line(jolanda)

    await play.to("2026-10-27 09:00")
    detail = await page(jolanda, play)
    assert "Akkoord: versie 2." in detail.text
    assert f"Bel {cast.name(TEACHERS[0])}" in detail.text
    assert "Nog geen antwoord op ‘Wat willen we leren?’, gevraagd op do 8 okt." in detail.text
    done = next(href for href, words in detail.links if words == "Gedaan")
    await jolanda.send(await jolanda.open(done), "/call/", {"note": "Zij gaat mee om foto's te maken"})
    assert "Bel " not in await line(jolanda)
    await play.answer("P3", "practical-information")
    await play.to("2026-11-05 13:45")
    assert "· tijdens" in (await page(jolanda, play)).text
    await play.answer("T2", "attendance")
    await play.to("2026-11-10 12:00")
    detail = await page(jolanda, play)
    assert "Het bezoek is geweest: ja" in detail.text
    assert "was er" in detail.text
    await reachable(play, "P3", False)
    said = (await page(jolanda, play)).text
    assert "Klaar om te gaan: gehaald, en sindsdien ontbreekt: het bedrijf heeft nog geen contactpersoon" in said
    await reachable(play, "P3", True)
    assert "Klaar om te gaan: ja" in (await page(jolanda, play)).text
    await play.answer_all(TEACHERS[1:5], "teacher-evaluation")
    await play.answer("P3", "host-evaluation")
    await play.answer("P3", "host-hours")
    await play.answer_all(("T2", "T5"), "impressions", scope="school", meeting="on-date", meeting_date="2026-11-24")
    said = (await page(jolanda, play)).text
    assert f"{cast.name('T2')} (Vakcollege De Grienden) wil het vertellen: di 24 nov 2026" in said

    await play.to("2026-11-18 12:00")
    assert "Wacht op Koen Korteweg, sinds di 17 nov: het bedrijf kijkt mee" in await line(jolanda)
    assert "gedeeld: bezig" in await line(jolanda)
    asked = f"/answer/{(await play.invitation('P3', 'card-release')).id}"
    await jolanda.send(await jolanda.open(f"/board/{play.activity_id}{asked}"), asked, {"release": "released"})
    await play.turn()
    await play.to("2026-11-20 12:00")

    board = await jolanda.open("/board")
    assert "Prefab" not in board.text
    ended = await jolanda.open("/board/ended")
    assert "Afgerond op vr 20 nov." in ended.text
    assert "gedeeld: klaar" in ended.text
    detail = await page(jolanda, play)
    assert "De indrukkenkaart is gedeeld." in detail.text
    assert "Rond: ja" in detail.text
    assert "/cancel" not in detail.html

    wall = next(href for href, words in detail.links if words.startswith("Op de deelmuur van"))
    await jolanda.open(wall)
    assert jolanda.status == 200
    await play.answer("T6", "impressions", scope="school")
    asking = f"/board/{play.activity_id}/ask-host"
    assert (asking, "Vraag het bedrijf opnieuw") in (await page(jolanda, play)).links
    again = await jolanda.send(await jolanda.open(asking), "/ask-host")
    assert "Vraag het bedrijf opnieuw" not in again.text
    await jolanda.open(asking)
    assert jolanda.status == 404
    assert play.to_person("P3")[-1][1] == "feedback-host"
    await play.to("2026-11-24 12:00")  # the host had two mails this week
    assert play.to_person("P3")[-1][1] == "host-preview"
    taken_off = await jolanda.send(await jolanda.open(f"/board/{play.activity_id}/withdraw-card"), "/withdraw-card")
    assert "Ingetrokken." in taken_off.text
    await jolanda.open(wall)
    assert jolanda.status == 404


async def reachable(play: Play, code: str, is_valid: bool) -> None:
    """Let somebody's addresses work, or not any more."""
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        for contact in await session.scalars(select(Contact).where(Contact.person_id == play.cast.id(code))):
            contact.is_valid = is_valid


async def line(browser: Browser) -> str:
    """Return what the board says of the one activity on it."""
    said = await browser.open("/board")
    assert browser.status == 200
    return said.text


async def page(browser: Browser, play: Play) -> Page:
    """Return the activity's page."""
    found = await browser.open(f"/board/{play.activity_id}")
    assert browser.status == 200
    return found
