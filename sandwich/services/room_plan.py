"""The rounds of an evening as a room plan: at which table sits whom, and who has a break. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sandwich.rules.names import full_name
from sandwich.services.loaded import Loaded
from sandwich.services.round_plans import read_plans, rounds_of
from sandwich.services.rounds import timing_of


@dataclass(frozen=True)
class RoundSeen:
    """One round: when it begins, who sits at which professional's table, and who pauses."""

    number: int
    at: datetime
    tables: tuple[tuple[str, tuple[str, ...]], ...]
    pausing: tuple[str, ...]


async def room_plan(session: AsyncSession, loaded: Loaded) -> tuple[RoundSeen, ...]:
    """Return all rounds by name; none where none were made."""
    plan = (await read_plans(session, [loaded.activity.id])).get(loaded.activity.id)
    if plan is None:
        return ()
    names = {item.id: full_name(loaded.persons[item.person_id]) for item in loaded.participations}
    long = timedelta(minutes=timing_of(loaded).round)
    start = loaded.starts_at.astimezone(loaded.zone)
    return tuple(
        RoundSeen(
            one.number,
            start + (one.number - 1) * long,
            tuple((names[talk.professional], tuple(names[key] for key in talk.teachers)) for talk in one.talks),
            tuple(names[key] for key in one.pausing),
        )
        for one in rounds_of(plan)
    )
