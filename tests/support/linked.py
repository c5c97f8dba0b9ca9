"""The personal link of somebody, as a mail would carry it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Participation
from sandwich.services.links import Links
from sandwich.settings import Settings


async def link_for(
    session: AsyncSession, settings: Settings, participation_id: str, invitation_id: str | None, now: datetime
) -> str:
    """Return the token of the link to an invitation (or to the personal page); made where there is none."""
    participation = await session.get_one(Participation, participation_id)
    return (await Links.of(session, settings, [participation_id])).token(participation, invitation_id, now)
