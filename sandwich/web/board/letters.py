"""Mail that came in about an activity, to be read and saved. Nothing is changed here."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from sandwich.errors import NotFound
from sandwich.incoming.views import LetterView, letter_view
from sandwich.services.uploads import StoredFile
from sandwich.web.board.showing import read_detail, show
from sandwich.web.files import file_response
from sandwich.web.session import SignedIn, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/{activity_id}")


@router.get("/mail/{letter_id}.eml")
async def saved(visitor: SignedIn, activity_id: str, letter_id: str) -> Response:
    """Give a mail as it came, to be opened in a mail program."""
    await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    letter = await _letter(visitor, activity_id, letter_id)
    if not letter.is_there:
        raise HTTPException(404)
    return file_response(StoredFile(f"{letter.line.id}.eml", "application/octet-stream", letter.raw))


@router.get("/mail/{letter_id}")
async def shown(request: Request, visitor: SignedIn, activity_id: str, letter_id: str) -> Response:
    """Show the words of a mail."""
    detail = await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    letter = await _letter(visitor, activity_id, letter_id)
    return show(request, visitor, "letter.html", detail=detail, letter=letter, at=f"/board/{activity_id}")


async def _letter(visitor: Visitor, activity_id: str, letter_id: str) -> LetterView:
    async with visitor.runtime.store.read() as session:
        try:
            return await letter_view(session, visitor.runtime.settings, letter_id, activity_id)
        except NotFound:
            raise HTTPException(404) from None
