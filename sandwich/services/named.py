"""Whom somebody named to take over: known here already, or new. Reads only."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Submission
from models.tables.network import Contact, ContactKind, Person
from sandwich.rules.names import full_name, split_name

_NAMES = ("replacement", "other_person")
_MAIL = "replacement_email"


@dataclass(frozen=True)
class Named:
    """Somebody who was named in an answer; ``known`` are the people here who have that address or that name."""

    name: str
    mail: str
    given: str
    infix: str
    family: str
    known: frozenset[str]


async def named_in(session: AsyncSession, submission_id: str) -> Named | None:
    """Return whom an answer names to take over; ``None`` where it names nobody."""
    submission = await session.get(Submission, submission_id)
    answers = (submission.answers or {}) if submission else {}
    name = next((str(answers[key]).strip() for key in _NAMES if answers.get(key)), "")
    mail = str(answers.get(_MAIL) or "").strip()
    if not name and not mail:
        return None
    known: set[str] = set()
    if mail:
        rows = await session.scalars(
            select(Contact.person_id).where(Contact.kind == ContactKind.MAIL, Contact.lookup == mail.lower())
        )
        known = set(rows)
    given, infix, family = split_name(name)
    if not known and family:
        alike = await session.scalars(select(Person).where(func.lower(Person.family_name) == family.lower()))
        known = {person.id for person in alike if full_name(person).lower() == name.lower()}
    return Named(name, mail, given, infix, family, frozenset(known))
