"""Which companies could be asked instead of one that cannot. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Company, Person
from sandwich.rules.cool_down import free_on
from sandwich.rules.names import full_name
from sandwich.rules.tags import folded
from sandwich.services.companies import wish_of
from sandwich.services.contacts import phone_of
from sandwich.services.cool_down import limits_of
from sandwich.services.requests import requests_to
from sandwich.settings import Settings

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


async def others_like(
    session: AsyncSession, settings: Settings, company: Company, now: datetime
) -> tuple[OtherCompany, ...]:
    """Return companies of the region with tags of this one, less those that want no question.

    Those that were asked enough for now come last (field rule 44). Before that, those with most in common come first,
    and of these the one that was asked longest ago.
    """
    zone = ZoneInfo(settings.timezone)
    today, limits = now.astimezone(zone).date(), limits_of(settings)
    tags = {folded(str(tag)) for tag in company.tags}
    companies = await session.scalars(
        select(Company).where(Company.region_id == company.region_id, Company.id != company.id)
    )
    shared = {other: len(tags & {folded(str(tag)) for tag in other.tags}) for other in companies}
    alike = [other for other, count in shared.items() if count and wish_of(other, today) is None]
    requests = await requests_to(session, [other.id for other in alike], zone)

    def place(other: Company) -> tuple[bool, int, date, str]:
        days = [request.on for request in requests.get(other.id, ())]
        rests = free_on(days, today, limits) is not None
        return rests, -shared[other], max(days, default=date.min), other.name

    found = []
    for other in sorted(alike, key=place)[:MANY]:
        person = await session.scalar(
            select(Person)
            .where(Person.company_id == other.id, Person.erased_on.is_(None))
            .order_by(Person.code, Person.id)
            .limit(1)
        )
        contact = full_name(person) if person else None
        phone = await phone_of(session, person.id if person else None)
        found.append(OtherCompany(other.name, shared[other], contact, phone))
    return tuple(found)
