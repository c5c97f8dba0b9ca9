"""The code of the day: a group scans it, and each gets the link to the own page in the own mailbox (decision 52).

Behind the code stands no personal link: it leads to a page of the activity that asks for a mail address, and says the
same for every address.
"""

import asyncio
from itertools import groupby

import segno
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from models.text import Text
from sandwich.runtime import Runtime
from sandwich.services.link_again import gathering, scope_of_code, send_link_again
from sandwich.services.links import LinkUnknown
from sandwich.web.doors import over_all
from sandwich.web.login import FLOOR, TOO_MANY, TOO_OFTEN, Doorkeeper
from sandwich.web.pages import pages_of
from sandwich.web.participant.access import visit_by
from sandwich.web.participant.day import day_of_visit
from sandwich.web.participant.routes import NoSuchPage
from sandwich.web.posted import KEY, read_form
from sandwich.web.rate import client_of
from sandwich.web.signing import Signer

ASKS_ON_THE_DAY = 400
"""Links that people of one domain ask for in a quarter of an hour: a whole school may be at the door, twice."""

router = APIRouter(include_in_schema=False)

MAIL = "mail"
_OWNER = "day"
_STALE = Text(
    nl="Deze pagina stond lang open. Verstuur het nog een keer.",
    en="This page was open for a long time. Send it once more.",
)
_NO_ADDRESS = Text(nl="Schrijf een heel mailadres, met een @.", en="Write a whole mail address, with an @.")


@router.get("/f/{link_id}/code")
async def code(request: Request, link_id: str) -> Response:
    """Show the code, to print or to hold up: for whoever is there on the day."""
    visit = await visit_by(request, link_id)
    if await day_of_visit(visit) is None:
        raise NoSuchPage
    found = await gathering(visit.runtime, visit.link.activity_id, visit.now)
    address = f"{visit.runtime.settings.base_url}/day/{visit.signer.day_key(visit.link.activity_id)}"
    dark, side = _drawn(address)
    return visit.pages.html(
        "participant/code.html",
        language=visit.link.language,
        formal=visit.link.formal,
        found=found,
        address=address,
        dark=dark,
        side=side,
        back=visit.address("/all" if visit.link.invitation_id else ""),
    )


def _drawn(address: str) -> tuple[str, int]:
    """Return the dark squares of a code as the path of a drawing, and how many squares wide that is with its margin."""
    rows = list(segno.make(address, error="m", micro=False).matrix_iter(border=4))
    runs = []
    for y, row in enumerate(rows):
        x = 0
        for is_dark, squares in groupby(bool(one) for one in row):
            long = len(list(squares))
            if is_dark:
                runs.append(f"M{x} {y}h{long}v1h-{long}z")
            x += long
    return "".join(runs), len(rows)


@router.get("/day/{key}")
async def day(request: Request, key: str) -> Response:
    """Ask who scanned the code for a mail address."""
    return await _page(request, key)


@router.post("/day/{key}")
async def ask(request: Request, key: str) -> Response:
    """Mail the link; answer and time are the same for an address that we do not know."""
    started = asyncio.get_running_loop().time()
    runtime, activity_id = await _parts(request, key)
    signer: Signer = request.app.state.signer
    keeper: Doorkeeper = request.app.state.day_doorkeeper
    posted = await read_form(request)
    address = posted.one(MAIL).strip()
    if signer.read_page_key(posted.one(KEY), _OWNER, key) is None:
        return await _page(request, key, typed=address, problem=_STALE, status=403)
    if not 3 <= len(address) <= 254 or "@" not in address[1:-1]:
        return await _page(request, key, typed=address, problem=_NO_ADDRESS, status=422)
    if not keeper.may_ask(client_of(request), address):
        return await _page(request, key, typed=address, problem=TOO_OFTEN, status=TOO_MANY)
    await send_link_again(runtime, activity_id, address, now=await runtime.clock.now())
    await asyncio.sleep(max(0.0, started + FLOOR - asyncio.get_running_loop().time()))
    return RedirectResponse(pages_of(request).path(f"/day/{key}/sent"), status_code=303)


@router.get("/day/{key}/sent")
async def sent(request: Request, key: str) -> Response:
    """Say where to look."""
    return await _page(request, key, is_sent=True)


async def _page(
    request: Request,
    key: str,
    *,
    typed: str = "",
    problem: Text | None = None,
    is_sent: bool = False,
    status: int = 200,
) -> Response:
    runtime, activity_id = await _parts(request, key)
    pages = pages_of(request)
    language = pages.language_of(request)
    return pages.html(
        "participant/day-code.html",
        language=language,
        status=status,
        found=await gathering(runtime, activity_id, await runtime.clock.now()),
        action=pages.path(f"/day/{key}"),
        key=request.app.state.signer.page_key(_OWNER, key),
        typed=typed,
        problem=problem.to(language) if problem else "",
        is_sent=is_sent,
    )


async def _parts(request: Request, key: str) -> tuple[Runtime, str]:
    activity_id = request.app.state.signer.activity_of(key)
    if activity_id is None:
        raise LinkUnknown
    runtime: Runtime = request.app.state.runtime
    return runtime.narrowed(await scope_of_code(over_all(request, "day code"), activity_id)), activity_id
