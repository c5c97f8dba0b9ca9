"""The outbox: a mail is written down in the transaction that causes it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Message, MessageState
from sandwich.store.rows import AMONG


class NeededIf(StrEnum):
    """What is looked at again before a mail leaves."""

    INVITATION_OPEN = "invitation_open"
    ACTIVE = "active"  # the recipient still takes part, and the activity is neither cancelled nor on hold
    ACTIVITY_LIVE = "activity_live"  # the activity is neither cancelled nor on hold
    CALL_OPEN = "call_open"
    CALL_WAITS = "call_waits"  # the call is still open after some working days, and the recipient is still the deputy
    ON_HOLD = "on_hold"  # the activity is still on hold
    PUT_OFF = "put_off"  # as for active, and the recipient misses an appointment that a hold took out
    GONE = "gone"  # the recipient takes part no more, and has an appointment in the calendar that is still to come
    WEEK_SAYS = "week_says"  # the overview of the week has something to say, and its week is not over
    DIGEST_SAYS = "digest_says"  # there are new cards on the wall of the reader's school
    DUTY_STANDS = "duty_stands"  # what the recipient took on is still agreed like that, and the activity goes on


async def queue(
    session: AsyncSession,
    *,
    key: str,
    mail: str,
    person_id: str,
    activity_id: str | None,
    due_at: datetime,
    now: datetime,
    participation_id: str | None = None,
    invitation_id: str | None = None,
    about: dict[str, Any] | None = None,
    needed_if: NeededIf | None = None,
) -> Message | None:
    """Write a message into the outbox; ``None`` when one with that ``key`` is there already."""
    message = Message(
        key=key,
        activity_id=activity_id,
        person_id=person_id,
        participation_id=participation_id,
        invitation_id=invitation_id,
        mail=mail,
        about=about or {},
        needed_if=needed_if,
        queued_at=now,
        due_at=due_at,
    )
    return message if await queue_all(session, [message]) else None


_KNOWN = select(Message.key).where(Message.key.in_(AMONG))


async def queue_all(session: AsyncSession, messages: Sequence[Message]) -> list[Message]:
    """Write messages into the outbox and return those whose key was not there already.

    All with one look and one write, however many: most of what a busy morning costs is asking the database.
    """
    if not messages:
        return []
    wanted = {message.key: message for message in messages}
    with session.no_autoflush:  # what this transaction has changed so far goes with the messages, in one write
        known = set(await session.scalars(_KNOWN, {"among": list(wanted)}))
    new = [message for key, message in wanted.items() if key not in known]
    session.add_all(new)
    await session.flush()
    return new


def asked_in(message: Message) -> list[str]:
    """Return the ids of the invitations that a message is about, in their order."""
    return list((message.about or {}).get("invitations") or ([message.invitation_id] if message.invitation_id else []))


async def discard(session: AsyncSession, messages: Sequence[Message], reason: str) -> None:
    """Throw mails away. What they asked counts as asked: it was, or it is, in another way."""
    for message in messages:
        message.state, message.reason = MessageState.DISCARDED, reason
    await mark_asked(session, messages)


async def mark_asked(session: AsyncSession, messages: Sequence[Message]) -> None:
    """Let the invitations that mails brought count as asked from now on."""
    ids = {key for message in messages for key in asked_in(message)}
    if not ids:
        return
    with session.no_autoflush:  # what becomes of the mails is written with what becomes of the invitations
        rows = await session.scalars(
            select(Invitation).where(Invitation.id.in_(ids), Invitation.state == InvitationState.PLANNED)
        )
    for invitation in rows:
        invitation.state = InvitationState.SENT
