"""The session of a signed-in coordinator: its cookie, who it is, and the key of every page with a form."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from models.rights import Right
from sandwich.clock import real_now
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime
from sandwich.services.login import Coordinator, recognise
from sandwich.settings import Settings
from sandwich.store.scope import NotAllowed
from sandwich.web.doors import over_all
from sandwich.web.errors import error_page
from sandwich.web.origin import ForeignPost
from sandwich.web.pages import pages_of
from sandwich.web.posted import KEY, Posted, read_form
from sandwich.web.signing import PageKey, Signer


class SignedOut(SandwichError):
    """You are signed out, so nothing was changed. What you typed stands here: sign in, then send it once more."""

    dutch = (
        "Je bent uitgelogd, dus er is niets veranderd. Wat je typte staat hier: log in en verstuur het dan nog eens."
    )


class PageStale(ForeignPost):
    """This page was open too long, so nothing was changed. Open it again and send it once more."""

    dutch = "Deze pagina stond te lang open, dus er is niets veranderd. Open hem opnieuw en verstuur het nog eens."


READ_ANEW = "x-read-anew"
"""The header of a request that a page makes by itself, because something changed."""


@dataclass(frozen=True)
class Visitor:
    """A signed-in coordinator, and the parts of this installation, narrowed to what they may see."""

    who: Coordinator
    runtime: Runtime
    signer: Signer

    @property
    def owner(self) -> str:
        """Whose pages these are; the same after signing in again, so that a page left open can still be sent."""
        return f"coordinator:{self.who.person_id}"

    def key(self, about: str) -> str:
        """Return a key for a page that changes ``about``."""
        return self.signer.page_key(self.owner, about)

    async def read(self, request: Request, about: str) -> tuple[Posted, PageKey]:
        """Read what was posted; raises :class:`PageStale` where the page's key is not ours."""
        posted = await read_form(request)
        key = self.signer.read_page_key(posted.one(KEY), self.owner, about)
        if key is None:
            raise PageStale()
        return posted, key


def cookie_name(settings: Settings) -> str:
    """Return the name of the session cookie; over https its prefix makes browsers refuse one set by others."""
    return "__Host-sandwich" if settings.is_secure else "sandwich"


def set_session(response: Response, settings: Settings, token: str) -> None:
    """Give the browser its session, until it is closed or idle too long."""
    response.set_cookie(
        cookie_name(settings), token, path="/", httponly=True, samesite="lax", secure=settings.is_secure
    )


def forget_session(response: Response, settings: Settings) -> None:
    """Take the session from the browser."""
    response.delete_cookie(cookie_name(settings), path="/", httponly=True, samesite="lax", secure=settings.is_secure)


async def find_visitor(request: Request, *, touches: bool = True) -> Visitor | None:
    """Return who is signed in, if anybody. What a page asks by itself (not ``touches``) keeps nobody signed in."""
    runtime: Runtime = request.app.state.runtime
    token = request.cookies.get(cookie_name(runtime.settings), "")
    if not token or len(token) > 200:
        return None
    by_itself = not touches or READ_ANEW in request.headers
    who = await recognise(over_all(request, "signing in"), token, real=real_now(), touches=not by_itself)
    return Visitor(who, runtime.narrowed(who.scope), request.app.state.signer) if who else None


async def anybody(request: Request) -> Visitor:
    """Dependency of what everybody may who is signed in; raises :class:`SignedOut`."""
    visitor = await find_visitor(request)
    if visitor is None:
        raise SignedOut()
    return visitor


def _needing(right: Right) -> Callable[[Request], Awaitable[Visitor]]:
    async def found(request: Request) -> Visitor:
        visitor = await anybody(request)
        if right not in visitor.who.rights:
            raise NotAllowed
        return visitor

    return found


signed_in = _needing(Right.STEER)
"""Dependency of every page of an activity; raises :class:`SignedOut`, and ``NotAllowed`` for whoever may not steer."""

SignedIn = Annotated[Visitor, Depends(signed_in)]
AnybodySignedIn = Annotated[Visitor, Depends(anybody)]
Organiser = Annotated[Visitor, Depends(_needing(Right.ORGANISE))]
Reader = Annotated[Visitor, Depends(_needing(Right.READ))]
Reporter = Annotated[Visitor, Depends(_needing(Right.REPORT))]
Exporter = Annotated[Visitor, Depends(_needing(Right.EXPORT))]
Eraser = Annotated[Visitor, Depends(_needing(Right.ERASE))]
Clearer = Annotated[Visitor, Depends(_needing(Right.CLEAR))]


def add_session(app: FastAPI) -> None:
    """Bring whoever is not signed in to the sign-in page; a post comes back with everything that was typed."""
    app.add_exception_handler(SignedOut, _to_login)


async def _to_login(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignedOut)
    if request.method == "GET" and "application/json" not in request.headers.get("accept", ""):
        return RedirectResponse(pages_of(request).path("/login"), status_code=303)
    pages = pages_of(request)
    sentence = error.to(pages.language_of(request))
    if request.method != "POST":
        return error_page(request, 403, sentence)
    try:
        posted = await read_form(request)
    except SandwichError as refused:
        return error_page(request, 413, refused.to(pages.language_of(request)))
    return pages.html(
        "board/signed-out.html",
        language=pages.language_of(request),
        status=403,
        sentence=sentence,
        fields=[(name, value) for name, values in posted.fields.items() for value in values],
        words=[value for values in posted.answers.values() for value in values if len(value.split()) > 1],
    )
