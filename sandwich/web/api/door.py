"""The door that every request of a program comes through: who it is first, then what it wants, and once where asked."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from models.scopes import ApiScope
from models.text import Text
from sandwich.clock import real_now
from sandwich.errors import BadInput, NotFound, OutcomeUnknown, SandwichError
from sandwich.failpoints import failpoint
from sandwich.services.once import LONGEST_KEY, OnceOtherwise, OnceUnderway, begin_once, end_once, hash_of
from sandwich.web.api.access import Admitted, admit, bearer
from sandwich.web.api.problems import (
    PREFIX,
    NotYours,
    Problem,
    ScopeTooSmall,
    TooFast,
    Unseen,
    by_field,
    invalid,
    language_of,
    problem,
)
from sandwich.web.board.small import Unclear
from sandwich.web.errors import status_of

SCOPE = "x-scope"
"""What of a route's description says which scope it needs."""

ONCE = "idempotency-key"
KEY_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_KEY}}}")
REPLAYED = "Idempotent-Replayed"

_CLIENT = {status: {"model": Problem, "description": said} for status, said in (
    (400, "It is no JSON, or says nothing that we know"),
    (401, "No token, or one that opens nothing any more"),
    (403, "The token's scope is too small"),
    (404, "It does not exist, or is not yours to see"),
    (408, "It came too slowly"),
    (409, "Look first at what would happen, or the key was used before"),
    (413, "Too large"),
    (422, "Something in it cannot be so"),
    (429, "Too often; Retry-After says how long to wait"),
    (503, "The database cannot be used now; Retry-After says how long to wait"),
)}  # fmt: skip


class Door(APIRoute):
    """A route for programs."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what lets in, takes the request apart and answers."""
        handler = super().get_route_handler()
        scope = ApiScope((self.openapi_extra or {})[SCOPE])

        async def handle(request: Request) -> Response:
            try:
                request.state.admitted = await admit(request, scope)
                body = await request.body()  # read here: what is too large is told so
                return await _once(request, body, handler)
            except RequestValidationError as error:
                return invalid(request, error)
            except SandwichError as error:
                return refused(request, error)

        return handle


def reading(*, scope: ApiScope = ApiScope.READ) -> dict[str, Any]:
    """Return what a route that only reads says of itself."""
    return {"openapi_extra": {SCOPE: scope.value}}


WRITING: dict[str, Any] = {"openapi_extra": {SCOPE: ApiScope.WRITE.value}}
"""What a route that changes something says of itself."""


def routes(*tags: str) -> APIRouter:
    """Return a router for programs."""
    return APIRouter(
        prefix=PREFIX,
        tags=list(tags),
        route_class=Door,
        dependencies=[Depends(bearer)],
        responses={status: dict(said) for status, said in _CLIENT.items()},
    )


async def _once(request: Request, body: bytes, handler: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    key = request.headers.get(ONCE)
    if key is None or request.method == "GET":
        return await handler(request)
    if not KEY_SHAPE.fullmatch(key):
        raise BadInput(
            f"An Idempotency-Key has 1 to {LONGEST_KEY} letters, digits, - and _.",
            f"Een Idempotency-Key heeft 1 tot {LONGEST_KEY} letters, cijfers, - en _.",
        )
    admitted: Admitted = request.state.admitted
    runtime = admitted.visitor.runtime
    token = admitted.holder.token_id
    before = await begin_once(runtime, token, key, hash_of(request.method, request.url.path, body), real=real_now())
    if before is not None:
        return Response(json.dumps(before.response), before.status, {REPLAYED: "true"}, media_type="application/json")
    try:
        response = await handler(request)
    except OutcomeUnknown:
        raise  # it may have been done: whoever asks again is told to look first
    except (SandwichError, RequestValidationError, HTTPException):
        await end_once(runtime, token, key)
        raise
    await failpoint("request-carried-out")
    said = _kept(response)
    await end_once(runtime, token, key, response.status_code if said is not None else None, said)
    return response


def _kept(response: Response) -> dict[str, Any] | None:
    """Return what is kept of an answer: what was done, with its ids; nothing where nothing was done."""
    if response.status_code >= 300:
        return None
    said = json.loads(bytes(response.body))
    return said if isinstance(said, dict) and said.get("done") else None


def refused(request: Request, error: SandwichError) -> Response:
    """Return one of our own errors as a problem."""
    language = language_of(request)
    detail = error.to(language)
    match error:
        case NotYours():
            return problem(request, 401, detail, headers={"WWW-Authenticate": 'Bearer realm="sandwich"'})
        case ScopeTooSmall():
            return problem(request, 403, detail, kind="scope")
        case TooFast():
            return problem(request, 429, detail, headers={"Retry-After": str(error.seconds)})
        case OnceUnderway():
            return problem(request, 409, detail, kind="underway")
        case OnceOtherwise():
            return problem(request, 422, detail, kind="key-reused")
        case Unseen():
            happens = [Text.to(line, language) for line in error.happens]
            return problem(request, 409, detail, kind="unseen", happens=happens, seen=error.seen)
        case Unclear():
            return problem(request, 422, detail, kind="invalid", errors=by_field(error.problems))
        case NotFound():
            return problem(request, 404)
        case BadInput():
            return problem(request, 422, detail, kind="refused")
    status = status_of(error)
    headers = {"Retry-After": "30"} if status == 503 else {}
    return problem(request, 422 if status == 400 else status, detail, headers=headers)
