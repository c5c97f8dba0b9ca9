"""Remind people whom a coordinator chooses, now and not when the ladder says so; the ladder itself goes on."""

from collections.abc import Collection
from datetime import datetime

from models.tables.activities import ACTIVE
from models.tables.asking import OPEN, Invitation, InvitationState
from sandwich.runtime import Runtime
from sandwich.services.outbox import queue_all
from sandwich.services.remind import reminder_of
from sandwich.services.steering import steering


async def remind_now(
    runtime: Runtime, activity_id: str, invitation_ids: Collection[str], *, now: datetime, actor: str
) -> int:
    """Queue a reminder of each of these questions that is still open; returns how many.

    One question once a day. It leaves in the next slot of its reader and counts for the two mails of their week.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        messages = []
        for key in sorted(invitation_ids):
            invitation = await session.get(Invitation, key)
            if invitation is None or invitation.activity_id != activity_id or not can_be_reminded(invitation.state):
                continue
            participation = loaded.participation(invitation.participation_id)
            if participation.standing not in ACTIVE:
                continue
            day = loaded.calendar_of(participation).day_of(now)
            number = max(invitation.rung, 1)
            messages.append(reminder_of(loaded, invitation, participation, day.isoformat(), number, now))
        return len(await queue_all(session, messages))


def can_be_reminded(state: InvitationState) -> bool:
    """Whether a question was asked and not answered."""
    return state in OPEN and state is not InvitationState.PLANNED
