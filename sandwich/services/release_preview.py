"""The card as its host looks at it before it is shared: everything that its authors wrote, photos too. Reads only."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Participation
from models.tables.asking import Invitation
from sandwich.errors import NotFound
from sandwich.runtime import Runtime
from sandwich.services.card import RELEASE, CardPart, shown_to_host
from sandwich.services.links import OpenedLink
from sandwich.services.uploads import StoredFile, read_file
from sandwich.services.wall import Attachment, attachments


@dataclass(frozen=True)
class Preview:
    """What the host is asked to release."""

    parts: tuple[CardPart, ...]
    photos: tuple[Attachment, ...]
    materials: tuple[Attachment, ...]


async def preview(runtime: Runtime, activity_id: str) -> Preview:
    """Return what the host may release or keep back."""
    async with runtime.store.read() as session:
        return await _preview(session, activity_id)


async def previewed_file(runtime: Runtime, link: OpenedLink, upload_id: str) -> StoredFile:
    """Return a file of the card for somebody who is asked to release it; raises ``NotFound`` for anybody else."""
    async with runtime.store.read() as session:
        asked = await session.scalar(
            select(Invitation.id)
            .join(Participation, Participation.id == Invitation.participation_id)
            .where(
                Invitation.activity_id == link.activity_id,
                Invitation.form == RELEASE,
                Participation.person_id == link.person_id,
            )
        )
        shown = await _preview(session, link.activity_id)
        if asked is None or upload_id not in {one.id for one in (*shown.photos, *shown.materials)}:
            raise NotFound(what="file", name=upload_id)
        return await read_file(session, upload_id)


async def _preview(session: AsyncSession, activity_id: str) -> Preview:
    shown = await shown_to_host(session, activity_id)
    return Preview(shown.parts, await attachments(session, shown.photos), await attachments(session, shown.materials))
