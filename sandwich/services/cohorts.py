"""The people of a cohort as their intake tells, for whoever proposes pairs. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.parameters import Matching
from models.roles import Role
from models.tables.activities import Participation
from models.tables.network import Company, School
from models.tables.pairing import LIVE, PairState
from sandwich.rules.cohort import Cohort, Decline
from sandwich.rules.fit import Candidate, Yardstick
from sandwich.rules.names import full_name
from sandwich.services.answers_of import read_answers_of
from sandwich.services.loaded import Loaded
from sandwich.services.travel import distances_of

INTAKE = ("topics_give", "topics_get")
"""The questions by which an intake is known, whichever form asks them: what people give, and what they want."""

_MINUTES = "minutes-"


async def cohort_of(session: AsyncSession, loaded: Loaded) -> Cohort:
    """Return everybody who filled in the intake and has no partner, by participation, in the order of joining."""
    answers = await read_answers_of(session, loaded.activity.id)
    told = {item.participation.id: item.answers for item in answers.saying(*INTAKE)}
    taken = {person for pair in loaded.in_pairs(*LIVE) for person in pair.people}
    teachers, professionals = (
        [item for item in loaded.in_role(role) if item.id in told and item.id not in taken]
        for role in (Role.TEACHER, Role.PROFESSIONAL)
    )
    names = await _names(session, loaded, [*loaded.in_role(Role.TEACHER), *loaded.in_role(Role.PROFESSIONAL)])
    rule = loaded.playbook.parameters.matching or Matching()
    return Cohort(
        [_candidate(loaded, item, told[item.id], names) for item in teachers],
        [_candidate(loaded, item, told[item.id], names) for item in professionals],
        declines=declines_of(loaded),
        distances=await distances_of(session, loaded.activity.region_id),
        yardstick=Yardstick(
            topics=rule.topics, goals=rule.goals, travel=rule.travel, availability=rule.days, near=rule.minutes
        ),
    )


def declines_of(loaded: Loaded) -> list[Decline]:
    """Return every no to a proposed partner."""
    return [Decline(by, partner) for pair in loaded.in_pairs(*PairState) for by, partner in pair.declined_by]


def _candidate(loaded: Loaded, item: Participation, told: Mapping[str, Any], names: Mapping[str, str]) -> Candidate:
    person = loaded.persons[item.person_id]
    travel = str(told.get("travel") or "")
    avoid = str(told.get("avoid") or "").casefold()
    return Candidate(
        item.id,
        gives=frozenset(told.get("topics_give") or ()),
        gets=frozenset(told.get("topics_get") or ()),
        goals=frozenset(told.get("forms") or ()),
        half_days=frozenset(_half_days(told.get("days") or ())),
        travel_limit=int(travel.removeprefix(_MINUTES)) if travel.startswith(_MINUTES) else None,
        place=person.company_id or person.school_id,
        employer=person.company_id or person.school_id,
        avoids=frozenset(key for key, name in names.items() if name and key != item.id and name in avoid),
    )


def _half_days(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    return (f"{row['row']}-{part}" for row in rows for part in row.get("half_days") or ())


async def _names(session: AsyncSession, loaded: Loaded, people: Sequence[Participation]) -> dict[str, str]:
    """Return by what name somebody may be called whom another would rather not meet: people and their employers."""
    persons = {item.id: loaded.persons[item.person_id] for item in people}
    names = {key: full_name(person) for key, person in persons.items()}
    companies = {person.company_id for person in persons.values()} - {None}
    schools = {person.school_id for person in persons.values()} - {None}
    names |= {row.id: row.name for row in await session.scalars(select(Company).where(Company.id.in_(companies)))}
    names |= {row.id: row.name for row in await session.scalars(select(School).where(School.id.in_(schools)))}
    return {key: name.casefold() for key, name in names.items()}
