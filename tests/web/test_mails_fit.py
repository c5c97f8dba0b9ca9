"""Mails in a real browser: on the narrowest phone nothing has to be moved sideways, whatever people are called."""

import pytest
from playwright.async_api import async_playwright

from models.text import Language
from sandwich.mail.example import CONTEXTS, sample
from sandwich.mail.own_texts import LONG_COMPANY, LONG_NAME, LONG_TITLE
from sandwich.mail.render import renderer
from tests.web.chromium import CHROMIUM, need_chromium

pytestmark = pytest.mark.asyncio
WORDS = renderer("Europe/Amsterdam")
NARROW = 320
NAMES = {
    "long names": f"{LONG_TITLE}, {LONG_COMPANY}, {LONG_NAME}",
    "one word": "Zeerlangebedrijfsnaamzonderspaties" * 15,
}


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
async def test_no_mail_scrolls_sideways_at_320_pixels(text: str) -> None:
    need_chromium()
    wide = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": NARROW, "height": 600}, java_script_enabled=True)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = await context.new_page()
        for name in CONTEXTS:
            for language in Language:
                await page.set_content(WORDS.render(name, language, sample(name, text)).html)
                width = await page.evaluate("document.documentElement.scrollWidth")
                if width > NARROW:
                    wide[name, language.value] = width
        await browser.close()
    assert wide == {}
    assert asked == [], "a mail fetches nothing, so it is the same with images off"
