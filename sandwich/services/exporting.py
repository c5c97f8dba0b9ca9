"""A region's companies, contacts and school people as a table that can be imported again."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Company, Contact, ContactKind, Person, Region, School
from models.text import Language
from sandwich.definitions.library import Library
from sandwich.rules.menu_card import said_of_offer
from sandwich.services.importing.columns import COMPANY, OFFER, PERSON, PROFILE, Columns, Field

_KEYS = frozenset({"company.code", "company.name"})
"""Columns of a company that stand in every row of its people; the others in the first."""

TOLD_EVERY = 50
"""After so many companies it is told how far the export is."""


async def export_rows(
    session: AsyncSession,
    library: Library,
    region: Region,
    language: Language,
    *,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[list[str]]:
    """Return the header and a row for every person, and for every company without one; nobody who was erased.

    ``progress`` is told how many companies and schools are done, and of how many.
    """
    columns = Columns.of(library)
    companies = list(
        await session.scalars(select(Company).where(Company.region_id == region.id).order_by(Company.name, Company.id))
    )
    schools = list(
        await session.scalars(select(School).where(School.region_id == region.id).order_by(School.name, School.id))
    )
    people = await session.scalars(
        select(Person)
        .where(
            or_(
                Person.company_id.in_(select(Company.id).where(Company.region_id == region.id)),
                Person.school_id.in_(select(School.id).where(School.region_id == region.id)),
            ),
            Person.erased_on.is_(None),
            Person.group_name.is_(None),
            Person.adopted_at.is_(None),
        )
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    at: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        at[person.company_id or person.school_id or ""].append(person)
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for contact in await session.scalars(select(Contact).order_by(Contact.position)):
        contacts[contact.person_id].append(contact)
    owners = {
        one.id: one.code or one.id
        for one in await session.scalars(select(Person).where(Person.is_coordinator, Person.erased_on.is_(None)))
    }
    writer = _Writer(columns.fields, library, language, owners, contacts)
    rows = [columns.header(language)]
    places = len(companies) + len(schools)
    for number, company in enumerate(companies, start=1):
        rows += writer.of_company(company, at.get(company.id, ()))
        if number % TOLD_EVERY == 0:
            progress(number, places)
    for school in schools:
        rows += [writer.row(None, school, person) for person in at.get(school.id, ())]
    progress(places, places)
    return rows


class _Writer:
    def __init__(
        self,
        fields: Sequence[Field],
        library: Library,
        language: Language,
        owners: Mapping[str, str],
        contacts: Mapping[str, Sequence[Contact]],
    ) -> None:
        self.fields, self.language, self.tags = fields, language, library.tags
        self.owners, self.contacts = owners, contacts

    def of_company(self, company: Company, people: Sequence[Person]) -> Iterator[list[str]]:
        yield self.row(company, None, people[0] if people else None)
        for person in people[1:]:
            yield self.row(company, None, person, whole=False)

    def row(
        self, company: Company | None, school: School | None, person: Person | None, *, whole: bool = True
    ) -> list[str]:
        return [self._cell(field, company, school, person, whole) for field in self.fields]

    def _cell(
        self, field: Field, company: Company | None, school: School | None, person: Person | None, whole: bool
    ) -> str:
        if field.of == PERSON:
            return "" if person is None else self._of_person(field, school, person)
        if company is None or not (whole or field.key in _KEYS):
            return ""
        if field.of == COMPANY:
            return self._of_company(field, company)
        value: Any = None
        if field.of == PROFILE:
            value = (company.profile or {}).get(field.attribute)
        elif field.of == OFFER:
            offer, _, column = field.attribute.rpartition(".")
            value = said_of_offer(company.profile, offer).get(column)
        return field.show(value, self.language)

    def _of_company(self, field: Field, company: Company) -> str:
        if field.attribute == "tags":
            return ", ".join(self.tags.shown(str(tag)).to(self.language) for tag in company.tags)
        if field.attribute == "owner_id":
            return self.owners.get(company.owner_id or "", "")
        return field.show(getattr(company, field.attribute), self.language)

    def _of_person(self, field: Field, school: School | None, person: Person) -> str:
        if field.attribute == "code":
            return person.code or person.id
        if field.attribute == "school_id":
            return school.code if school else ""
        if field.attribute in {"mail", "phone", "is_shared"}:
            kind = ContactKind.PHONE if field.attribute == "phone" else ContactKind.MAIL
            found = [one for one in self.contacts.get(person.id, ()) if one.kind is kind]
            if not found:
                return ""
            if field.attribute == "is_shared":
                return field.show(found[0].is_shared, self.language)
            return next((one for one in found if one.is_valid), found[0]).address
        return field.show(getattr(person, field.attribute), self.language)
