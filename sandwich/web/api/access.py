"""Who comes in with a token, and how often. The cookie of a session opens nothing here, and a token opens no page."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from models.scopes import ApiScope
from models.text import Language
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services.api_tokens import Holder, holder_of
from sandwich.web.api.problems import NotYours, ScopeTooSmall, TooFast
from sandwich.web.doors import over_all
from sandwich.web.language import preferred
from sandwich.web.rate import Window, client_of
from sandwich.web.session import Visitor

MINUTE = 60
REQUESTS_PER_TOKEN = 300
"""Requests of one token in a minute."""

REQUESTS_PER_SCHOOL = 1200
"""Requests in a minute of all tokens of one school's coordinators together, or of those of a region."""

FAILURES_PER_CLIENT = 30
"""Requests without a token that opens anything, of one client in a minute."""

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of a coordinator, made on the board (Keys) or with `sandwich token make`.",
)


class Gate:
    """Counts who comes in how often; one per application."""

    def __init__(self) -> None:
        self.tokens = Window(REQUESTS_PER_TOKEN, MINUTE)
        self.schools = Window(REQUESTS_PER_SCHOOL, MINUTE)
        self.failures = Window(FAILURES_PER_CLIENT, MINUTE)


@dataclass(frozen=True)
class Admitted:
    """Whoever came in: their token, and who they are to the services."""

    holder: Holder
    visitor: Visitor


async def admit(request: Request, scope: ApiScope) -> Admitted:
    """Let in who may do this. Raises :class:`NotYours`, :class:`ScopeTooSmall` or :class:`TooFast`."""
    runtime = over_all(request, "signing in")
    gate: Gate = request.app.state.gate
    at = asyncio.get_running_loop().time()
    said, _, token = request.headers.get("authorization", "").partition(" ")
    holder = await holder_of(runtime, token.strip(), real=real_now()) if said.lower() == "bearer" else None
    if holder is None:
        if not gate.failures.allows(client_of(request), at):
            raise TooFast(MINUTE)
        raise NotYours
    of_school = holder.who.school_id or holder.who.region_id
    if not (gate.tokens.allows(holder.token_id, at) and gate.schools.allows(of_school, at)):
        raise TooFast(MINUTE)
    if not holder.scope.covers(scope):
        raise ScopeTooSmall(scope=scope.value)
    return Admitted(holder, visitor_of(request, holder))


def visitor_of(request: Request, holder: Holder) -> Visitor:
    """Return the coordinator as the board knows them, in the language that the program asks for."""
    language = preferred(request.headers.get("accept-language"), Language(holder.who.language))
    runtime: Runtime = request.app.state.runtime
    who = replace(holder.who, language=language)
    return Visitor(who, runtime.narrowed(who.scope), request.app.state.signer)


async def caller(request: Request) -> Visitor:
    """Dependency of every route: whoever the route itself let in."""
    admitted: Admitted = request.state.admitted
    return admitted.visitor


Caller = Annotated[Visitor, Depends(caller)]
