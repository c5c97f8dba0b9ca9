"""Answers on the board: read in full, quoted where they decide, and a named person one press away."""

import pytest

from models.roles import Role
from models.tables.activities import Standing
from sandwich.runtime import Runtime
from sandwich.services.collect import report_change
from tests.board.test_actions import at, participation
from tests.support.browser import Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def changed(visit: Visit, code: str, role: Role, **answers: str) -> None:
    """Let somebody report a change."""
    own = await participation(visit.runtime, visit, code, role)
    fields = {name: [value] for name, value in {"tell_others": "no", **answers}.items()}
    now = await visit.runtime.clock.now()
    assert (await report_change(visit.runtime, own.id, "change", fields, now=now, key="k")).accepted


async def test_a_message_is_read_on_the_board_in_the_call_and_on_its_own_page(jolanda: Browser, visit: Visit) -> None:
    await changed(visit, "T3", Role.TEACHER, what="other", remark="Mag mijn <b>hond</b> mee?")
    board = await jolanda.open("/board")
    assert "Mag mijn <b>hond</b> mee?" in board.text
    call = await jolanda.open(next(href for href, _ in board.links if "/call/" in href))
    assert "Mag mijn <b>hond</b> mee?" in call.text
    page = await jolanda.open(next(href for href, _ in (await jolanda.open(at(visit))).links if "/answers/" in href))
    assert page.text.count("Mag mijn <b>hond</b> mee?") == 1
    assert "Wat is er aan de hand?" in page.text
    await jolanda.open(at(visit, "/answers/nosuchanswer"))
    assert jolanda.status == 404


async def test_who_has_two_roles_stands_on_the_page_once(jolanda: Browser, visit: Visit) -> None:
    page = await jolanda.open(at(visit))
    assert page.html.count(f"<h3>{visit.cast.name('T2')}</h3>") == 1
    assert page.html.count("<div") == page.html.count("</div>")


async def test_somebody_new_who_was_named_is_invited_with_one_press(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    named = {"replacement": "Lisa van Rijn", "replacement_email": "lisa@kompas.example"}
    await changed(visit, "T3", Role.TEACHER, what="replaced", **named)
    board = await jolanda.open("/board")
    assert f"Vervang {visit.cast.name('T3')}" in board.text
    page = await jolanda.open(next(href for href, _ in board.links if "/replace/" in href))
    assert "noemde: Lisa van Rijn, lisa@kompas.example" in page.text
    page = await jolanda.send(page, "/replace/")
    assert "Lisa van Rijn" in page.text
    assert (await participation(runtime, visit, "T3", Role.TEACHER)).standing is Standing.REPLACED
    assert "laat zich vervangen" not in (await jolanda.open("/board")).text


async def test_somebody_known_who_was_named_is_chosen_already(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    named = {"replacement": "Daan", "replacement_email": visit.cast.mail("T9").upper()}
    await changed(visit, "T3", Role.TEACHER, what="replaced", **named)
    leaving = await participation(runtime, visit, "T3", Role.TEACHER)
    await jolanda.send(await jolanda.open(at(visit, f"/replace/{leaving.id}")), "/replace/")
    assert (await participation(runtime, visit, "T9", Role.TEACHER)).standing is Standing.INVITED
