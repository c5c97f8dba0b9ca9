"""Whether anything changed that a page shows: a short text that differs after every change."""

from sqlalchemy import Select, func, or_, select

from models.tables.activities import Activity
from models.tables.mail import Call, CallState
from models.tables.truth import AuditEntry
from sandwich.runtime import Runtime
from sandwich.services.overview import GOES_ON

_LAST = select(func.max(AuditEntry.number)).where(AuditEntry.stream == Activity.id).scalar_subquery()
"""The number of the last change of an activity; it only grows."""


async def pulse_of_region(runtime: Runtime, region_id: str) -> str:
    """Return the pulse of the board of a region."""
    called = select(Call.activity_id).where(Call.state == CallState.OPEN)
    return await _pulse(
        runtime,
        select(func.count(), func.sum(_LAST)).where(
            Activity.region_id == region_id, or_(Activity.status.in_(GOES_ON), Activity.id.in_(called))
        ),
    )


async def pulse_of_activity(runtime: Runtime, region_id: str, activity_id: str) -> str:
    """Return the pulse of one activity; that of nothing where the region has no such activity."""
    mine = Activity.region_id == region_id, Activity.id == activity_id
    return await _pulse(runtime, select(func.count(), func.sum(_LAST)).where(*mine))


async def _pulse(runtime: Runtime, question: Select[int, int]) -> str:
    number, changes = await runtime.store.glance(question)
    return f"{number}.{changes or 0}"
