"""A card of the wall to print."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandwich.services.card_papers import paper_of_card
from sandwich.web.files import paper_response
from sandwich.web.wall.routes import parts

router = APIRouter(include_in_schema=False)


@router.get("/wall/{wall_key}/{activity_id}/card.pdf")
async def paper(request: Request, wall_key: str, activity_id: str) -> Response:
    """Show a card as a PDF of one page."""
    runtime, pages = await parts(request, wall_key)
    return paper_response(await paper_of_card(runtime, wall_key, activity_id, pages.language_of(request)))
