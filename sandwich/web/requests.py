"""Each request has an id and one line in the log, and who asks is believed of our own proxy alone.

The line has the pattern of the route (``/f/{token}``), never the address itself: that is a key to somebody's form.
"""

import re
import secrets
import time
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, get_contextvars

ID_HEADER = "X-Request-Id"

_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_KEY = "sandwich.route"
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by a machine: no line for what went well."""

log = structlog.get_logger(__name__)


class OwnProxy:
    """Takes from a proxy of ours, and from nobody else, who asks: the last address in ``X-Forwarded-For`` that is none
    of our proxies. Our own name and https come from ``SANDWICH_BASE_URL``, whatever a header says.
    """

    def __init__(self, app: ASGIApp, *, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self.app = app
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request and who sends it, and pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, given = Headers(scope=scope), ""
        if self._is_ours(scope["client"]):
            given = headers.get(ID_HEADER, "")
            visitor = self._visitor(headers.getlist("X-Forwarded-For"))
            if visitor:
                scope = {**scope, "client": (visitor, 0)}
        # Not taken away afterwards: the web server's own word about an error belongs to the same request.
        bind_contextvars(request=given if _ID.fullmatch(given) else secrets.token_hex(8))
        await self.app(scope, receive, send)

    def _is_ours(self, peer: Any) -> bool:
        try:
            return any(ip_address(peer[0]) in network for network in self.proxies)
        except (TypeError, ValueError):
            return False

    def _visitor(self, lines: list[str]) -> str | None:
        for written in reversed(",".join(lines).split(",")):
            try:
                address = ip_address(written.strip())
            except ValueError:
                return None  # what stands before it was not written by us
            if not any(address in network for network in self.proxies):
                return str(address)
        return None


class Told:
    """Writes a line for each request, and its id into the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and tell what came of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        route: dict[str, str] = {}

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID_HEADER] = request_id()
            await send(message)

        try:
            await self.app({**scope, _KEY: route}, receive, named)
        finally:
            pattern = route.get("path", "-")
            if pattern not in _QUIET or status >= 400:
                took = round(1000 * (time.perf_counter() - began), 1)
                log.info("request", method=_method(scope), route=pattern, status=status, ms=took)


class RouteNoted:
    """Stands next to the routes and notes which one was taken."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the router writes into this scope what it found."""
        try:
            await self.app(scope, receive, send)
        finally:
            route = scope.get("route")
            if _KEY in scope and route is not None:
                scope[_KEY]["path"] = getattr(route, "path_format", None) or route.path


def request_id() -> str:
    """Return the id of the request that is answered now."""
    return str(get_contextvars().get("request", "-"))


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in _METHODS else "-"
