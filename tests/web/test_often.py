"""Who sends more than people do is asked to wait, and nobody else with them."""

import httpx
import pytest
from fastapi import FastAPI

from sandwich.web.limits import BodyLimit
from sandwich.web.rate import Turnstile, Window
from tests.web.conftest import browser_of
from tests.web.reading import read
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


@pytest.fixture
def few(app: FastAPI) -> Turnstile:
    """The application with room for three of everything."""
    turnstile: Turnstile = app.state.turnstile
    turnstile.links, turnstile.walls, turnstile.misses = (Window(3, 60) for _ in range(3))
    return turnstile


async def test_control_18_who_tries_links_is_told_to_wait_and_links_still_open(
    app: FastAPI, web: httpx.AsyncClient, visit: Visit, few: Turnstile
) -> None:
    token = await visit.token("T3", "goals")
    tried = [(await web.get(f"/f/{'x' * 40}{number}")).status_code for number in range(5)]
    assert tried == [404, 404, 404, 429, 429]
    wall = await web.get("/wall/nonsense", headers={"Accept-Language": "en"})
    assert (wall.status_code, "Wait a quarter of an hour" in wall.text) == (429, True)
    assert (await web.get(f"/f/{token}")).status_code == 200, "a colleague at the same address"


async def test_control_18_one_link_sends_no_more_than_people_do_and_another_still_can(
    app: FastAPI, web: httpx.AsyncClient, visit: Visit, few: Turnstile
) -> None:
    page = read((await web.get(f"/f/{await visit.token('T3', 'goals')}")).text)
    sent = [(await web.post(page.form.action, data=page.form.fields)).status_code for _ in range(5)]
    assert sent == [422, 422, 422, 429, 429]
    async with browser_of(app) as other:
        page = read((await other.get(f"/f/{await visit.token('T2', 'goals')}")).text)
        assert (await other.post(page.form.action, data=page.form.fields)).status_code == 422


async def test_control_18_the_wall_of_one_school_takes_no_more_than_people_send(
    web: httpx.AsyncClient, visit: Visit, few: Turnstile
) -> None:
    sent = [(await web.post("/wall/one/card", data={"useful": "yes"})).status_code for _ in range(5)]
    assert sent == [404, 404, 404, 429, 429]
    assert (await web.post("/wall/another/card", data={"useful": "yes"})).status_code != 200


async def test_control_18_a_body_that_does_not_come_is_not_waited_for() -> None:
    heard: list[str] = []

    async def app(_scope: object, receive: object, _send: object) -> None:
        try:
            await receive()  # type: ignore[operator]
        except Exception as error:
            heard.append(type(error).__name__)

    async def never() -> None:
        import asyncio

        await asyncio.Event().wait()

    await BodyLimit(app, pause=0.05)({"type": "http", "headers": []}, never, never)  # type: ignore[arg-type]
    assert heard == ["BodyTooSlow"]
