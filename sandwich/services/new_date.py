"""One tap after something was called off: would you like a new date?"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Submission
from sandwich.services.calls import open_call
from sandwich.services.loaded import Loaded

FORM = "new-date"
WANTS = "wants-new-date"
"""What the call is about."""


async def note_wish(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Tell the coordinator that somebody wants a new date: one call, which shows what everybody says."""
    activity = loaded.activity
    key = f"{activity.id}:{WANTS}:{activity.calendar_sequence}"
    await open_call(session, activity, WANTS, key=key, now=now)


async def wishes_of(session: AsyncSession, activity_id: str) -> dict[str, bool]:
    """Return who wants a new date and who does not, by person: the last word of each."""
    rows = await session.scalars(
        select(Submission)
        .where(Submission.activity_id == activity_id, Submission.form == FORM, Submission.person_id.is_not(None))
        .order_by(Submission.submitted_at, Submission.id)
    )
    return {str(row.person_id): (row.answers or {}).get("again") is True for row in rows}
