"""What people do to a page: paste, choose the wrong file, lose the connection or their session, come too late."""

import io
import zipfile
from datetime import timedelta

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import FilePayload, Page, expect
from sqlalchemy import select

from models.tables.asking import Draft, Invitation, InvitationState, Upload
from tests.browser.forms import Asked, ask_everything
from tests.browser.world import COORDINATOR, World
from tests.web.test_browser import tab_to
from tests.web.test_uploads import a_bomb

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

PASTED = "“Slim”\x0b gelast\x07 👩‍🔧 שלום مرحبا – op 12 °C"
KEPT = "👩‍🔧 שלום مرحبا"
NAMES = "\n".join(f"Deelnemer {number} van der Bloemendaal-Öztürk" for number in range(1, 201))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def asked(world: World) -> dict[str, Asked]:
    """Every form, asked of somebody."""
    return {one.name: one for one in await ask_everything(world.runtime)}


async def opened(world: World, one: Asked, *, script: bool = True) -> Page:
    """Open a form by its link in a window of its own, on a phone."""
    page = await (await world.site.context(script=script)).new_page()
    await page.goto(await world.link(one.participation_id, one.invitation_id))
    return page


async def typed(world: World, one: Asked, question: str) -> str:
    """Return what is kept of a question."""
    async with world.runtime.store.read() as session:
        draft = await session.scalar(select(Draft.typed).where(Draft.invitation_id == one.invitation_id))
    return str((draft or {}).get(question, [""])[0])


async def change(world: World, one: Asked, **changes: object) -> Invitation:
    """Change an invitation while its page is open, and return it."""
    now = await world.runtime.clock.now()
    async with world.runtime.store.change(now=now, actor="browser", stream="browser") as session:
        invitation = await session.get_one(Invitation, one.invitation_id)
        for name, value in changes.items():
            setattr(invitation, name, value)
        return invitation


async def send(page: Page) -> None:
    await page.locator("button[name=_action][value=send]").click()


async def test_pasted_words_come_back_as_words(world: World, asked: dict[str, Asked]) -> None:
    one = asked["design-plan"]
    page = await opened(world, one, script=False)
    await page.locator("[name=need]").focus()
    await page.keyboard.insert_text(PASTED)
    await page.locator("[name=target]").fill(NAMES)
    await page.locator("button[value=draft]").click()
    await page.goto(page.url.partition("/kept/")[0])
    value = await page.locator("[name=need]").input_value()
    assert KEPT in value
    assert not set(value) & set("\x0b\x07")
    await send(page)  # 200 names are more than an answer may be: it says so, and they still stand there
    names = await page.locator("[name=target]").input_value()
    assert names.split() == NAMES.split()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_files_that_are_no_photo_are_told_and_a_large_photo_is_taken(
    world: World, asked: dict[str, Asked]
) -> None:
    one = asked["impressions"]
    page = await opened(world, one)
    archive, large = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("vakantie.txt", "x")
    Image.new("RGB", (7300, 5475), "sienna").save(large, "JPEG", exif=b"Exif\0\0Canon-of-Nadia")
    heic = b"\0\0\0\x18ftypheic\0\0\0\0" + b"x" * 50
    for name, content, says in (
        ("iphone.heic", heic, "Meest compatibel"),
        ("foto.jpg", archive.getvalue(), "niet wat de naam zegt"),
        ("bom.png", a_bomb(), "te groot (meer dan 40 megapixel)"),
    ):
        wrong = FilePayload(name=name, mimeType="", buffer=content)
        await page.locator("input[type=file][name=photo]").set_input_files(wrong)
        await page.locator("[name=headline]").fill("Een muur in elf minuten")
        await send(page)
        await expect(page.get_by_text(says).first).to_be_visible()
        await expect(page.locator("[name=headline]")).to_have_value("Een muur in elf minuten")
    photo = FilePayload(name="hal 2.jpg", mimeType="image/jpeg", buffer=large.getvalue())
    await page.locator("input[type=file][name=photo]").set_input_files(photo)
    await send(page)
    await expect(page.get_by_text("hal 2.jpg").first).to_be_visible()
    async with world.runtime.store.read() as session:
        kept = list(await session.scalars(select(Upload.name).where(Upload.invitation_id == one.invitation_id)))
    assert kept == ["hal 2.jpg"], "its notes are gone: see tests/web/test_uploads.py"


