"""Files that come with an answer: looked at before anything is decoded, pictures made anew without their metadata.

A file is kept as soon as it came in well, before the rest of the form is right, so that nobody has to choose it twice.
It belongs to one person and one question; the answer names its id.
"""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Question
from models.tables.activities import Participation
from models.tables.asking import Invitation, Submission, Upload, UploadContent
from sandwich.errors import BadInput, NotFound
from sandwich.failpoints import failpoint
from sandwich.rules.file_kinds import PICTURES, kind_of, plain_name, suffix_of
from sandwich.runtime import Runtime
from sandwich.services.pictures import renew

PHOTO = "photo"
"""The question for photos, in whatever form."""


@dataclass(frozen=True)
class NewFile:
    """A file that was looked at and may be kept. ``digest`` is over what is stored."""

    question: str
    name: str
    media_type: str
    content: bytes
    digest: str


@dataclass(frozen=True)
class StoredFile:
    """A file as it is given out."""

    name: str
    media_type: str
    content: bytes

    @property
    def is_picture(self) -> bool:
        """Whether a browser may show it by itself."""
        return self.media_type in PICTURES


async def look_at(question: Question, name: str, content: bytes) -> NewFile:
    """Look at a file that somebody sent with ``question``; raises ``BadInput`` with what is wrong and what to do."""
    if len(content) > question.max_megabytes * 1024 * 1024:
        raise BadInput(
            f"This file is larger than {question.max_megabytes} MB. Make it smaller or choose another.",
            f"Dit bestand is groter dan {question.max_megabytes} MB. Maak het kleiner of kies een ander.",
        )
    if not content:
        raise BadInput("This file is empty. Choose another.", "Dit bestand is leeg. Kies een ander.")
    media_type = kind_of(content)
    if media_type == "image/heic":
        raise BadInput(
            "This photo is of a kind (HEIC) that we cannot show. On an iPhone choose Settings, Camera, Formats, "
            "Most Compatible, or send a screenshot of the photo.",
            "Deze foto is van een soort (HEIC) die we niet kunnen tonen. Kies op een iPhone Instellingen, Camera, "
            "Structuren, Meest compatibel, of stuur een schermafbeelding van de foto.",
        )
    if media_type is None or not _is_accepted(question, media_type):
        kinds = ", ".join(sorted({one.removeprefix("image/").removeprefix(".").upper() for one in question.accept}))
        raise BadInput(
            f"We cannot use this file: it is not what its name says, or of another kind. These are fine: {kinds}.",
            f"Dit bestand kunnen we niet gebruiken: het is niet wat de naam zegt, of van een andere soort. "
            f"Dit kan wel: {kinds}.",
        )
    if media_type in PICTURES:
        content = await asyncio.to_thread(renew, content)
        media_type = "image/jpeg"
    digest = hashlib.sha256(content).hexdigest()
    return NewFile(question.key, plain_name(name, suffix_of(media_type)), media_type, content, digest)


async def keep(runtime: Runtime, invitation_id: str, files: Sequence[NewFile], *, now: datetime) -> list[str]:
    """Keep files that came with the answer to an invitation; returns their ids. The same file twice is kept once."""
    async with runtime.store.read() as session:
        activity_id = await session.scalar(select(Invitation.activity_id).where(Invitation.id == invitation_id))
    if activity_id is None:
        raise NotFound(what="invitation", name=invitation_id)
    async with runtime.store.change(now=now, actor="participant", stream=activity_id) as session:
        invitation = await session.get_one(Invitation, invitation_id)
        participation = await session.get_one(Participation, invitation.participation_id)
        kept = [await _keep(session, invitation, participation.person_id, file, now) for file in files]
    await failpoint("upload-stored")
    return kept


async def _keep(session: AsyncSession, invitation: Invitation, person_id: str, file: NewFile, now: datetime) -> str:
    known = await session.scalar(
        select(Upload.id).where(
            Upload.invitation_id == invitation.id, Upload.question == file.question, Upload.digest == file.digest
        )
    )
    if known is not None:
        return known
    upload = Upload(
        activity_id=invitation.activity_id,
        invitation_id=invitation.id,
        person_id=person_id,
        question=file.question,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        digest=file.digest,
        uploaded_at=now,
    )
    session.add(upload)
    await session.flush()
    session.add(UploadContent(upload_id=upload.id, content=file.content))
    return upload.id


async def remove_left_out(session: AsyncSession, invitation: Invitation) -> None:
    """Remove the files that came with an invitation and stand in none of the answers of its person that count."""
    mine = await session.scalars(
        select(Submission)
        .join(Participation, Participation.person_id == Submission.person_id)
        .where(
            Participation.id == invitation.participation_id,
            Submission.activity_id == invitation.activity_id,
            Submission.invitation_id.is_not(None),
        )
        .order_by(Submission.number)
    )
    counting = {row.invitation_id: row.answers for row in mine}
    named = {
        key
        for answers in counting.values()
        for said in (answers or {}).values()
        if isinstance(said, list)
        for key in said
        if isinstance(key, str)
    }
    await _remove(session, Upload.invitation_id == invitation.id, Upload.id.not_in(named))


async def remove_photos(session: AsyncSession, activity_id: str) -> None:
    """Remove the photos of an activity's impressions, whether they stood on its card or not."""
    asked = select(Invitation.id).where(Invitation.activity_id == activity_id, Invitation.form == "impressions")
    await _remove(session, Upload.invitation_id.in_(asked), Upload.question == PHOTO)


async def remove_uploads(session: AsyncSession, ids: Collection[str]) -> None:
    """Remove these files for good."""
    await _remove(session, Upload.id.in_(ids))


async def _remove(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    for upload in list(await session.scalars(select(Upload).where(*which))):
        await session.execute(delete(UploadContent).where(UploadContent.upload_id == upload.id))
        await session.delete(upload)
    await session.flush()


async def read_file(session: AsyncSession, upload_id: str) -> StoredFile:
    """Return a stored file; raises ``NotFound``, also where it was erased. Who may see it is for the caller to know."""
    upload = await session.get(Upload, upload_id)
    stored = await session.get(UploadContent, upload_id)
    if upload is None or stored is None:
        raise NotFound(what="file", name=upload_id)
    return StoredFile(upload.name or f"bestand{suffix_of(upload.media_type)}", upload.media_type, stored.content)


async def read_own_file(runtime: Runtime, activity_id: str, person_id: str, upload_id: str) -> StoredFile:
    """Return a file that this person sent in this activity; raises ``NotFound`` for any other."""
    async with runtime.store.read() as session:
        upload = await session.get(Upload, upload_id)
        if upload is None or upload.person_id != person_id or upload.activity_id != activity_id:
            raise NotFound(what="file", name=upload_id)
        return await read_file(session, upload_id)


def _is_accepted(question: Question, media_type: str) -> bool:
    return media_type in question.accept or suffix_of(media_type) in question.accept
