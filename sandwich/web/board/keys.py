"""Keys for a coordinator's own programs: which there are, a new one, which is shown once, and taking one back."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.scopes import ApiScope
from sandwich.clock import real_now
from sandwich.errors import BadInput, NotFound
from sandwich.labels import API_SCOPE
from sandwich.services.api_tokens import LONGEST_NAME, MOST_DAYS, make_token, revoke_token, tokens_of
from sandwich.services.hooks import LONGEST_URL, end_hook, hooks_of, make_hook
from sandwich.web.board.showing import show
from sandwich.web.board.small import text_of
from sandwich.web.pages import pages_of
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/keys")

_ABOUT = "/board/keys"
_DAYS = (30, 90, MOST_DAYS)


@router.get("")
async def keys(request: Request, visitor: Organiser) -> Response:
    """List the keys of this coordinator, with a form for a new one."""
    return await _page(request, visitor)


@router.post("")
async def make(request: Request, visitor: Organiser) -> Response:
    """Make a key and show it, this once."""
    posted, _ = await visitor.read(request, _ABOUT)
    name, scope, days = text_of(posted, "name", LONGEST_NAME + 1), posted.one("scope"), posted.one("days")
    if scope not in set(ApiScope) or days not in map(str, _DAYS):
        raise HTTPException(400)
    who = visitor.who.person_id
    now = await visitor.runtime.clock.now()
    try:
        made = await make_token(
            visitor.runtime, who, name, ApiScope(scope), int(days), now=now, real=real_now(), actor=who
        )
    except BadInput as error:
        return await _page(request, visitor, posted.answers, {"name": error.to(visitor.who.language)})
    return await _page(request, visitor, new=made.token)


@router.post("/hooks")
async def tell(request: Request, visitor: Organiser) -> Response:
    """Let an address be told what happens, and show its secret, this once."""
    posted, _ = await visitor.read(request, _ABOUT)
    url = text_of(posted, "url", LONGEST_URL)
    try:
        made = await make_hook(visitor.runtime, visitor.who, url, (), now=await visitor.runtime.clock.now())
    except BadInput as error:
        return await _page(request, visitor, posted.answers, {"url": error.to(visitor.who.language)})
    return await _page(request, visitor, secret=made.secret)


@router.post("/hooks/{hook_id}/end")
async def end(request: Request, visitor: Organiser, hook_id: str) -> Response:
    """Tell an address nothing any more."""
    await visitor.read(request, _ABOUT)
    now = await visitor.runtime.clock.now()
    try:
        await end_hook(visitor.runtime, hook_id, visitor.who.person_id, now=now)
    except NotFound:
        raise HTTPException(404) from None
    return RedirectResponse(pages_of(request).path("/board/keys"), status_code=303)


@router.post("/{token_id}/revoke")
async def revoke(request: Request, visitor: Organiser, token_id: str) -> Response:
    """Take a key back: from now on it opens nothing."""
    await visitor.read(request, _ABOUT)
    who, now = visitor.who.person_id, await visitor.runtime.clock.now()
    try:
        await revoke_token(visitor.runtime, token_id, person_id=who, now=now, real=real_now(), actor=who)
    except NotFound:
        raise HTTPException(404) from None
    return RedirectResponse(pages_of(request).path("/board/keys"), status_code=303)


async def _page(
    request: Request,
    visitor: Visitor,
    typed: Mapping[str, list[str]] | None = None,
    problems: Mapping[str, str] | None = None,
    *,
    new: str = "",
    secret: str = "",
) -> Response:
    async with visitor.runtime.store.read() as session:
        lines = await tokens_of(session, visitor.who.person_id, real=real_now())
        hooks = await hooks_of(session, visitor.runtime, visitor.who.person_id)
    return show(
        request,
        visitor,
        "keys.html",
        current="keys",
        status=422 if problems else 200,
        lines=lines,
        scopes=API_SCOPE,
        days=_DAYS,
        new=new,
        secret=secret,
        hooks=hooks,
        addresses=visitor.runtime.settings.webhook_addresses.split(),
        key=visitor.key(_ABOUT),
        typed=dict(typed or {}),
        problems=dict(problems or {}),
        problem_list=[(f"f-{name}", said) for name, said in (problems or {}).items()],
        longest_name=LONGEST_NAME,
        longest_url=LONGEST_URL,
    )
