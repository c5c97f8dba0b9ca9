"""The known cast: the people, schools and companies of the region De Grienden, by their codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import select

from models.tables.network import Company, Contact, ContactKind, Person, Region, School
from sandwich.demo.region import load_region
from sandwich.runtime import Runtime


@dataclass(frozen=True)
class Cast:
    """Everybody, as they were when the test began."""

    region: Region
    schools: dict[str, School]
    companies: dict[str, Company]
    people: dict[str, Person]
    contacts: dict[tuple[str, ContactKind], Contact]

    @classmethod
    async def enter(cls, runtime: Runtime, now: datetime) -> Self:
        """Write the region into the store and read it back."""
        await load_region(runtime, now)
        return await cls.read(runtime)

    @classmethod
    async def read(cls, runtime: Runtime) -> Self:
        """Read the region that is in the store already."""
        async with runtime.store.read() as session:
            people = {row.code: row for row in await session.scalars(select(Person)) if row.code}
            codes = {row.id: code for code, row in people.items()}
            known = [row for row in await session.scalars(select(Contact)) if row.person_id in codes]
            return cls(
                region=(await session.scalars(select(Region))).one(),
                schools={row.code: row for row in await session.scalars(select(School))},
                companies={row.code: row for row in await session.scalars(select(Company))},
                people=people,
                contacts={(codes[row.person_id], row.kind): row for row in known},
            )

    def person(self, code: str) -> Person:
        """Return a person: ``T3``, ``P3``, ``S1-colleagues``."""
        return self.people[code]

    def id(self, code: str) -> str:
        """Return the identifier of a person, school or company."""
        return (self.people.get(code) or self.schools.get(code) or self.companies[code]).id

    def name(self, code: str) -> str:
        """Return a person's whole name."""
        person = self.people[code]
        return " ".join(part for part in (person.given_name, person.infix, person.family_name) if part)

    def mail(self, code: str) -> str:
        """Return a person's mail address."""
        return self.contacts[code, ContactKind.MAIL].address

    def phone(self, code: str) -> str:
        """Return a person's telephone number."""
        return self.contacts[code, ContactKind.PHONE].address
