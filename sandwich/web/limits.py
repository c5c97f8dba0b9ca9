"""How much a request may bring. What is too large is refused with a page, not with a broken line."""

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandwich.errors import SandwichError

FORM_BYTES = 64 * 1024
"""What a form without files may bring."""

MOST_FILE_BYTES = 64 * 1024 * 1024
"""What the files of one form may have together, whatever the form allows."""

MOST_FIELDS = 400
"""How many fields a form may have."""

DRAINED_BYTES = 100 * 1024 * 1024
"""How much of a request that is too large is still read and thrown away, so that the browser shows our answer."""

_KEY = "sandwich.body"


class BodyTooLarge(SandwichError):
    """This is too large for this page. Go back: what you typed is still there. Make the text or file smaller
    and send it again.
    """

    dutch = (
        "Dit is te groot voor deze pagina. Ga terug: wat er getypt is staat er nog. "
        "Maak de tekst of het bestand kleiner en verstuur het opnieuw."
    )


@dataclass
class Allowance:
    """How many bytes the body of one request may have; a route raises it before it reads."""

    most: int = FORM_BYTES
    seen: int = 0


def allow(scope: Scope, most: int) -> None:
    """Let the body of this request have ``most`` bytes."""
    allowance: Allowance = scope[_KEY]
    allowance.most = most


class BodyLimit:
    """Counts the bytes of every request and raises ``BodyTooLarge`` in whoever reads too many."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        allowance = scope[_KEY] = Allowance()

        async def counted() -> Message:
            message = await receive()
            allowance.seen += len(message.get("body", b""))
            if allowance.seen > allowance.most:
                await _drain(message, receive, allowance.seen)
                raise BodyTooLarge()
            return message

        await self.app(scope, counted, send)


async def _drain(message: Message, receive: Receive, seen: int) -> None:
    while message["type"] == "http.request" and message.get("more_body") and seen < DRAINED_BYTES:
        message = await receive()
        seen += len(message.get("body", b""))
