"""What the first view of the main pages weighs, and how soon a slow phone shows it.

Bytes are asserted, times are not: ``make web-speed`` takes them too, and writes both to ``docs/performance-web.txt``.
"""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.forms import ask_everything
from tests.browser.world import COORDINATOR, World

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

KEPT = Path(__file__).parents[2] / "docs" / "performance-web.txt"
MOST = 60_000
"""Bytes over the wire of a form, with everything of its first view."""

KEEPS = bool(os.environ.get("KEEP_SPEED"))
"""Whether times are taken as well."""

SLOWER = 4
"""How many times slower than this machine the phone is."""

_WATCH = """() => new Promise((done) => {
  let paint = 0, shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) paint = one.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver((list) => { for (const one of list.getEntries()) shift += one.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done([paint, shift]), 100);
})"""


async def measured(page: Page, address: str) -> tuple[int, float, float]:
    """Open a page with nothing kept; returns bytes over the wire, largest contentful paint (ms) and layout shift.

    Where times are not taken, both are 0.
    """
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if KEEPS:
        await line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await page.goto(address, wait_until="load")
    paint, shift = await page.evaluate(_WATCH) if KEEPS else (0, 0)
    await line.detach()
    return round(sum(sizes)), paint, shift


async def test_what_the_first_view_weighs(world: World) -> None:
    phone = await (await world.site.context()).new_page()
    found: dict[str, tuple[int, float, float]] = {}
    for one in await ask_everything(world.runtime):
        if one.variant is None:
            address = await world.link(one.participation_id, one.invitation_id)
            form = (await phone.request.get(address)).url
            found[f"form {one.form}"] = await measured(phone, form)
            if "personal page" not in found:
                found["personal page"] = await measured(phone, f"{form}/all")
    forms = {name: size for name, (size, _, _) in found.items() if name.startswith("form ")}
    await phone.goto(f"{world.site.address}/")
    wall = await phone.locator("a[href^='/wall/']").first.get_attribute("href")
    await phone.get_by_role("button", name=COORDINATOR).click()
    for path in ("/board", "/board/companies", "/board/start", str(wall)):
        found[path if path != wall else "/wall"] = await measured(phone, f"{world.site.address}{path}")
    if KEEPS:
        KEPT.write_text(_table(found), encoding="utf-8")
    assert len(forms) > 30
    assert min(forms.values()) > 5_000, "page, style and script"
    assert {name: size for name, size in forms.items() if size > MOST} == {}


def _table(found: dict[str, tuple[int, float, float]]) -> str:
    lines = [
        f"Written by `make web-speed`: Chromium {SLOWER} times slower than this machine, 360 pixels wide.",
        "Bytes over the wire of the first view, largest contentful paint (ms), cumulative layout shift.",
        "",
        f"{'':40}{'bytes':>8}{'paint':>8}{'shift':>8}",
        *(f"{name:40}{size:8}{paint:8.0f}{shift:8.3f}" for name, (size, paint, shift) in sorted(found.items())),
    ]
    return "\n".join(lines) + "\n"
