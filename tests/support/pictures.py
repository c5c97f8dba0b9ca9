"""Take the pictures of ``docs/pictures`` anew, from demos of their own: ``python -m tests.support.pictures``.

``board`` and ``form`` show the visit of the README; the others (see ``faces.py``) the whole region.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e import story as told
from tests.e2e.story import FIRST, Story
from tests.e2e.test_company_visit import approve
from tests.e2e.world import a_world, as_json
from tests.support import faces
from tests.web.chromium import CHROMIUM

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
INVITED = "ga je mee op donderdag 5 november?"
GOALS = "wat wil jij leren?"


def play(story: Story) -> None:
    """Bring the visit to the moment at which the host has answered with a proposal of its own."""
    world = story.world
    story.logs_in()
    story.activity = as_json(world.sandwich("status", "--json"))[0]["id"]
    world.go("2026-09-28 11:00")
    dates = {"dates.date-1.answer": "suits", "dates.date-2.answer": "impossible", "dates.date-3.answer": "if-needed"}
    story.answers("P3", "kunt u 12 docenten ontvangen?", dict(dates))
    world.go("2026-10-01 14:00")
    for teacher in FIRST:
        story.answers(teacher, INVITED, {"attend": "yes"})
    for leader in ("L1", "L3"):
        approve(story, leader, "mogen 2 docenten mee?")
    world.go("2026-10-08 15:00")
    for teacher in ("T2", "T3", "T4", "T6", "T7"):
        story.answers(teacher, GOALS, told.goals(teacher))
    world.go("2026-10-13 11:00")
    story.answers("P3", "wie doet wat?", told.terms("changes", group="8"))


def photograph(browser: Browser, story: Story) -> None:
    """Take the pictures."""
    board = browser.new_page(viewport={"width": 1160, "height": 600}, device_scale_factor=1.5)
    board.context.add_cookies(
        [
            {"name": cookie.name, "value": cookie.value or "", "domain": "127.0.0.1", "path": cookie.path}
            for cookie in story.desk.client.cookies.jar
        ]
    )
    board.goto(f"{story.world.base}/board")
    board.screenshot(path=PICTURES / "board.png", full_page=True)
    phone = browser.new_page(viewport={"width": 420, "height": 860}, device_scale_factor=1.5)
    phone.goto(story.mail("T8", GOALS).link())
    phone.screenshot(path=PICTURES / "form.png")


def main() -> None:
    """Start a demo, play, take the pictures, stop; then those of the region."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with tempfile.TemporaryDirectory(prefix="sandwich-pictures-") as folder, a_world(Path(folder)) as world:
            story = Story(world)
            play(story)
            photograph(browser, story)
        with (
            tempfile.TemporaryDirectory(prefix="sandwich-faces-") as folder,
            a_world(Path(folder), "--region") as world,
        ):
            faces.photograph(browser, world, PICTURES)
        browser.close()


if __name__ == "__main__":
    main()
