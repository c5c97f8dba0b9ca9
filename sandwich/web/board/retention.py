"""What is kept of people and for how long, what is over its term, and the yes without which nothing of it goes."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.data_kinds import DataKind
from models.rights import Right
from sandwich.errors import BadInput
from sandwich.privacy.kinds import WAYS
from sandwich.services import over_term
from sandwich.store.scope import NotAllowed
from sandwich.web.board.showing import show
from sandwich.web.pages import pages_of
from sandwich.web.posted import ACTION
from sandwich.web.session import Clearer, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/retention")

ADDRESS = "/board/retention"


@router.get("")
async def terms(request: Request, visitor: Clearer) -> Response:
    """Show every kind of data with its term, and what of it waits for a yes."""
    seen = await over_term.look(visitor.runtime, visitor.who, await visitor.runtime.clock.now())
    return show(
        request,
        visitor,
        "retention.html",
        current=_menu(visitor),
        lines=seen.lines,
        settings=visitor.runtime.settings,
        ways=WAYS,
    )


@router.get("/{data_kind}")
async def one_kind(request: Request, visitor: Clearer, data_kind: str) -> Response:
    """Show what of one kind is over its term, by name."""
    return await _page(request, visitor, data_kind)


@router.post("/{data_kind}")
async def say(request: Request, visitor: Clearer, data_kind: str) -> Response:
    """Take a yes, or take one back. Who sees one school of the region cannot have seen what it is about."""
    found = _kind(data_kind)
    if not visitor.who.decides_terms:
        raise NotAllowed
    posted, _ = await visitor.read(request, f"{ADDRESS}/{data_kind}")
    now = await visitor.runtime.clock.now()
    try:
        if posted.one(ACTION) == "stop":
            await over_term.take_back(visitor.runtime, visitor.who, found, now)
        else:
            stays = posted.fields.get("stays", [])
            await over_term.say_yes(visitor.runtime, visitor.who, found, now, stays)
    except BadInput as refused:
        return await _page(request, visitor, data_kind, problem=refused.to(visitor.who.language))
    return RedirectResponse(pages_of(request).path(ADDRESS), status_code=303)


async def _page(request: Request, visitor: Visitor, data_kind: str, problem: str = "") -> Response:
    found = _kind(data_kind)
    seen = await over_term.look(visitor.runtime, visitor.who, await visitor.runtime.clock.now(), found)
    return show(
        request,
        visitor,
        "retention-kind.html",
        current=_menu(visitor),
        status=422 if problem else 200,
        line=next(one for one in seen.lines if one.kept.kind is found),
        items=seen.items,
        settings=visitor.runtime.settings,
        ways=WAYS,
        key=visitor.key(f"{ADDRESS}/{data_kind}"),
        decides=visitor.who.decides_terms,
        problem=problem,
    )


def _menu(visitor: Visitor) -> str:
    """Return under which word of the menu these pages are found."""
    return "privacy" if visitor.who.may(Right.ERASE) else "ended"


def _kind(name: str) -> DataKind:
    if name not in set(DataKind):
        raise HTTPException(404)
    return DataKind(name)
