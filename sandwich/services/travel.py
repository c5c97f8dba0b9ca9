"""How long people travel between the schools and companies of a region, as its coordinators know it."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Company, Region, School
from sandwich.errors import BadInput
from sandwich.rules.fit import Distances
from sandwich.sheets.sheet import Sheet

COLUMNS = (("van", "from"), ("naar", "to"), ("minuten", "minutes"))
"""The columns of a table of travel times, by their names in Dutch and in English."""

NAMES = tuple(name for names in COLUMNS for name in names)
MOST_MINUTES = 24 * 60


async def keep_travel(session: AsyncSession, region: Region, sheet: Sheet) -> int:
    """Keep the times of a table, which take the place of those before; returns how many there are.

    Each row is two schools or companies, by code or name, and the minutes between them, either way. Raises
    ``BadInput`` with the first row that cannot be used; then nothing was changed.
    """
    places = [_place(sheet.header, names) for names in COLUMNS]
    known, found = await _places(session, region.id), dict[frozenset[str], int]()
    for row in sheet.rows:
        one, other, minutes = (row.cells[place] if isinstance(row.cells[place], str) else "" for place in places)
        ends = [_end(known, str(name), row.number) for name in (one, other)]
        if not str(minutes).isdecimal() or int(str(minutes)) > MOST_MINUTES:
            raise BadInput(
                f"Row {row.number}: ‘{minutes}’ is no number of minutes. Write for instance 25.",
                f"Rij {row.number}: ‘{minutes}’ is geen aantal minuten. Schrijf bijvoorbeeld 25.",
            )
        found[frozenset(ends)] = int(str(minutes))
    region.travel = [[*sorted(ends), minutes] for ends, minutes in found.items() if len(ends) == 2]
    return len(region.travel)


async def distances_of(session: AsyncSession, region_id: str) -> Distances:
    """Return what is known of the way between two places of a region."""
    region = await session.get_one(Region, region_id)
    return Distances({(str(one), str(other)): int(minutes) for one, other, minutes in region.travel or ()})


def _place(header: tuple[str, ...], names: tuple[str, str]) -> int:
    for place, name in enumerate(header):
        if name.casefold() in names:
            return place
    nl, en = names
    raise BadInput(
        f"There is no column ‘{en}’. The table has the columns from, to and minutes.",
        f"Er is geen kolom ‘{nl}’. De tabel heeft de kolommen van, naar en minuten.",
    )


async def _places(session: AsyncSession, region_id: str) -> Mapping[str, str]:
    """Return the ids of schools and companies of a region by every name that they go by."""
    schools = select(School.id, School.code, School.name).where(School.region_id == region_id)
    companies = select(Company.id, Company.code, Company.name).where(Company.region_id == region_id)
    rows = [*(await session.execute(schools)), *(await session.execute(companies))]
    return {name.casefold(): key for key, *names in rows for name in names}


def _end(known: Mapping[str, str], name: str, number: int) -> str:
    if name.casefold() not in known:
        raise BadInput(
            f"Row {number}: there is no school or company ‘{name}’ in this region. Use its code or its full name.",
            f"Rij {number}: er is geen school of bedrijf ‘{name}’ in deze regio. Gebruik de code of de volledige naam.",
        )
    return known[name.casefold()]
