"""The one clock. Rules and services get ``now`` passed in; only the edges ask for it here."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.running import ClockOffset
from sandwich.store import Store

_SECONDS = select(ClockOffset.seconds)


class Clock:
    """Real time plus the offset that stands in the database, so that all processes see the same moment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def offset(self, session: AsyncSession | None = None) -> timedelta:
        """Return how far this clock is ahead of real time; zero outside demo and tests.

        ``session`` is one that is open already, which saves a transaction.
        """
        if session is None:
            async with self._store.read() as own:
                return await self.offset(own)
        return timedelta(seconds=await session.scalar(_SECONDS) or 0)

    async def now(self, session: AsyncSession | None = None) -> datetime:
        """Return the moment that it is for activities and people, in UTC; ``session`` as for :meth:`offset`."""
        return self.with_offset(await self.offset(session))

    def with_offset(self, ahead: timedelta) -> datetime:
        """Return the moment that it is, by an offset that was read a little earlier."""
        return real_now() + ahead

    async def set(self, moment: datetime) -> None:
        """Put the clock at ``moment``, from where it runs on at the pace of real time."""
        ahead = (moment - real_now()).total_seconds()
        async with self._store.maintain() as session:
            row = await session.get(ClockOffset, 1)
            if row is None:
                session.add(ClockOffset(id=1, seconds=ahead))
            else:
                row.seconds = ahead


def real_now() -> datetime:
    """Return real time in UTC: for Prefect, TLS, cookies and leases, which the moved clock does not touch."""
    return datetime.now(UTC)
