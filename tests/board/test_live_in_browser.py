"""An open board follows what happens, and leaves alone whoever is typing: in a real browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from models.tables.activities import Activity
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services import login
from sandwich.web.session import cookie_name
from tests.support.databases import Databases, SqliteDatabases
from tests.web.chromium import Served, need_chromium, served
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

DESK = {"width": 1280, "height": 800}


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


async def board(site: Served, visit: Visit, path: str) -> Page:
    """Open a page of the board for the coordinator, signed in."""
    async with visit.runtime.store.maintain() as session:
        token = login.begin_session(session, visit.cast.id("C1"), real_now())
    context = await site.context(size=DESK)
    await context.add_cookies(
        [{"name": cookie_name(visit.runtime.settings), "value": token, "domain": "127.0.0.1", "path": "/"}]
    )
    page = await context.new_page()
    async with page.expect_response(lambda answer: "/board/live" in answer.url):
        await page.goto(site.address + path)
    await page.wait_for_timeout(500)
    return page


async def rename(runtime: Runtime, activity_id: str, title: str) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test", stream=activity_id) as session:
        (await session.get_one(Activity, activity_id)).title = title


async def test_board_and_activity_show_what_changed_without_being_asked(site: Served, visit: Visit) -> None:
    page = await board(site, visit, "/board")
    other = await board(site, visit, f"/board/{visit.activity_id}")
    await page.get_by_role("link", name="Prefab bouwen bij Korteweg").focus()

    await rename(visit.runtime, visit.activity_id, "Prefab en beton")

    await expect(page.get_by_role("heading", name="Prefab en beton")).to_be_visible(timeout=10_000)
    await expect(other.get_by_role("heading", name="Prefab en beton", level=1)).to_be_visible(timeout=10_000)
    assert await page.evaluate("document.activeElement.textContent") == "Prefab en beton", (
        "the focus stays where it was"
    )
    assert site.complaints == []


async def test_whoever_types_is_told_and_keeps_what_stands_there(site: Served, visit: Visit) -> None:
    page = await board(site, visit, "/board")
    await page.get_by_label("Zoek op naam").fill("lasro")

    await rename(visit.runtime, visit.activity_id, "Prefab en beton")

    await expect(page.get_by_text("Er is iets veranderd.")).to_be_visible(timeout=10_000)
    await expect(page.get_by_label("Zoek op naam")).to_have_value("lasro")
    await page.get_by_role("link", name="Toon deze pagina opnieuw").click()
    await expect(page.get_by_role("heading", name="Prefab en beton")).to_be_visible()


async def test_a_search_that_nothing_matches_shows_the_way_back(site: Served, visit: Visit) -> None:
    page = await board(site, visit, "/board")
    await page.get_by_label("Zoek op naam").fill("lasrobot")
    await page.get_by_label("Zoek op naam").press("Enter")

    await expect(page.get_by_role("heading", name="Geen activiteit past hierbij")).to_be_visible()
    await expect(page.get_by_label("Zoek op naam")).to_have_value("lasrobot")
    await page.get_by_role("link", name="Toon alles").first.click()
    await expect(page.get_by_role("heading", name="Prefab bouwen bij Korteweg")).to_be_visible()
