"""People of an activity: add them in a role, and those of their school whom it needs."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE, Role
from models.tables.activities import ACTIVE, Approval, Participation, Presence, Standing
from models.tables.network import Person, School
from sandwich.services.loaded import Loaded, read_blocks

PASSED_ON = {Role.TEACHER: Role.TRIP_LEADER}
"""Roles that somebody has beside another one: who gives up the first gives up the second."""

WITH_SCHOOL = frozenset({Role.SCHOOL_LEADER, Role.TIMETABLER})
"""Roles that somebody has for the teachers of their school: without these they have nothing to do."""

RELEASED_BY_LEADER = frozenset({Role.TEACHER})
"""Roles for which the school leader must give release."""


async def add_participation(
    session: AsyncSession, loaded: Loaded, person: Person, role: Role, now: datetime
) -> Participation | None:
    """Add a person in a role; ``None`` when they have it already. Somebody who left comes back as invited.

    Who takes part is known from now on, also if they were known as the user of some material alone.
    """
    for item in loaded.participations:
        if item.person_id == person.id and item.role is role:
            if item.standing in ACTIVE:
                return None
            item.standing, item.left_at, item.replaced_by_id = Standing.INVITED, None, None
            if item.approval is Approval.REFUSED:
                item.approval = Approval.OPEN
            loaded.refresh_calendars()
            return item
    added = Participation(
        activity_id=loaded.activity.id,
        person_id=person.id,
        role=role,
        standing=Standing.INVITED,
        approval=Approval.OPEN if role in RELEASED_BY_LEADER else Approval.NOT_NEEDED,
        presence=Presence.UNKNOWN,
        added_at=now,
    )
    session.add(added)
    if role not in OUTSIDE:
        person.adopted_at = None
    await session.flush()
    places = len(loaded.schools), _companies(loaded)
    loaded.participations = [*loaded.participations, added]
    loaded.persons = {**loaded.persons, person.id: person}
    if person.school_id and person.school_id not in loaded.schools:
        school = await session.get_one(School, person.school_id)
        loaded.schools = {**loaded.schools, school.id: school}
    if places != (len(loaded.schools), _companies(loaded)):
        loaded.blocks = await read_blocks(session, loaded.schools, _companies(loaded) | loaded.companies)
    loaded.refresh_calendars()
    return added


def _companies(loaded: Loaded) -> set[str]:
    """Return where people of an activity work who work at a company."""
    return {person.company_id for person in loaded.persons.values() if person.company_id is not None}


async def add_school_people(session: AsyncSession, loaded: Loaded, now: datetime) -> list[Participation]:
    """Add the leaders and timetablers of the schools that take part, where nobody named any; returns who came in.

    Those who left with the last teacher of their school come back with the first, whoever named them.
    """
    schools = {loaded.persons[item.person_id].school_id for item in loaded.in_role(Role.TEACHER)} - {None}
    covered = {loaded.persons[item.person_id].school_id for item in loaded.in_role(Role.SCHOOL_LEADER)}
    people = await session.scalars(
        select(Person)
        .where(Person.school_id.in_(schools), Person.erased_on.is_(None))
        .where(Person.is_school_leader | Person.is_timetabler)
        .order_by(Person.code, Person.id)
    )
    added = []
    for person in people:
        if person.is_school_leader and person.school_id not in covered:
            added.append(await add_participation(session, loaded, person, Role.SCHOOL_LEADER, now))
        if person.is_timetabler:
            added.append(await add_participation(session, loaded, person, Role.TIMETABLER, now))
    for item in list(loaded.participations):
        school = loaded.persons[item.person_id].school_id
        if item.role in WITH_SCHOOL and item.standing is Standing.WITHDRAWN and school in schools:
            mates = {loaded.persons[other.person_id].school_id for other in loaded.in_role(item.role)}
            if school not in mates and loaded.persons[item.person_id].erased_on is None:
                added.append(await add_participation(session, loaded, loaded.persons[item.person_id], item.role, now))
    return [item for item in added if item is not None]
