"""Import a table into a region: look what would happen, or let it happen, all or nothing."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.base import Table
from models.tables.network import Region
from models.text import Language
from sandwich.definitions.library import Library
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services.importing.columns import Columns
from sandwich.services.importing.known import Known
from sandwich.services.importing.outcome import ImportRefused, Outcome, Report
from sandwich.services.importing.taking import Taking
from sandwich.services.register import lock_registry
from sandwich.sheets.sheet import Sheet

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""

BATCH = 200
"""Rows between two looks whether somebody interrupted."""


async def foresee_import(
    runtime: Runtime, region: str | None, sheet: Sheet, *, language: Language, progress: Progress
) -> Report:
    """Return what an import would do; nothing is changed. Raises ``BadInput`` for a table that cannot be read."""
    async with runtime.store.read() as session:
        taking = await _begin(session, runtime.library, region, language)
        return await _take(taking, runtime.library, sheet, progress, 1)


async def import_sheet(
    runtime: Runtime,
    region: str | None,
    sheet: Sheet,
    *,
    now: datetime,
    actor: str,
    language: Language,
    progress: Progress,
) -> Report:
    """Import a table in one transaction; raises ``ImportRefused`` where a row cannot be taken: then nothing changed."""
    async with runtime.store.change(now=now, actor=actor) as session:
        await lock_registry(session)
        taking = await _begin(session, runtime.library, region, language)
        report = await _take(taking, runtime.library, sheet, progress, 2)
        if report.counts[Outcome.REFUSED]:
            raise ImportRefused(report)
        done, total = len(sheet.rows), 2 * len(sheet.rows)
        new: list[Sequence[Table]] = [taking.companies, taking.people, taking.contacts]
        count = max(1, sum(len(rows) for rows in new))
        written = 0
        # A person needs the company, a contact the person.
        for rows in new:
            for start in range(0, len(rows), BATCH):
                session.add_all(rows[start : start + BATCH])
                await session.flush()
                written += len(rows[start : start + BATCH])
                progress(done + len(sheet.rows) * written // count, total)
        await session.flush()
        progress(total, total)
    return report


async def find_region(session: AsyncSession, code: str | None) -> Region:
    """Return the region with a code, or the only one that there is; raises ``BadInput``."""
    regions = list(await session.scalars(select(Region).order_by(Region.code)))
    found = [one for one in regions if code in {None, one.code, one.id}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.code for one in regions) or "–"
    if code is None:
        raise BadInput(
            f"Say which region with --region. There are: {names}.", f"Zeg welke regio met --region. Er zijn: {names}."
        )
    raise BadInput(f"There is no region {code}. There are: {names}.", f"Er is geen regio {code}. Er zijn: {names}.")


async def _begin(session: AsyncSession, library: Library, region: str | None, language: Language) -> Taking:
    return Taking(await Known.read(session, await find_region(session, region)), library.tags, language)


async def _take(taking: Taking, library: Library, sheet: Sheet, progress: Progress, parts: int) -> Report:
    fields = Columns.of(library).read_header(sheet.header)
    results = []
    for row in sheet.rows:
        results.append(taking.take(row, fields))
        if len(results) % BATCH == 0:
            progress(len(results), parts * len(sheet.rows))
            await asyncio.sleep(0)  # so that whoever interrupts is heard
    return Report(tuple(results))
