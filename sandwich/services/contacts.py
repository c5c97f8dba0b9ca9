"""How somebody is reached: the first valid address of each kind counts."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Contact, ContactKind, Person
from sandwich.rules.names import full_name


@dataclass(frozen=True)
class Reachable:
    """Somebody to turn to."""

    name: str
    phone: str | None
    mail: str | None


async def contact_of(session: AsyncSession, person_id: str | None, kind: ContactKind) -> Contact | None:
    """Return the first valid contact of a person of one kind; ``None`` also for nobody."""
    if person_id is None:
        return None
    found: Contact | None = await session.scalar(
        select(Contact)
        .where(Contact.person_id == person_id, Contact.kind == kind, Contact.is_valid)
        .order_by(Contact.position)
        .limit(1)
    )
    return found


async def phone_of(session: AsyncSession, person_id: str | None) -> str | None:
    """Return the first phone number of a person."""
    found = await contact_of(session, person_id, ContactKind.PHONE)
    return found.address if found else None


async def mail_of(session: AsyncSession, person_id: str | None) -> str | None:
    """Return the first valid mail address of a person."""
    found = await contact_of(session, person_id, ContactKind.MAIL)
    return found.address if found else None


async def reachable(session: AsyncSession, person_id: str | None) -> Reachable | None:
    """Return how somebody is reached; ``None`` for nobody, and for somebody who was erased."""
    person = await session.get(Person, person_id) if person_id else None
    if person is None or person.erased_on is not None:
        return None
    name = full_name(person) or person.id
    return Reachable(name, await phone_of(session, person.id), await mail_of(session, person.id))
