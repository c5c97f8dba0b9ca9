"""What the tests in a browser share: the region told once, and a copy of it for every file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandwich.settings import Settings
from tests.browser.world import DEMO, World, copied, opened, tell
from tests.web.chromium import need_chromium


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The region on Sunday 22 November 2026; nothing in it is changed."""
    need_chromium()
    return tell(tmp_path_factory.mktemp("told"))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(region: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A copy of the region, served, with a browser."""
    folder: Path = tmp_path_factory.mktemp("copy")
    async with opened(copied(region, folder / DEMO)) as world:
        yield world
