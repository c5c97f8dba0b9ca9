"""The web application on a real store, a browser's half of the conversation, and what the database holds."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select

from models.tables import Table
from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.web.app import make_app
from tests.conftest import NOW
from tests.support.cast import Cast
from tests.support.databases import Databases, apart
from tests.web.story import to_the_day, to_the_preview
from tests.web.visit import Visit, local

SECRET = "a key for tests only, 32+ long"
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


_ONCE: dict[tuple[str, str], tuple[str, str]] = {}
"""Per kind of database and stage: a database at that stage and the id of its activity, played once and then copied."""


async def _asked(visit: Visit) -> None:
    """Friday 9 October: the date is agreed, teachers are asked for goals, the host for the tasks."""
    await visit.date_agreed()
    await visit.run(TODAY)


async def _after_the_day(visit: Visit) -> None:
    """Wednesday 11 November: the visit has been, the evaluations and impressions are asked."""
    await to_the_day(visit)
    await visit.run(local("2026-11-11 12:00"))


async def _previewed(visit: Visit) -> None:
    """Wednesday 18 November: the host is asked whether the card may be shared."""
    await to_the_preview(visit)


STAGES = {"visit": _asked, "after_the_day": _after_the_day, "previewed": _previewed}
"""Fixtures that are the activity at a stage; each begins where the one before it ended."""


@pytest.fixture
def database_url(databases: Databases, library: Library, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database: with the activity at the stage that the test asks for, else with tables only."""
    wanted = next((stage for stage in STAGES if stage in request.fixturenames), None)
    url = databases.copy(_at(databases, library, wanted)[0]) if wanted else databases.migrated()
    yield url
    databases.forget(url)


def _at(databases: Databases, library: Library, stage: str) -> tuple[str, str]:
    key = (type(databases).__name__, stage)
    if key not in _ONCE:
        stages = list(STAGES)
        before = stages[stages.index(stage) - 1] if stages.index(stage) else None
        start = databases.copy(_at(databases, library, before)[0]) if before else databases.migrated()
        activity_id = _at(databases, library, before)[1] if before else None
        _ONCE[key] = (start, apart(_play(start, library, stage, activity_id)))
    return _ONCE[key]


async def _play(url: str, library: Library, stage: str, activity_id: str | None) -> str:
    store = Store(url)
    settings = read_settings({}, environment="development", database_url=url, secret_key=SECRET)
    runtime = Runtime(settings, store, Clock(store), library)
    if activity_id is None:
        await runtime.clock.set(NOW)
        visit = await Visit.start(runtime, await Cast.enter(runtime, NOW))
    else:
        visit = Visit(runtime, await Cast.read(runtime), activity_id)
    await STAGES[stage](visit)
    await store.close()
    return visit.activity_id


async def _copied(runtime: Runtime, databases: Databases, stage: str, now: datetime) -> Visit:
    await runtime.clock.set(now)
    return Visit(runtime, await Cast.read(runtime), _ONCE[type(databases).__name__, stage][1])


@pytest_asyncio.fixture
async def visit(runtime: Runtime, databases: Databases) -> Visit:
    """Activity A1 on Friday 9 October: the date is agreed, teachers are asked for goals, the host for the tasks."""
    return await _copied(runtime, databases, "visit", TODAY)


@pytest_asyncio.fixture
async def after_the_day(runtime: Runtime, databases: Databases) -> Visit:
    """Activity A1 on Wednesday 11 November: the evaluations and impressions are asked."""
    return await _copied(runtime, databases, "after_the_day", local("2026-11-11 12:00"))


@pytest_asyncio.fixture
async def previewed(runtime: Runtime, databases: Databases) -> Visit:
    """Activity A1 on Wednesday 18 November: the host is asked whether the card may be shared."""
    return await _copied(runtime, databases, "previewed", local("2026-11-18 12:00"))


async def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with store.read() as session:
        for table in Table.metadata.sorted_tables:
            rows = await session.execute(select(table))
            found[table.name] = sorted((tuple(map(repr, row)) for row in rows), key=repr)
    return found
