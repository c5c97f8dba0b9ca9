"""The web application on a real store, a browser's half of the conversation, and what the database holds."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from sandwich.web.app import make_app
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.stages import REGION, Stage, played
from tests.web.story import to_the_day, to_the_preview
from tests.web.visit import Visit, local

TODAY = local("2026-10-09 12:00")


@pytest_asyncio.fixture
async def app(runtime: Runtime) -> FastAPI:
    """The application."""
    return make_app(runtime)


@pytest_asyncio.fixture
async def web(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser with a cookie jar, which speaks Dutch and follows redirects."""
    async with browser_of(app) as client:
        yield client


def browser_of(app: FastAPI, base_url: str = "http://127.0.0.1:8000") -> httpx.AsyncClient:
    """Return another browser."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url=base_url,
        follow_redirects=True,
        headers={"Accept-Language": "nl-NL,nl;q=0.9", "Accept": "text/html"},
    )


async def _asked(runtime: Runtime, _known: None) -> str:
    visit = await Visit.start(runtime, await Cast.read(runtime))
    await visit.date_agreed()
    await visit.run(TODAY)
    return visit.activity_id


async def _after_the_day(runtime: Runtime, activity_id: str) -> str:
    visit = Visit(runtime, await Cast.read(runtime), activity_id)
    await to_the_day(visit)
    await visit.run(local("2026-11-11 12:00"))
    return activity_id


async def _previewed(runtime: Runtime, activity_id: str) -> str:
    await to_the_preview(Visit(runtime, await Cast.read(runtime), activity_id))
    return activity_id


ASKED = Stage("visit", _asked, REGION)
AFTER_THE_DAY = Stage("after_the_day", _after_the_day, ASKED)
STAGES = (ASKED, AFTER_THE_DAY, Stage("previewed", _previewed, AFTER_THE_DAY))
"""The activity at the stages that have a fixture of that name."""


@pytest.fixture
def stage(request: pytest.FixtureRequest, stage: Stage | None) -> Stage | None:
    """The stage of the activity that the test asks for, if any."""
    return next((one for one in STAGES if one.name in request.fixturenames), stage)


async def _copied(runtime: Runtime, databases: Databases, library: Library, stage: Stage, now: datetime) -> Visit:
    await runtime.clock.set(now)
    return Visit(runtime, await Cast.read(runtime), played(databases, library, stage).known)


@pytest_asyncio.fixture
async def visit(runtime: Runtime, databases: Databases, library: Library, stage: Stage) -> Visit:
    """Activity A1 on Friday 9 October: the date is agreed, teachers are asked for goals, the host for the tasks."""
    return await _copied(runtime, databases, library, stage, TODAY)


@pytest_asyncio.fixture
async def after_the_day(runtime: Runtime, databases: Databases, library: Library, stage: Stage) -> Visit:
    """Activity A1 on Wednesday 11 November: the evaluations and impressions are asked."""
    return await _copied(runtime, databases, library, stage, local("2026-11-11 12:00"))


@pytest_asyncio.fixture
async def previewed(runtime: Runtime, databases: Databases, library: Library, stage: Stage) -> Visit:
    """Activity A1 on Wednesday 18 November: the host is asked whether the card may be shared."""
    return await _copied(runtime, databases, library, stage, local("2026-11-18 12:00"))
