"""The web application on a real store, a browser's half of the conversation, and what the database holds."""

from collections.abc import AsyncIterator, Iterator
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


_ONCE: dict[str, tuple[str, str]] = {}
"""Per kind of database: a database with the visit, and the id of its activity. It is played once and then copied."""


@pytest.fixture
def database_url(databases: Databases, library: Library, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database: with the visit where the test asks for it, else with tables only."""
    if "visit" in request.fixturenames:
        kind = type(databases).__name__
        if kind not in _ONCE:
            url = databases.migrated()
            _ONCE[kind] = (url, apart(_played(url, library)))
        url = databases.copy(_ONCE[kind][0])
    else:
        url = databases.migrated()
    yield url
    databases.forget(url)


async def _played(url: str, library: Library) -> str:
    store = Store(url)
    settings = read_settings({}, environment="development", database_url=url, secret_key=SECRET)
    runtime = Runtime(settings, store, Clock(store), library)
    await runtime.clock.set(NOW)
    visit = await Visit.start(runtime, await Cast.enter(runtime, NOW))
    await visit.date_agreed()
    await visit.run(TODAY)
    await store.close()
    return visit.activity_id


@pytest_asyncio.fixture
async def visit(runtime: Runtime, databases: Databases) -> Visit:
    """Activity A1 on Friday 9 October: the date is agreed, teachers are asked for goals, the host for the tasks."""
    await runtime.clock.set(TODAY)
    return Visit(runtime, await Cast.read(runtime), _ONCE[type(databases).__name__][1])


async def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with store.read() as session:
        for table in Table.metadata.sorted_tables:
            rows = await session.execute(select(table))
            found[table.name] = sorted((tuple(map(repr, row)) for row in rows), key=repr)
    return found
