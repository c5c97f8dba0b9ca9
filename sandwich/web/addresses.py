"""The character that ends a text is taken out of an address before any page looks at it: PostgreSQL takes none."""

from starlette.types import ASGIApp, Receive, Scope, Send

_ENDS = (b"%00", b"\x00")
_UNREADABLE = "\ufffd"


class PlainAddresses:
    """Reads a NUL in a path as the mark of what cannot be read, so that its page says that there is no such thing, and
    leaves it out of what is asked behind the path, where somebody may have pasted it with their words.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and ("\0" in scope["path"] or any(end in scope["query_string"] for end in _ENDS)):
            asked = scope["query_string"]
            for end in _ENDS:
                asked = asked.replace(end, b"")
            scope = {**scope, "path": scope["path"].replace("\0", _UNREADABLE), "query_string": asked}
        await self.app(scope, receive, send)
