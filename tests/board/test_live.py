"""The board tells open pages that something changed, and nothing else."""

import asyncio
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.network import School
from models.tables.running import WebSession
from sandwich.runtime import Runtime
from sandwich.services.pulse import pulse_of_activity, pulse_of_region
from sandwich.web.board.live import Lines
from tests.support.browser import Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def test_the_pulse_of_board_and_activity_changes_with_every_change_and_not_without(
    runtime: Runtime, visit: Visit
) -> None:
    region = visit.cast.region.id

    async def pulses() -> tuple[str, str]:
        return await pulse_of_region(runtime, region), await pulse_of_activity(runtime, region, visit.activity_id)

    before = await pulses()
    assert await pulses() == before
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(School, visit.cast.schools["S1"].id)).name = "Anders"
    assert await pulses() == before, "a change of something else"
    async with runtime.store.change(now=await runtime.clock.now(), actor="test", stream=visit.activity_id) as session:
        (await session.get_one(Activity, visit.activity_id)).title = "Anders"
    after = await pulses()
    assert (after[0] != before[0], after[1] != before[1]) == (True, True)


async def test_another_region_feels_no_pulse(runtime: Runtime, visit: Visit) -> None:
    nothing = await pulse_of_region(runtime, "another")
    assert nothing == await pulse_of_activity(runtime, "another", visit.activity_id)
    assert nothing == "0.0"


async def test_a_line_tells_at_once_then_only_changes_and_closes_when_told_to() -> None:
    lines, seen = Lines(), iter(["1", "1", "2", "2"])

    async def look() -> str:
        found = next(seen, None)
        if found is None:
            lines.close()
        return found or "2"

    told = [event async for event in lines.tell(look)]
    assert told == ["data: 1\n\n", "data: 2\n\n"]
    assert lines.open == 0


async def test_whoever_is_signed_out_is_told_nothing(browser: Browser, visit: Visit) -> None:
    await browser.open("/board/live")
    assert browser.status == 204


async def test_an_open_page_keeps_nobody_signed_in(
    app: FastAPI, jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    async with runtime.store.maintain() as session:
        row = (await session.scalars(select(WebSession))).one()
        used = row.used_at = row.used_at - timedelta(hours=1)

    async def used_at() -> object:
        async with runtime.store.read() as session:
            return (await session.scalars(select(WebSession.used_at))).one()

    answer = await jolanda.client.get("/board", headers={"x-read-anew": "1"})
    assert answer.status_code == 200
    assert await used_at() == used
    asyncio.get_running_loop().call_later(0.2, app.state.lines.close)
    answer = await jolanda.client.get("/board/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("data: ")
    assert await used_at() == used
    await jolanda.open("/board")
    assert await used_at() != used
