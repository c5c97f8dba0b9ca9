"""How somebody is reached: the first valid address of each kind counts."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Contact, ContactKind, Person


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


async def sharing_a_mailbox(session: AsyncSession, people: Collection[str]) -> set[str]:
    """Return which of these people have mail that others read too; lists of people are none."""
    rows = await session.scalars(
        select(Contact.person_id)
        .join(Person, Person.id == Contact.person_id)
        .where(
            Contact.person_id.in_(people),
            Contact.kind == ContactKind.MAIL,
            Contact.is_valid,
            Contact.is_shared,
            Person.group_name.is_(None),
        )
    )
    return set(rows)
