"""The rounds of one person, in words: when each begins, and with whom. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sandwich.rules.names import full_name
from sandwich.services.attending import timing_of
from sandwich.services.loaded import Gathered
from sandwich.services.round_plans import read_plans, talks_of


@dataclass(frozen=True)
class OwnRound:
    """A round with a talk; ``others`` are the participations of who sits there too, ``who`` their names."""

    number: int
    at: datetime
    others: tuple[str, ...]
    who: str


async def own_rounds(session: AsyncSession, loaded: Gathered, participations: Collection[str]) -> tuple[OwnRound, ...]:
    """Return the rounds in which one of these participations, of the same person, has a talk."""
    if loaded.playbook.parameters.rounds is None:
        return ()
    plan = (await read_plans(session, [loaded.activity.id])).get(loaded.activity.id)
    long = timedelta(minutes=timing_of(loaded).round)
    names = {item.id: full_name(loaded.persons[item.person_id]) for item in loaded.participations}
    found = [
        OwnRound(
            talk.number,
            loaded.starts_at + (talk.number - 1) * long,
            talk.others,
            ", ".join(names[other] for other in talk.others),
        )
        for key in participations
        for talk in (talks_of(plan, key) if plan else ())
    ]
    return tuple(sorted(found, key=lambda one: one.number))
