"""Leave an activity: what was asked falls away, links die or stay, what was answered stays."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Participation, Standing
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Message, MessageState
from sandwich.services.calls import drop_calls
from sandwich.services.links import revoke_links
from sandwich.services.loaded import Loaded


async def leave(
    session: AsyncSession, loaded: Loaded, participation: Participation, standing: Standing, now: datetime
) -> None:
    """End somebody's part. Open invitations fall away, and mails that are still waiting are not sent.

    The links stay open to say what happened, except for somebody who was replaced: those die.
    """
    participation.standing = standing
    participation.left_at = now
    state = InvitationState.REPLACED if standing is Standing.REPLACED else InvitationState.WITHDRAWN
    mine = await session.scalars(
        select(Invitation).where(
            Invitation.participation_id == participation.id,
            Invitation.state.in_([*OPEN, InvitationState.CLOSED]),
        )
    )
    for invitation in mine:
        invitation.state = state
        invitation.next_at = None
        await drop_calls(session, invitation.id, now)
    waiting = await session.scalars(
        select(Message).where(
            Message.participation_id == participation.id, Message.state.in_([MessageState.QUEUED, MessageState.HELD])
        )
    )
    for message in waiting:
        message.state = MessageState.SKIPPED
        message.reason = standing.value
    if standing is Standing.REPLACED:
        await revoke_links(session, participation.id, now)
    loaded.refresh_calendars()
