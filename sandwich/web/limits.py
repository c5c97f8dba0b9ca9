"""How much a request may bring, and how long it may take for it. What is too large is refused with a page, not with a
broken line; so is what comes too slowly.
"""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
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

PAUSE_SECONDS = 20.0
"""How long nothing may come of a body that is not whole."""

SLOWEST = 8 * 1024
"""Bytes a second that a body must bring on the whole, beside the first pause: a telephone on a bad line brings more."""

_KEY = "sandwich.body"


class BodyTooLarge(SandwichError):
    """This is too large for this page. Go back: what you typed is still there. Make the text or file smaller
    and send it again.
    """

    dutch = (
        "Dit is te groot voor deze pagina. Ga terug: wat er getypt is staat er nog. "
        "Maak de tekst of het bestand kleiner en verstuur het opnieuw."
    )


class BodyTooSlow(SandwichError):
    """This came in too slowly, so nothing was changed. Go back: what you typed is still there. Send it once more."""

    dutch = (
        "Dit kwam te langzaam binnen, dus er is niets veranderd. Ga terug: alles staat er nog. Verstuur het opnieuw."
    )


@dataclass
class Allowance:
    """How many bytes the body of one request may have; a route raises it before it reads."""

    most: int = FORM_BYTES


def allow(scope: Scope, most: int) -> None:
    """Let the body of this request have ``most`` bytes."""
    allowance: Allowance = scope[_KEY]
    allowance.most = most


class BodyLimit:
    """Counts the bytes of every request: raises ``BodyTooLarge`` in whoever reads too many of them, ``BodyTooSlow`` in
    whoever waits too long for the next.
    """

    def __init__(self, app: ASGIApp, *, pause: float = PAUSE_SECONDS) -> None:
        self.app, self.pause = app, pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        allowance = scope[_KEY] = Allowance()
        body = _Body(receive, asyncio.get_running_loop().time(), self.pause)

        async def counted() -> Message:
            message = await body.next()
            if body.seen > allowance.most:
                await _drain(message, body)
                raise BodyTooLarge()
            return message

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start" and not body.is_whole and _may_be_long(scope):
                # The web server would read on, and throw away whatever comes, as long as somebody sends.
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self.app(scope, counted, said)


def _may_be_long(scope: Scope) -> bool:
    """Whether more may come behind a head than the web server has at hand anyway."""
    headers = Headers(scope=scope)
    announced = headers.get("content-length", "0")
    return "transfer-encoding" in headers or not announced.isdecimal() or int(announced) > FORM_BYTES


@dataclass
class _Body:
    """What comes in behind the head of one request, as long as it is not whole."""

    receive: Receive
    began: float
    pause: float
    seen: int = 0
    is_whole: bool = False

    async def next(self) -> Message:
        """Return what comes next; raises ``BodyTooSlow``. Once it is whole, a page may wait as long as it wants."""
        if self.is_whole:
            return await self.receive()
        until = self.began + self.pause + self.seen / SLOWEST
        try:
            async with asyncio.timeout_at(max(until, asyncio.get_running_loop().time())):
                message = await self.receive()
        except TimeoutError:
            raise BodyTooSlow() from None
        self.seen += len(message.get("body", b""))
        self.is_whole = message["type"] != "http.request" or not message.get("more_body")
        return message


async def _drain(message: Message, body: _Body) -> None:
    while message["type"] == "http.request" and message.get("more_body") and body.seen < DRAINED_BYTES:
        message = await body.next()
