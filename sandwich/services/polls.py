"""The date poll, once the date is known: nobody is asked or phoned about it any more."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState
from sandwich.services.calls import drop_calls, finish
from sandwich.services.loaded import Loaded

POLL = "date-poll"
DATE_CALLS = ("choose-date", "other-date", "no-date")


async def date_is_known(session: AsyncSession, loaded: Loaded, now: datetime, done_by: str | None = None) -> None:
    """Stop asking for a date: it was fixed. What somebody still answers is kept and looked at.

    The calls about it are done by ``done_by``, or fall away where the answer came by itself.
    """
    for invitation in await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == loaded.activity.id, Invitation.form == POLL, Invitation.state.in_(OPEN)
        )
    ):
        invitation.state, invitation.next_at = InvitationState.CLOSED, None
        await drop_calls(session, invitation.id, now)
    for call in await session.scalars(
        select(Call).where(
            Call.activity_id == loaded.activity.id, Call.what.in_(DATE_CALLS), Call.state == CallState.OPEN
        )
    ):
        if done_by:
            await finish(session, call, done_by, now)
        else:
            call.state, call.done_at = CallState.DROPPED, now
