"""Take a picture of every mail anew, for ``docs/mails``: ``python -m tests.support.mail_pictures [MAIL…]``.

The mails are those of rehearsals, with what made-up people wrote; one that comes in none of them is an example. Each
picture has the mail at 600 and at 320 pixels, in light and in dark. Mails fetch nothing, so they look the same with
images off.
"""

import io
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from models.text import Language
from sandwich.cli.rehearsing import book_of
from sandwich.mail.example import CONTEXTS, sample
from sandwich.mail.render import renderer
from sandwich.rehearsal.rehearse import names_of, rehearse
from sandwich.running.logs import silent
from tests.support.databases import apart
from tests.support.timelines import SEED
from tests.web.chromium import CHROMIUM

FOLDER = Path(__file__).parents[2] / "docs" / "mails"
KINDS = ("company-visit", "speeddates", "job-twinning")
PANELS = ((600, "light"), (600, "dark"), (320, "light"), (320, "dark"))
TALLEST = 1100
COLOURS = 48
GAP = 12
TEXT = "Prefab bouwen bij Korteweg"


def from_rehearsals(wanted: set[str]) -> dict[str, str]:
    """Return the HTML of one Dutch mail of each name that the rehearsals bring, the longest one."""
    found: dict[str, str] = {}
    for kind in KINDS:
        if wanted <= found.keys():
            break
        work = rehearse(book_of(kind), people=8, seed=SEED, language=Language.DUTCH, on_progress=lambda _: None)
        for played in apart(work)[0]:
            names = names_of(played.record)
            for letter in played.letters:
                mail = message_from_bytes(letter.mail.data, policy=default)
                assert isinstance(mail, EmailMessage)
                page = mail.get_body(("html",))
                name = names.get(letter.mail.message_id, "")
                if page is not None and name in wanted and mail["Content-Language"] == Language.DUTCH:
                    found[name] = max(found.get(name, ""), str(page.get_content()), key=len)
    return found


def picture(browser: Browser, html: str) -> Image.Image:
    """Return a mail at all widths and in both lights, side by side."""
    shots = []
    for width, scheme in PANELS:
        page = browser.new_page(viewport={"width": width, "height": 200}, color_scheme=scheme)  # type: ignore[arg-type]
        page.set_content(html)
        shots.append(Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB"))
        page.close()
    height = min(TALLEST, max(shot.height for shot in shots))
    sheet = Image.new("RGB", (sum(shot.width for shot in shots) + GAP * (len(shots) - 1), height), "#888888")
    left = 0
    for shot in shots:
        sheet.paste(shot, (left, 0))
        left += shot.width + GAP
    return sheet.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def main() -> None:
    """Write the pictures of the mails that are named, or of all."""
    silent()
    wanted = set(sys.argv[1:]) or set(CONTEXTS)
    pages = from_rehearsals(wanted)
    for name in wanted - pages.keys():
        pages[name] = renderer("Europe/Amsterdam").render(name, Language.DUTCH, sample(name, TEXT)).html
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for name in sorted(wanted):
            picture(browser, pages[name]).save(FOLDER / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
