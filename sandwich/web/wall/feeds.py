"""A wall to follow: its new cards as an Atom feed (RFC 4287), and what is coming as a calendar (RFC 5545).

Both say nothing that the wall does not, carry nobody's name, and are asked for anew each time, so that a card that is
taken back is gone from them at once; an ``ETag`` spares sending what the reader has already.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

from fastapi import APIRouter, Request
from fastapi.responses import Response
from icalendar import Calendar, Event

from models.text import Language, Text
from sandwich.mail import clean
from sandwich.mail.ics import uid_of
from sandwich.services.wall import Wall, school_wall
from sandwich.services.wall_calendar import WallMoment, wall_moments
from sandwich.settings import Settings
from sandwich.web.wall.routes import parts

router = APIRouter(include_in_schema=False)

ATOM = "http://www.w3.org/2005/Atom"
REFRESH = timedelta(hours=6)
"""How often a calendar programme may look."""

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_WALL = Text(nl="Deelmuur van {school}", en="Share wall of {school}")
_OUTSIDE = Text(nl="{school} leert buiten de school", en="{school} learns outside the school")
_AT = Text(nl="{kind}: {receiver}", en="{kind}: {receiver}")


@router.get("/wall/{wall_key}/atom.xml")
async def atom(request: Request, wall_key: str) -> Response:
    """Give the newest cards of a wall to a feed reader."""
    runtime, _ = await parts(request, wall_key)
    found = await school_wall(runtime, wall_key)
    content = _feed(found, wall_key, runtime.settings)
    return _fresh(request, content, "application/atom+xml; charset=utf-8")


@router.get("/wall/{wall_key}/calendar.ics")
async def calendar(request: Request, wall_key: str) -> Response:
    """Give what the people of a school do outside it to a calendar."""
    runtime, _ = await parts(request, wall_key)
    school, moments = await wall_moments(runtime, wall_key)
    settings = runtime.settings
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//Sandwich//Learning outside the school//EN")
    name = _OUTSIDE.filled(school=clean.one_line(school)).to(settings.language)
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for moment in moments:
        made.add_component(_event(moment, settings))
    return _fresh(request, made.to_ical(), "text/calendar; charset=utf-8")


def _fresh(request: Request, content: bytes, media_type: str) -> Response:
    """Return the content, or that it has not changed since it was asked for last."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _event(moment: WallMoment, settings: Settings) -> Event:
    kind = moment.kind.to(settings.language)
    said = _AT.filled(kind=kind, receiver=moment.receiver).to(settings.language) if moment.receiver else kind
    event = Event()
    event.add("uid", uid_of(f"{moment.activity_id}:{moment.number}:wall", _host(settings)))
    event.add("dtstamp", moment.known_at.astimezone(UTC))
    event.add("dtstart", moment.starts_at.astimezone(UTC))
    event.add("dtend", moment.ends_at.astimezone(UTC))
    event.add("sequence", moment.sequence)
    event.add("summary", clean.one_line(said))
    event.add("status", "CONFIRMED" if moment.is_fixed else "TENTATIVE")
    event.add("transp", "TRANSPARENT")  # it is a colleague's appointment, and keeps nobody else from anything
    return event


def _feed(found: Wall, wall_key: str, settings: Settings) -> bytes:
    ElementTree.register_namespace("", ATOM)
    wall = f"{settings.base_url}/wall/{wall_key}"
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": _lang(settings)})
    newest = max((one.card.published_at or _NEVER for one in found.cards), default=_NEVER)
    # What tells a wall and a card apart for good is no address: that of the wall is known to its school alone.
    _add(feed, "id", _tag(settings, "wall/" + hashlib.sha256(wall_key.encode()).hexdigest()[:24]))
    _add(feed, "title", _WALL.filled(school=found.school).to(settings.language))
    _add(feed, "updated", newest.isoformat())
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{wall}/atom.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=wall)
    _add(ElementTree.SubElement(feed, f"{{{ATOM}}}author"), "name", found.school)
    for one in found.cards:
        card = one.card
        entry = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", _tag(settings, f"card/{card.activity_id}"))
        _add(entry, "title", card.headline or card.title)
        _add(entry, "updated", (card.published_at or _NEVER).isoformat())
        _add(entry, "link", rel="alternate", type="text/html", href=f"{wall}/{card.activity_id}")
        _add(entry, "summary", "\n".join([*card.insights, *card.use_lesson]))
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> None:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    if text:  # these two are no characters to XML, and nobody types them
        element.text = "\n".join(clean.lines(text)).translate({0xFFFE: None, 0xFFFF: None})


def _tag(settings: Settings, rest: str) -> str:
    return f"tag:{_host(settings)},2026:{rest}"


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or "localhost"


def _lang(settings: Settings) -> str:
    return Language(settings.language).value
