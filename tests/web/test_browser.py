"""The participant's way in a real browser: by keyboard, without scripts, on a phone, with nothing from elsewhere."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import func, select

from models.tables.asking import Draft, Submission
from tests.support.databases import Databases, SqliteDatabases
from tests.web.chromium import Served, need_chromium, served
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


@pytest.fixture
def databases(sqlite_databases: SqliteDatabases) -> Databases:
    """One kind of database is enough: what is tried here stands in front of it."""
    need_chromium()
    return sqlite_databases


@pytest_asyncio.fixture
async def site(visit: Visit) -> AsyncIterator[Served]:
    """The application served, with Chromium."""
    async with served(visit.runtime) as site:
        yield site


async def focused(page: Page) -> tuple[str, str]:
    """Return name and value of what has the focus."""
    where = page.locator(":focus")
    if await where.count() == 0:
        return "", ""
    return await where.get_attribute("name") or "", await where.get_attribute("value") or ""


async def tab_to(page: Page, name: str, value: str = "") -> None:
    """Press Tab until a control has the focus, as somebody without a mouse does."""
    for _ in range(120):
        await page.keyboard.press("Tab")
        found = await focused(page)
        if found[0] == name and (not value or found[1] == value):
            return
    raise AssertionError(f"Tab never reaches {name}")


async def choose(page: Page, name: str, value: str) -> None:
    """Go to a group of options by Tab and to the option by the arrow keys."""
    await tab_to(page, name)
    await page.keyboard.press("Space")
    for _ in range(10):
        if (await focused(page))[1] == value:
            return
        await page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrow keys never reach {name}={value}")


async def tick(page: Page, name: str, value: str) -> None:
    """Go to a box by Tab and tick it."""
    await tab_to(page, name, value)
    await page.keyboard.press("Space")


async def test_a_form_is_filled_in_by_keyboard_alone_without_scripts_on_a_phone(site: Served, visit: Visit) -> None:
    page = await site.page(f"/f/{await visit.token('T3', 'goals')}", script=False)
    await tick(page, "purpose", "trends")
    await tab_to(page, "goal_1")
    await page.keyboard.type("Hoe een wand van tekening naar fabriek gaat")
    await tick(page, "goal_link", "mt")
    await tab_to(page, "questions_host")
    await page.keyboard.type("Wie tekent het?")
    await choose(page, "know_now", "2")
    await choose(page, "conf_lesson", "3")
    await choose(page, "conf_career", "3")
    await tick(page, "intend", "adapt")
    for place in ("internal", "website", "social"):
        await choose(page, f"photo_self.{place}.allowed", "no")
    await tab_to(page, "_action", "send")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Bedankt!")).to_be_visible()
    await expect(page.get_by_text("Je antwoord op ‘Wat wil jij leren?’ is binnen.")).to_be_visible()
    async with visit.runtime.store.read() as session:
        answers = await session.scalar(select(Submission.answers).where(Submission.form == "goals"))
    assert answers is not None
    assert answers["know_now"] == 2
    assert answers["photo_self"][0]["allowed"] is False


async def test_mistakes_get_the_focus_and_lead_to_their_question(site: Served, visit: Visit) -> None:
    page = await site.page(f"/f/{await visit.token('T3', 'goals')}", script=False)
    await page.get_by_label("Wat wil je na afloop weten of kunnen?").fill("Lassen")
    await page.get_by_role("button", name="Verstuur").click()
    summary = page.get_by_role("alert")
    await expect(summary).to_be_visible()
    await expect(summary).to_be_focused()
    await summary.get_by_role("link", name="Kies minstens één vak").click()
    assert (await focused(page))[0] == "goal_link"
    await expect(page.get_by_label("Wat wil je na afloop weten of kunnen?")).to_have_value("Lassen")


async def test_with_scripts_drafts_are_kept_and_only_after_typing(site: Served, visit: Visit) -> None:
    page = await site.page(f"/f/{await visit.token('T3', 'goals')}")
    await page.wait_for_timeout(3500)
    assert await drafts(visit) == 0
    await page.get_by_label("Wat wil je na afloop weten of kunnen?").fill("Half af")
    await expect(page.get_by_text("Bewaard om 12:00 uur.")).to_be_visible(timeout=10_000)
    assert await drafts(visit) == 1
    await page.close()
    again = await site.page(f"/f/{await visit.token('T3', 'goals')}")
    await expect(again.get_by_label("Wat wil je na afloop weten of kunnen?")).to_have_value("Half af")
    assert site.complaints == []


async def drafts(visit: Visit) -> int:
    async with visit.runtime.store.read() as session:
        return await session.scalar(select(func.count()).select_from(Draft)) or 0


async def test_two_people_in_two_tabs_of_one_browser(site: Served, visit: Visit) -> None:
    context = await site.context()
    erik, nadia = await context.new_page(), await context.new_page()
    await erik.goto(f"{site.address}/f/{await visit.token('T3', 'registration')}")
    await nadia.goto(f"{site.address}/f/{await visit.token('T2', 'registration')}")
    await erik.get_by_label("Ja").check()
    await nadia.get_by_label("Nee").check()
    await erik.get_by_role("button", name="Verstuur").click()
    await expect(erik.get_by_text("alleen voor Erik Laan")).to_be_visible()
    await nadia.get_by_role("button", name="Verstuur").click()
    await expect(nadia.get_by_text("alleen voor Nadia Bensalem")).to_be_visible()
    async with visit.runtime.store.read() as session:
        rows = await session.execute(
            select(Submission.person_id, Submission.answers).where(Submission.form == "registration")
        )
        said = {person: answers["attend"] for person, answers in rows}
    assert said == {visit.cast.id("T3"): True, visit.cast.id("T2"): False}


async def test_every_form_fits_a_phone_and_asks_nobody_else(site: Served, visit: Visit) -> None:
    forms = [("T3", "goals"), ("T3", "registration"), ("P3", "task-division"), ("P3", "date-poll"), ("L1", "approval")]
    for code, form in forms:
        page = await site.page(f"/f/{await visit.token(code, form)}", script=form != "goals")
        # A picture of the whole page lays out what lies below the window, too.
        await page.screenshot(full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, form
        await page.context.close()
    assert site.requests
    assert {address for address in site.requests if not address.startswith(site.address)} == set()
    assert site.complaints == []


async def test_what_a_form_weighs_on_its_way(site: Served, visit: Visit) -> None:
    context = await site.context()
    page = await context.new_page()
    line = await context.new_cdp_session(page)
    await line.send("Network.enable")
    sizes: list[int] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await page.goto(f"{site.address}/f/{await visit.token('P3', 'task-division')}", wait_until="networkidle")
    assert len(sizes) >= 3, "page, style and script"
    assert 5_000 < sum(sizes) < 60_000


async def test_while_the_connection_is_gone_nothing_typed_is_lost(site: Served, visit: Visit) -> None:
    page = await site.page(f"/f/{await visit.token('T3', 'goals')}")
    await page.context.set_offline(True)
    field = page.get_by_label("Wat wil je na afloop weten of kunnen?")
    await field.fill("Getypt in de bus")
    await expect(page.get_by_text("Nog niet bewaard: er is geen verbinding.")).to_be_visible(timeout=10_000)
    await page.get_by_role("button", name="Verstuur").click()
    await expect(page.get_by_text("Nog niet verstuurd: er is geen verbinding.")).to_be_visible()
    await expect(field).to_have_value("Getypt in de bus")
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type) or asyncio.ensure_future(dialog.dismiss()))
    await page.close(run_before_unload=True)
    await expect(field).to_have_value("Getypt in de bus")
    assert asked == ["beforeunload"]
    assert await drafts(visit) == 0
    await page.context.set_offline(False)
    await expect(page.get_by_text("Bewaard om 12:00 uur.")).to_be_visible(timeout=10_000)
    assert await drafts(visit) == 1
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    asked.clear()
    await page.close(run_before_unload=True)
    assert asked == []
