"""The demo's mailbox as pages for people and as JSON for scripts."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from sandwich.demo.letter import Letter, read_letter
from sandwich.demo.mailbox import Mailbox, Received
from sandwich.runtime import Runtime
from sandwich.web.demo.wants import wants_json
from sandwich.web.headers import POLICY
from sandwich.web.pages import pages_of

router = APIRouter(include_in_schema=False)

LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)
"""For the HTML of a mail, which is somebody's words: no script, no form, nothing from elsewhere, links only."""

Number = Annotated[int, Query(ge=0, le=2**31)]

MOST_SHOWN = 60
"""How many mails a page shows at once, the newest; the older ones are a press away."""


@router.get("/demo/mailbox")
async def mailbox(request: Request, since: Number = 0, person: Number = 0, older: bool = False) -> Response:
    """Show the newest mails, of one person where ``person`` is given, and with ``older`` all of them.

    As JSON: all that came after number ``since``, in the order in which they came.
    """
    box = mailbox_of(request)
    received = await asyncio.to_thread(box.mails, since=since, recipient_id=person or None)
    if wants_json(request):
        mails = [read_letter(one).to_json() for one in received]
        return JSONResponse({"mails": mails, "newest": _newest(received, since)})
    pages = pages_of(request)
    letters = [read_letter(one) for one in (received if older else received[-MOST_SHOWN:])]
    return pages.html(
        "demo/mailbox.html",
        language=pages.language_of(request),
        letters=list(reversed(letters)),
        left=len(received) - len(letters),
        recipients=await asyncio.to_thread(box.recipients),
        person=person,
        since=since,
    )


@router.get("/demo/mailbox/{number}")
async def mail(request: Request, number: int) -> Response:
    """Show one mail as its reader sees it."""
    letter = await _letter(request, number)
    if wants_json(request):
        return JSONResponse(letter.to_json())
    pages = pages_of(request)
    return pages.html(
        "demo/letter.html",
        language=pages.language_of(request),
        headers={"Content-Security-Policy": f"{POLICY}; frame-src 'self'"},
        letter=letter,
    )


@router.get("/demo/mailbox/{number}/html")
async def html(request: Request, number: int) -> Response:
    """Give the HTML part of a mail, for a frame in which nothing runs."""
    letter = await _letter(request, number)
    if not letter.html:
        raise HTTPException(404)
    return HTMLResponse(_out_of_frame(letter.html), headers={"Content-Security-Policy": LETTER_POLICY})


def mailbox_of(request: Request) -> Mailbox:
    """Return the mailbox of this demo."""
    runtime: Runtime = request.app.state.runtime
    return Mailbox.of(runtime.settings)


async def _letter(request: Request, number: int) -> Letter:
    received = await asyncio.to_thread(mailbox_of(request).mail, number) if 0 < number < 2**31 else None
    if received is None:
        raise HTTPException(404)
    return read_letter(received)


def _newest(received: list[Received], since: int) -> int:
    return received[-1].id if received else since


def _out_of_frame(text: str) -> str:
    """Let links open in the whole window, not inside the frame, where our own pages refuse to be shown."""
    found = re.search(r"<head[^>]*>", text, re.IGNORECASE)
    place = found.end() if found else 0
    return f'{text[:place]}<base target="_top">{text[place:]}'
