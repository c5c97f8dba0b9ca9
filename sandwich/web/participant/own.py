"""What somebody takes from their own page: a calendar file, and what is kept of them. And their language."""

import json

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from models.text import Language, Text
from sandwich import labels
from sandwich.services.kept import kept_of
from sandwich.services.overview import to_json
from sandwich.services.own_language import choose_language
from sandwich.web.doors import over_all
from sandwich.web.files import download
from sandwich.web.participant.access import Visit, progress_of, visit_by
from sandwich.web.participant.day import calendar_file
from sandwich.web.participant.routes import NoSuchPage
from sandwich.web.posted import KEY, read_form

router = APIRouter(include_in_schema=False)

LANGUAGE = "language"
_CHOOSE = Text(
    nl="Kies een taal, dan schrijven we je daarin.",
    nl_u="Kies een taal, dan schrijven we u daarin.",
    en="Choose a language, and we will write to you in it.",
)
_DATA = Text(nl="Dit weten we van je", nl_u="Dit weten we van u", en="What we know about you")


@router.get("/f/{link_id}/calendar")
async def calendar(request: Request, link_id: str) -> Response:
    """Give the meetings as a calendar file."""
    visit = await visit_by(request, link_id)
    content = await calendar_file(visit)
    if content is None:
        raise NoSuchPage
    return download(content, visit.words(Text(nl="agenda.ics", en="calendar.ics")), "text/calendar; charset=utf-8")


@router.get("/f/{link_id}/data")
async def data(request: Request, link_id: str) -> Response:
    """Show what is kept of whoever the link belongs to."""
    return await _data_page(await visit_by(request, link_id))


@router.post("/f/{link_id}/data")
async def language(request: Request, link_id: str) -> Response:
    """Take the language in which somebody wants to read; nothing changes where none was chosen."""
    visit = await visit_by(request, link_id)
    posted = await read_form(request)
    if visit.signer.read_page_key(posted.one(KEY), link_id, LANGUAGE) is None or posted.one(LANGUAGE) not in set(
        Language
    ):
        return await _data_page(visit, problem=visit.words(_CHOOSE))
    await choose_language(visit.runtime, visit.link, Language(posted.one(LANGUAGE)), now=visit.now)
    return RedirectResponse(visit.address("/data"), status_code=303)


async def _data_page(visit: Visit, problem: str = "") -> Response:
    kept, frame = await kept_of(over_all(visit.request, "own data"), visit.link)
    return visit.html(
        "participant/data.html",
        heading=visit.words(_DATA),
        frame=frame,
        progress=progress_of(frame.progress),
        kept=kept,
        channel=visit.words(labels.CHANNEL[kept.channel]),
        standings=labels.STANDING,
        key=visit.signer.page_key(visit.link.link_id, LANGUAGE),
        problem=problem,
        status=422 if problem else 200,
    )


@router.get("/f/{link_id}/data.json")
async def data_file(request: Request, link_id: str) -> Response:
    """Give the same as a file that another program reads."""
    visit = await visit_by(request, link_id)
    kept, frame = await kept_of(over_all(visit.request, "own data"), visit.link)
    said = {"activity": frame.activity_title, "written_at": visit.now.isoformat(), **to_json(kept)}
    content = json.dumps(said, ensure_ascii=False, indent=2).encode()
    return download(content, visit.words(Text(nl="mijn-gegevens.json", en="my-data.json")), "application/json")
