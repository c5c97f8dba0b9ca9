"""Signing in: ask for a mail, open its link, type its code. And signing out."""

import asyncio
import hashlib
import re
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from models.text import Text
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services.login import VALID, LoginCodeWrong, LoginLinkUnknown, ask_code, enter, is_open, leave
from sandwich.settings import Settings
from sandwich.web.doors import over_all
from sandwich.web.pages import pages_of
from sandwich.web.posted import KEY, read_form
from sandwich.web.rate import Window, client_of
from sandwich.web.session import AnybodySignedIn, PageStale, cookie_name, find_visitor, forget_session, set_session
from sandwich.web.signing import Signer

router = APIRouter(include_in_schema=False)

FLOOR = 0.4
"""Seconds that asking for a mail takes at least: as long for an address that we know as for any other."""

QUARTER = 15 * 60
ASKS_PER_ADDRESS = 5
ASKS_PER_CLIENT = 30
ASKS_PER_SCHOOL = 100
"""Addresses of one domain, which stands for a school: whether we know it makes no difference. No single client gets so
far, so that a pupil alone keeps nobody of the school from signing in.
"""

TRIES_PER_CLIENT = 30

_OWNER = "visitor"
_TOKEN = re.compile(r"[0-9a-f]{64}")


def _link_cookie(settings: Settings) -> str:
    """Return the name of the cookie that keeps a link's token; over https its prefix makes browsers refuse others'."""
    return "__Host-sandwich-login" if settings.is_secure else "sandwich-login"


TOO_OFTEN = Text(
    nl="Dat was vaak achter elkaar. Wacht een kwartier en probeer het dan nog eens.",
    en="That was often in a row. Wait a quarter of an hour and then try again.",
)


class Doorkeeper:
    """Counts who asks how often; one per application."""

    def __init__(self) -> None:
        self.addresses = Window(ASKS_PER_ADDRESS, QUARTER)
        self.clients = Window(ASKS_PER_CLIENT, QUARTER)
        self.schools = Window(ASKS_PER_SCHOOL, QUARTER)
        self.tries = Window(TRIES_PER_CLIENT, QUARTER)

    def may_ask(self, client: str, address: str) -> bool:
        """Count a request for a mail; the address and its domain are kept as hashes only."""
        at, whole = asyncio.get_running_loop().time(), address.strip().casefold()
        return (
            self.clients.allows(client, at)
            and self.addresses.allows(_hashed(whole), at)
            and self.schools.allows(_hashed(whole.rpartition("@")[2]), at)
        )

    def may_try(self, client: str) -> bool:
        """Count a code that is typed."""
        return self.tries.allows(client, asyncio.get_running_loop().time())


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


TOO_MANY = 429


@router.get("/login")
async def ask_address(request: Request) -> Response:
    """Show the page that asks for a mail address."""
    if await find_visitor(request) is not None:
        return RedirectResponse(pages_of(request).path("/board"), status_code=303)
    return _address_page(request)


@router.post("/login")
async def send_code(request: Request) -> Response:
    """Mail link and code; the answer and its time are the same whether we know the address or not."""
    started = asyncio.get_running_loop().time()
    posted = await read_form(request)
    signer: Signer = request.app.state.signer
    if signer.read_page_key(posted.one(KEY), _OWNER, "login") is None:
        raise PageStale()
    address = posted.one("address").strip()
    if "@" not in address:
        problem = Text(nl="Typ je mailadres, zoals naam@school.nl.", en="Type your mail address, like name@school.nl.")
        return _address_page(request, address, problem, status=422)
    if not _doorkeeper(request).may_ask(client_of(request), address):
        return _address_page(request, address, TOO_OFTEN, status=TOO_MANY)
    runtime = over_all(request, "signing in")
    await ask_code(runtime, address, now=await runtime.clock.now(), real=real_now())
    await asyncio.sleep(max(0.0, started + FLOOR - asyncio.get_running_loop().time()))
    return RedirectResponse(pages_of(request).path("/login/sent"), status_code=303)


