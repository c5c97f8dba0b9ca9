"""What the page behind a personal link must know: whether a question is this person's, and what became of an answer."""

from dataclasses import dataclass

from sqlalchemy import func, select

from models.tables.activities import Participation
from models.tables.asking import Invitation, Submission
from sandwich.runtime import Runtime
from sandwich.services.links import OpenedLink


@dataclass(frozen=True)
class Taken:
    """What was taken in for an invitation; ``times`` counts every version that was sent."""

    times: int
    is_late: bool


async def may_answer(runtime: Runtime, link: OpenedLink, invitation_id: str) -> bool:
    """Whether the invitation is for the person of this link, in the link's own activity."""
    async with runtime.store.read() as session:
        found = await session.scalar(
            select(Invitation.id)
            .join(Participation, Participation.id == Invitation.participation_id)
            .where(
                Invitation.id == invitation_id,
                Participation.person_id == link.person_id,
                Participation.activity_id == link.activity_id,
            )
        )
    return found is not None


async def taken(runtime: Runtime, invitation_id: str) -> Taken:
    """Return what was taken in for an invitation so far."""
    async with runtime.store.read() as session:
        times = await session.scalar(
            select(func.count()).select_from(Submission).where(Submission.invitation_id == invitation_id)
        )
        is_late = await session.scalar(select(Invitation.is_late).where(Invitation.id == invitation_id))
    return Taken(times or 0, bool(is_late))
