"""The demo's clock: what time it is, what comes next, and moving there."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from sandwich.demo.moving import coming, outlook, to_moment, to_next
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services.coming import Coming
from sandwich.services.settled import Outlook
from sandwich.web.demo.mailbox import mailbox_of
from sandwich.web.demo.wants import wants_json
from sandwich.web.doors import over_all
from sandwich.web.pages import pages_of
from sandwich.web.posted import KEY, read_form
from sandwich.web.session import PageStale
from sandwich.web.signing import Signer

router = APIRouter(include_in_schema=False)

MOST_DAYS = 400
"""How many days the clock moves at once, at most."""

_OWNER, _ABOUT = "demo", "demo-clock"


class Steps:
    """Lets one move of the clock happen at a time; one per application."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()


@router.get("/demo/clock")
async def clock(request: Request, since: int = -1) -> Response:
    """Show the time, whether everything of this moment has happened, and what comes next."""
    runtime = over_all(request, "demo")
    seen, following = await outlook(runtime), await coming(runtime)
    if wants_json(request):
        return JSONResponse(as_json(seen, following))
    pages, signer = pages_of(request), request.app.state.signer
    box = mailbox_of(request)
    arrived = [] if since < 0 else await asyncio.to_thread(box.mails, since=since)
    return pages.html(
        "demo/clock.html",
        language=pages.language_of(request),
        seen=seen,
        coming=following,
        arrived=len(arrived) if since >= 0 else None,
        since=since,
        key=signer.page_key(_OWNER, _ABOUT),
    )


@router.post("/demo/clock")
async def move(request: Request) -> Response:
    """Move the clock: ``{"to": "next"}``, ``{"days": 1}`` or ``{"moment": "2026-10-01T10:00:00+02:00"}``.

    The same names work as fields of a form. The answer comes when everything of the new moment has happened, or
    after two minutes with ``settled`` false.
    """
    asked, is_json = await _asked(request)
    runtime = over_all(request, "demo")
    steps: Steps = request.app.state.clock_steps
    box = mailbox_of(request)
    before = await asyncio.to_thread(box.newest)
    async with steps.lock:
        seen = await _go(runtime, asked)
    if is_json or wants_json(request):
        return JSONResponse(as_json(seen, await coming(runtime)))
    return RedirectResponse(pages_of(request).path(f"/demo/clock?since={before}"), status_code=303)


def as_json(seen: Outlook, following: Coming | None) -> dict[str, Any]:
    """Return what the clock knows as JSON; moments are ISO in UTC."""
    then = following and {
        "at": following.at.isoformat(),
        "what": {"nl": following.what.nl, "en": following.what.en},
        "activity": following.title,
    }
    return {"now": seen.now.isoformat(), "settled": seen.is_settled, "waiting": seen.waiting, "next": then}


async def _asked(request: Request) -> tuple[dict[str, Any], bool]:
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        # No page of another site can send this type without asking us first, which we never allow.
        try:
            said = await request.json()
        except ValueError:
            raise _unclear() from None
        if not isinstance(said, dict):
            raise _unclear()
        return said, True
    posted = await read_form(request)
    signer: Signer = request.app.state.signer
    if signer.read_page_key(posted.one(KEY), _OWNER, _ABOUT) is None:
        raise PageStale()
    return {name: posted.one(name) for name in ("to", "days", "moment") if posted.one(name)}, False


async def _go(runtime: Runtime, asked: dict[str, Any]) -> Outlook:
    if asked.get("to") == "next":
        return await to_next(runtime)
    if "days" in asked:
        days = str(asked["days"])
        if not days.isdecimal() or not 1 <= int(days) <= MOST_DAYS:
            raise _unclear()
        return await to_moment(runtime, await runtime.clock.now() + timedelta(days=int(days)))
    if "moment" in asked:
        try:
            moment = datetime.fromisoformat(str(asked["moment"]))
        except ValueError:
            raise _unclear() from None
        if moment.tzinfo is None:
            raise _unclear()
        return await to_moment(runtime, moment.astimezone(UTC))
    raise _unclear()


def _unclear() -> BadInput:
    return BadInput(
        'Say where to: {"to": "next"}, {"days": 1} or {"moment": "2026-10-01T10:00:00+02:00"}.',
        'Zeg waarheen: {"to": "next"}, {"days": 1} of {"moment": "2026-10-01T10:00:00+02:00"}.',
    )
