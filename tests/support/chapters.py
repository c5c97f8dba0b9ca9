"""Plays that many tests begin with: told once up to a chapter, from which every test goes on in a copy.

``stage`` and ``play`` are the fixtures; a ``conftest`` that imports them offers both.
"""

from collections.abc import Awaitable, Callable
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


def begun(name: str, tell: Callable[[Runtime, Cast], Awaitable[Play]]) -> Stage:
    """Return the chapter that ``tell`` begins a play with, in the region."""

    async def begin(runtime: Runtime, _known: None) -> dict[str, Any]:
        return _kept(await tell(runtime, await Cast.read(runtime)))

    return Stage(name, begin, REGION)


def then(before: Stage, name: str, tell: Callable[[Play], Awaitable[object]]) -> Stage:
    """Return the chapter that ends where ``tell`` has gone on from the chapter ``before``."""

    async def go_on(runtime: Runtime, known: dict[str, Any]) -> dict[str, Any]:
        play = Play(runtime, cast=await Cast.read(runtime), **deepcopy(known))
        await tell(play)
        return _kept(play)

    return Stage(name, go_on, before)


def _kept(play: Play) -> dict[str, Any]:
    """Return what a play knows besides the installation that it is played on."""
    return deepcopy({name: value for name, value in vars(play).items() if name not in {"runtime", "cast"}})


CHAPTERS = {"begin": begun("begin", Play.begin)}
"""Those of activity A1, by their name in the driver; each begins where the one before it ended."""

for _name, _before, _tell in (
    ("turn", "begin", Play.turn),
    ("with_date", "turn", Play.with_date),
    ("asked", "with_date", Play.asked),
    ("ready", "asked", Play.ready),
    ("held", "ready", Play.held),
    ("afterwards", "held", Play.afterwards),
):
    CHAPTERS[_name] = then(CHAPTERS[_before], _name, _tell)


@pytest.fixture
def stage(request: pytest.FixtureRequest, stage: Stage | None) -> Stage | None:
    """The chapter that the test of a ``play`` is marked with, or the beginning of A1."""
    return chapter_of(request) or stage


def chapter_of(request: pytest.FixtureRequest) -> Stage | None:
    """Return the chapter that a test of a ``play`` begins with; ``None`` for any other."""
    if "play" not in request.fixturenames:
        return None
    marked = request.node.get_closest_marker("chapter")
    chapter = marked.args[0] if marked else "begin"
    return chapter if isinstance(chapter, Stage) else CHAPTERS[chapter]


@pytest_asyncio.fixture
async def play(runtime: Runtime, cast: Cast, databases: Databases, library: Library, stage: Stage) -> Play:
    """Activity A1 at the end of ``@pytest.mark.chapter("asked")``, where it has just begun without a mark; or the play
    of a stage that the mark names.
    """
    found = played(databases, library, stage)
    await runtime.clock.set(found.at)
    return Play(runtime, cast=cast, **deepcopy(found.known))
