"""The figures of the region or one of its schools, the year report as files, and how the region stands now."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from models.scopes import ApiScope
from models.tables.network import School
from sandwich.rules.school_years import Period, SchoolYear, key_of, period_of_key
from sandwich.services.figures import Report, report_of, scope_of
from sandwich.services.report_files import csv_file, name_of, pdf_file, xlsx_file
from sandwich.services.report_words import Worded
from sandwich.services.standing import Standing, standing_of
from sandwich.services.stories import Stories
from sandwich.web.api.access import Caller
from sandwich.web.api.activities import PDF
from sandwich.web.api.door import reading, routes
from sandwich.web.api.values import ID
from sandwich.web.board.figures import XLSX, worded_for
from sandwich.web.files import download, paper_response
from sandwich.web.session import Visitor

router = routes("figures")

OPEN = reading(scope=ApiScope.FIGURES)

Of = Annotated[str | None, Query(pattern=ID, description="a school; without it the whole region")]
Year = Annotated[
    str | None,
    Query(pattern=r"^(school|calendar)-20[0-9]{2}$", description="school-2026 is 2026-2027; left out: now"),
]


class SchoolLine(BaseModel):
    """A school of the region."""

    id: str
    name: str


class Choices(BaseModel):
    """Of whom and of when there are figures."""

    schools: list[SchoolLine]
    years: list[str]


class YearReport(BaseModel):
    """The figures of a period in words, with what people told that may be told."""

    report: Worded
    stories: Stories


@router.get("/figures", **OPEN)
async def choices(visitor: Caller) -> Choices:
    """Of whom and of when figures can be asked."""
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        scope = await scope_of(session, visitor.runtime, visitor.who.region_id, now)
    return Choices(
        schools=[SchoolLine(id=school.id, name=school.name) for school in scope.schools],
        years=[*map(key_of, scope.school_years), *map(key_of, scope.calendar_years)],
    )


@router.get("/figures/now", **reading())
async def standing(visitor: Caller) -> Standing:
    """How the region stands at this moment."""
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        return await standing_of(session, visitor.runtime.library, visitor.who.region_id, now)


@router.get("/figures/report", **OPEN)
async def report(visitor: Caller, of: Of = None, year: Year = None) -> YearReport:
    """The year report."""
    found, *_ = await _read(visitor, of, year)
    return YearReport(report=worded_for(found, visitor), stories=found.stories)


@router.get("/figures/report.pdf", **OPEN, response_class=Response, responses=PDF)
async def report_as_pdf(visitor: Caller, of: Of = None, year: Year = None) -> Response:
    """The year report as a PDF."""
    found, school, period, now = await _read(visitor, of, year)
    made, language = now.astimezone(ZoneInfo(visitor.runtime.settings.timezone)).date(), visitor.who.language
    name = f"{name_of(period, school, language)}.pdf"
    return paper_response(await pdf_file(worded_for(found, visitor), found.stories, name, made, language))


@router.get(
    "/figures/report.xlsx",
    **OPEN,
    response_class=Response,
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def report_as_xlsx(visitor: Caller, of: Of = None, year: Year = None) -> Response:
    """The same figures as a workbook."""
    found, school, period, _ = await _read(visitor, of, year)
    language = visitor.who.language
    content = xlsx_file(worded_for(found, visitor), found.stories, language)
    return download(content, f"{name_of(period, school, language)}.xlsx", XLSX)


@router.get(
    "/figures/report.csv",
    **OPEN,
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def report_as_csv(visitor: Caller, of: Of = None, year: Year = None) -> Response:
    """The same figures as one table."""
    found, school, period, _ = await _read(visitor, of, year)
    language = visitor.who.language
    content = csv_file(worded_for(found, visitor), language)
    return download(content, f"{name_of(period, school, language)}.csv", "text/csv; charset=utf-8")


async def _read(visitor: Visitor, of: str | None, year: str | None) -> tuple[Report, School | None, Period, datetime]:
    runtime = visitor.runtime
    now = await runtime.clock.now()
    period = period_of_key(year) if year else SchoolYear.of(now.astimezone(ZoneInfo(runtime.settings.timezone)).date())
    if period is None:
        raise HTTPException(404)
    async with runtime.store.read() as session:
        scope = await scope_of(session, runtime, visitor.who.region_id, now)
        school = scope.school(of or "")
        return await report_of(session, runtime, scope.region, school, period), school, period, now
