"""Who is there at an evening of rounds, and for which of them. Reads only.

What people said beforehand (who has to leave, who has time for half of it) holds until something else is noted; what
was noted stands with the plan (``RoundPlan.stays``) and goes along into every next one.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from models.parameters import Rounds
from models.roles import Role
from models.steps import Among
from models.tables.activities import Participation
from models.tables.pairing import RoundPlan
from sandwich.rules.evening import Attendee, Stay, Timing
from sandwich.services.answers_of import read_answers_of
from sandwich.services.loaded import Gathered, Loaded

WISHES = ("prefs", "leave_at")
HOW_LONG = "rounds"
"""The questions with which people say whom they want to meet and when they are there, whichever form asks them."""

_RANKS = ("first", "second", "third")


async def attendees(session: AsyncSession, loaded: Loaded, stays: Mapping[str, Stay]) -> list[Attendee]:
    """Return everybody who said yes, with what they want and when they are there; teachers first."""
    answers = await read_answers_of(session, loaded.activity.id)
    wishes = {item.participation.id: item.answers for item in answers.saying(*WISHES)}
    long = {item.participation.id: item.answers[HOW_LONG] for item in answers.saying(HOW_LONG)}
    timing = timing_of(loaded)
    most = timing.most_rounds
    found = []
    for item in loaded.in_role(Role.TEACHER, Among.REGISTERED):
        said = wishes.get(item.id, {})
        ranked = {row.get("rank"): row["row"] for row in said.get("prefs") or ()}
        last = timing.stay(None, _minutes_until(loaded, said.get("leave_at")))[1]
        found.append(
            Attendee(
                item.id,
                _employer(loaded, item),
                tuple(ranked[rank] for rank in _RANKS if rank in ranked),
                frozenset(said.get("avoid") or ()),
                last=last,
            )
        )
    for item in loaded.in_role(Role.PROFESSIONAL, Among.REGISTERED):
        half = long.get(item.id) == "half"
        found.append(Attendee(item.id, _employer(loaded, item), last=-(-most // 2) if half else None))
    return [_staying(one, stays.get(one.id)) for one in found]


def stays_in(plan: RoundPlan | None) -> dict[str, Stay]:
    """Return what was noted of who is there from and up to which round, by participation."""
    noted = plan.stays if plan is not None and plan.stays else {}
    return {key: (first, last) for key, (first, last) in noted.items()}


def timing_of(loaded: Gathered) -> Timing:
    """Return how long the rounds of an activity last, and how many there are at most."""
    rule = loaded.playbook.parameters.rounds or Rounds()
    return Timing(
        rule.minutes, rule.change, min(rule.at_most, rule.rounds * (rule.minutes + rule.change)), rule.together
    )


def begun(loaded: Loaded, count: int, now: datetime) -> int:
    """Return how many of ``count`` rounds have begun by the clock."""
    long = timedelta(minutes=timing_of(loaded).round)
    return max(0, min(count, (now - loaded.starts_at) // long + 1))


def _staying(one: Attendee, stay: Stay | None) -> Attendee:
    return one if stay is None else replace(one, first=stay[0], last=stay[1])


def _employer(loaded: Loaded, item: Participation) -> str | None:
    person = loaded.persons[item.person_id]
    return person.company_id or person.school_id


def _minutes_until(loaded: Loaded, clock: object) -> int | None:
    """Return how many minutes after the start somebody leaves who wrote a time of day, such as ``16:15``."""
    words = str(clock or "").replace(".", ":").split(":")
    if len(words) < 2 or not all(word.strip().isdigit() for word in words[:2]):
        return None
    start = loaded.starts_at.astimezone(loaded.zone)
    return (int(words[0]) - start.hour) * 60 + int(words[1]) - start.minute
