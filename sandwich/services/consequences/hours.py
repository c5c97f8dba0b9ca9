"""Hours that people gave: estimated first, confirmed later."""

from sqlalchemy import select

from models.tables.results import Hours, HoursKind
from sandwich.services.consequences.received import Received


async def estimate(received: Received, kind: HoursKind, hours: float, person_id: str | None = None) -> None:
    """Write an estimate of one's own hours, or of another's, unless the hours were confirmed already."""
    await _write(received, kind, hours, confirmed=False, by=None, person_id=person_id)


async def confirm(received: Received, kind: HoursKind, hours: float, by: str | None) -> None:
    """Write confirmed hours over whatever stood there."""
    await _write(received, kind, hours, confirmed=True, by=by)


async def _write(
    received: Received,
    kind: HoursKind,
    hours: float,
    *,
    confirmed: bool,
    by: str | None,
    person_id: str | None = None,
) -> None:
    activity_id, person_id = received.loaded.activity.id, person_id or received.participation.person_id
    row = await received.session.scalar(
        select(Hours).where(Hours.activity_id == activity_id, Hours.kind == kind, Hours.person_id == person_id)
    )
    if row is None:
        row = Hours(activity_id=activity_id, kind=kind, person_id=person_id, hours=hours, stated_at=received.now)
        received.session.add(row)
    elif row.is_confirmed and not confirmed:
        return
    row.hours = hours
    row.is_confirmed = confirmed
    row.confirmed_by = by
    row.stated_at = received.now
