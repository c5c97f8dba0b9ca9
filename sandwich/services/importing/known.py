"""Everybody and everything of a region that a table could mean, read once and kept up while rows are taken."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Company, Contact, ContactKind, Person, Region, School
from sandwich.rules.names import full_name

Place = tuple[str | None, str | None]
"""The company and the school of somebody, by id."""


@dataclass
class Known:
    """The companies, schools and people of a region, and the codes and mail addresses that are in use anywhere.

    A code of another region, or of somebody who belongs to no company and no school here, leads to ``None``.
    """

    region: Region
    companies: dict[str, Company] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    coordinators: dict[str, Person] = field(default_factory=dict)
    contacts: dict[tuple[str, ContactKind], list[Contact]] = field(default_factory=lambda: defaultdict(list))
    company_codes: dict[str, str | None] = field(default_factory=dict)
    person_codes: dict[str, str | None] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_mail: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    at_place: dict[tuple[Place, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    async def read(cls, session: AsyncSession, region: Region) -> "Known":
        """Read a region."""
        known = cls(region)
        for company in await session.scalars(select(Company).order_by(Company.name, Company.id)):
            if company.region_id == region.id:
                known.add_company(company)
            else:
                known.company_codes[company.code] = None
        for school in await session.scalars(select(School).where(School.region_id == region.id)):
            known.schools[school.id] = school
        names, passing = {}, set()
        for person in await session.scalars(select(Person).order_by(Person.code, Person.id)):
            names[person.id] = full_name(person)
            if person.adopted_at is not None:
                passing.add(person.id)
            if person.is_coordinator and person.erased_on is None:
                known.coordinators[person.id] = person
            if person.company_id in known.companies or person.school_id in known.schools:
                known.add_person(person)
            elif person.code:
                known.person_codes[person.code] = None
        for contact in await session.scalars(select(Contact).order_by(Contact.position)):
            known.contacts[contact.person_id, contact.kind].append(contact)
            # What somebody typed on a share wall keeps nobody's address from them.
            if contact.lookup and contact.person_id not in passing:
                known.by_mail[contact.lookup].append((contact.person_id, names.get(contact.person_id, "")))
        return known

    def add_company(self, company: Company) -> None:
        """Let a company be found."""
        self.companies[company.id] = company
        self.company_codes[company.code] = company.id
        self.by_name[folded(company.name)].append(company.id)

    def add_person(self, person: Person) -> None:
        """Let a person be found by code and, unless erased or no person, by name."""
        self.people[person.id] = person
        if person.code:
            self.person_codes[person.code] = person.id
        if person.erased_on is None and person.group_name is None:
            self.at_place[(person.company_id, person.school_id), folded(full_name(person))].append(person.id)

    def company(self, code: str) -> Company | None:
        """Return the company with a code or id."""
        return self.companies.get(code) or self.companies.get(self.company_codes.get(code) or "")

    def companies_called(self, name: str) -> list[Company]:
        """Return the companies with a name."""
        return [self.companies[key] for key in self.by_name.get(folded(name), ())]

    def school(self, name: str) -> School | None:
        """Return the school with a code, id or name."""
        wanted = folded(name)
        return next(
            (one for one in self.schools.values() if name in {one.id, one.code} or folded(one.name) == wanted), None
        )

    def person(self, code: str) -> Person | None:
        """Return the person with a code or id."""
        return self.people.get(code) or self.people.get(self.person_codes.get(code) or "")

    def people_called(self, place: Place, name: str) -> list[Person]:
        """Return the people with a whole name at a place."""
        return [self.people[key] for key in self.at_place.get((place, folded(name)), ())]

    def coordinator(self, who: str) -> Person | None:
        """Return the coordinator with a code, id, mail address or name, where that is one."""
        mailed = {key for key, _ in self.by_mail.get(who.lower(), ())}
        found = [
            one
            for one in self.coordinators.values()
            if who in {one.id, one.code} or one.id in mailed or folded(full_name(one)) == folded(who)
        ]
        return found[0] if len(found) == 1 else None

    def name_of_place(self, place: Place) -> str:
        """Return the name of the company or school where somebody works."""
        found = self.companies.get(place[0] or "") or self.schools.get(place[1] or "")
        return found.name if found else ""

    def readers(self, mail: str, but: str) -> Iterator[tuple[str, str]]:
        """Yield who else reads a mailbox: id and name."""
        return (one for one in self.by_mail.get(mail.lower(), ()) if one[0] != but)


def folded(name: str) -> str:
    """Return a name as it is compared: without capitals and further spaces."""
    return " ".join(name.casefold().split())
