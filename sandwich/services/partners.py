"""What somebody may hear about a proposed partner before both have said yes: never a name. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Invitation
from models.tables.pairing import Pair
from models.text import Language
from sandwich.rules.answer_lines import describe
from sandwich.services.cohorts import INTAKE
from sandwich.services.pairs import PROPOSAL
from sandwich.services.told import Told, read_told

_TOLD = frozenset({"role_now", "topics_give", "topics_get", "goal", "forms"})


@dataclass(frozen=True)
class TrueOf:
    """A question of the intake, and what the partner answered."""

    label: str
    lines: tuple[str, ...]


async def about_partner(
    session: AsyncSession, invitation: Invitation, language: Language, *, formal: bool
) -> tuple[TrueOf, ...] | None:
    """Return what the other side of a proposed pair told, where they agreed that it is shown; ``None`` for no pair."""
    if invitation.form != PROPOSAL:
        return None
    pair = await session.scalar(
        select(Pair).where(Pair.activity_id == invitation.activity_id, Pair.number == invitation.occurrence)
    )
    if pair is None:
        return None
    told = await read_told(session, invitation.activity_id)
    others = [other for other in pair.people if other != invitation.participation_id]
    return tuple(one for other in others for one in _said_by(told, other, language, formal))


def _said_by(told: Told, participation_id: str, language: Language, formal: bool) -> Iterator[TrueOf]:
    for item in told.saying(*INTAKE):
        if item.participation.id == participation_id and item.answers.get("share_profile") is True:
            for line in describe(told.form(item), item.answers, language, formal):
                if line.key in _TOLD:
                    yield TrueOf(line.question_label, line.lines)
