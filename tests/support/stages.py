"""Points of the story at which many tests begin: played once on each kind of database, then copied."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.demo.region import load_region
from sandwich.runtime import Runtime
from sandwich.settings import read_settings
from sandwich.store import Store
from tests.support.databases import Databases, apart

NOW = datetime(2026, 9, 24, 8, 0, tzinfo=UTC)
"""The moment at which tests begin: the first day of activity A1, ten o'clock in Amsterdam."""

ANY_NUMBER = 100
"""Mails in a week for one person: where a cast is in more activities at once than anybody could be."""

SECRET = "a key for tests only, 32+ long"


@dataclass(frozen=True)
class Stage:
    """A point of the story; ``play`` goes there from ``before`` and returns what a test must know of it."""

    name: str
    play: Callable[[Runtime, Any], Awaitable[Any]]
    before: "Stage | None" = None


@dataclass(frozen=True)
class Played:
    """A database at a stage, which nobody is connected to, the moment it is there, and what ``Stage.play`` returned."""

    url: str
    at: datetime
    known: Any


_ONCE: dict[tuple[Databases, Stage], Played] = {}


def played(databases: Databases, library: Library, stage: Stage) -> Played:
    """Return the stage on this kind of database; the first call plays it."""
    key = (databases, stage)
    if key not in _ONCE:
        before = played(databases, library, stage.before) if stage.before else None
        url = databases.copy(before.url) if before else databases.migrated()
        _ONCE[key] = apart(_play(url, library, stage, before))
    return _ONCE[key]


async def _play(url: str, library: Library, stage: Stage, before: Played | None) -> Played:
    store = Store(url, is_throwaway=True)
    settings = read_settings(
        {}, environment="development", database_url=url, secret_key=SECRET, mails_per_week=ANY_NUMBER
    )
    runtime = Runtime(settings, store, Clock(store), library)
    try:
        await runtime.clock.set(before.at if before else NOW)
        known = await stage.play(runtime, before and before.known)
        return Played(url, await runtime.clock.now(), known)
    finally:
        await store.close()


async def _enter_region(runtime: Runtime, _known: None) -> None:
    await load_region(runtime, NOW)


REGION = Stage("region", _enter_region)
"""The region De Grienden is in the store, and nothing else."""
