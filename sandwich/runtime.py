"""What every process opens once: settings, store, clock and the library of playbooks and forms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from sandwich.clock import Clock, real_now
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.settings import Settings, read_settings
from sandwich.store import Store
from sandwich.store.audit import TRAIL
from sandwich.store.belonging import ensure_own
from sandwich.store.scope import Scope, of_region


@dataclass(frozen=True)
class Runtime:
    """The parts that services work with."""

    settings: Settings
    store: Store
    clock: Clock
    library: Library

    def narrowed(self, scope: Scope) -> "Runtime":
        """Return the same parts for whoever may see no more than ``scope``; the clock is everybody's."""
        return replace(self, store=self.store.narrowed(scope))

    def for_region(self, region_id: str) -> "Runtime":
        """Return the same parts for whoever may see a whole region."""
        return self.narrowed(of_region(region_id))

    def for_nobody(self) -> "Runtime":
        """Return the same parts, whose store raises ``NoScope`` until they are narrowed."""
        return replace(self, store=self.store.for_nobody())

    async def ensure_own(self) -> None:
        """Return when the database is ours; raises ``OtherInstallation`` where it was made with another secret key."""
        await ensure_own(self.store, self.settings.secret_key.get_secret_value())

    @asynccontextmanager
    async def change(self, *, actor: str, stream: str) -> AsyncIterator[tuple[AsyncSession, datetime]]:
        """Open an audited transaction that has ``stream`` to itself, with the moment that it is by then.

        For who acts by the clock and not for a person: the clock is read in the transaction, which saves one.
        """
        async with self.store.change(now=real_now(), actor=actor, stream=stream) as session:
            now = await self.clock.now(session)
            session.info[TRAIL].at = now
            yield session, now

    async def close(self) -> None:
        """Let go of the database."""
        await self.store.close()


def open_runtime(settings: Settings) -> Runtime:
    """Open the parts that ``settings`` describe, for the whole installation; connects to nothing yet."""
    store = Store(settings.store_url)
    return Runtime(settings, store, Clock(store), open_library(settings))


def open_library(settings: Settings) -> Library:
    """Load all forms and playbooks, from this repository and from the folders that the settings name."""
    library = Library.load(_folders(settings.forms))
    return replace(library, playbooks=load_playbooks(library, _folders(settings.playbooks)))


_runtimes: dict[str, Runtime] = {}


async def runtime() -> Runtime:
    """Return the one runtime of this process, opened from the environment at the first call.

    Raises ``OtherInstallation`` where the database is not ours.
    """
    if "own" not in _runtimes:
        opened = open_runtime(read_settings())
        await opened.ensure_own()
        _runtimes.setdefault("own", opened)
    return _runtimes["own"]


def _folders(paths: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in paths.split(":") if path)
