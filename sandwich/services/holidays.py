"""Holidays of the regions and the country, from the files that come with Sandwich."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import sandwich.definitions
from models.holidays import HolidayFile
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.network import HolidayRegion
from sandwich.definitions.load import load_file
from sandwich.runtime import Runtime

FOLDER = Path(sandwich.definitions.__file__).parent / "calendar"
"""One file per school year."""


async def load_holidays(runtime: Runtime, now: datetime, *, actor: str = "holidays") -> int:
    """Write the holidays that are not in the store yet; return how many. A second time writes nothing."""
    async with runtime.store.change(now=now, actor=actor) as session:
        return await write_holidays(session)


async def write_holidays(session: AsyncSession) -> int:
    """Do the same in a transaction that is open already."""
    added = 0
    known = {_key(block.kind, block.holiday_region, block.first_on) for block in await _blocks(session)}
    for path in sorted(FOLDER.glob("holidays-*.yaml")):
        for days in load_file(path, HolidayFile).days:
            for region in days.regions or (None,):
                if _key(days.kind, region, days.first) not in known:
                    session.add(
                        CalendarBlock(
                            kind=days.kind,
                            name=days.name,
                            first_on=days.first,
                            last_on=days.last,
                            holiday_region=region,
                        )
                    )
                    added += 1
    return added


async def _blocks(session: AsyncSession) -> list[CalendarBlock]:
    return list(await session.scalars(select(CalendarBlock).where(CalendarBlock.school_id.is_(None))))


def _key(kind: BlockKind, region: HolidayRegion | None, first: date) -> tuple[BlockKind, HolidayRegion | None, date]:
    return kind, region, first
