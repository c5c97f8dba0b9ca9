"""What companies gave, by company and school year (field rules 38 and 45): hours and material, confirmed or not."""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus, ContactMoment
from models.tables.network import Person, Region
from models.tables.results import CompanyValue, Hours
from sandwich.rules.calendar import Calendar, Span
from sandwich.rules.cofinancing import COMPANY_HOURS, Contribution, Given, Piece, Share, Year, given, share_of
from sandwich.rules.school_years import SchoolYear, share_made_in


async def contributions(
    session: AsyncSession, region: Region, zone: ZoneInfo, companies: Collection[str] | None = None
) -> list[Contribution[SchoolYear]]:
    """Return everything that companies of a region gave, or these of them, by school year."""
    found = await contributed(session, region, zone, SchoolYear.of)
    return [one for one in found if companies is None or one.company_id in companies]


async def contributed(
    session: AsyncSession, region: Region, zone: ZoneInfo, of: Callable[[date], Year]
) -> list[Contribution[Year]]:
    """Return everything that companies of a region gave, by the years that ``of`` tells for a day.

    Hours and material are of the company where who gave them works. Hours count in the school years in which they were
    made, material on the last day of the activity. Estimates of something that did not take place were not given.
    """
    spans, calendar = await _spans(session, region.id), Calendar(zone)
    rates = {
        (value.activity_id, value.person_id): value.rate
        for value in await session.scalars(
            select(CompanyValue).join(Activity).where(Activity.region_id == region.id, CompanyValue.rate.is_not(None))
        )
    }
    found = []
    hours = await session.execute(
        select(Hours, func.coalesce(Person.company_id, Activity.company_id), Activity.status)
        .join(Activity, Activity.id == Hours.activity_id)
        .join(Person, Person.id == Hours.person_id)
        .where(Activity.region_id == region.id, Hours.kind.in_(COMPANY_HOURS))
    )
    for row, company_id, status in hours:
        if company_id is None or (status is ActivityStatus.CANCELLED and not row.is_confirmed):
            continue
        moments, of_old = spans[row.activity_id], rates.get((row.activity_id, None), region.hourly_rate)
        rate = rates.get((row.activity_id, row.person_id), of_old)
        for year in {of(calendar.day_of(at)) for span in moments for at in span}:
            if made := row.hours * share_made_in(year, row.kind, moments, calendar):
                piece = Piece(hours=made, is_confirmed=row.is_confirmed, rate=rate)
                found.append(Contribution(company_id, row.activity_id, year, piece))
    values = await session.execute(
        select(CompanyValue, func.coalesce(Person.company_id, Activity.company_id), Activity.status)
        .join(Activity, Activity.id == CompanyValue.activity_id)
        .outerjoin(Person, Person.id == CompanyValue.person_id)
        .where(Activity.region_id == region.id, CompanyValue.material > 0)
    )
    for value, company_id, status in values:
        if company_id is None or (status is ActivityStatus.CANCELLED and not value.is_confirmed):
            continue
        piece = Piece(material=value.material, is_confirmed=value.is_confirmed)
        last = max(end for _, end in spans[value.activity_id])
        found.append(Contribution(company_id, value.activity_id, of(calendar.day_of(last)), piece))
    return found


def by_company(pieces: Collection[Contribution[Year]], year: Year) -> dict[str, Given]:
    """Return what each company gave in a year."""
    found = defaultdict(list)
    for one in pieces:
        if one.year == year:
            found[one.company_id].append(one.piece)
    return {company: given(parts) for company, parts in found.items()}


def by_year(pieces: Collection[Contribution[Year]]) -> dict[Year, Given]:
    """Return what was given in each year, the newest first."""
    found = defaultdict(list)
    for one in pieces:
        found[one.year].append(one.piece)
    return {year: given(found[year]) for year in sorted(found, reverse=True)}


def by_activity(pieces: Collection[Contribution[Year]]) -> dict[str, Given]:
    """Return what was given in each activity."""
    found = defaultdict(list)
    for one in pieces:
        found[one.activity_id].append(one.piece)
    return {activity: given(parts) for activity, parts in found.items()}


def share_of_region(
    region: Region, pieces: Collection[Contribution[SchoolYear]], year: SchoolYear, percent: float
) -> Share | None:
    """Return how far a region's companies are towards their share of a school year; ``None`` where that is unknown."""
    return share_of(by_year(pieces).get(year, Given(value=0)), region.eligible_costs, percent)


async def _spans(session: AsyncSession, region_id: str) -> dict[str, list[Span]]:
    rows = await session.execute(
        select(ContactMoment.activity_id, ContactMoment.starts_at, ContactMoment.ends_at)
        .join(Activity, Activity.id == ContactMoment.activity_id)
        .where(Activity.region_id == region_id)
    )
    found = defaultdict(list)
    for key, start, end in rows:
        found[key].append((start, end))
    return found
