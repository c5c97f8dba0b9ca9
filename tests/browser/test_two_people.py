"""Two people at the same agreement at the same time, each in a browser of their own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from models.roles import Role
from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.support.databases import Databases, SqliteDatabases
from tests.support.driver import Play
from tests.support.linked import link_for
from tests.support.negotiating import DRAFT, PLAN, begin, stands, with_own_playbooks
from tests.web.chromium import Served, need_chromium, served

pytestmark = pytest.mark.asyncio


@pytest.fixture
def databases(sqlite_databases: SqliteDatabases) -> Databases:
    """One kind of database is enough: what is tried here stands in front of it."""
    need_chromium()
    return sqlite_databases


@pytest_asyncio.fixture
async def proposed(runtime: Runtime, cast: Cast) -> Play:
    """An internship of which the teacher proposed a plan, and the mentor another."""
    play = await begin(with_own_playbooks(runtime), cast, "walk-along", {"P7": Role.MENTOR})
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="changes", counter="Liever later", talk__end__date="2026-11-13")
    return play


@pytest_asyncio.fixture
async def site(proposed: Play) -> AsyncIterator[Served]:
    """The application served, with Chromium."""
    async with served(proposed.runtime) as site:
        yield site


async def opened(site: Served, play: Play, code: str) -> Page:
    """Open the agreement for one of the two, in a window of their own."""
    invitation, now = await play.invitation(code, PLAN), await play.now()
    async with play.runtime.store.change(now=now, actor="mail", stream=play.activity_id) as session:
        token = await link_for(session, play.runtime.settings, invitation.participation_id, invitation.id, now)
    return await site.page(f"/f/{token}")


async def test_a_yes_to_what_the_other_has_just_changed_is_no_yes(site: Served, proposed: Play) -> None:
    teacher = await opened(site, proposed, "T3")
    mentor = await opened(site, proposed, "P7")

    await mentor.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    await mentor.locator('input[name="agree"][value="changes"]').check()
    await mentor.locator('[name="counter"]').fill("Nog wat later")
    await mentor.locator('[name="talk.end.date"]').fill("2026-11-16")
    await mentor.locator('button[value="send"]').click()
    await mentor.wait_for_url("**/thanks/**")

    await teacher.locator('input[name="_yes"]').check()
    await teacher.get_by_role("button", name="Akkoord met alles").click()

    await expect(teacher.get_by_text("het is nu versie 3").first).to_be_visible()
    await expect(teacher.locator("ins", has_text="maandag 16 november 2026").first).to_be_visible()
    assert (await stands(proposed, PLAN)).open_for(Role.TEACHER), "nothing was agreed to that was not seen"

    await teacher.locator('input[name="_yes"]').check()
    await teacher.get_by_role("button", name="Akkoord met alles").click()
    await teacher.wait_for_url("**/thanks/**")
    assert not (await stands(proposed, PLAN)).open_for(Role.TEACHER)
