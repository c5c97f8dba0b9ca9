"""What scanners of mail do: look at every link again and again, and send every form untouched. Nothing may change."""

import httpx
import pytest
from fastapi import FastAPI

from tests.support.dumped import dump
from tests.web.conftest import browser_of
from tests.web.reading import Page, read
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

MAILED = (
    ("T3", "registration"),
    ("T3", "goals"),
    ("T3", "field-note"),
    ("T3", "teacher-evaluation"),
    ("T2", "attendance"),
    ("T2", "impressions"),
    ("P3", "date-poll"),
    ("P3", "task-division"),
    ("P3", "practical-information"),
    ("P3", "host-evaluation"),
    ("P3", "card-release"),
    ("L1", "approval"),
)
"""Links that stand in mails; what else can be reached is reached from the personal pages."""


async def look(web: httpx.AsyncClient, address: str) -> Page | None:
    """Look at one address as scanners do; returns the page where it is one."""
    for method in ("HEAD", "GET", "GET", "GET", "GET", "GET"):
        answer = await web.request(method, address, headers={"Sec-Purpose": "prefetch"})
        assert answer.status_code < 500
    return read(answer.text) if "text/html" in answer.headers["content-type"] else None


async def send_untouched(web: httpx.AsyncClient, page: Page) -> int:
    """Press every button of every form; returns how many there were."""
    pressed = 0
    for form in page.forms:
        for value, name in (form.buttons or {"": ""}).items():
            data = {**form.fields, **({name: [value]} if name else {})}
            files = {"x": ("", b"")} if form.is_multipart else None
            answer = await web.post(form.action, data=data, files=files)
            # From one question to the next is no more than a link: there is nothing to keep.
            refused = {200} if value in {"next", "back", "whole"} else {403, 404, 409, 422}
            assert answer.status_code in refused, (form.action, answer.status_code)
            pressed += 1
    return pressed


async def crawl(web: httpx.AsyncClient, start: str) -> int:
    """Follow every link from ``start`` within our own site; returns how many buttons were pressed."""
    waiting, seen, pressed = [start], set[str](), 0
    while waiting:
        address = waiting.pop()
        if address in seen or not address.startswith("/") or address.startswith("/static/"):
            continue
        seen.add(address)
        page = await look(web, address)
        if page is not None:
            waiting += [*page.links, *page.sources]
            pressed += await send_untouched(web, page)
    return pressed


async def test_control_04_a_scanner_that_follows_and_sends_everything_changes_nothing(
    app: FastAPI, previewed: Visit
) -> None:
    mailed = [await previewed.token(code, form) for code, form in MAILED]
    personal = [await previewed.personal_token(code) for code in ("T2", "P3", "L1")]
    walls = [f"/wall/{previewed.cast.schools['S1'].wall_key}"]
    before = await dump(previewed.runtime.store)
    pressed = 0
    for token in mailed:
        async with browser_of(app) as web:
            page = await look(web, f"/f/{token}")
            assert page is not None
            pressed += await send_untouched(web, page)
    for address in [*(f"/f/{token}" for token in personal), *walls]:
        async with browser_of(app) as web:
            pressed += await crawl(web, address)
    assert pressed > 50
    assert await dump(previewed.runtime.store) == before


async def test_the_same_scanner_is_noticed_when_it_does_fill_something_in(app: FastAPI, visit: Visit) -> None:
    """The test above must be able to fail: one chosen answer is enough for another dump."""
    before = await dump(visit.runtime.store)
    async with browser_of(app) as web:
        page = read((await web.get(f"/f/{await visit.token('T3', 'registration')}")).text)
        before = await dump(visit.runtime.store)
        await web.post(page.form.action, data=page.form.filled(attend="yes", _action="send"))
    assert await dump(visit.runtime.store) != before
