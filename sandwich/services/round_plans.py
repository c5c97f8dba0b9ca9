"""The rounds of an evening as they are stored: who talks with whom in each of them. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.parameters import Rounds
from models.roles import Role
from models.steps import Among
from models.tables.pairing import RoundPlan
from sandwich.rules.evening import Round, Talk
from sandwich.services.loaded import Loaded

CARD, PAGE = "more", "talks"
"""The questions whether somebody wants to go on talking: of one talk on its card, and of all on the last page."""


@dataclass(frozen=True)
class OwnTalk:
    """A talk of one person: in which round, and with whom, by participation."""

    number: int
    others: tuple[str, ...]


async def read_plans(session: AsyncSession, activity_ids: Collection[str]) -> dict[str, RoundPlan]:
    """Return the plan that counts of each of these activities that has one."""
    if not activity_ids:
        return {}
    query = select(RoundPlan).where(RoundPlan.activity_id.in_(activity_ids)).order_by(RoundPlan.number)
    return {plan.activity_id: plan for plan in await session.scalars(query)}


def rounds_of(plan: RoundPlan) -> tuple[Round, ...]:
    """Return the rounds of a plan."""
    return tuple(
        Round(
            row["number"],
            tuple(Talk(talk["professional"], tuple(talk["teachers"])) for talk in row["talks"]),
            tuple(row["pausing"]),
        )
        for row in plan.rounds
    )


def talks_of(plan: RoundPlan, participation_id: str) -> tuple[OwnTalk, ...]:
    """Return the talks of one person, in their order."""
    found = []
    for one in rounds_of(plan):
        for talk in one.talks:
            if participation_id == talk.professional:
                found.append(OwnTalk(one.number, talk.teachers))
            elif participation_id in talk.teachers:
                found.append(OwnTalk(one.number, (talk.professional,)))
    return tuple(found)


def rounds_fit(loaded: Loaded) -> bool:
    """Whether the seats of all rounds are enough for one talk each."""
    rule = loaded.playbook.parameters.rounds or Rounds()
    sides = [len(loaded.in_role(role, Among.REGISTERED)) for role in (Role.TEACHER, Role.PROFESSIONAL)]
    teachers, professionals = sides
    rounds = min(rule.rounds, rule.at_most // (rule.minutes + rule.change))
    return all(sides) and professionals * rule.together * rounds >= teachers and teachers * rounds >= professionals
