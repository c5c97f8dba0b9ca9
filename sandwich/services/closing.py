"""Close an activity that nobody ended, with what is there (field rule 23)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Stage
from models.tables.activities import ActivityStatus
from models.tables.asking import OPEN, Invitation, InvitationState
from sandwich.rules.facts import Facts
from sandwich.rules.gates import CLOSING_ACTOR, look
from sandwich.services.halting import ask_no_more
from sandwich.services.loaded import Loaded


async def close(session: AsyncSession, loaded: Loaded, facts: Facts, now: datetime) -> None:
    """Open what gates are still closed and write down what each of them missed, hard and soft.

    Forms that are still open close softly: an answer is welcome, nobody is reminded. The status follows when the
    activity is settled. One that was never ready to go did not take place: it ends as
    cancelled, and nobody is mailed about it but its coordinator.
    """
    activity, gates = loaded.activity, loaded.playbook.gates
    views = [look(stage, gates.behind(stage), facts, activity.overrides) for stage in Stage]
    missing = {
        view.stage.value: {"hard": list(view.blocked_by), "soft": list(view.warnings)}
        for view in views
        if view.blocked_by or view.warnings
    }
    activity.overrides = {
        **activity.overrides,
        **{
            stage: {**activity.overrides.get(stage, {"by": CLOSING_ACTOR, "at": now.isoformat()}), "missing": found}
            for stage, found in missing.items()
        },
    }
    asked = select(Invitation).where(Invitation.activity_id == activity.id, Invitation.state.in_(OPEN))
    for invitation in await session.scalars(asked):
        if not loaded.playbook.step(invitation.step).after_closing:
            invitation.state, invitation.next_at = InvitationState.CLOSED, None
    if not facts.gate_before:
        activity.status, activity.finished_at = ActivityStatus.CANCELLED, now
        await ask_no_more(session, activity.id, now)
