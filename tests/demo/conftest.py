"""A demo installation with its mailbox, and a browser in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI

from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.demo.mailbox import Mailbox
from sandwich.runtime import Runtime
from sandwich.settings import Settings, read_settings
from sandwich.store import Store
from sandwich.web.app import make_app
from tests.support.browser import Browser


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a demo on that database."""
    return read_settings(
        {},
        environment="demo",
        data=tmp_path,
        database_url=database_url,
        secret_key="a key for tests only, 32+ long",
    )


@pytest_asyncio.fixture
async def runtime(settings: Settings, store: Store, library: Library, now: object) -> Runtime:
    """The parts of the demo; the clock stands at ``now``."""
    clock = Clock(store)
    await clock.set(now)  # type: ignore[arg-type]
    return Runtime(settings, store, clock, library)


@pytest.fixture
def box(settings: Settings) -> Mailbox:
    """The demo's mailbox."""
    return Mailbox.of(settings)


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The demo's application."""
    return make_app(runtime)


@pytest_asyncio.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    """A browser on this machine."""
    async with Browser.on(app) as browser:
        yield browser
