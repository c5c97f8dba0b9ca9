"""An installation for one rehearsal: a folder and a database of its own, and a clock that stands still until it is put.

Nothing of it is left when the rehearsal is over, however it ends.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.base import counted_ids
from models.text import Language
from sandwich.clock import Clock, real_now
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.store.migrate import upgrade

_SECRET = "a rehearsal reaches nobody, 32+ long"  # noqa: S105 - of a database that is thrown away
DOMAIN = "rehearsal.example"
ZONE = ZoneInfo("Europe/Amsterdam")


class StandingClock(Clock):
    """A clock that stands at the moment that it was put at, so that how fast a machine works changes nothing."""

    def __init__(self, store: Store, moment: datetime) -> None:
        """Begin at ``moment``."""
        super().__init__(store)
        self._moment = moment.astimezone(UTC)

    async def offset(self, session: AsyncSession | None = None) -> timedelta:
        """Return how far this clock is ahead of real time."""
        return self._moment - real_now()

    async def now(self, session: AsyncSession | None = None) -> datetime:
        """Return the moment that it stands at."""
        return self._moment

    def with_offset(self, _ahead: timedelta) -> datetime:
        """Return the moment that it stands at, however long ago the offset was read."""
        return self._moment

    async def set(self, moment: datetime) -> None:
        """Put the clock at ``moment``."""
        self._moment = moment.astimezone(UTC)


@asynccontextmanager
async def installation(library: Library, begins: datetime, language: Language) -> AsyncIterator[Runtime]:
    """Give an empty installation whose clock stands at ``begins``; identifiers count up in it."""
    with tempfile.TemporaryDirectory(prefix="sandwich-rehearsal-") as folder, counted_ids():
        url = f"sqlite+aiosqlite:///{Path(folder) / 'rehearsal.db'}"
        await upgrade(url)
        settings = read_settings(
            {},
            environment="development",
            data=Path(folder),
            database_url=url,
            secret_key=_SECRET,
            language=language,
            timezone=ZONE.key,
            mail_from=f"sandwich@{DOMAIN}",
        )
        store = Store(url, is_throwaway=True)
        try:
            yield Runtime(settings, store, StandingClock(store, begins), library)
        finally:
            await store.close()
