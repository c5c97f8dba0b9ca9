"""The year report of a school, behind the link of its school leader."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandwich.errors import NotFound
from sandwich.services.leader_report import paper_of_year
from sandwich.web.files import paper_response
from sandwich.web.participant.access import visit_by
from sandwich.web.participant.routes import NoSuchPage

router = APIRouter(include_in_schema=False)


@router.get("/f/{link_id}/year")
async def year(request: Request, link_id: str) -> Response:
    """Give the report as a PDF; nobody but a school leader has this page."""
    visit = await visit_by(request, link_id)
    try:
        return paper_response(await paper_of_year(visit.runtime, visit.link, visit.now))
    except NotFound:
        raise NoSuchPage from None
