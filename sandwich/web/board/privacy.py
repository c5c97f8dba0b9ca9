"""What the privacy officer of a region does: see what was asked, look somebody up, give out what is kept, erase."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.errors import BadInput, NotFound
from sandwich.services.on_request import data_of, erase_for, look_up, object_for, open_requests
from sandwich.services.over_term import waits
from sandwich.web.board.showing import show
from sandwich.web.board.small import text_of
from sandwich.web.files import download
from sandwich.web.session import Eraser, Exporter, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/privacy")

_ABOUT = "/board/privacy"
_NOBODY = Text(
    nl="Niemand in deze regio is zo bekend. Typ een code of een mailadres.",
    en="Nobody in this region is known so. Type a code or a mail address.",
)
_UNSURE = Text(
    nl="Vink aan dat je het zeker weet. Er is niets gewist.", en="Tick that you are sure. Nothing was erased."
)


@router.get("")
async def begin(request: Request, visitor: Exporter) -> Response:
    """Ask whom it is about."""
    return await _page(request, visitor)


@router.post("")
async def find(request: Request, visitor: Exporter) -> Response:
    """Show who was meant, and what can be done."""
    posted, _ = await visitor.read(request, _ABOUT)
    ref = text_of(posted, "who", 254)
    try:
        found = await look_up(visitor.runtime, visitor.who, ref)
    except NotFound:
        return await _page(request, visitor, typed=ref, problem=_NOBODY.to(visitor.who.language))
    return await _page(request, visitor, typed="" if ref == found[0] else ref, found=found)


@router.post("/{person_id}/data")
async def give(request: Request, visitor: Exporter, person_id: str) -> Response:
    """Give out everything that is kept of somebody."""
    await visitor.read(request, _ABOUT)
    now = await visitor.runtime.clock.now()
    try:
        content = await data_of(visitor.runtime, visitor.who, person_id, now)
    except NotFound:
        raise HTTPException(404) from None
    name = Text(nl="gegevens.zip", en="data.zip").to(visitor.who.language)
    return download(content, name, "application/zip")


@router.post("/{person_id}/object")
async def object_to(request: Request, visitor: Eraser, person_id: str) -> Response:
    """Take somebody's objection to the use of their results in reports."""
    await visitor.read(request, _ABOUT)
    try:
        found = await look_up(visitor.runtime, visitor.who, person_id)
        await object_for(visitor.runtime, visitor.who, person_id, await visitor.runtime.clock.now())
    except NotFound:
        raise HTTPException(404) from None
    except BadInput as refused:
        return await _page(request, visitor, problem=refused.to(visitor.who.language))
    return await _page(request, visitor, found=found, objected=True)


@router.post("/{person_id}/erase")
async def erase(request: Request, visitor: Eraser, person_id: str) -> Response:
    """Erase somebody, where it was said that this is meant."""
    posted, _ = await visitor.read(request, _ABOUT)
    try:
        if posted.one("sure") != "yes":
            found = await look_up(visitor.runtime, visitor.who, person_id)
            return await _page(request, visitor, found=found, problem=_UNSURE.to(visitor.who.language))
        done = await erase_for(visitor.runtime, visitor.who, person_id, await visitor.runtime.clock.now())
    except NotFound:
        raise HTTPException(404) from None
    except BadInput as refused:
        return await _page(request, visitor, problem=refused.to(visitor.who.language))
    return await _page(request, visitor, erased=done.values, backups=done.backups)


async def _page(
    request: Request,
    visitor: Visitor,
    *,
    typed: str = "",
    problem: str = "",
    found: tuple[str, str] | None = None,
    erased: int | None = None,
    backups: int = 0,
    objected: bool = False,
) -> Response:
    return show(
        request,
        visitor,
        "privacy.html",
        current="privacy",
        status=422 if problem else 200,
        key=visitor.key(_ABOUT),
        typed={"who": [typed]},
        problems={"who": problem} if problem else {},
        problem=problem,
        found=found,
        erased=erased,
        backups=backups,
        objected=objected,
        asked=await open_requests(visitor.runtime, visitor.who),
        keeps=await waits(visitor.runtime, visitor.who),
    )
