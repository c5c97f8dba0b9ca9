"""What each worker says of itself, in the database that all of them share: one row each, renewed every few seconds."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.running import Lease
from sandwich.clock import real_now
from sandwich.runtime import Runtime

BOUNDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)
"""Upper bounds in seconds of the classes in which lateness is counted; what is later is in a class of its own."""

TELL_SECONDS = 10.0
"""How often a worker says how it is."""

_SILENT = timedelta(minutes=10)
_PREFIX = "worker-"


@dataclass(frozen=True)
class WorkerFigures:
    """What a worker said last, on which machine it runs, and how many seconds ago that was."""

    name: str
    machine: str
    heard_seconds: float
    figures: Mapping[str, Any]


async def tell(runtime: Runtime, name: str, figures: Mapping[str, Any]) -> None:
    """Write what a worker says of itself, and remove those who have been silent for ten minutes."""
    now = real_now()
    async with runtime.store.maintain() as session:
        row = await session.get(Lease, _PREFIX + name)
        if row is None:
            gone = Lease.name.startswith(_PREFIX), Lease.until < now - _SILENT
            await session.execute(delete(Lease).where(*gone))
            row = Lease(name=_PREFIX + name, holder=socket.gethostname()[:64])
            session.add(row)
        row.until = now
        row.details = dict(figures)


async def fall_silent(runtime: Runtime, name: str) -> None:
    """Remove what a worker said, for it stops in good order."""
    async with runtime.store.maintain() as session:
        await session.execute(delete(Lease).where(Lease.name == _PREFIX + name))


async def told(session: AsyncSession) -> list[WorkerFigures]:
    """Return what every worker said last, also one that died or hangs since."""
    now = real_now()
    rows = await session.scalars(select(Lease).where(Lease.name.startswith(_PREFIX)).order_by(Lease.name))
    return [
        WorkerFigures(row.name.removeprefix(_PREFIX), row.holder, (now - row.until).total_seconds(), row.details)
        for row in rows
    ]
