"""Try a change without making it: the change itself, in a transaction that is thrown away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sandwich.runtime import Runtime

ACTOR = "preview"
"""Who does what is only tried; it never stands in the audit log."""


class _Undone(Exception):
    """Ends the transaction of a trial."""


@asynccontextmanager
async def trial(runtime: Runtime, activity_id: str, now: datetime) -> AsyncIterator[AsyncSession]:
    """Open a change of an activity that is undone at the end of the block, whatever happened in it."""
    try:
        async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
            yield session
            raise _Undone
    except _Undone:
        pass
