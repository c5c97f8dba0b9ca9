"""What a company said about being asked again, and which others could be asked instead. Reads only."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Company, Person
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.services.contacts import mail_of, phone_of
from sandwich.services.register import find_company

MANY = 5


@dataclass(frozen=True)
class OtherCompany:
    """A company that shows ``shared`` of the same techniques and sectors, with whom to phone there."""

    name: str
    shared: int
    contact: str | None
    phone: str | None

    @property
    def line(self) -> str:
        """Name, contact person and phone number on one line."""
        whom = " ".join(part for part in (self.contact, self.phone) if part)
        return f"{self.name} ({whom})" if whom else self.name


def wish_of(company: Company, today: date) -> Text | None:
    """Return what a company said about being asked, where it would rather not be asked today."""
    if company.asks_no_more:
        return Text(
            nl=f"{company.name} zei na een eerdere keer dat het niet vaker mee wil doen. Bel eerst, of kies een ander.",
            en=f"{company.name} said after an earlier time that it does not want to take part again. Phone first, or "
            "choose another.",
        )
    if company.ask_again_on is not None and company.ask_again_on > today:
        day = company.ask_again_on
        return Text(
            nl=f"{company.name} vroeg om tot {format_date(day, 'd MMMM y', locale='nl')} niets te vragen.",
            en=f"{company.name} wanted no question until {format_date(day, 'd MMMM y', locale='en_GB')}.",
        )
    return None


async def wish_of_host(session: AsyncSession, name: str, today: date) -> Text | None:
    """Return the same of the company with this code, id or name; raises ``BadInput`` where there is none."""
    return wish_of(await find_company(session, name), today)


async def others_like(session: AsyncSession, company: Company, today: date) -> tuple[OtherCompany, ...]:
    """Return companies of the region with tags of this one, most shared first, less those that want no question."""
    tags = {str(tag).casefold() for tag in company.tags}
    companies = await session.scalars(
        select(Company).where(Company.region_id == company.region_id, Company.id != company.id).order_by(Company.name)
    )
    alike = [
        (len(tags & {str(tag).casefold() for tag in other.tags}), other)
        for other in companies
        if wish_of(other, today) is None
    ]
    best = sorted((pair for pair in alike if pair[0]), key=lambda pair: -pair[0])[:MANY]
    found = []
    for shared, other in best:
        person = await session.scalar(
            select(Person)
            .where(Person.company_id == other.id, Person.erased_on.is_(None))
            .order_by(Person.code, Person.id)
            .limit(1)
        )
        contact = full_name(person) if person else None
        found.append(OtherCompany(other.name, shared, contact, await phone_of(session, person.id if person else None)))
    return tuple(found)


@dataclass(frozen=True)
class Colleague:
    """Somebody else at the same company who can be reached, and how."""

    name: str
    reached: str

    @property
    def line(self) -> str:
        """Name and number, or address, on one line."""
        return f"{self.name} ({self.reached})"


async def colleagues_of(session: AsyncSession, person: Person) -> tuple[Colleague, ...]:
    """Return who else can be reached at somebody's company."""
    if person.company_id is None:
        return ()
    others = await session.scalars(
        select(Person)
        .where(Person.company_id == person.company_id, Person.id != person.id, Person.erased_on.is_(None))
        .order_by(Person.family_name, Person.id)
    )
    found = []
    for other in others.all():
        reached = await phone_of(session, other.id) or await mail_of(session, other.id)
        if reached is not None:
            found.append(Colleague(full_name(other), reached))
    return tuple(found)
