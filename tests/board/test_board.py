"""The board and an activity's page, as the coordinator reads them."""

from datetime import timedelta

import pytest

from models.tables.base import new_id
from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.web.visit import Visit, local

pytestmark = pytest.mark.asyncio


async def test_an_empty_board_tells_how_to_begin(jolanda: Browser) -> None:
    page = await jolanda.open("/board")

    assert jolanda.status == 200
    assert "Nog geen activiteiten" in page.text
    assert ("/board/start", "Begin een activiteit") in page.links


async def test_an_activity_says_what_it_waits_for_and_since_when(jolanda: Browser, visit: Visit) -> None:
    page = await jolanda.open("/board")

    assert "Prefab bouwen bij Korteweg" in page.text
    assert "Wacht op Koen Korteweg, sinds do 24 sep" in page.text
    assert "voorstel: do 5 nov 2026" in page.text
    assert "voor 5 %, tijdens 0 %, na 0 %" in page.html or "voor" in page.html
    assert "Goedemorgen Jolanda" in page.text


async def test_two_reminders_without_answer_become_a_call_with_the_number(
    jolanda: Browser, visit: Visit, runtime: Runtime
) -> None:
    await silent_host(visit, runtime)

    page = await jolanda.open("/board")

    assert "Bel Koen Korteweg" in page.text
    assert visit.cast.phone("P3") in page.text
    assert any(words == "Bel en vul in" for _, words in page.links)
    assert "Er is nog geen datum" in page.text
    assert "Twee dingen wachten op jou" in page.text


async def test_the_page_of_an_activity_shows_plan_people_gates_mails_and_history(
    jolanda: Browser, visit: Visit
) -> None:
    page = await jolanda.open(f"/board/{visit.activity_id}")

    assert jolanda.status == 200
    for words in (
        "Verzoek aan het bedrijf",
        "Klaar om te gaan: nog niet",
        "de datum staat nog niet vast",
        "Koen Korteweg",
        "gevraagd do 24 sep 2026",
        "Wat er gebeurde",
        "De activiteit is gemaakt.",
        "verzoek aan het bedrijf",
    ):
        assert words in page.text


async def test_the_board_speaks_the_language_of_its_coordinator(
    jolanda: Browser, visit: Visit, runtime: Runtime
) -> None:
    from models.tables.network import Person

    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Person, visit.cast.id("C1"))).language = "en"  # type: ignore[assignment]

    page = await jolanda.open("/board")
    detail = await jolanda.open(f"/board/{visit.activity_id}")

    assert "Good morning Jolanda" in page.text
    assert "Waits for Koen Korteweg" in page.text
    assert "Ready to go: not yet" in detail.text


async def test_an_unknown_activity_is_not_found(jolanda: Browser, visit: Visit) -> None:
    await jolanda.open(f"/board/{new_id()}")

    assert jolanda.status == 404


async def silent_host(visit: Visit, runtime: Runtime) -> None:
    """Let the host be silent until the coordinator gets a call."""
    from sandwich.services.remind import handle_due

    for _ in range(4):
        invitation = await visit.invitation("P3", "date-poll")
        if invitation.next_at is None:
            break
        await runtime.clock.set(invitation.next_at + timedelta(seconds=1))
        await handle_due(runtime)
    assert await runtime.clock.now() > local("2026-10-05 08:00")
