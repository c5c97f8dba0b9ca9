"""After a backup was put back: what waits to be mailed, and the buttons that let it go or throw it away."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from models.text import Text
from sandwich.errors import SandwichError
from sandwich.labels import MAIL
from sandwich.services.hold import HoldView, NotCaughtUp, NotHeld, look_at_hold, release
from sandwich.web.board.showing import show
from sandwich.web.pages import pages_of
from sandwich.web.posted import ACTION
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False)

_ADDRESS = "/board/outbox"
_UNCLEAR = Text(nl="Vul een datum en een tijd in.", en="Fill in a date and a time.")
_BEHIND = Text(
    nl="Nog niet alles is bekeken wat aan de beurt was toen de kopie werd teruggezet. Wacht een paar minuten en "
    "probeer het opnieuw. Blijft het zo, vraag dan de beheerder om `sandwich outbox release --anyway`.",
    en="Not everything has been looked at that was due when the backup was put back. Wait a few minutes and try again. "
    "If it stays so, ask the administrator for `sandwich outbox release --anyway`.",
)


@router.get(_ADDRESS)
async def ask(request: Request, visitor: Organiser) -> Response:
    """Show what waits for a person; where nothing is held up, the board."""
    now = await visitor.runtime.clock.now()
    seen = await held(visitor, now)
    return _draw(request, visitor, seen, now) if seen else _to_board(request)


@router.post(_ADDRESS)
async def do(request: Request, visitor: Organiser) -> Response:
    """Let mail leave again; first throw away what was sent before, where that is asked."""
    posted, _ = await visitor.read(request, _ADDRESS)
    now = await visitor.runtime.clock.now()
    until = None
    try:
        if posted.one(ACTION) == "discard":
            until = _moment(posted.one("date"), posted.one("time"), visitor.runtime.settings.timezone)
        await release(visitor.runtime, now=now, actor=visitor.who.person_id, discard_until=until)
    except NotHeld:
        pass  # somebody else was first
    except (SandwichError, ValueError) as error:
        seen = await held(visitor, now)
        if seen is None:
            return _to_board(request)
        language = visitor.who.language
        if isinstance(error, NotCaughtUp):
            said = _BEHIND.to(language)
        else:
            said = error.to(language) if isinstance(error, SandwichError) else _UNCLEAR.to(language)
        return _draw(request, visitor, seen, now, problem=said, typed=posted.answers)
    return _to_board(request)


async def held(visitor: Visitor, now: datetime) -> HoldView | None:
    """Return what waits for a person; ``None`` when mail leaves by itself."""
    async with visitor.runtime.store.read() as session:
        return await look_at_hold(session, now)


def _draw(
    request: Request,
    visitor: Visitor,
    seen: HoldView,
    now: datetime,
    *,
    problem: str = "",
    typed: dict[str, list[str]] | None = None,
) -> Response:
    calendar, language = pages_of(request).calendar, visitor.who.language
    local = calendar.local(now)
    return show(
        request,
        visitor,
        "outbox.html",
        status=422 if problem else 200,
        seen=seen,
        restored=calendar.at(seen.hold.restored_at, language),
        backed_up=calendar.at(seen.hold.backed_up_at, language),
        kinds=[(MAIL.get(mail, Text(nl=mail, en=mail)).to(language), count) for mail, count in seen.kinds.items()],
        key=visitor.key(_ADDRESS),
        problem=problem,
        problems={},
        typed=typed or {"date": [f"{local:%Y-%m-%d}"], "time": [f"{local:%H:%M}"]},
    )


def _moment(date: str, time: str, zone: str) -> datetime:
    """Read a local moment; raises ``ValueError``."""
    return datetime.strptime(f"{date.strip()} {time.strip()[:5]}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))


def _to_board(request: Request) -> Response:
    return RedirectResponse(pages_of(request).path("/board"), status_code=303)
