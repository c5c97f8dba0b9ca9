"""An address with the character that ends a text is that of no page, and is answered before any page looks at it."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sandwich.web.errors import error_page

_ENDS = (b"%00", b"\x00")


class PlainAddresses:
    """Says of every address with a NUL in it that there is no such page: PostgreSQL takes none, and no link has one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        is_odd = scope["type"] == "http" and (
            "\0" in scope["path"] or any(end in scope["query_string"] for end in _ENDS)
        )
        if is_odd:
            await error_page(Request(scope), 404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
