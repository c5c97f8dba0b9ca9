"""One answer for several people: what one of them answered, the others are not asked for any more."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import OPEN, Invitation, InvitationState
from sandwich.services.invite import ask_of
from sandwich.services.loaded import Loaded


async def close_for_others(session: AsyncSession, loaded: Loaded, answered: Invitation) -> None:
    """Close the same question for those whom it was asked beside ``answered``, where one answer is enough.

    Closed softly: who has something to add or to put right can still send it.
    """
    found = ask_of(loaded.playbook, answered, loaded.participation(answered.participation_id).role)
    if found is None or not found[1].either:
        return
    for other in await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == loaded.activity.id,
            Invitation.step == answered.step,
            Invitation.form == answered.form,
            Invitation.occurrence == answered.occurrence,
            Invitation.id != answered.id,
            Invitation.state.in_(OPEN),
        )
    ):
        other.state, other.next_at = InvitationState.CLOSED, None
