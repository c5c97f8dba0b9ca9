"""Remove what is over its term, one activity or person in a transaction, so that a crash leaves nothing half done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.data_kinds import DataKind
from models.tables.asking import Draft, Invitation, Submission, Upload
from models.tables.incoming import Incoming
from models.tables.mail import ON_ITS_WAY, Attempt, Message
from models.tables.privacy import Confirmation
from models.tables.results import CardState, Consent, Hours
from models.tables.running import LoginCode, WebSession
from sandwich.clock import real_now
from sandwich.privacy.anonymous import make_anonymous, without_texts
from sandwich.privacy.due import At
from sandwich.runtime import Runtime
from sandwich.services.asking import form_of
from sandwich.services.card_content import CARD_FORM, card_of
from sandwich.services.card_index import index_card
from sandwich.services.erase import erase_person
from sandwich.services.uploads import remove_uploads
from sandwich.store.chain import erased_like, is_empty
from sandwich.store.personal import erase_earlier, erase_rows

ACTOR = "retention"
"""Who did it, in the audit log."""


async def remove(runtime: Runtime, kind: DataKind, ids: Sequence[str], at: At) -> int:
    """Remove what is kept of a kind of these people or activities; returns of how many it was removed."""
    if kind is DataKind.CONTACTS:
        for person_id in ids:
            await erase_person(runtime, person_id, now=at.now, actor=ACTOR)
        return len(ids)
    stand_ins: dict[str, str] = {}
    for activity_id in ids:
        async with runtime.store.change(now=at.now, actor=ACTOR, stream=activity_id) as session:
            if kind is DataKind.ANSWERS:
                await make_anonymous(session, activity_id, stand_ins, at.today, at.now)
            else:
                await _REMOVES[kind](session, activity_id, at)
    return len(ids)


async def remove_sign_ins(runtime: Runtime, days: int) -> int:
    """Delete sign-ins that ended, and codes, after so many days of real time; returns how many."""
    before = real_now() - timedelta(days=days)
    gone = 0
    async with runtime.store.maintain() as session:
        for table, moment in (
            (LoginCode, LoginCode.asked_at),
            (Confirmation, Confirmation.asked_at),
            (WebSession, WebSession.used_at),
        ):
            gone += await session.scalar(select(func.count()).select_from(table).where(moment < before)) or 0
            await session.execute(delete(table).where(moment < before))
    return gone


async def _drafts(session: AsyncSession, activity_id: str, at: At) -> None:
    mine = select(Invitation.id).where(Invitation.activity_id == activity_id)
    await session.execute(delete(Draft).where(Draft.invitation_id.in_(mine)))


async def _card(session: AsyncSession, activity_id: str, at: At) -> None:
    """Take a card off the wall for good, with its words and files. Nobody is mailed about it, so long afterwards."""
    card = await card_of(session, activity_id)
    if card is None:
        return
    card.state, card.withdrawn_at, card.confidential = CardState.WITHDRAWN, at.now, []
    card.host_remark = None if is_empty(card.host_remark) else str(erased_like(card.host_remark))
    asked = select(Invitation.id).where(Invitation.activity_id == activity_id, Invitation.form == CARD_FORM)
    files = list(await session.scalars(select(Upload.id).where(Upload.invitation_id.in_(asked))))
    await remove_uploads(session, files)
    rows = await session.scalars(
        select(Submission).where(Submission.activity_id == activity_id, Submission.form == CARD_FORM)
    )
    written = list(rows)
    for row in written:
        row.answers = without_texts(await form_of(session, row.form_digest), row.answers or {})
    await session.flush()
    for row in written:
        await erase_earlier(session, row, "answers", at.now)
    for column in ("confidential", "host_remark"):
        await erase_earlier(session, card, column, at.now)
    await erase_rows(session, activity_id, Upload.__tablename__, files, at.now)
    await index_card(session, activity_id)


async def _consents(session: AsyncSession, activity_id: str, at: At) -> None:
    for row in list(await session.scalars(select(Consent).where(Consent.activity_id == activity_id))):
        await session.delete(row)


async def _hours(session: AsyncSession, activity_id: str, at: At) -> None:
    rows = list(
        await session.scalars(select(Hours).where(Hours.activity_id == activity_id, Hours.confirmed_by.is_not(None)))
    )
    for row in rows:
        row.confirmed_by = str(erased_like(row.confirmed_by))
    await session.flush()
    for row in rows:
        await erase_earlier(session, row, "confirmed_by", at.now)


async def _mail(session: AsyncSession, activity_id: str, at: At) -> None:
    """Delete what was sent, and each try; what came back keeps what it was, not what it was about."""
    before = at.before_months(at.settings.keep_mail_months)
    sent = func.coalesce(Message.sent_at, Message.queued_at) < before
    messages = list(
        await session.scalars(
            select(Message).where(Message.activity_id == activity_id, Message.state.not_in(ON_ITS_WAY), sent)
        )
    )
    ids = [one.id for one in messages]
    attempts = list(await session.scalars(select(Attempt).where(Attempt.message_id.in_(ids))))
    for letter in await session.scalars(select(Incoming).where(Incoming.message_id.in_(ids))):
        letter.message_id = None
    for carried in await session.scalars(select(Message).where(Message.carrier_id.in_(ids))):
        carried.carrier_id = None
    for attempt in attempts:
        await session.delete(attempt)
    await session.flush()
    for message in messages:
        await session.delete(message)
    await session.flush()
    await erase_rows(session, activity_id, Attempt.__tablename__, [one.id for one in attempts], at.now)
    await erase_rows(session, activity_id, Message.__tablename__, ids, at.now)


_REMOVES: Mapping[DataKind, Callable[[AsyncSession, str, At], Awaitable[None]]] = {
    DataKind.DRAFTS: _drafts,
    DataKind.CARDS: _card,
    DataKind.CONSENTS: _consents,
    DataKind.HOURS: _hours,
    DataKind.MAIL: _mail,
}
