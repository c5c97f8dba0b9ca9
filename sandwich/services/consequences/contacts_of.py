"""The people whom a company names in its profile: who is new is written down, what is known is never overwritten."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Channel, Company, Contact, ContactKind, Person
from sandwich.mail.address import AddressRefused, address_spec
from sandwich.services.register import lock_registry
from sandwich.services.told import plain


async def keep_contacts(session: AsyncSession, company: Company, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down the people in ``rows`` as people of the company.

    An address that differs from the known one is kept behind it: nobody's mail may be led away by somebody else.
    """
    await lock_registry(session)
    known = {
        person.id: person
        for person in await session.scalars(
            select(Person).where(Person.company_id == company.id, Person.erased_on.is_(None))
        )
    }
    for row in rows:
        person = known.get(str(row.get("row"))) or await _named(session, known, row)
        if person is None:
            given, _, family = plain(row.get("name")).partition(" ")
            if not given:
                continue
            person = Person(company_id=company.id, given_name=given, family_name=family or None)
            if row.get("channel") in set(Channel):
                person.channel = Channel(row["channel"])
            session.add(person)
            await session.flush()
            known[person.id] = person
        person.job_title = plain(row.get("function")) or person.job_title
        await _keep(session, person, ContactKind.MAIL, plain(row.get("email")))
        await _keep(session, person, ContactKind.PHONE, plain(row.get("phone")))


async def share_mailbox(session: AsyncSession, person_id: str, *, is_shared: bool) -> None:
    """Note whether others read the mailboxes of a person."""
    boxes = select(Contact).where(Contact.person_id == person_id, Contact.kind == ContactKind.MAIL)
    for contact in await session.scalars(boxes):
        contact.is_shared = is_shared


async def _named(session: AsyncSession, known: Mapping[str, Person], row: Mapping[str, Any]) -> Person | None:
    """Return the person of the company at the address in a row: a new row may name somebody who is known."""
    mail = plain(row.get("email")).lower()
    if not mail:
        return None
    found = await session.scalar(
        select(Contact.person_id)
        .where(Contact.kind == ContactKind.MAIL, Contact.lookup == mail, Contact.person_id.in_(known))
        .limit(1)
    )
    person = known.get(found) if found else None
    same = person is not None and plain(row.get("name")).startswith(person.given_name or "")
    return person if same else None


async def _keep(session: AsyncSession, person: Person, kind: ContactKind, said: str) -> None:
    if not said:
        return
    if kind is ContactKind.MAIL:
        try:
            said = address_spec(said)
        except AddressRefused:
            return
    there = list(
        await session.scalars(select(Contact.address).where(Contact.person_id == person.id, Contact.kind == kind))
    )
    if said.casefold() in {address.casefold() for address in there}:
        return
    last = await session.scalar(
        select(func.max(Contact.position)).where(Contact.person_id == person.id, Contact.kind == kind)
    )
    position = 0 if last is None else last + 1
    lookup = said.lower() if kind is ContactKind.MAIL else None
    session.add(Contact(person_id=person.id, kind=kind, position=position, address=said, lookup=lookup))
    await session.flush()
