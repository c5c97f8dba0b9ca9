"""Activity A1, played up to the chapter that a test begins with."""

from copy import deepcopy
from typing import Any

import pytest
import pytest_asyncio

from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.driver import Play
from tests.support.stages import REGION, Stage, played


async def _begin(runtime: Runtime, _known: None) -> dict[str, Any]:
    return _kept(await Play.begin(runtime, await Cast.read(runtime)))


def _chapter(name: str, before: Stage) -> Stage:
    async def tell(runtime: Runtime, known: dict[str, Any]) -> dict[str, Any]:
        play = Play(runtime, cast=await Cast.read(runtime), **deepcopy(known))
        await getattr(play, name)()
        return _kept(play)

    return Stage(name, tell, before)


def _kept(play: Play) -> dict[str, Any]:
    """Return what a play knows besides the installation that it is played on."""
    return deepcopy({name: value for name, value in vars(play).items() if name not in {"runtime", "cast"}})


CHAPTERS = {"begin": Stage("begin", _begin, REGION)}
"""By their name in the driver; each begins where the one before it ended."""

for _name, _before in (
    ("turn", "begin"),
    ("with_date", "turn"),
    ("asked", "with_date"),
    ("ready", "asked"),
    ("held", "ready"),
    ("afterwards", "held"),
):
    CHAPTERS[_name] = _chapter(_name, CHAPTERS[_before])


@pytest.fixture
def stage(request: pytest.FixtureRequest, stage: Stage | None) -> Stage | None:
    """The chapter that the test of a ``play`` is marked with, or its beginning."""
    if "play" not in request.fixturenames:
        return stage
    marked = request.node.get_closest_marker("chapter")
    return CHAPTERS[marked.args[0] if marked else "begin"]


@pytest_asyncio.fixture
async def play(runtime: Runtime, cast: Cast, databases: Databases, library: Library, stage: Stage) -> Play:
    """Activity A1 at the end of ``@pytest.mark.chapter("asked")``; without a mark it has just begun."""
    found = played(databases, library, stage)
    await runtime.clock.set(found.at)
    return Play(runtime, cast=cast, **deepcopy(found.known))
