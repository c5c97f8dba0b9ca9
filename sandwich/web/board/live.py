"""Tell open pages of the board when something changed, as server-sent events; every page works without them.

Nothing about anybody is told: only that the page can be read anew. An open page keeps nobody signed in.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from sandwich.services.pulse import pulse_of_activity, pulse_of_region
from sandwich.web.session import find_visitor

router = APIRouter(include_in_schema=False)

EVERY = 2.0
"""Seconds between two looks for one page."""

QUIET = 15.0
"""Seconds after which something is sent all the same, so that nothing on the way takes the line for dead."""

LONGEST = 300.0
"""Seconds until a line is closed; browsers open it again by themselves, and it is looked at anew who is signed in."""

MOST = 200
"""Lines that one process has open; more pages than these are not told."""


class Lines:
    """The open lines of one process."""

    def __init__(self) -> None:
        self.open = 0
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Close all lines, so that the process can stop."""
        self._closing.set()

    async def tell(self, look: Callable[[], Awaitable[str]]) -> AsyncIterator[str]:
        """Yield an event at once and after every change, until the line has been open long enough."""
        until, said_at, told = time.monotonic() + LONGEST, time.monotonic(), ""
        self.open += 1
        try:
            while not self._closing.is_set() and time.monotonic() < until:
                seen = await look()
                if seen != told:
                    told, said_at = seen, time.monotonic()
                    yield f"data: {seen}\n\n"
                elif time.monotonic() - said_at > QUIET:
                    said_at = time.monotonic()
                    yield ":\n\n"
                try:
                    await asyncio.wait_for(self._closing.wait(), EVERY)
                except TimeoutError:
                    continue
        finally:
            self.open -= 1


@router.get("/board/live")
@router.get("/board/live/{activity_id}")
async def live(request: Request, activity_id: str = "") -> Response:
    """Tell when the board of the visitor's region, or one activity of it, changed; nothing to whoever is signed out."""
    visitor = await find_visitor(request, touches=False)
    lines: Lines = request.app.state.lines
    if visitor is None or lines.open >= MOST:
        return Response(status_code=204)  # browsers do not come back after this
    runtime, region = visitor.runtime, visitor.who.region_id

    async def look() -> str:
        if activity_id:
            return await pulse_of_activity(runtime, region, activity_id)
        return await pulse_of_region(runtime, region)

    return StreamingResponse(
        lines.tell(look),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
    )
