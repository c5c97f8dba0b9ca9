"""What a school year came to, for a region or one of its schools: counts and hours, and nobody's name. Reads only.

An activity belongs to the year of its last contact moment, hours to that in which they were made (field rule 38). Who
objected to the use of their results is in no figure about people; a person who was erased stays counted.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Region
from sandwich.rules.cofinancing import COMPANY_HOURS
from sandwich.rules.figures.counting import cancelled, complete, goes_on, left_out, responses, teacher_hours, teachers
from sandwich.rules.figures.rows import Year
from sandwich.rules.school_years import SchoolYear, share_made_in
from sandwich.services.register import find_school
from sandwich.services.year_rows import read_rows


@dataclass(frozen=True)
class Response:
    """How many were asked a form, and how many answered."""

    answered: int
    asked: int

    @property
    def percentage(self) -> int:
        """Out of a hundred; 0 where nobody was asked."""
        return round(100 * self.answered / self.asked) if self.asked else 0


@dataclass(frozen=True)
class YearFigures:
    """A school year in figures.

    ``held`` counts by kind the activities whose end fell in it, ``complete`` those of them with all four dots,
    ``goes_on`` those that had begun by its end and ended, or will end, after it. ``responses`` are by form.
    ``left_out`` are teachers who were there and objected: they are in no other figure. Of a school the hours of the
    companies are its share, by how many of the teachers who were there are its own.
    """

    year: SchoolYear
    held: Mapping[str, int]
    complete: int
    goes_on: int
    cancelled: int
    teachers: int
    left_out: int
    teacher_hours: float
    company_hours_confirmed: float
    company_hours_estimated: float
    responses: Mapping[str, Response]


async def year_figures(
    session: AsyncSession, region_id: str, year: SchoolYear, *, zone: str, school_id: str | None = None
) -> YearFigures:
    """Return the figures of a school year for a region, or for one of its schools."""
    rows = await read_rows(session, region_id, ZoneInfo(zone), year, year)
    found = rows.of(year, school_id)
    given = _company_hours(found)
    return YearFigures(
        year=year,
        held=dict(sorted(Counter(one.kind for one in found.held.values()).items())),
        complete=complete(found),
        goes_on=goes_on(found),
        cancelled=cancelled(found),
        teachers=len(teachers(found)),
        left_out=len(left_out(found)),
        teacher_hours=round(sum(teacher_hours(found).values()), 1),
        company_hours_confirmed=round(given[True], 1),
        company_hours_estimated=round(given[False], 1),
        responses={form: Response(*counted) for form, counted in responses(found).items()},
    )


async def figures_of(
    session: AsyncSession, year: SchoolYear, *, zone: str, school: str | None = None
) -> list[tuple[str, YearFigures]]:
    """Return the figures of every region by its name, or of one school by its code or name; raises ``BadInput``."""
    if school is not None:
        one = await find_school(session, school)
        return [(one.name, await year_figures(session, one.region_id, year, zone=zone, school_id=one.id))]
    regions = (await session.scalars(select(Region).order_by(Region.code))).all()
    return [(region.name, await year_figures(session, region.id, year, zone=zone)) for region in regions]


def _company_hours(year: Year) -> Mapping[bool, float]:
    found = {True: 0.0, False: 0.0}
    for row in year.rows.hours:
        one = year.mine.get(row.activity_id)
        if one is None or row.kind not in COMPANY_HOURS or not (row.is_confirmed or one.is_on):
            continue
        made = row.hours * share_made_in(year.period, row.kind, one.spans, year.rows.calendar)
        found[row.is_confirmed] += made * year.own_share(row.activity_id)
    return found
