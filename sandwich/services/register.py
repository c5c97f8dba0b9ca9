"""Find people, schools and companies by what a person would call them, and write down those who are new."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import NewPerson, PersonRef
from models.tables.network import Company, Contact, ContactKind, Person, Region, School
from sandwich.errors import BadInput
from sandwich.mail.address import address_spec
from sandwich.store.audit import lock_stream
from sandwich.store.chain import REGISTRY


async def lock_registry(session: AsyncSession) -> None:
    """Have what activities share to ourselves until the end of the transaction: look, then write what is missing."""
    await (await session.connection()).run_sync(lock_stream, REGISTRY)


async def find_company(session: AsyncSession, name: str) -> Company:
    """Return a company by code, id or name; raises ``BadInput``."""
    found = await session.scalar(
        select(Company).where(or_(Company.code == name, Company.id == name, Company.name == name))
    )
    if found is None:
        raise BadInput(
            f"There is no company {name}. Use its code or its full name.",
            f"Er is geen bedrijf {name}. Gebruik de code of de volledige naam.",
        )
    return found


async def find_school(session: AsyncSession, name: str) -> School:
    """Return a school by code, id or name; raises ``BadInput``."""
    found = await session.scalar(select(School).where(or_(School.code == name, School.id == name, School.name == name)))
    if found is None:
        raise BadInput(
            f"There is no school {name}. Use its code or its full name.",
            f"Er is geen school {name}. Gebruik de code of de volledige naam.",
        )
    return found


async def find_person(session: AsyncSession, ref: PersonRef) -> Person:
    """Return the person meant, writing down somebody new; raises ``BadInput``."""
    if isinstance(ref, NewPerson):
        return await _write_person(session, ref)
    by_address = select(Contact.person_id).where(Contact.kind == ContactKind.MAIL, Contact.lookup == ref.lower())
    found = (
        await session.scalars(
            select(Person)
            .where(or_(Person.code == ref, Person.id == ref, Person.id.in_(by_address)), Person.erased_on.is_(None))
            .limit(2)
        )
    ).all()
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadInput(
            f"Nobody is known as {ref}. Use a code, a mail address, or give name and address.",
            f"Er is niemand bekend als {ref}. Gebruik een code, een mailadres, of geef naam en adres.",
        )
    raise BadInput(
        f"Several people read the mailbox {ref}. Use the code of the one you mean.",
        f"Meer mensen lezen de mailbox {ref}. Gebruik de code van wie je bedoelt.",
    )


async def can_be_reached(session: AsyncSession, person_id: str, *kinds: ContactKind) -> bool:
    """Return whether a person has a valid address of one of the ``kinds``."""
    found = await session.scalar(
        select(Contact.id).where(Contact.person_id == person_id, Contact.kind.in_(kinds), Contact.is_valid).limit(1)
    )
    return found is not None


async def _only_region(session: AsyncSession) -> str | None:
    """Return the region of somebody new who has no school and no company, where there is only one to be seen."""
    found = list(await session.scalars(select(Region.id).limit(2)))
    return found[0] if len(found) == 1 else None


async def _write_person(session: AsyncSession, new: NewPerson) -> Person:
    await lock_registry(session)
    if new.mail is not None:
        known = await session.scalar(
            select(Person)
            .join(Contact, Contact.person_id == Person.id)
            .where(
                Contact.kind == ContactKind.MAIL,
                Contact.lookup == new.mail.lower(),
                Person.given_name == new.given_name,
                Person.family_name == new.family_name,
                Person.erased_on.is_(None),
            )
        )
        if known is not None:
            return known
    school = await find_school(session, new.school) if new.school else None
    company = await find_company(session, new.company) if new.company else None
    person = Person(
        region_id=None if school or company else await _only_region(session),
        school_id=school.id if school else None,
        company_id=company.id if company else None,
        given_name=new.given_name,
        infix=new.infix,
        family_name=new.family_name,
        job_title=new.job_title,
        language=new.language,
    )
    session.add(person)
    await session.flush()
    if new.mail is not None:
        address = address_spec(new.mail)
        session.add(Contact(person_id=person.id, kind=ContactKind.MAIL, address=address, lookup=address.lower()))
    if new.phone is not None:
        session.add(Contact(person_id=person.id, kind=ContactKind.PHONE, address=new.phone))
    await session.flush()
    return person
