"""How somebody is reached: the first valid address of each kind counts."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Contact, ContactKind, Person
from sandwich.rules.names import full_name


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


@dataclass(frozen=True)
class OtherContact:
    """Somebody else at the same company who can be reached."""

    person_id: str
    name: str
    phone: str | None

    @property
    def line(self) -> str:
        """Name and phone number on one line."""
        return f"{self.name} ({self.phone})" if self.phone else self.name


async def others_at(session: AsyncSession, person: Person) -> tuple[OtherContact, ...]:
    """Return the other people of somebody's company who have an address or a number that works."""
    if person.company_id is None:
        return ()
    people = await session.scalars(
        select(Person)
        .where(
            Person.company_id == person.company_id,
            Person.id != person.id,
            Person.erased_on.is_(None),
            Person.id.in_(select(Contact.person_id).where(Contact.is_valid)),
        )
        .order_by(Person.code, Person.family_name, Person.id)
    )
    return tuple([OtherContact(one.id, full_name(one), await phone_of(session, one.id)) for one in people])
