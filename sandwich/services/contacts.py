"""How somebody is reached: the first valid address of each kind counts."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Contact, ContactKind, Person
from sandwich.rules.names import full_name
from sandwich.store.rows import AMONG

_FIRST = (
    select(Contact)
    .where(
        Contact.person_id == bindparam("person"),
        Contact.kind == bindparam("kind", type_=Contact.kind.type),
        Contact.is_valid,
    )
    .order_by(Contact.position)
    .limit(1)
)


_VALID = select(Contact).where(Contact.person_id.in_(AMONG), Contact.is_valid).order_by(Contact.position)


@dataclass(frozen=True)
class Contacts:
    """The valid contacts of some people, read at once."""

    found: Sequence[Contact]

    def first(self, person_id: str, kind: ContactKind) -> str | None:
        """Return the first address of a person of one kind."""
        return next((one.address for one in self._of(person_id, kind)), None)

    def shares_mailbox(self, person_id: str) -> bool:
        """Return whether others read the mailbox that a person is mailed at."""
        return any(one.is_shared for one in self._of(person_id, ContactKind.MAIL))

    def _of(self, person_id: str, kind: ContactKind) -> Iterator[Contact]:
        return (one for one in self.found if one.person_id == person_id and one.kind is kind)


async def contacts_of(session: AsyncSession, people: Collection[str]) -> Contacts:
    """Return the valid contacts of people."""
    return Contacts((await session.scalars(_VALID, {"among": list(people)})).all())


async def contact_of(session: AsyncSession, person_id: str | None, kind: ContactKind) -> Contact | None:
    """Return the first valid contact of a person of one kind; ``None`` also for nobody."""
    if person_id is None:
        return None
    found: Contact | None = await session.scalar(_FIRST, {"person": person_id, "kind": kind})
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
    """Somebody else at the same company who can be reached, by phone or by mail."""

    name: str
    phone: str | None
    mail: str | None

    @property
    def line(self) -> str:
        """Name and number, or else address, on one line."""
        return f"{self.name} ({self.phone or self.mail})"


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
    return tuple(
        [
            OtherContact(full_name(one), await phone_of(session, one.id), await mail_of(session, one.id))
            for one in people.all()
        ]
    )


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
