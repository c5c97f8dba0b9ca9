"""People of an activity: add them in a role."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Role
from models.tables.activities import ACTIVE, Approval, Participation, Presence, Standing
from models.tables.network import Person, School
from sandwich.services.loaded import Loaded, read_blocks

PASSED_ON = {Role.TEACHER: Role.TRIP_LEADER}
"""Roles that somebody has beside another one: who gives up the first gives up the second."""

RELEASED_BY_LEADER = frozenset({Role.TEACHER})
"""Roles for which the school leader must give release."""


async def add_participation(
    session: AsyncSession, loaded: Loaded, person: Person, role: Role, now: datetime
) -> Participation | None:
    """Add a person in a role; ``None`` when they have it already. Somebody who left comes back as invited."""
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
    await session.flush()
    loaded.participations = [*loaded.participations, added]
    loaded.persons = {**loaded.persons, person.id: person}
    if person.school_id and person.school_id not in loaded.schools:
        school = await session.get_one(School, person.school_id)
        loaded.schools = {**loaded.schools, school.id: school}
        loaded.blocks = await read_blocks(session, loaded.schools)
    loaded.refresh_calendars()
    return added
