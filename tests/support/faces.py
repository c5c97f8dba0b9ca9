"""Pictures of the main pages, from the demo's region: for ``docs/pictures``, and for whoever changes a page."""

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from sandwich.demo.region import OFFICER
from tests.e2e.story import COORDINATOR
from tests.e2e.world import World

SMALL = {"width": 960, "height": 560}
DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 780}
TALLEST = 2400
"""Pixels of a picture; what lies below shows nothing of its own."""


def take(page: Page, path: Path) -> None:
    """Take a picture of a whole page, in few colours, for it stays in the repository."""
    page.screenshot(path=path, full_page=True)
    with Image.open(path) as taken:
        kept = taken.convert("RGB").crop((0, 0, taken.width, min(taken.height, TALLEST)))
    kept.quantize(128).save(path, optimize=True)


def photograph(browser: Browser, world: World, folder: Path) -> None:
    """Take a picture of every main page, as coordinator, colleague, teacher and host."""
    desk = browser.new_page(viewport=DESK, locale="nl-NL")
    desk.goto(f"{world.base}/")
    desk.locator('form[action*="login"] button').first.click()
    desk.wait_for_load_state()
    take(desk, folder / "region.png")
    visit = desk.get_by_role("link", name="Prefab bouwen bij Korteweg").get_attribute("href") or ""
    _start(desk, world, folder)
    for name, path in {
        "activity": visit,
        "outbox": f"{visit}/outbox",
        "companies": "/board/companies",
        "figures": "/board/figures",
    }.items():
        desk.goto(f"{world.base}{path}")
        take(desk, folder / f"{name}.png")
    card = next(link for mail in reversed(world.mails()) for link in mail.letter["links"] if "/wall/" in link)
    desk.goto(card.rsplit("/", 1)[0])
    take(desk, folder / "wall.png")
    desk.locator(".wall__card a").first.click()
    desk.wait_for_load_state()
    take(desk, folder / "card.png")
    _phone(browser, world, folder)
    _signing_in(browser, world, folder)
    _officer(browser, world, folder)


def _signing_in(browser: Browser, world: World, folder: Path) -> None:
    """Take pictures of both pages of signing in."""
    desk = browser.new_page(viewport=SMALL, locale="nl-NL")
    desk.goto(f"{world.base}/login")
    desk.locator('input[name="address"]').fill(COORDINATOR)
    take(desk, folder / "sign-in.png")
    desk.get_by_role("button", name="Stuur mij de code").click()
    desk.wait_for_load_state()
    world.settle()
    letter = next(mail for mail in reversed(world.mails()) if "inlogcode" in mail.subject)
    desk.goto(letter.link("/login/"))
    take(desk, folder / "code.png")


def _officer(browser: Browser, world: World, folder: Path) -> None:
    """Take pictures of what a privacy officer sees: what was asked, and what a night would remove."""
    desk = browser.new_page(viewport=DESK, locale="nl-NL")
    desk.goto(f"{world.base}/")
    desk.get_by_role("button", name=f"Kijk als {OFFICER.given} {OFFICER.family}").click()
    desk.wait_for_load_state()
    desk.locator(".linkbutton", has_text="Zoek op:").first.click()
    desk.wait_for_load_state()
    take(desk, folder / "privacy.png")
    desk.goto(f"{world.base}/board/retention/mail")
    take(desk, folder / "retention.png")


def _start(desk: Page, world: World, folder: Path) -> None:
    desk.goto(f"{world.base}/board/start")
    desk.locator('input[name="purpose"][value="knowledge"]').check()
    desk.get_by_role("button", name="Verder").click()
    desk.wait_for_load_state()
    take(desk, folder / "start.png")


def _phone(browser: Browser, world: World, folder: Path) -> None:
    """Take pictures of what a teacher and a host see behind the newest mail with an open form."""
    phone = browser.new_page(viewport=PHONE, locale="nl-NL")
    letter = next(mail for mail in reversed(world.mails()) if "wat wil jij leren?" in mail.subject.lower())
    phone.goto(letter.link())
    home = re.match(r"(.*/f/[^/?#]+)", phone.url)
    phone.goto(f"{home[1] if home else phone.url}/data")
    take(phone, folder / "data.png")
    for name, ask in {"own-page": "Wat wil jij leren?", "agreement": "wie doet wat?"}.items():
        letter = next(mail for mail in reversed(world.mails()) if ask.lower() in mail.subject.lower())
        phone.goto(letter.link())
        if name == "own-page":
            phone.locator('a[href$="/all"]').first.click()
            phone.wait_for_load_state()
        take(phone, folder / f"{name}.png")
