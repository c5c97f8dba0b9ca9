"""The demo's own pages: where it begins, who may reach it, and that only a demo has them."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.errors import SettingsInvalid
from sandwich.runtime import Runtime
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.web.app import make_app
from tests.support.browser import BASE, Browser
from tests.support.cast import Cast
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

DEMO_PAGES = ("/demo/mailbox", "/demo/clock", "/demo/mailbox/1")


async def test_every_page_says_that_this_is_a_demo(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    visit = await Visit.start(runtime, cast)
    await visit.run()
    token = await visit.token("P3", "date-poll")

    for address in ("/", "/demo/mailbox", "/demo/clock", "/login", f"/f/{token}", "/nergens"):
        page = await browser.open(address)
        assert "Dit is een demo" in page.text, address


async def test_one_press_signs_in_as_the_coordinator(browser: Browser, cast: Cast) -> None:
    page = await browser.open("/")
    assert "Kijk als Jolanda Meerdink" in page.text

    page = await browser.send(page, "/demo/login", press=f"person={cast.id('C1')}")

    assert browser.path == "/board"
    assert "Jolanda" in page.text


async def test_one_press_signs_in_as_no_other_person_and_from_no_other_page(browser: Browser, cast: Cast) -> None:
    page = await browser.open("/")

    teacher = await browser.send(page, "/demo/login", press=f"person={cast.id('T3')}")
    assert browser.status == 403
    assert "Erik" not in teacher.text
    form = page.form("/demo/login").filled({})
    foreign = await browser.client.post(
        "/demo/login", data={**form, "person": cast.id("C1")}, headers={"origin": "https://evil.example"}
    )
    bare = await browser.client.post("/demo/login", data={"person": cast.id("C1")}, headers={"origin": BASE})
    assert (foreign.status_code, bare.status_code) == (403, 403)
    await browser.open("/board")
    assert browser.path == "/login"


async def test_the_start_page_leads_everywhere(browser: Browser, cast: Cast) -> None:
    page = await browser.open("/")

    links = [href for href, _ in page.links]
    for wanted in ("/demo/mailbox", "/demo/clock", "/board", f"/wall/{cast.schools['S1'].wall_key}"):
        assert wanted in links
    assert "http://127.0.0.1:4200" in links
    assert "/prefect-secret" in page.text


async def test_another_machine_is_refused(app: FastAPI) -> None:
    async with Browser.on(app, host="192.0.2.7") as outside:
        for address in ("/", *DEMO_PAGES):
            await outside.open(address)
            assert outside.status == 403, address


async def test_a_demo_that_others_could_reach_does_not_start(
    store: Store, library: Library, tmp_path: Path, database_url: str
) -> None:
    settings = read_settings(
        {}, environment="demo", data=tmp_path, database_url=database_url, secret_key="k" * 40, host="0.0.0.0"
    )

    with pytest.raises(SettingsInvalid, match="SANDWICH_HOST"):
        make_app(Runtime(settings, store, Clock(store), library))


async def test_only_a_demo_has_these_pages(
    store: Store, library: Library, tmp_path: Path, database_url: str, cast: Cast
) -> None:
    settings = read_settings(
        {}, environment="development", data=tmp_path, database_url=database_url, secret_key="k" * 40
    )
    app = make_app(Runtime(settings, store, Clock(store), library))

    async with Browser.on(app) as browser:
        for address in DEMO_PAGES:
            await browser.open(address)
            assert browser.status == 404, address
        answer = await browser.client.post("/demo/login", data={"person": cast.id("C1")}, headers={"origin": BASE})
        assert answer.status_code == 404
        page = await browser.open("/")
        assert browser.path == "/login"
        assert "demo" not in page.text.lower()
