"""axe-core on a page as it stands: in light on a desk and in dark on a phone, with everything shown that can be."""

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
"""The rules of axe for WCAG 2.2, levels A and AA."""

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}

SEEN = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]
"""Rules whose outcome follows from colours and sizes: what they find in light they need not find in dark."""

MOST = 90
"""Seconds after which axe will not come back."""

_RUN = """async ([only, values]) => {
  const found = await axe.run(document, {
    runOnly: {type: only, values}, rules: only === 'tag' ? {'target-size': {enabled: true}} : {},
    resultTypes: ['violations'], iframes: false, elementRef: false,
  });
  return found.violations.map((rule) => [rule.id, rule.nodes.map((node) =>
    `${node.html.slice(0, 160)} – ${node.failureSummary.split('\\n').slice(1).join('; ').slice(0, 200)}`)]);
}"""

_SHOW_ALL = """() => {
  for (const one of document.querySelectorAll('[data-shown-when]')) {
    one.hidden = false;
    for (const typed of one.querySelectorAll('input, textarea, select')) typed.disabled = false;
  }
  for (const one of document.querySelectorAll('details')) one.open = true;
}"""
"""What stands there without scripts, and what somebody opens."""


async def faults(page: Page) -> list[str]:
    """Return what keeps somebody from using the page as it stands: a line for each rule of WCAG that it breaks.

    It is looked at in light and wide as it opens, then in dark on a phone with everything shown, where it must fit.
    """
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.set_viewport_size(DESK)  # type: ignore[arg-type]
    found = _lines("light", await _run(page, "rule", SEEN))
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await page.evaluate(_SHOW_ALL)
    found += _lines("dark", await _run(page, "tag", WCAG))
    width = await page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        found.append(f"reflow (1.4.10): {width} pixels wide on a phone of {PHONE['width']}")
    return found


async def _run(page: Page, only: str, values: list[str]) -> Any:
    async with asyncio.timeout(MOST):  # where scripts may not run, it would never come back
        return await page.evaluate(_RUN, [only, values])


def _lines(scheme: str, violations: list[tuple[str, list[Any]]]) -> list[str]:
    return [f"{rule} ({scheme}, {len(nodes)}×): {nodes[0]}" for rule, nodes in violations]
