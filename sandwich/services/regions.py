"""A region that is new: its schools, companies and people, from a file into the store."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.region import CompanyEntry, PersonEntry, RegionFile, SchoolEntry
from models.tables.calendar import CalendarBlock
from models.tables.network import Company, Contact, ContactKind, Person, Region, School
from models.tables.offices import HeldOffice
from sandwich.errors import SandwichError
from sandwich.rules.tags import TagBook
from sandwich.runtime import Runtime
from sandwich.services.holidays import write_holidays


class RegionKnown(SandwichError):
    """There is a region {code} already; nothing was changed. `sandwich import` brings people and companies into it."""

    dutch = "Er is al een regio {code}; er is niets veranderd. Met `sandwich import` komen er mensen en bedrijven in."


@dataclass
class _Codes:
    """Identifiers by the codes of the file."""

    region: str
    schools: dict[str, str]
    companies: dict[str, str]


async def enter_region(runtime: Runtime, file: RegionFile, now: datetime, *, actor: str = "region") -> str:
    """Write a region with its schools, companies, people and free days, and the holidays; return the region's id.

    Where the store has a region with that code already, nothing is written.
    """
    async with runtime.store.change(now=now, actor=actor) as session:
        known = await session.scalar(select(Region.id).where(Region.code == file.code))
        if known is not None:
            return known
        region = Region(
            code=file.code, name=file.name, hourly_rate=file.hourly_rate, eligible_costs=file.eligible_costs
        )
        session.add(region)
        await session.flush()
        codes = _Codes(region.id, {}, {})
        for school in file.schools:
            codes.schools[school.code] = await _add_school(session, codes, school)
        for company in file.companies:
            codes.companies[company.code] = await _add_company(session, codes, company, runtime.library.tags)
        people = {person.code: await _add_person(session, codes, person, now) for person in file.people}
        for company in file.companies:
            if company.owner is not None:
                (await session.get_one(Company, codes.companies[company.code])).owner_id = people[company.owner]
        await write_holidays(session)
        return region.id


async def enter_new_region(runtime: Runtime, file: RegionFile, now: datetime, *, actor: str) -> str:
    """Write a region that nobody knows yet, as :func:`enter_region` does; raises ``RegionKnown``."""
    async with runtime.store.read() as session:
        known = await session.scalar(select(Region.id).where(Region.code == file.code))
    if known is not None:
        raise RegionKnown(code=file.code)
    return await enter_region(runtime, file, now, actor=actor)


async def _add_school(session: AsyncSession, codes: _Codes, entry: SchoolEntry) -> str:
    school = School(
        region_id=codes.region,
        code=entry.code,
        name=entry.name,
        holiday_region=entry.holiday_region,
        wall_key=secrets.token_urlsafe(24),
        weeks_between_digests=entry.weeks_between_digests,
    )
    session.add(school)
    await session.flush()
    for days in entry.calendar:
        session.add(
            CalendarBlock(kind=days.kind, name=days.name, first_on=days.first, last_on=days.last, school_id=school.id)
        )
    if entry.colleagues:
        colleagues = Person(
            code=f"{entry.code}-colleagues", school_id=school.id, group_name=f"Collega's van {entry.name}"
        )
        session.add(colleagues)
        await session.flush()
        session.add(_mail(colleagues, entry.colleagues, is_shared=True))
    return school.id


async def _add_company(session: AsyncSession, codes: _Codes, entry: CompanyEntry, tags: TagBook) -> str:
    company = Company(
        region_id=codes.region, code=entry.code, name=entry.name, address=entry.address, tags=tags.kept(entry.tags)
    )
    session.add(company)
    await session.flush()
    for days in entry.calendar:
        session.add(
            CalendarBlock(kind=days.kind, name=days.name, first_on=days.first, last_on=days.last, company_id=company.id)
        )
    return company.id


async def _add_person(session: AsyncSession, codes: _Codes, entry: PersonEntry, now: datetime) -> str:
    person = Person(
        code=entry.code,
        region_id=None if entry.school or entry.company else codes.region,
        school_id=codes.schools[entry.school] if entry.school else None,
        company_id=codes.companies[entry.company] if entry.company else None,
        given_name=entry.given,
        infix=entry.infix,
        family_name=entry.family,
        job_title=entry.job,
        language=entry.language,
        channel=entry.channel,
        is_coordinator=entry.coordinator,
        is_school_leader=entry.school_leader,
        is_timetabler=entry.timetabler,
    )
    session.add(person)
    await session.flush()
    if entry.mail:
        session.add(_mail(person, entry.mail, is_shared=entry.mail_is_shared))
    for office in entry.offices:
        session.add(HeldOffice(person_id=person.id, office=office, given_at=now))
    if entry.phone:
        session.add(Contact(person_id=person.id, kind=ContactKind.PHONE, address=entry.phone))
    return person.id


def _mail(person: Person, address: str, *, is_shared: bool) -> Contact:
    return Contact(
        person_id=person.id, kind=ContactKind.MAIL, address=address, lookup=address.lower(), is_shared=is_shared
    )
