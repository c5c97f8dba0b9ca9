"""What a program is told when something goes wrong: RFC 9457, in the language that it asks for."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from models.text import Language, Text
from sandwich.errors import SandwichError
from sandwich.web.headers import HEADERS
from sandwich.web.pages import pages_of

PREFIX = "/api/v1"
MEDIA_TYPE = "application/problem+json"


class Wrong(BaseModel):
    """One thing that is wrong with what was sent."""

    field: str = Field(description="where it stands in what was sent", examples=["dates/0/start"])
    detail: str


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457). Nothing was changed."""

    type: str = Field(
        description="about:blank, or what kind of problem it is", examples=["urn:sandwich:problem:unseen"]
    )
    title: str
    status: int
    detail: str | None = None
    errors: list[Wrong] | None = Field(default=None, description="what is wrong, field by field")
    happens: list[str] | None = Field(default=None, description="what would happen, where that must be seen first")
    seen: str | None = Field(default=None, description="send this along to do it")


class NotYours(SandwichError):
    """This needs a token. Send it as ``Authorization: Bearer …``; docs/api.md says how to get one."""

    dutch = "Hiervoor is een sleutel nodig. Stuur die mee als ``Authorization: Bearer …``; zie docs/api.md."


class ScopeTooSmall(SandwichError):
    """This token may not do this. Make one with the scope {scope}."""

    dutch = "Deze sleutel mag dit niet. Maak er een met het bereik {scope}."


class TooFast(SandwichError):
    """This was too often in a row. Wait {seconds} seconds."""

    dutch = "Dit was te vaak achter elkaar. Wacht {seconds} seconden."

    def __init__(self, seconds: int) -> None:
        """Say how long to wait."""
        super().__init__(seconds=seconds)
        self.seconds = seconds


# What would happen must be seen first, or has changed since it was.
class Unseen(SandwichError):
    """Look first at what would happen, then send it again with ``seen``."""

    dutch = "Kijk eerst wat er zou gebeuren en stuur het dan nog eens met ``seen``."

    def __init__(self, happens: Sequence[Text], seen: str | None) -> None:
        """Take what would happen, and the mark that says it was seen."""
        super().__init__()
        self.happens, self.seen = tuple(happens), seen


TITLES = {
    400: Text(nl="Dit begrijpen we niet", en="We do not understand this"),
    401: Text(nl="Wie ben je?", en="Who are you?"),
    403: Text(nl="Dit mag niet", en="This is not allowed"),
    404: Text(nl="Dit is er niet", en="This does not exist"),
    405: Text(nl="Dit kan hier niet", en="This cannot be done here"),
    408: Text(nl="Dit kwam te langzaam", en="This came too slowly"),
    409: Text(nl="Kijk eerst wat er gebeurt", en="Look first at what happens"),
    413: Text(nl="Dit is te groot", en="This is too large"),
    415: Text(nl="Stuur JSON", en="Send JSON"),
    422: Text(nl="Er klopt iets niet", en="Something is not right"),
    429: Text(nl="Te vaak", en="Too often"),
    500: Text(nl="Er ging iets mis", en="Something went wrong"),
    503: Text(nl="Even geduld", en="Just a moment"),
}


def is_api(request: Request) -> bool:
    """Whether a program asks, which gets problems instead of pages."""
    return request.url.path.removeprefix(pages_of(request).base).startswith(f"{PREFIX}/")


def language_of(request: Request) -> Language:
    """Return the language of whoever was let in, or what somebody unknown asks for."""
    admitted = getattr(request.state, "admitted", None)
    if admitted is not None:
        return Language(admitted.visitor.who.language)
    return pages_of(request).language_of(request)


def problem(
    request: Request,
    status: int,
    detail: str | None = None,
    *,
    kind: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """Return a problem in the reader's language."""
    language = language_of(request)
    said = Problem(
        type=f"urn:sandwich:problem:{kind}" if kind else "about:blank",
        title=TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]).to(language),
        status=status,
        detail=detail,
        **more,
    )
    return JSONResponse(
        said.model_dump(mode="json", exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**HEADERS, "Content-Language": language.value, **(headers or {})},
    )


def invalid(request: Request, error: RequestValidationError) -> Response:
    """Return what does not fit the description; what was sent is not repeated."""
    errors = [Wrong(field=_place(one["loc"]), detail=str(one["msg"])) for one in error.errors()]
    return problem(request, 422, kind="invalid", errors=errors)


def _place(parts: Sequence[str | int]) -> str:
    return "/".join(str(part) for part in (parts[1:] if parts and parts[0] == "body" else parts))


_ROW = re.compile(r"(date|from|to)-(\d+)")
_PARTS = {"date": "start", "from": "start", "to": "end"}
_NAMES = {
    "new-given": "new/given_name",
    "new-infix": "new/infix",
    "new-family": "new/family_name",
    "new-mail": "new/mail",
    "new-phone": "new/phone",
    "new-school": "new/school",
    "new-company": "new/company",
    "new-language": "new/language",
    "_why": "although",
    "_agrees": "owner_agrees",
    "why": "although",
    "agrees": "owner_agrees",
    "page": "",
}


def by_field(problems: Mapping[str, str]) -> list[Wrong]:
    """Return what is wrong with a form of the board, by the names that a program knows."""
    return [Wrong(field=_known(name), detail=said) for name, said in problems.items()]


def _known(name: str) -> str:
    if row := _ROW.fullmatch(name):
        return f"dates/{int(row[2]) - 1}/{_PARTS[row[1]]}"
    return _NAMES.get(name, name)
