"""The register of companies: the list with its search, a page for each, who keeps the contact, and closed days."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.errors import NotFound
from sandwich.services.company_editing import Unfit, keep_contact_of
from sandwich.services.company_views import CompanyView, company_view, register_of
from sandwich.services.own_calendars import LONGEST_NAME, add_closed_days, drop_closed_days
from sandwich.web.board.members import read_candidates
from sandwich.web.board.showing import show
from sandwich.web.pages import pages_of
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/companies")

_LONGEST = 100
FROM_LIST = Text(nl="Kies iemand uit de lijst.", en="Choose somebody from the list.")


@router.get("")
async def companies(request: Request, visitor: Organiser) -> Response:
    """Show the companies of the region, or those in which the words of ``q`` occur."""
    search = request.query_params.get("q", "")[:_LONGEST].strip()
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        register = await register_of(session, visitor.runtime, visitor.who.region_id, now, search)
    return show(
        request,
        visitor,
        "companies.html",
        current="companies",
        register=register,
        search=search,
    )


@router.get("/{company_id}")
async def company(request: Request, visitor: Organiser, company_id: str) -> Response:
    """Show everything about one company."""
    return await _page(request, visitor, await _read(visitor, company_id))


@router.post("/{company_id}")
async def keep_contact(request: Request, visitor: Organiser, company_id: str) -> Response:
    """Let another coordinator, or nobody, keep the contact with a company."""
    view = await _read(visitor, company_id)
    posted, _ = await visitor.read(request, company_id)
    chosen = posted.one("owner")
    found = await read_candidates(visitor)
    if chosen and chosen not in {one.id for one in found.coordinators}:
        return await _page(request, visitor, view, {"owner": FROM_LIST.to(visitor.who.language)})
    now = await visitor.runtime.clock.now()
    await keep_contact_of(visitor.runtime, company_id, chosen or None, now=now, actor=visitor.who.person_id)
    return RedirectResponse(pages_of(request).path(f"/board/companies/{company_id}"), status_code=303)


@router.post("/{company_id}/closed")
async def keep_closed(request: Request, visitor: Organiser, company_id: str) -> Response:
    """Note that a company is closed on some days, or come back with what is wrong."""
    view = await _read(visitor, company_id)
    posted, _ = await visitor.read(request, company_id)
    typed = {part: posted.one(f"closed-{part}") for part in ("name", "first", "last")}
    now = await visitor.runtime.clock.now()
    try:
        await add_closed_days(visitor.runtime, view.company, **typed, now=now, actor=visitor.who.person_id)
    except Unfit as error:
        problems = {f"closed-{part}": said.to(visitor.who.language) for part, said in error.problems.items()}
        return await _page(request, visitor, view, problems, posted.answers)
    return _to_closed(request, company_id)


@router.post("/{company_id}/open-again")
async def take_away(request: Request, visitor: Organiser, company_id: str) -> Response:
    """Take one run of closed days away."""
    view = await _read(visitor, company_id)
    posted, _ = await visitor.read(request, company_id)
    now = await visitor.runtime.clock.now()
    await drop_closed_days(visitor.runtime, view.company, posted.one("days"), now=now, actor=visitor.who.person_id)
    return _to_closed(request, company_id)


def _to_closed(request: Request, company_id: str) -> Response:
    return RedirectResponse(pages_of(request).path(f"/board/companies/{company_id}#closed"), status_code=303)


async def _read(visitor: Visitor, company_id: str) -> CompanyView:
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        try:
            return await company_view(session, visitor.runtime, visitor.who.region_id, company_id, now)
        except NotFound:
            raise HTTPException(404) from None


async def _page(
    request: Request,
    visitor: Visitor,
    view: CompanyView,
    problems: dict[str, str] | None = None,
    typed: Mapping[str, list[str]] | None = None,
) -> Response:
    found = await read_candidates(visitor)
    return show(
        request,
        visitor,
        "company.html",
        current="companies",
        status=422 if problems else 200,
        view=view,
        key=visitor.key(view.company.id),
        coordinators=[{"name": "", "people": found.coordinators}],
        typed={"owner": [view.owner.id] if view.owner else [], **(typed or {})},
        problems=problems or {},
        longest_name=LONGEST_NAME,
    )
