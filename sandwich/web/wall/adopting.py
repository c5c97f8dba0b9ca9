"""The form of who will use the material of a card, to be asked later what became of it. It works without scripts."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sandwich.services.adopting import NothingAskedLater, SaidOfSelf, adopt, give_back
from sandwich.services.wall import WallUnknown
from sandwich.web.login import FLOOR, TOO_MANY, TOO_OFTEN, Doorkeeper
from sandwich.web.posted import ACTION, KEY, read_form
from sandwich.web.rate import client_of
from sandwich.web.signing import Signer
from sandwich.web.wall.routes import ADOPT, STALE, SelfSaid, after_page, card_page, parts

router = APIRouter(include_in_schema=False)

GIVE_BACK = "give-back"
FIELDS = ("given_name", "family_name", "mail")
DONE = {"thanks": False, "taken-back": True}


@router.post("/wall/{wall_key}/{activity_id}/" + ADOPT)
async def say_of_self(request: Request, wall_key: str, activity_id: str) -> Response:
    """Note who will use the material, or take that back; answer and time are the same for whoever is known already."""
    started = asyncio.get_running_loop().time()
    runtime, pages = await parts(request, wall_key)
    signer: Signer = request.app.state.signer
    keeper: Doorkeeper = request.app.state.wall_doorkeeper
    language = pages.language_of(request)
    posted = await read_form(request)
    typed = {name: posted.one(name).strip() for name in FIELDS}
    said = SelfSaid(typed)
    if signer.read_page_key(posted.one(KEY), wall_key, f"{activity_id}/{ADOPT}") is None:
        return await card_page(request, wall_key, activity_id, notice=STALE.to(language), status=403, self_said=said)
    if not keeper.may_ask(client_of(request), typed["mail"]):
        return await card_page(
            request, wall_key, activity_id, notice=TOO_OFTEN.to(language), status=TOO_MANY, self_said=said
        )
    takes_back, now = posted.one(ACTION) == GIVE_BACK, await runtime.clock.now()
    try:
        if takes_back:
            problems = await give_back(runtime, wall_key, activity_id, typed["mail"], now=now)
        else:
            problems = await adopt(runtime, wall_key, activity_id, SaidOfSelf(**typed), language=language, now=now)
    except NothingAskedLater as error:
        return await card_page(request, wall_key, activity_id, notice=error.to(language), status=409)
    if problems:
        said = SelfSaid(typed, {name: text.to(language) for name, text in problems.items()})
        return await card_page(request, wall_key, activity_id, status=422, self_said=said)
    await asyncio.sleep(max(0.0, started + FLOOR - asyncio.get_running_loop().time()))
    done = "taken-back" if takes_back else "thanks"
    return RedirectResponse(pages.path(f"/wall/{wall_key}/{activity_id}/{ADOPT}/{done}"), status_code=303)


@router.get("/wall/{wall_key}/{activity_id}/" + ADOPT + "/{what}")
async def said_of_self(request: Request, wall_key: str, activity_id: str, what: str) -> Response:
    """Say that it was noted, or taken back."""
    if what not in DONE:
        raise WallUnknown
    return await after_page(request, wall_key, activity_id, "wall/adopted.html", is_taken_back=DONE[what])
