"""The figures of a region, or of one of its schools, in a period: read what they are counted from, and the words."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.network import Company, Person, Region, School
from sandwich.errors import NotFound
from sandwich.rules.cofinancing import Contribution
from sandwich.rules.figures.counting import Gifts, Network
from sandwich.rules.figures.whole import YEARS, Figures, figures
from sandwich.rules.school_years import CalendarYear, Period, SchoolYear, years_before
from sandwich.runtime import Runtime
from sandwich.services.contributions import contributed, share_of_region
from sandwich.services.stories import Stories, stories_of
from sandwich.services.year_rows import read_rows
from sandwich.store.scope import with_words


@dataclass(frozen=True)
class Scope:
    """What figures can be asked for: the schools of the region, and the periods of which anything is known."""

    region: Region
    schools: tuple[School, ...]
    school_years: tuple[SchoolYear, ...]
    calendar_years: tuple[CalendarYear, ...]

    def school(self, school_id: str) -> School | None:
        """Return a school of the region, ``None`` for the region itself; raises ``NotFound`` for any other."""
        if not school_id:
            return None
        found = next((one for one in self.schools if one.id == school_id), None)
        if found is None:
            raise NotFound(what="school", name=school_id)
        return found


@dataclass(frozen=True)
class Report:
    """The figures of a period, and what people said that may be told."""

    region: Region
    school: School | None
    figures: Figures
    stories: Stories

    @property
    def of(self) -> str:
        """Whose figures they are."""
        return self.school.name if self.school is not None else self.region.name


async def scope_of(session: AsyncSession, runtime: Runtime, region_id: str, now: datetime) -> Scope:
    """Return what can be asked for: from the first activity of the region to this year."""
    zone = ZoneInfo(runtime.settings.timezone)
    today = now.astimezone(zone).date()
    begun = await session.scalar(select(func.min(Activity.started_at)).where(Activity.region_id == region_id))
    first = begun.astimezone(zone).date() if begun is not None else today
    schools = await session.scalars(select(School).where(School.region_id == region_id).order_by(School.name))
    return Scope(
        await session.get_one(Region, region_id),
        tuple(schools),
        tuple(SchoolYear(year) for year in _years(SchoolYear.of(first).first, SchoolYear.of(today).first)),
        tuple(CalendarYear(year) for year in _years(first.year, today.year)),
    )


async def report_of(
    session: AsyncSession, runtime: Runtime, region: Region, school: School | None, period: Period
) -> Report:
    """Return the figures of a region, or of one of its schools, in a period."""
    async with with_words(session):
        return await _report_of(session, runtime, region, school, period)


async def _report_of(
    session: AsyncSession, runtime: Runtime, region: Region, school: School | None, period: Period
) -> Report:
    zone = ZoneInfo(runtime.settings.timezone)
    rows = await read_rows(session, region.id, zone, years_before(period, YEARS - 1), period)
    gifts = await _gifts(session, region, zone, period)
    names = {} if school else await _names(session, region.id)
    team = await _team(session, {school.id} if school else names)
    network = await _network(session, runtime, region, school, period, gifts, team)
    # A large region takes a second to count: pages of others go on meanwhile.
    found = await asyncio.to_thread(
        figures, rows, period, gifts, network, school_id=school.id if school else None, schools=names
    )
    return Report(region, school, found, await stories_of(session, region, school, found.held))


async def _gifts(session: AsyncSession, region: Region, zone: ZoneInfo, period: Period) -> Gifts:
    of = CalendarYear.of if isinstance(period, CalendarYear) else SchoolYear.of
    pieces: Sequence[Contribution[Period]] = await contributed(session, region, zone, of)
    return Gifts(pieces)


async def _network(
    session: AsyncSession,
    runtime: Runtime,
    region: Region,
    school: School | None,
    period: Period,
    gifts: Gifts,
    team: int,
) -> Network:
    share = None
    if school is None and isinstance(period, SchoolYear):
        pieces = [one for one in gifts.pieces if isinstance(one.year, SchoolYear)]
        share = share_of_region(region, pieces, period, runtime.settings.cofinancing_percent)  # type: ignore[arg-type]
    companies = await session.execute(select(Company.id, Company.tags).where(Company.region_id == region.id))
    tags = {key: [str(tag) for tag in kept] for key, kept in companies}
    return Network(
        team=team,
        companies=len(tags),
        share=share,
        tags=tags,
        norm=runtime.settings.learning_hours_norm,
    )


async def _team(session: AsyncSession, schools: Collection[str]) -> int:
    """Return how many teachers of these schools are in the register: whoever has no other task there."""
    query = select(func.count()).where(
        Person.school_id.in_(schools),
        Person.erased_on.is_(None),
        Person.group_name.is_(None),
        Person.adopted_at.is_(None),
        ~Person.is_school_leader,
        ~Person.is_timetabler,
        ~Person.is_coordinator,
    )
    return await session.scalar(query) or 0


async def _names(session: AsyncSession, region_id: str) -> dict[str, str]:
    rows = await session.execute(
        select(School.id, School.name).where(School.region_id == region_id).order_by(School.name, School.id)
    )
    return {row.id: row.name for row in rows}


def _years(first: int, last: int) -> Sequence[int]:
    return range(last, min(first, last) - 1, -1)