async def test_words_typed_without_a_connection_are_kept_when_it_is_back(world: World, asked: dict[str, Asked]) -> None:
    one = asked["trial-lesson"]
    page = await opened(world, one)
    area = page.locator("textarea").first
    name = await area.get_attribute("name") or ""
    await page.context.set_offline(True)
    await area.press_sequentially("Geschreven in de tunnel")
    await expect(page.locator("[data-saved]")).to_contain_text("Nog niet bewaard", timeout=15_000)
    assert await typed(world, one, name) == ""
    await page.context.set_offline(False)
    await expect(page.locator("[data-saved]")).to_contain_text("Bewaard om", timeout=30_000)
    assert await typed(world, one, name) == "Geschreven in de tunnel"


async def test_an_answer_after_the_deadline_is_taken_and_marked_late(world: World, asked: dict[str, Asked]) -> None:
    one, now = asked["follow-up"], await world.runtime.clock.now()
    await change(world, one, deadline_at=now - timedelta(days=1))
    page = await opened(world, one)
    await expect(page.get_by_text("Je antwoord is nog steeds welkom.")).to_be_visible()


async def test_an_answer_after_it_was_closed_is_explained(world: World, asked: dict[str, Asked]) -> None:
    one = asked["goals"]
    page = await opened(world, one)
    await page.locator("[name=goal_1]").fill("Lassen")
    await change(world, one, state=InvitationState.WITHDRAWN)
    await send(page)
    await expect(page.locator("main")).to_contain_text("niet meer")
    await expect(page.locator("form[data-form]")).to_have_count(0)


async def test_a_forgotten_cookie_loses_no_answer(world: World, asked: dict[str, Asked]) -> None:
    page = await opened(world, asked["goals (school)"])
    await page.locator("[name=goal_1]").fill("Hoe zij de praktijkruimte inrichten")
    await page.context.clear_cookies()
    await send(page)
    await expect(page.locator("[name=goal_1]")).to_have_value("Hoe zij de praktijkruimte inrichten")
    await expect(page.get_by_role("alert")).to_be_visible()


async def test_a_coordinator_whose_session_ended_while_typing_sends_it_once_more(world: World) -> None:
    context, base = await world.site.context(script=False), world.site.address
    page = await context.new_page()
    await page.goto(f"{base}/")
    await page.get_by_role("button", name=COORDINATOR).click()
    address = await page.locator("a[href*='/cancel'], a[href^='/board/0']").first.get_attribute("href")
    assert address is not None
    await page.goto(f"{base}{'/'.join(address.split('/')[:3])}/hold")
    await page.locator("[name=reason]").fill("De hal staat onder water, wij wachten op het bedrijf.")
    await context.clear_cookies()
    await page.locator("main form button[type=submit]").first.click()
    await expect(page.get_by_text("Je bent uitgelogd").first).to_be_visible()
    await expect(page.locator(".filled")).to_have_text("De hal staat onder water, wij wachten op het bedrijf.")
    other = await context.new_page()
    await other.goto(f"{base}/")
    await other.get_by_role("button", name=COORDINATOR).click()
    await page.get_by_role("button", name="Verstuur het nog eens").click()
    await expect(page.get_by_text("er gaan geen mails weg").first).to_be_visible()
    assert "/hold" not in page.url


# Last, for whoever goes this way says in the end that they cannot come.
async def test_the_whole_way_by_keyboard_alone_and_without_scripts(world: World, asked: dict[str, Asked]) -> None:
    page = await opened(world, asked["field-note"], script=False)
    await tab_to(page, "lesson_link")
    await page.keyboard.type("Rekenen")
    await tab_to(page, "_action", "send")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await tab_to(page, "saw")
    await page.keyboard.type("Een zaag die tekent")
    await expect(page.locator("[name=lesson_link]")).to_have_value("Rekenen")
    await tab_to(page, "_action", "send")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Bedankt!")).to_be_visible()
    await follow(page, "Alles van deze activiteit")
    await follow(page, "Ik kan niet, iemand anders gaat, andere datum")
    await tab_to(page, "what")
    await page.keyboard.press("Space")
    await tab_to(page, "tell_others")
    await page.keyboard.press("Space")
    await tab_to(page, "remark")
    await page.keyboard.type("Ik ben die dag op kamp")
    await tab_to(page, "_action", "send")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Bedankt!")).to_be_visible()


async def follow(page: Page, name: str) -> None:
    """Tab to a link and press Enter."""
    link = page.get_by_role("link", name=name).last
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await link.evaluate("(one) => one === document.activeElement"):
            break
    await expect(link).to_be_focused()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
