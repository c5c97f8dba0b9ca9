"""What stands below the card of a design team: the form of who will use its material, in all its states, by axe."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from tests.browser.axe import AXE, DESK, faults
from tests.support.cast import Cast
from tests.support.databases import Databases, SqliteDatabases
from tests.support.shared_material import MATERIAL_SHARED
from tests.support.stages import Stage, played
from tests.web.chromium import Served, need_chromium, served

pytestmark = pytest.mark.asyncio

FORM = "main form[action$='/use']"


@pytest.fixture
def databases(sqlite_databases: SqliteDatabases) -> Databases:
    """One kind of database is enough: what is tried here stands in front of it."""
    need_chromium()
    return sqlite_databases


@pytest.fixture
def stage() -> Stage:
    """The product of a design team stands on the walls."""
    return MATERIAL_SHARED


@pytest_asyncio.fixture
async def site(runtime: Runtime, cast: Cast, databases: Databases, library: Library) -> AsyncIterator[Served]:
    """The application served on the day that the material was shared, with Chromium."""
    await runtime.clock.set(played(databases, library, MATERIAL_SHARED).at)
    async with served(runtime) as site:
        yield site


async def test_who_will_use_material_says_so_on_a_page_for_everybody(
    site: Served, cast: Cast, databases: Databases, library: Library
) -> None:
    known = played(databases, library, MATERIAL_SHARED).known
    context = await site.context(size=DESK)
    await context.add_init_script(path=AXE)
    page = await context.new_page()

    await page.goto(f"{site.address}/wall/{cast.schools['S1'].wall_key}/{known}")
    found = {"empty": await faults(page)}
    await page.locator(f"{FORM} button:not([name])").first.click()
    await page.wait_for_load_state()
    assert await page.locator("[aria-invalid=true]").count() > 0
    found["with mistakes"] = await faults(page)
    for name, typed in (
        ("given_name", "Ann"),
        ("family_name", "de Kaper"),
        ("mail", "a@vakcollege-degrienden.example"),
    ):
        await page.locator(f"{FORM} [name={name}]").fill(typed)
    await page.locator(f"{FORM} button:not([name])").first.click()
    await page.wait_for_url("**/use/thanks")
    found["thanks"] = await faults(page)
    assert found == {"empty": [], "with mistakes": [], "thanks": []}
    assert site.complaints == []
