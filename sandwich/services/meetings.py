"""Who tells it in which team meeting: what school leaders and participants proposed. Reads only."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import School
from sandwich.rules.names import full_name
from sandwich.services.told import read_told


@dataclass(frozen=True)
class Meeting:
    """A slot that a leader gives (``is_slot``), or somebody who tells it; ``on`` is the day, where one was named."""

    who: str
    school_id: str | None
    school: str | None
    on: date | None
    is_slot: bool


async def meetings_of(session: AsyncSession, activity_id: str) -> tuple[Meeting, ...]:
    """Return every slot and everybody who wants to tell it, by day; those without a day last."""
    told = await read_told(session, activity_id, everybody=True)
    schools = {row.id: row.name for row in await session.scalars(select(School))}
    found = []
    for form, wants, day, is_slot in (
        ("approval", "team_slot", "team_slot_date", True),
        ("impressions", "meeting", "meeting_date", False),
    ):
        for item in told.of(form, active=True):
            if item.answers.get(wants) not in (True, "on-date", "later"):
                continue
            person = told.people.get(item.participation.person_id)
            if person is None or person.erased_on is not None:
                continue
            school = person.school_id
            found.append(
                Meeting(full_name(person), school, schools.get(school or ""), _day(item.answers.get(day)), is_slot)
            )
    return tuple(sorted(found, key=lambda one: (one.on or date.max, not one.is_slot, one.who)))


def _day(said: Any) -> date | None:
    return date.fromisoformat(said) if isinstance(said, str) and said else None
