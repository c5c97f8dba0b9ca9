"""Holidays of the regions and the country, from the files that come with Sandwich."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import sandwich.definitions
from models.holidays import FreeDays, HolidayFile
from models.tables.calendar import CalendarBlock
from models.tables.network import HolidayRegion
from sandwich.definitions.load import load_file

FOLDER = Path(sandwich.definitions.__file__).parent / "calendar"
"""One file per school year."""


_SAME = timedelta(days=60)
"""So far apart a holiday of one name is still that of the same year."""


async def write_holidays(session: AsyncSession) -> int:
    """Write the holidays that are not in the store yet, and put right those whose dates the files have corrected.

    Return how many were written or changed; a second time it is none. What schools and companies entered themselves
    stays.
    """
    changed = 0
    of_all = (CalendarBlock.school_id.is_(None), CalendarBlock.company_id.is_(None))
    blocks = list(await session.scalars(select(CalendarBlock).where(*of_all)))
    for path in sorted(FOLDER.glob("holidays-*.yaml")):
        for days in load_file(path, HolidayFile).days:
            for region in days.regions or (None,):
                known = next((block for block in blocks if _is(block, days, region)), None)
                if known is None:
                    known = CalendarBlock(kind=days.kind, name=days.name, holiday_region=region)
                    session.add(known)
                elif (known.first_on, known.last_on) == (days.first, days.last):
                    continue
                known.first_on, known.last_on = days.first, days.last
                changed += 1
    return changed


def _is(block: CalendarBlock, days: FreeDays, region: HolidayRegion | None) -> bool:
    same = (block.kind, block.name, block.holiday_region) == (days.kind, days.name, region)
    return same and abs(block.first_on - days.first) <= _SAME
