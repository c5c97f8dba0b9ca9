"""The one clock. Rules and services get ``now`` passed in; only the edges ask for it here."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.base import UtcDateTime
from models.tables.running import ClockOffset
from sandwich.store import Store

NOW = bindparam("now", type_=UtcDateTime())
"""The moment in what is asked with :meth:`Clock.sees`."""

When = datetime | ColumnElement[datetime]
"""A moment, or the place of one in a question."""

Question = Select[float | None, bool]

_SECONDS = select(ClockOffset.seconds)
OFFSET = _SECONDS.scalar_subquery().label("seconds")
"""How far the clock is ahead, as a column of what is asked anyway."""


def whether(is_so: ColumnElement[bool]) -> Question:
    """Return the question whether something is so at :data:`NOW`, to be made once and asked often."""
    return select(OFFSET, is_so)


class Clock:
    """Real time plus the offset that stands in the database, so that all processes see the same moment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last_seen = timedelta()

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

    async def sees(self, question: Question) -> timedelta | None:
        """Return how far this clock is ahead of real time if what ``question`` asks is so now, else ``None``.

        It takes one trip to the database, or two where the clock was moved.
        """
        while True:
            expected = self._last_seen
            seconds, is_so = await self._store.glance(question, now=self.with_offset(expected))
            self._last_seen = timedelta(seconds=seconds or 0)
            if self._last_seen == expected:
                return expected if is_so else None

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
