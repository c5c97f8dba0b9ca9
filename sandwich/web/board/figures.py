"""The figures of the region or one of its schools: the dashboard, and the year report to print or save."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from models.tables.network import School
from models.text import Text
from sandwich.errors import NotFound
from sandwich.rules.figures.chart_wording import SMALL_NUMBERS, SOURCE
from sandwich.rules.school_years import Period, SchoolYear, key_of, period_of_key
from sandwich.services.figures import Report, Scope, report_of, scope_of
from sandwich.services.report_files import HEADINGS, csv_file, name_of, pdf_file, xlsx_file
from sandwich.services.report_words import Worded, worded
from sandwich.services.standing import standing_of
from sandwich.web.board.showing import show
from sandwich.web.files import download, paper_response
from sandwich.web.session import Reporter, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/figures")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UNCLEAR = Text(
    nl="Dit jaar of deze school is er niet bij. Hieronder staat het lopende schooljaar van de hele regio.",
    en="This year or this school is not there. Below is the present school year of the whole region.",
)


@dataclass(frozen=True)
class Choice:
    """What somebody wants the figures of; ``is_unclear``: the address named something that there is not."""

    scope: Scope
    school: School | None
    period: Period
    is_unclear: bool

    @property
    def query(self) -> str:
        """The same choice as it stands in an address."""
        return urlencode({"of": self.school.id if self.school else "", "year": key_of(self.period)})

    def file(self, visitor: Visitor, ending: str) -> str:
        """What a file of it is called."""
        return f"{name_of(self.period, self.school, visitor.who.language)}.{ending}"


@router.get("")
async def dashboard(request: Request, visitor: Reporter) -> Response:
    """Show how the region stands now, and the figures of a school year or calendar year."""
    now = await visitor.runtime.clock.now()
    choice, report = await _read(request, visitor, now)
    async with visitor.runtime.store.read() as session:
        standing = await standing_of(session, visitor.runtime.library, visitor.who.region_id, now)
    return show(
        request,
        visitor,
        "figures.html",
        current="figures",
        choice=choice,
        unclear=_UNCLEAR.to(visitor.who.language) if choice.is_unclear else "",
        standing=standing,
        now=now,
        key_of=key_of,
        **_said(report, visitor),
    )


@router.get("/report")
async def report(request: Request, visitor: Reporter) -> Response:
    """Show the year report as it is printed."""
    now = await visitor.runtime.clock.now()
    choice, found = await _read(request, visitor, now, strict=True)
    return show(
        request, visitor, "year-report.html", current="figures", choice=choice, now=now, **_said(found, visitor)
    )


@router.get("/report.pdf")
async def as_pdf(request: Request, visitor: Reporter) -> Response:
    """Give the year report as a PDF."""
    now = await visitor.runtime.clock.now()
    choice, found = await _read(request, visitor, now, strict=True)
    made = now.astimezone(ZoneInfo(visitor.runtime.settings.timezone)).date()
    language = visitor.who.language
    name = choice.file(visitor, "pdf")
    return paper_response(await pdf_file(worded_for(found, visitor), found.stories, name, made, language))


@router.get("/report.xlsx")
async def as_xlsx(request: Request, visitor: Reporter) -> Response:
    """Give the same figures as a workbook."""
    choice, found = await _read(request, visitor, await visitor.runtime.clock.now(), strict=True)
    content = xlsx_file(worded_for(found, visitor), found.stories, visitor.who.language)
    return download(content, choice.file(visitor, "xlsx"), XLSX)


@router.get("/report.csv")
async def as_csv(request: Request, visitor: Reporter) -> Response:
    """Give the same figures as one table."""
    choice, found = await _read(request, visitor, await visitor.runtime.clock.now(), strict=True)
    content = csv_file(worded_for(found, visitor), visitor.who.language)
    return download(content, choice.file(visitor, "csv"), "text/csv; charset=utf-8")


async def _read(request: Request, visitor: Visitor, now: datetime, *, strict: bool = False) -> tuple[Choice, Report]:
    """Read what was chosen; with ``strict`` what there is not is a page that there is not."""
    runtime = visitor.runtime
    async with runtime.store.read() as session:
        scope = await scope_of(session, runtime, visitor.who.region_id, now)
        choice = _choice(request, scope, runtime.settings.timezone, now)
        if strict and choice.is_unclear:
            raise HTTPException(404)
        return choice, await report_of(session, runtime, scope.region, choice.school, choice.period)


def _choice(request: Request, scope: Scope, timezone: str, now: datetime) -> Choice:
    today = now.astimezone(ZoneInfo(timezone)).date()
    named, year = request.query_params.get("of", ""), request.query_params.get("year", "")
    period = period_of_key(year) if year else SchoolYear.of(today)
    try:
        school = scope.school(named)
    except NotFound:
        return Choice(scope, None, SchoolYear.of(today), True)
    if period is None:
        return Choice(scope, None, SchoolYear.of(today), True)
    return Choice(scope, school, period, False)


def worded_for(report: Report, visitor: Visitor) -> Worded:
    """Return a report in the reader's language."""
    return worded(report, visitor.runtime.library, visitor.who.language)


def _said(report: Report, visitor: Visitor) -> dict[str, Any]:
    language = visitor.who.language
    return {
        "report": worded_for(report, visitor),
        "stories": report.stories,
        "left_out": report.figures.left_out,
        "is_empty": report.figures.is_empty,
        "headings": {key: text.to(language) for key, text in HEADINGS.items()},
        "small_numbers": SMALL_NUMBERS.to(language),
        "source": SOURCE.to(language),
    }
