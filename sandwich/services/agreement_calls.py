"""The calls that an agreement makes: a counter-proposal to look at, a talk after two rounds, a no."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.mail import Call, CallState
from sandwich.services.calls import finish

CALLS = ("counter-proposal", "talk-together", "refused")
"""What a call about an agreement is about."""


async def drop_open_calls(session: AsyncSession, activity_id: str, step: str, now: datetime) -> None:
    """Drop the calls about an earlier answer in an agreement: there is another."""
    for call in await _open_calls(session, activity_id, step):
        call.state, call.done_at = CallState.DROPPED, now


async def close_calls(session: AsyncSession, activity_id: str, step: str, actor: str, now: datetime) -> None:
    """Write down that the calls about an agreement are done."""
    for call in await _open_calls(session, activity_id, step):
        await finish(session, call, actor, now)


async def _open_calls(session: AsyncSession, activity_id: str, step: str) -> list[Call]:
    rows = await session.scalars(
        select(Call).where(
            Call.activity_id == activity_id, Call.step == step, Call.state == CallState.OPEN, Call.what.in_(CALLS)
        )
    )
    return list(rows)
