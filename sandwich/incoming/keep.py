"""Take a mail in: once, however often it is brought, and committed before anybody is told that it was taken."""

import hashlib
import re
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.incoming import Came, Incoming, IncomingContent
from models.tables.mail import Message
from models.tables.network import Person
from sandwich.errors import StoreUnavailable
from sandwich.failpoints import failpoint
from sandwich.incoming.letter import read_letter
from sandwich.mail.tags import Tag, Use
from sandwich.runtime import Runtime
from sandwich.store.chain import REGISTRY

ACTOR = "incoming"
ERASED = "erased"
"""What follows from a mail that has to do with somebody who was erased: nothing."""

LARGEST = 10_000_000
"""Bytes of the largest mail that is taken."""

_GAP = re.compile(rb"\r?\n\r?\n")


async def keep(
    runtime: Runtime, tag: Tag, sender: str, raw: bytes, *, size: int | None = None, is_cut: bool = False
) -> str | None:
    """Keep a mail that came to the address with ``tag``; returns its id, ``None`` where it was kept before.

    ``sender`` is that of its envelope. With ``is_cut`` the rest of it, of ``size`` bytes, stayed where it was because
    it is too large. Of a mail that has to do with somebody who was erased only is kept that it came: an error report
    would bring their address back.
    """
    now = await runtime.clock.now()
    sender = "".join(letter for letter in sender if letter.isprintable())  # a database takes no half of a character
    async with runtime.store.read() as session:
        activity_id, person_id, message_id = await _whose(session, tag)
        reader = await session.get(Person, person_id) if person_id else None
    is_erased = reader is not None and reader.erased_on is not None
    key = _key(tag, raw)
    async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id or REGISTRY) as session:
        if await session.scalar(select(Incoming.id).where(Incoming.key == key)) is not None:
            return None
        row = Incoming(
            key=key,
            activity_id=activity_id,
            message_id=message_id,
            person_id=person_id,
            tag=f"{tag.use}{tag.id}{tag.box}",
            kind=Came.TOO_LARGE if is_cut else Came.NEW,
            size=len(raw) if size is None else size,
            received_at=now,
        )
        if is_erased:
            row.kind, row.about, row.handled_at = Came.JUNK, ERASED, now
        session.add(row)
        await session.flush()
        if not is_erased:
            session.add(IncomingContent(incoming_id=row.id, sender=sender, content=raw, received_at=now))
    await failpoint("letter-kept")
    return row.id


async def throw_away(runtime: Runtime, now: datetime) -> int:
    """Delete mails whose term is over; returns how many. What they were, and what followed from them, stays."""
    before = now - timedelta(days=runtime.settings.incoming_keep_days)
    async with runtime.store.maintain() as session:
        old = list(
            await session.scalars(select(IncomingContent.incoming_id).where(IncomingContent.received_at < before))
        )
        await session.execute(delete(IncomingContent).where(IncomingContent.incoming_id.in_(old)))
    if old:
        with suppress(StoreUnavailable):  # what was deleted is overwritten anyway; the next time rewrites the file too
            await runtime.store.scrub()
    return len(old)


async def _whose(session: AsyncSession, tag: Tag) -> tuple[str | None, str | None, str | None]:
    """Return activity, person and message that a tag belongs to, as far as they are still there."""
    if tag.use is Use.CALENDAR:
        activity = await session.get(Activity, tag.id)
        return (activity.id if activity else None), None, None
    message = await session.get(Message, tag.id)
    return (message.activity_id, message.person_id, message.id) if message else (None, None, None)


def _key(tag: Tag, raw: bytes) -> str:
    """Return what tells a mail apart: its Message-ID, or else what it says, for every server on the way adds lines."""
    letter = read_letter(raw)
    gap = _GAP.search(raw)
    own = letter.header("Message-ID").encode()
    if not own:
        own = letter.header("Date").encode() + hashlib.sha256(raw[gap.end() :] if gap else raw).digest()
    return hashlib.sha256(f"{tag.use}{tag.id}{tag.box}\n".encode() + own).hexdigest()
