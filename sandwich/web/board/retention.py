"""What is kept of people and for how long, what is over its term, and the yes without which nothing of it goes."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException

from models.data_kinds import DataKind
from models.tables.network import Region
from sandwich.errors import BadInput
from sandwich.privacy import retention
from sandwich.privacy.due import At
from sandwich.store.scope import NotAllowed
from sandwich.web.board.showing import show
from sandwich.web.pages import pages_of
from sandwich.web.posted import ACTION
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/retention")

ADDRESS = "/board/retention"


@router.get("")
async def terms(request: Request, visitor: Organiser) -> Response:
    """Show every kind of data with its term, and what of it waits for a yes."""
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        lines = await retention.look(session, visitor.runtime, await _region(session, visitor), now)
    return show(request, visitor, "retention.html", lines=lines, settings=visitor.runtime.settings)


@router.get("/{kind}")
async def one_kind(request: Request, visitor: Organiser, kind: str) -> Response:
    """Show what of one kind is over its term, by name."""
    return await _page(request, visitor, kind)


@router.post("/{kind}")
async def say(request: Request, visitor: Organiser, kind: str) -> Response:
    """Take a yes, or take one back. Who sees one school of the region cannot have seen what it is about."""
    found = _kind(kind)
    if visitor.who.scope.school_id is not None:
        raise NotAllowed
    posted, _ = await visitor.read(request, f"{ADDRESS}/{kind}")
    now = await visitor.runtime.clock.now()
    who, region_id = visitor.who.person_id, visitor.who.region_id
    try:
        if posted.one(ACTION) == "stop":
            await retention.stop(visitor.runtime, region_id, found, now=now, actor=who)
        else:
            stays = posted.fields.get("stays", [])
            await retention.approve(visitor.runtime, region_id, found, now=now, actor=who, stays=stays)
    except BadInput as refused:
        return await _page(request, visitor, kind, problem=refused.to(visitor.who.language))
    return RedirectResponse(pages_of(request).path(ADDRESS), status_code=303)


async def _page(request: Request, visitor: Visitor, kind: str, problem: str = "") -> Response:
    found, runtime = _kind(kind), visitor.runtime
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        lines = await retention.look(session, runtime, await _region(session, visitor), now)
        items = await retention.items(session, found, At(visitor.who.region_id, runtime.settings, now))
    return show(
        request,
        visitor,
        "retention-kind.html",
        status=422 if problem else 200,
        line=next(one for one in lines if one.kept.kind is found),
        items=items,
        settings=runtime.settings,
        key=visitor.key(f"{ADDRESS}/{kind}"),
        decides=visitor.who.scope.school_id is None,
        problem=problem,
    )


async def _region(session: AsyncSession, visitor: Visitor) -> Region:
    return await session.get_one(Region, visitor.who.region_id)


def _kind(name: str) -> DataKind:
    if name not in set(DataKind):
        raise HTTPException(404)
    return DataKind(name)
