"""What scanners of mail do, with a real Chromium: open the links of every mail and press every button untouched."""

import asyncio
import contextlib
import signal
import time
from collections import defaultdict

from playwright.async_api import Browser, Error, async_playwright

from models.tables.asking import Draft
from tests.faults.check import Report
from tests.faults.hostile import CANARY
from tests.faults.journal import own_link, parsed
from tests.faults.world import World
from tests.support.dumped import dump
from tests.web.chromium import CHROMIUM

WINDOWS = 3
PRESS = """() => [...document.forms].filter(form => form.method === 'post').map(form => {
    const buttons = [...form.querySelectorAll('button, input[type=submit]')].filter(one => one.type === 'submit');
    return Promise.all((buttons.length ? buttons : [null]).map(button => {
        form.noValidate = true;
        const data = new FormData(form, button);
        return fetch(form.action, {method: 'POST', body: data}).then(said => said.status);
    }));
})"""
"""Sends every form of the page once for every button, as pressing it does, with what the browser has in its fields."""


async def scan(world: World, seconds: float, report: Report) -> str:
    """Scan for at most so many seconds, one mail of every kind first; returns how many of how many.

    Where not even one of every kind was scanned, the run counts as one that did not do all it was to do.

    Drafts that are hostile stay aside: no browser sent them, and a page has no place for all that stands in them.
    """
    links, kinds = _links(world)
    others = [part for name, part in world.parts.items() if name in {"deliver", "worker"}]
    for part in others:
        part.signal(signal.SIGSTOP)  # what changes now is changed by the pages
    try:
        before = await _rows(world)
        scanned, pressed = await _scan(world, links, seconds, report)
        after = await _rows(world)
    finally:
        for part in others:
            part.signal(signal.SIGCONT)
    aside = {row[:2] for row in before if row[0] == Draft.__tablename__ and CANARY in repr(row)}
    were, are = ({row for row in rows if row[:2] not in aside} for rows in (before, after))
    if were != are:
        report.add("state_diff", f"a scanner that pressed buttons made of {were - are}: {are - were}")
    if scanned < kinds:
        world.unfinished.append(f"scanner {scanned} mails, of {kinds} kinds")
    return f"scanned={scanned}/{len(links)} kinds={kinds} pressed={pressed}"


async def _rows(world: World) -> set[tuple[str, ...]]:
    """Return every row with the name of its table before it."""
    return {(name, *row) for name, rows in (await dump(world.runtime.store)).items() for row in rows}


async def _scan(world: World, links: list[str], seconds: float, report: Report) -> tuple[int, int]:
    until, waiting, scanned, pressed = time.monotonic() + seconds, list(links), 0, 0

    async def window(browser: Browser) -> None:
        nonlocal scanned, pressed
        while waiting and time.monotonic() < until:
            link = waiting.pop(0)
            context = await browser.new_context(locale="nl-NL")
            with contextlib.suppress(Error):  # a page that is gone is no page
                page = await context.new_page()
                await page.goto(f"{world.base}/f/{link}", wait_until="domcontentloaded")
                statuses = await page.evaluate(f"Promise.all(({PRESS})())")
                pressed += sum(len(one) for one in statuses)
                for status in (status for one in statuses for status in one if status >= 500):
                    report.add("corrupt", f"a form sent untouched: status {status}")
                scanned += 1
            await context.close()

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        await asyncio.gather(*(window(browser) for _ in range(WINDOWS)))
        await browser.close()
    return scanned, pressed


def _links(world: World) -> tuple[list[str], int]:
    """Return the links of all mails, the first of every kind before the others, and how many kinds there are."""
    kinds = defaultdict[str, list[str]](list)
    for entry in world.sink.read("mail"):
        mail = parsed(entry)
        if (link := own_link(mail)) is not None:
            kinds[f"{entry['to']} {' '.join(str(mail['Subject']).split()).partition(':')[2]}"].append(link)
    rounds = max((len(one) for one in kinds.values()), default=0)
    found = [one[number] for number in range(rounds) for one in kinds.values() if number < len(one)]
    return list(dict.fromkeys(found)), len(kinds)
