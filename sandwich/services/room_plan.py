"""The rounds of an evening as a room plan: at which table sits whom, who has a break, who is there when. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.text import Text
from sandwich.rules.evening import Pair, Stay
from sandwich.rules.names import full_name
from sandwich.services.attending import attendees, stays_in, timing_of
from sandwich.services.loaded import Loaded
from sandwich.services.round_plans import read_plans, rounds_of


@dataclass(frozen=True)
class RoundSeen:
    """One round: when it begins, who sits at which professional's table, and who pauses; ``pairs`` are its talks."""

    number: int
    at: datetime
    tables: tuple[tuple[str, tuple[str, ...]], ...]
    pausing: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class StaySeen:
    """Somebody who comes to the evening, and in which rounds they are there."""

    participation_id: str
    name: str
    role: Role
    stay: Stay

    @property
    def words(self) -> Text:
        """When they are there; see ``stay_words``."""
        return stay_words(self.stay)


async def room_plan(session: AsyncSession, loaded: Loaded) -> tuple[tuple[RoundSeen, ...], tuple[StaySeen, ...]]:
    """Return all rounds by name, and everybody who comes; nothing where no rounds were made."""
    plan = (await read_plans(session, [loaded.activity.id])).get(loaded.activity.id)
    if plan is None:
        return (), ()
    names = {item.id: full_name(loaded.persons[item.person_id]) for item in loaded.participations}
    roles = {item.id: item.role for item in loaded.participations}
    long = timedelta(minutes=timing_of(loaded).round)
    start = loaded.starts_at.astimezone(loaded.zone)
    rounds = (
        RoundSeen(
            one.number,
            start + (one.number - 1) * long,
            tuple((names[talk.professional], tuple(names[key] for key in talk.teachers)) for talk in one.talks),
            tuple(names[key] for key in one.pausing),
            one.pairs,
        )
        for one in rounds_of(plan)
    )
    people = await attendees(session, loaded, stays_in(plan))
    return tuple(rounds), tuple(StaySeen(one.id, names[one.id], roles[one.id], (one.first, one.last)) for one in people)


async def proof_of(session: AsyncSession, activity_id: str) -> Text | None:
    """Say whether the rounds are proved to be the best there are; ``None`` where none were made."""
    plan = (await read_plans(session, [activity_id])).get(activity_id)
    if plan is None:
        return None
    return _PROVED if not plan.gaps else _NOT_PROVED.filled(count=plan.gaps)


def stay_words(stay: Stay) -> Text:
    """Return in words from and up to which round somebody is there."""
    first, last = stay
    if last == 0:
        return _NEVER
    words = _ALL if last is None and first == 1 else _LATE if last is None else _EARLY if first == 1 else _BETWEEN
    return words.filled(first=first, last=last)


_PROVED = Text(
    nl="Bewezen: met wie er wanneer zijn, kunnen deze rondes niet beter.",
    en="Proved: with those who are there, when they are, these rounds cannot be better.",
)
_NOT_PROVED = Text(
    nl="Niet bewezen dat deze rondes niet beter kunnen; wensen en gesprekken die misschien nog beter kunnen: {count}.",
    en="Not proved that these rounds cannot be better; goals that might still be improved: {count}.",
)
_ALL = Text(nl="is er", en="is there")
_NEVER = Text(nl="kwam niet", en="did not come")
_LATE = Text(nl="vanaf ronde {first}", en="from round {first}")
_EARLY = Text(nl="weg na ronde {last}", en="gone after round {last}")
_BETWEEN = Text(nl="ronde {first} tot en met {last}", en="rounds {first} to {last}")
