"""The board itself: what needs a hand, and every activity with what it waits for; all of them, or those looked for."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from models.rights import Right
from models.text import Language, Text
from sandwich.mail.clean import one_line
from sandwich.mail.words import Words
from sandwich.services.finding import Place, Wanted
from sandwich.services.hold import hold_of
from sandwich.services.over_term import waits
from sandwich.services.overview import activities
from sandwich.services.overview import board as read_board
from sandwich.services.quotas import full_hours
from sandwich.web.board.showing import capital, show
from sandwich.web.board.versions import kinds_behind
from sandwich.web.pages import pages_of
from sandwich.web.session import AnybodySignedIn, Reader, Visitor

router = APIRouter(include_in_schema=False)

PLACE = {
    Place.BEFORE: Text(nl="voor", en="before"),
    Place.DURING: Text(nl="tijdens", en="during"),
    Place.AFTER: Text(nl="na", en="after"),
    Place.ON_HOLD: Text(nl="uitgesteld", en="put off"),
}


@router.get("/")
async def front(request: Request) -> Response:
    """Bring whoever types our address to the board; participants come by their own link."""
    return RedirectResponse(pages_of(request).path("/board"), status_code=303)


def _wanted(request: Request) -> Wanted:
    """Read what is looked for from the address; what nobody can mean is left out."""
    asked = request.query_params
    place = asked.get("place", "")
    return Wanted(
        words=one_line(asked.get("q", ""))[:100],
        kind=asked.get("kind", "")[:64],
        place=Place(place) if place in set(Place) else None,
        needs_hand=asked.get("hand") == "yes",
    )


LookedFor = Annotated[Wanted, Depends(_wanted)]


def _search(visitor: Visitor, wanted: Wanted, at: str) -> dict[str, Any]:
    """Return what the search form shows."""
    kinds = sorted(visitor.runtime.library.kinds.values(), key=lambda playbook: playbook.title.to(visitor.who.language))
    return {"wanted": wanted, "search_at": at, "kinds": kinds, "places": [(place, PLACE[place]) for place in Place]}


@router.get("/board")
async def board(request: Request, visitor: AnybodySignedIn, wanted: LookedFor) -> Response:
    """Show what needs a hand and the activities that go on; whoever reads none begins elsewhere."""
    if not visitor.who.may(Right.READ):
        return RedirectResponse(pages_of(request).path("/board/privacy"), status_code=303)
    runtime, who = visitor.runtime, visitor.who
    now, zone = await runtime.clock.now(), runtime.settings.timezone
    async with runtime.store.read() as session:
        seen = await read_board(session, runtime.settings, who.region_id, now, wanted=wanted)
        steers, organises = who.may(Right.STEER), who.may(Right.ORGANISE)
        hold = await hold_of(session) if organises else None
        full = await full_hours(session, runtime.settings, now) if organises else []
    busy = {call.activity_id for call in seen.calls}
    calendar = pages_of(request).calendar
    return show(
        request,
        visitor,
        "board.html",
        current="board",
        restored=calendar.at(hold.restored_at, who.language) if hold else "",
        keeps=await waits(runtime, who),
        full=[(one, calendar.at(one.goes_on_at, who.language)) for one in full],
        behind=kinds_behind(runtime.library, seen.lines) if organises else [],
        lines=seen.lines,
        calls=seen.calls if steers else (),
        **_search(visitor, wanted, "/board"),
        greeting=_greeting(calendar.local(now)).to(who.language),
        today=capital(calendar.day(now, who.language)),
        summary=_found(len(seen.lines), who.language, zone)
        if wanted
        else ""
        if not steers
        else _summary(len(seen.calls), len([line for line in seen.lines if line.id not in busy]), who.language, zone),
    )


@router.get("/board/ended")
async def ended(request: Request, visitor: Reader, wanted: LookedFor) -> Response:
    """Show the activities that are finished or cancelled, the newest first."""
    runtime = visitor.runtime
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        lines = await activities(session, runtime.settings, visitor.who.region_id, now, ended=True, wanted=wanted)
    return show(
        request,
        visitor,
        "board.html",
        current="ended",
        restored="",
        keeps=False,
        full=[],
        behind=[],
        lines=lines,
        calls=[],
        **_search(visitor, wanted, "/board/ended"),
    )


def _greeting(local: datetime) -> Text:
    if local.hour < 12:
        return Text(nl="Goedemorgen", en="Good morning")
    if local.hour < 18:
        return Text(nl="Goedemiddag", en="Good afternoon")
    return Text(nl="Goedenavond", en="Good evening")


def _summary(hands: int, quiet: int, language: Language, zone: str) -> str:
    words = Words(language, zone)
    if language is Language.ENGLISH:
        one = "Nothing waits for you" if not hands else f"{capital(words.count(hands))} {_things(hands)} for you"
        other = f"{words.count(quiet)} {'activity runs' if quiet == 1 else 'activities run'} by itself"
        return f"{one}; {other.replace('run by itself', 'run by themselves')}." if quiet else f"{one}."
    if not hands:
        one = "Er wacht niets op jou"
    else:
        one = f"{capital(words.count(hands))} {'ding wacht' if hands == 1 else 'dingen wachten'} op jou"
    if not quiet:
        return f"{one}."
    return f"{one}, {words.count(quiet)} {'activiteit loopt' if quiet == 1 else 'activiteiten lopen'} vanzelf."


def _found(count: int, language: Language, zone: str) -> str:
    """Say how many are found; what waits is not said of a part of it."""
    words = capital(Words(language, zone).count(count)) if count else ""
    if language is Language.ENGLISH:
        fits = "activity fits" if count == 1 else "activities fit"
        return f"{words or 'No'} {fits} what you look for."
    fits = "activiteit past" if count == 1 else "activiteiten passen"
    return f"{words} {fits} bij wat je zoekt." if count else "Geen activiteit past bij wat je zoekt."


def _things(count: int) -> str:
    return "thing waits" if count == 1 else "things wait"
