"""After another date: deadlines and ladders are computed anew, and what hangs on the date is asked once more."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ACTIVE, Approval, Participation
from models.tables.asking import OPEN, Invitation, InvitationState
from sandwich.services.invite import ask_of
from sandwich.services.invite import set_moments as set_invitation_moments
from sandwich.services.loaded import Loaded

APPROVAL, PRACTICAL = "approval", "practical-information"
DATE_BOUND = frozenset({APPROVAL, PRACTICAL})
"""Forms whose answers hang on the date: after a move they are asked again (field rule 15)."""

GOALS = "goals"
LONG = timedelta(weeks=3)
"""A move later by more than this asks everybody once whether the goals still fit."""


def asked_again(was: datetime, becomes: datetime) -> frozenset[str]:
    """Return which forms are asked again after a move from one start to another."""
    return DATE_BOUND | {GOALS} if becomes - was > LONG else DATE_BOUND


async def follow_the_date(session: AsyncSession, loaded: Loaded, now: datetime, *, again: frozenset[str]) -> None:
    """Compute deadlines and ladders anew, and ask once more what was answered to the forms ``again``."""
    for invitation in await session.scalars(select(Invitation).where(Invitation.activity_id == loaded.activity.id)):
        participation = loaded.participation(invitation.participation_id)
        found = ask_of(loaded.playbook, invitation, participation.role)
        if found is None or participation.standing not in ACTIVE:
            continue
        if invitation.form in again and invitation.state in {InvitationState.ANSWERED, InvitationState.PHONED}:
            invitation.state, invitation.reconfirm = InvitationState.SENT, True
            invitation.rung, invitation.asked_at = 0, now
            if invitation.form == APPROVAL:
                _ask_release_again(loaded, participation)
            if invitation.form == GOALS:
                # The goals still count as they are, so nobody is reminded or phoned.
                invitation.rung = len(loaded.playbook.profile(invitation.profile).reminders) + 1
        if invitation.state in OPEN:
            set_invitation_moments(invitation, found[1], found[0], loaded, participation)


def _ask_release_again(loaded: Loaded, leader: Participation) -> None:
    """Who was released for the old date, or refused because of it, needs release for the new one."""
    school = loaded.persons[leader.person_id].school_id
    for item in loaded.in_role(Role.TEACHER):
        if loaded.persons[item.person_id].school_id == school and item.approval is not Approval.NOT_NEEDED:
            item.approval = Approval.OPEN
