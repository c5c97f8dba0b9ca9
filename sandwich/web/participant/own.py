"""What somebody takes from their own page: a calendar file, and what is kept of them. Nothing here changes anything."""

import json

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.text import Text
from sandwich import labels
from sandwich.services.kept import kept_of
from sandwich.services.overview import to_json
from sandwich.web.participant.access import progress_of, visit_by
from sandwich.web.participant.day import calendar_file
from sandwich.web.participant.routes import NoSuchPage

router = APIRouter(include_in_schema=False)

_DATA = Text(nl="Dit weten we van je", nl_u="Dit weten we van u", en="What we know about you")


@router.get("/f/{link_id}/calendar")
async def calendar(request: Request, link_id: str) -> Response:
    """Give the meetings as a calendar file."""
    visit = await visit_by(request, link_id)
    content = await calendar_file(visit)
    if content is None:
        raise NoSuchPage
    return _download(content, "text/calendar; charset=utf-8", visit.words(Text(nl="agenda.ics", en="calendar.ics")))


@router.get("/f/{link_id}/data")
async def data(request: Request, link_id: str) -> Response:
    """Show what is kept of whoever the link belongs to."""
    visit = await visit_by(request, link_id)
    kept, frame = await kept_of(visit.runtime, visit.link)
    return visit.html(
        "participant/data.html",
        heading=visit.words(_DATA),
        frame=frame,
        progress=progress_of(frame.progress),
        kept=kept,
        channel=visit.words(labels.CHANNEL[kept.channel]),
        standings=labels.STANDING,
    )


@router.get("/f/{link_id}/data.json")
async def data_file(request: Request, link_id: str) -> Response:
    """Give the same as a file that another program reads."""
    visit = await visit_by(request, link_id)
    kept, frame = await kept_of(visit.runtime, visit.link)
    said = {"activity": frame.activity_title, "written_at": visit.now.isoformat(), **to_json(kept)}
    content = json.dumps(said, ensure_ascii=False, indent=2).encode()
    return _download(content, "application/json", visit.words(Text(nl="mijn-gegevens.json", en="my-data.json")))


def _download(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
