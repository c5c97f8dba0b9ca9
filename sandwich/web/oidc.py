"""Signing in with an account of a school: there, and back. The browser keeps what one try needs in a signed cookie."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.clock import real_now
from sandwich.errors import SandwichError
from sandwich.services.login import enter_as
from sandwich.services.oidc import AccountUnknown, Begun, LoginStale, Provider, ProviderFails
from sandwich.settings import Settings
from sandwich.web.doors import over_all
from sandwich.web.login import TOO_MANY, TOO_OFTEN, Doorkeeper, provider_name
from sandwich.web.pages import pages_of
from sandwich.web.rate import client_of
from sandwich.web.session import set_session
from sandwich.web.signing import Signer

router = APIRouter(include_in_schema=False)

MINUTES = 10
"""How long somebody may take at the provider."""

_HEADING = Text(nl="Inloggen lukte niet", en="Signing in did not work")


@router.get("/login/oidc")
async def begin(request: Request) -> Response:
    """Lead to the provider; where it does not answer, say so."""
    provider, begun = _provider(request), Begun.now()
    try:
        address = await provider.address(begun)
    except ProviderFails as error:
        return _failed(request, error, 503)
    response = RedirectResponse(address, status_code=303)
    signer: Signer = request.app.state.signer
    _keep(request, response, signer.try_of(begun.state, begun.nonce, begun.verifier), MINUTES * 60)
    return response


@router.get("/login/oidc/back")
async def back(request: Request) -> Response:
    """Sign in whoever comes back from the provider in the browser that went there, if we know the address."""
    provider = _provider(request)
    keeper: Doorkeeper = request.app.state.doorkeeper
    if not keeper.may_try(client_of(request)):
        return _failed(request, TOO_OFTEN, TOO_MANY)
    signer: Signer = request.app.state.signer
    asked = request.query_params
    said = signer.read_try(request.cookies.get(_cookie(_settings(request)), ""), MINUTES * 60)
    if said is None or asked.get("state") != said[0]:
        return _failed(request, LoginStale(), 403)
    if not asked.get("code"):
        return _failed(request, AccountUnknown(), 403)
    try:
        address = await provider.mail_address(Begun(*said), asked["code"][:4000])
    except ProviderFails as error:
        return _failed(request, error, 503)
    except AccountUnknown as error:
        return _failed(request, error, 403)
    token = await enter_as(over_all(request, "signing in"), address, real=real_now())
    if token is None:
        return _failed(request, AccountUnknown(), 403)
    response = RedirectResponse(pages_of(request).path("/board"), status_code=303)
    set_session(response, _settings(request), token)
    _keep(request, response, "", 0)
    return response


def _failed(request: Request, why: SandwichError | Text, status: int) -> Response:
    pages = pages_of(request)
    language = pages.language_of(request)
    response = pages.html(
        "board/login-failed.html",
        language=language,
        status=status,
        heading=_HEADING.to(language),
        sentence=why.to(language),
        provider=provider_name(request),
    )
    _keep(request, response, "", 0)
    return response


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise HTTPException(404)
    return provider


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.runtime.settings
    return settings


def _cookie(settings: Settings) -> str:
    return "__Secure-sandwich-try" if settings.is_secure else "sandwich-try"


def _keep(request: Request, response: Response, value: str, seconds: int) -> None:
    settings = _settings(request)
    response.set_cookie(
        _cookie(settings),
        value,
        max_age=seconds,
        path=pages_of(request).path("/login/oidc"),
        httponly=True,
        samesite="lax",  # the provider sends the browser back from another site
        secure=settings.is_secure,
    )
