"""Which times somebody is asked the same: once, for each of their talks, or about each partner offered to them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.steps import Among, Ask, Step
from models.tables.activities import Participation
from models.tables.asking import FELL_AWAY, Invitation
from models.tables.pairing import PairState
from sandwich.services.loaded import Loaded
from sandwich.services.round_plans import read_plans, talks_of


async def occurrences_of(
    session: AsyncSession, loaded: Loaded, ask: Ask, participation: Participation
) -> Sequence[int] | None:
    """Return which times somebody is asked something: for each of their talks, about the pair that they are offered.

    ``None`` for what is asked once.
    """
    if ask.each_talk:
        plan = (await read_plans(session, [loaded.activity.id])).get(loaded.activity.id)
        return [talk.number for talk in talks_of(plan, participation.id)] if plan else []
    if ask.among is Among.OFFERED:
        return [pair.number for pair in loaded.in_pairs(PairState.OFFERED) if participation.id in pair.people]
    return None


async def next_occurrence(
    session: AsyncSession,
    loaded: Loaded,
    step: Step,
    form: str,
    participation: Participation,
    wanted: int | None,
) -> int | None:
    """Return the number of a new invitation; ``None`` where the person was asked already."""
    asked = list(
        await session.scalars(
            select(Invitation).where(
                Invitation.activity_id == loaded.activity.id,
                Invitation.step == step.key,
                Invitation.form == form,
                Invitation.participation_id == participation.id,
            )
        )
    )
    if wanted is not None:
        return None if any(invitation.occurrence == wanted for invitation in asked) else wanted
    if any(invitation.state not in FELL_AWAY for invitation in asked):
        return None
    return max((invitation.occurrence for invitation in asked), default=0) + 1
