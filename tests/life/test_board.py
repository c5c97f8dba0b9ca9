"""What a coordinator can do on the board when things go otherwise."""

from datetime import date

import pytest

from models.tables.activities import ActivityStatus, Presence
from models.tables.network import Company
from sandwich.runtime import Runtime
from tests.life.acting import lines
from tests.support.browser import Browser
from tests.support.driver import Play, told

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


def at(play: Play, page: str = "") -> str:
    """Return an address of the activity."""
    return f"/board/{play.activity_id}{page}"


@pytest.mark.chapter("ready")
async def test_case_5_10_code_red_on_the_board(jolanda: Browser, play: Play) -> None:
    await play.sleep_to("2026-11-05 09:00")
    page = await jolanda.open(at(play, "/day"))
    assert "Iedereen krijgt meteen een mail met de reden" in page.text
    wrong = await jolanda.send(page, "/day", {"what": "later", "reason": "Code rood"})
    assert "Vul in hoeveel minuten, zoals 60." in wrong.text
    typed = {"what": "later", "minutes": "45", "reason": "Code rood"}
    seen = await jolanda.send(wrong, "/day", typed)
    assert "13 mensen krijgen een mail: nieuwe datum." in seen.text
    assert "Jij krijgt er 1 ding bij om te doen." in seen.text
    assert told((await play.loaded()).starts_at) == "Thu 05 Nov 13:30"
    other = await jolanda.send(seen, "/day", {**typed, "minutes": "50"})
    assert told((await play.loaded()).starts_at) == "Thu 05 Nov 13:30", "what was seen is not what was asked"
    await jolanda.send(await jolanda.send(other, "/day", typed), "/day", typed)
    assert told((await play.loaded()).starts_at) == "Thu 05 Nov 14:15"


@pytest.mark.chapter("turn")
async def test_case_5_01_another_company_on_the_board(jolanda: Browser, play: Play) -> None:
    page = await jolanda.open(at(play, "/new-host"))
    assert "Bouwbedrijf Korteweg" not in page.text.split("Wie vraag je?")[1]
    wrong = await jolanda.send(page, "/new-host", {"person": play.cast.id("P1"), "reason": "Korteweg kan niet"})
    assert "Stel ten minste één dag voor." in wrong.text
    day = {"date-1": "2026-12-10", "from-1": "13:30", "to-1": "16:30"}
    typed = {"person": play.cast.id("P1"), "reason": "Korteweg kan niet", **day}
    seen = await jolanda.send(wrong, "/new-host", typed)
    assert "Open vragen die vervallen: 1." in seen.text
    assert "Verzoek aan het bedrijf: " in seen.text
    assert (await play.activity()).company_id == play.cast.id("B3")
    await jolanda.send(seen, "/new-host", typed)
    activity = await play.activity()
    assert (activity.company_id, activity.date_fixed_at) == (play.cast.id("B1"), None)


@pytest.mark.chapter("turn")
async def test_case_5_01_another_company_that_rests_is_asked_only_with_a_reason(
    jolanda: Browser, play: Play, runtime: Runtime
) -> None:
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        (await session.get_one(Company, play.cast.id("B1"))).ask_again_on = date(2027, 3, 1)
    day = {"date-1": "2026-12-10", "from-1": "13:30", "to-1": "16:30"}
    typed: dict[str, str | list[str]] = {"person": play.cast.id("P1"), "reason": "Korteweg kan niet", **day}
    page = await jolanda.open(at(play, "/new-host"))
    assert "Waarom vraag je dit nu toch?" not in page.text
    resting = await jolanda.send(page, "/new-host", typed)
    assert "vroeg om tot 1 maart 2027 niets te vragen." in resting.text
    assert "Ik heb gebeld en het mag: Sander Tol" in resting.text
    assert (await play.activity()).company_id == play.cast.id("B3")
    await jolanda.send(resting, "/new-host", {**typed, "why": "Zij boden het aan", "agrees": "yes"})
    activity = await play.activity()
    assert activity.company_id == play.cast.id("B1")
    assert (activity.asked_anyway or {})["reason"] == "Zij boden het aan"


@pytest.mark.chapter("ready")
async def test_case_5_11_absent_on_the_board_and_a_pause_with_an_end(
    jolanda: Browser, play: Play, runtime: Runtime
) -> None:
    await play.sleep_to("2026-11-05 10:00")
    seat = await play.participation("T3")
    page = await jolanda.open(at(play))
    assert "Is er niet" in page.text
    page = await jolanda.open(at(play, f"/absent/{seat.id}"))
    assert "We bewaren alleen ‘afwezig’, nooit waarom." in page.text
    await jolanda.send(page, "/absent")
    assert (await play.participation("T3")).presence is Presence.ABSENT


@pytest.mark.chapter("asked")
async def test_case_5_11_until_a_day_on_the_board(jolanda: Browser, play: Play) -> None:
    page = await jolanda.open(at(play, "/hold"))
    wrong = await jolanda.send(page, "/hold", {"until": "2026-10-01", "reason": "Even stil"})
    assert "komt niet meer" in wrong.text
    await jolanda.send(wrong, "/hold", {"until": "2026-10-30", "reason": "Even stil"})
    assert (await play.activity()).status is ActivityStatus.ON_HOLD
    await play.to("2026-10-30 12:00")
    assert list(await lines(play)) == ["on-hold-until"]


@pytest.mark.chapter("asked")
async def test_case_5_07_a_form_to_print_on_the_board(jolanda: Browser, play: Play) -> None:
    asked = await play.invitation("P3", "task-division")
    page = await jolanda.open(at(play))
    assert f"/print/{asked.id}" in page.html
    await jolanda.open(at(play, f"/print/{asked.id}"))
    assert jolanda.answer.headers["content-type"] == "application/pdf"
