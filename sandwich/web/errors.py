"""Error pages: a sentence in the reader's language that says what to do, never a traceback."""

import asyncio
import logging

from fastapi import FastAPI, Request
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.errors import BadInput, NotFound, SandwichError, StoreUnavailable
from sandwich.services.links import LinkExpired, LinkRevoked, LinkUnknown
from sandwich.services.wall import WallUnknown
from sandwich.store.scope import NotAllowed
from sandwich.web.api.problems import invalid, is_api, problem
from sandwich.web.headers import HEADERS
from sandwich.web.limits import BodyTooLarge, BodyTooSlow
from sandwich.web.origin import ForeignPost
from sandwich.web.pages import pages_of
from sandwich.web.rate import SentTooOften, turnstile_of
from sandwich.web.requests import ID_HEADER, request_id

log = logging.getLogger(__name__)

_TITLES = {
    400: Text(nl="Dit begrijpen we niet", en="We do not understand this"),
    403: Text(nl="Dit mag niet zo", en="This cannot be done like this"),
    404: Text(nl="Deze pagina is er niet", en="This page does not exist"),
    405: Text(nl="Dit kan hier niet", en="This cannot be done here"),
    408: Text(nl="Dit duurde te lang", en="This took too long"),
    410: Text(nl="Deze link is niet meer in gebruik", en="This link is no longer in use"),
    413: Text(nl="Dit is te groot", en="This is too large"),
    429: Text(nl="Dat was vaak achter elkaar", en="That was often in a row"),
    500: Text(nl="Er ging iets mis", en="Something went wrong"),
    503: Text(nl="Even geduld", en="Just a moment"),
}
_NO_LINK = Text(nl="Deze link werkt niet", en="This link does not work")
_SENTENCES = {
    400: Text(
        nl="Er klopt iets niet in wat je stuurde. Er is niets veranderd. Ga terug en probeer het nog eens.",
        en="Something in what you sent is not right. Nothing was changed. Go back and try once more.",
    ),
    403: Text(
        nl="Er is niets veranderd. Open de link in je mail opnieuw.",
        en="Nothing was changed. Open the link in your mail again.",
    ),
    404: Text(
        nl="Kijk of het adres helemaal is overgenomen. Kom je uit een mail, open dan de link daarin nog eens.",
        en="Check that the whole address was copied. If you come from a mail, open its link once more.",
    ),
    405: Text(
        nl="Er is niets veranderd. Ga terug en gebruik de knoppen op de pagina.",
        en="Nothing was changed. Go back and use the buttons on the page.",
    ),
    500: Text(
        nl="Dat ligt aan ons. Ga terug: wat je typte staat er nog. Probeer het over een paar minuten opnieuw.",
        en="That is our mistake. Go back: what you typed is still there. Try again in a few minutes.",
    ),
}


FLOOR = 0.05
"""Seconds that it takes at least to refuse a link: as long for one that was there as for any other."""


def status_of(error: SandwichError) -> int:
    """Return the HTTP status for one of our own errors."""
    match error:
        case BodyTooLarge():
            return 413
        case BodyTooSlow():
            return 408
        case SentTooOften():
            return 429
        case ForeignPost():
            return 403
        case NotFound() | NotAllowed() | LinkUnknown() | WallUnknown():
            return 404
        case LinkExpired() | LinkRevoked():
            return 410
        case StoreUnavailable():
            return 503
        case BadInput():
            return 400
    return 400


def error_page(request: Request, status: int, sentence: str | None = None, title: Text | None = None) -> Response:
    """Return the page for ``status``; ``sentence`` and ``title`` say more than the general ones. A program gets a
    problem instead.
    """
    if is_api(request):
        return problem(request, status, sentence, headers={"Retry-After": "30"} if status == 503 else {})
    pages = pages_of(request)
    language = pages.language_of(request)
    title = title or _TITLES.get(status, _TITLES[400] if status < 500 else _TITLES[500])
    general = _SENTENCES.get(status, _SENTENCES[400] if status < 500 else _SENTENCES[500])
    said = sentence or general.to(language)
    headers = {**HEADERS, ID_HEADER: request_id(), **({"Retry-After": "30"} if status == 503 else {})}
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": said}, status_code=status, headers=headers)
    return pages.html(
        "error.html", language=language, status=status, headers=headers, heading=title.to(language), sentence=said
    )


def add_error_pages(app: FastAPI) -> None:
    """Give ``app`` a page for everything that can go wrong."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SandwichError, _own)
    app.add_exception_handler(RequestValidationError, _misfit)
    app.add_exception_handler(Exception, _unforeseen)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return error_page(request, status)


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, SandwichError)
    status = status_of(error)
    if isinstance(error, LinkUnknown | LinkExpired | LinkRevoked):
        began, loop = getattr(request.state, "began", 0.0), asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, began + FLOOR - loop.time()))
    if isinstance(error, LinkUnknown | WallUnknown) and not turnstile_of(request.app).may_miss(request):
        error, status = SentTooOften(), 429
    if isinstance(error, NotAllowed):
        return error_page(request, status)  # what somebody may not do does not exist for them
    if status >= 500:
        log.warning("%s: %s", type(error).__name__, error)
    title = _NO_LINK if isinstance(error, LinkUnknown) else None
    return error_page(request, status, error.to(pages_of(request).language_of(request)), title)


async def _misfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if is_api(request):
        return invalid(request, error)
    return await request_validation_exception_handler(request, error)


async def _unforeseen(request: Request, error: Exception) -> Response:
    try:
        return error_page(request, 500)
    except Exception:
        # Even the page is broken: a bare sentence is still better than the web server's own words.
        log.exception("the error page cannot be drawn")
        general = _SENTENCES[500]
        return PlainTextResponse(f"{general.nl}\n\n{general.en}\n", status_code=500, headers=HEADERS)