@router.get("/login/sent")
async def sent(request: Request) -> Response:
    """Say that a mail is on its way, if the address is a coordinator's."""
    pages = pages_of(request)
    minutes = int(VALID.total_seconds() // 60)
    return pages.html("board/login-sent.html", language=pages.language_of(request), minutes=minutes)


@router.get("/login/code")
async def ask_for_code(request: Request) -> Response:
    """Ask for the code that stands in the mail whose link was opened."""
    runtime = over_all(request, "signing in")
    token = request.cookies.get(_link_cookie(runtime.settings), "")
    if not token or not await is_open(runtime, token, real=real_now()):
        return _code_page(request, _said(request, LoginLinkUnknown()), is_dead=True, status=410)
    return _code_page(request)


@router.post("/login/code")
async def check_code(request: Request) -> Response:
    """Sign in with link and code."""
    posted = await read_form(request)
    signer: Signer = request.app.state.signer
    if signer.read_page_key(posted.one(KEY), _OWNER, "login-code") is None:
        raise PageStale()
    if not _doorkeeper(request).may_try(client_of(request)):
        return _code_page(request, TOO_OFTEN.to(pages_of(request).language_of(request)), status=TOO_MANY)
    runtime = over_all(request, "signing in")
    link = request.cookies.get(_link_cookie(runtime.settings), "")
    try:
        token = await enter(runtime, link, posted.one("code")[:40], real=real_now())
    except LoginCodeWrong as error:
        return _code_page(request, _said(request, error), status=422)
    except LoginLinkUnknown as error:
        return _code_page(request, _said(request, error), is_dead=True, status=410)
    response = RedirectResponse(pages_of(request).path("/board"), status_code=303)
    set_session(response, runtime.settings, token)
    _set_link_cookie(request, response, "", 0)
    return response


@router.get("/login/{token}")
async def open_link(request: Request, token: str) -> Response:
    """Keep the link's token in a cookie, so that it does not stay in the address; nobody is signed in by this."""
    response = RedirectResponse(pages_of(request).path("/login/code"), status_code=303)
    if _TOKEN.fullmatch(token):
        _set_link_cookie(request, response, token, int(VALID.total_seconds()))
    return response


@router.post("/logout")
async def sign_out(request: Request, visitor: AnybodySignedIn) -> Response:
    """End the session."""
    await visitor.read(request, "logout")
    settings = visitor.runtime.settings
    await leave(over_all(request, "signing in"), request.cookies.get(cookie_name(settings), ""), real=real_now())
    response = RedirectResponse(pages_of(request).path("/login"), status_code=303)
    forget_session(response, settings)
    return response


def _address_page(request: Request, address: str = "", problem: Text | None = None, *, status: int = 200) -> Response:
    pages, signer = pages_of(request), request.app.state.signer
    language = pages.language_of(request)
    return pages.html(
        "board/login.html",
        language=language,
        status=status,
        key=signer.page_key(_OWNER, "login"),
        address=address,
        problem=problem.to(language) if problem else None,
        too_often=status == TOO_MANY,
        provider=provider_name(request),
    )


def provider_name(request: Request) -> str:
    """Return what the account is called with which somebody can sign in too; empty where there is none."""
    settings: Settings = request.app.state.runtime.settings
    return settings.oidc_name or (urlsplit(settings.oidc_discovery).hostname or "" if settings.oidc_discovery else "")


def _code_page(request: Request, problem: str | None = None, *, is_dead: bool = False, status: int = 200) -> Response:
    pages, signer = pages_of(request), request.app.state.signer
    return pages.html(
        "board/login-code.html",
        language=pages.language_of(request),
        status=status,
        key=signer.page_key(_OWNER, "login-code"),
        problem=problem,
        too_often=status == TOO_MANY,
        is_dead=is_dead,
    )


def _said(request: Request, error: LoginCodeWrong | LoginLinkUnknown) -> str:
    return error.to(pages_of(request).language_of(request))


def _set_link_cookie(request: Request, response: Response, token: str, seconds: int) -> None:
    runtime: Runtime = request.app.state.runtime
    response.set_cookie(
        _link_cookie(runtime.settings),
        token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=runtime.settings.is_secure,
    )


def _doorkeeper(request: Request) -> Doorkeeper:
    keeper: Doorkeeper = request.app.state.doorkeeper
    return keeper
