"""What somebody may ask of their data, from their own page: all of them, put right, erased.

A link is passed on easily, so for what reaches beyond its activity a code is typed that came to the own mailbox.
"""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from models.text import Text
from sandwich.clock import real_now
from sandwich.errors import BadInput
from sandwich.privacy.confirm import confirm, has_own_mailbox, is_asked, mail_code
from sandwich.privacy.correct import FIELDS, NotCorrected, correct, known_of
from sandwich.privacy.export import as_zip, export_person, without_addresses
from sandwich.privacy.kinds import KEPT, Goes
from sandwich.services.asking import has_shared_mailbox
from sandwich.services.erase import erase_person
from sandwich.services.kept import kept_of
from sandwich.web.doors import over_all
from sandwich.web.files import download
from sandwich.web.participant.access import Visit, progress_of, visit_by
from sandwich.web.posted import ACTION, KEY, read_form

router = APIRouter(include_in_schema=False)

ERASE, EVERYTHING, CORRECT = "erase", "everything", "correct"
_TITLES = {
    ERASE: Text(nl="Mijn gegevens wissen", en="Erase my data"),
    EVERYTHING: Text(nl="Al mijn gegevens opvragen", en="Ask for all my data"),
}
_CORRECT = Text(nl="Mijn gegevens verbeteren", en="Correct my data")
_STALE = Text(nl="Deze pagina stond te lang open. Probeer het nog eens.", en="This page was open too long. Try again.")
_NOT_TICKED = Text(nl="Zet eerst het vinkje hieronder.", en="First tick the box below.")
WANTED = "wanted"
_ZIP = Text(nl="mijn-gegevens.zip", en="my-data.zip")
STAYS = (Goes.WITH_THE_PERSON, Goes.ELSEWHERE)


@router.get("/f/{link_id}/data.zip")
async def of_this_activity(request: Request, link_id: str) -> Response:
    """Give what is kept of somebody in this activity, to read and to use."""
    visit = await visit_by(request, link_id)
    async with visit.runtime.store.read() as session:
        link = visit.link
        found = await export_person(session, link.person_id, link.language, visit.now, activity_id=link.activity_id)
        if await has_shared_mailbox(session, link.person_id):
            found = without_addresses(found)
    return _zip(visit, as_zip(found, visit.runtime.settings, visit.link.language))


@router.get("/f/{link_id}/erase")
async def ask_erasing(request: Request, link_id: str) -> Response:
    """Say what would go and what would stay, and ask for the code."""
    return await _page(await visit_by(request, link_id), ERASE)


@router.post("/f/{link_id}/erase")
async def erase(request: Request, link_id: str) -> Response:
    """Mail a code; with the right one erase whoever the link belongs to."""
    visit = await visit_by(request, link_id)
    answer = await _confirmed(request, visit, ERASE)
    if answer is not None:
        return answer
    try:
        runtime = over_all(request, "own data")
        await erase_person(runtime, visit.link.person_id, now=visit.now, actor=visit.link.person_id)
    except BadInput as refused:
        return await _page(visit, ERASE, problem=refused.to(visit.link.language))
    return visit.html("participant/erased.html", heading=visit.words(Text(nl="Gewist", en="Erased")))


@router.get("/f/{link_id}/everything")
async def ask_everything(request: Request, link_id: str) -> Response:
    """Say what is given, and ask for the code."""
    return await _page(await visit_by(request, link_id), EVERYTHING)


@router.post("/f/{link_id}/everything")
async def everything(request: Request, link_id: str) -> Response:
    """Mail a code; with the right one give everything, of all activities."""
    visit = await visit_by(request, link_id)
    answer = await _confirmed(request, visit, EVERYTHING)
    if answer is not None:
        return answer
    async with over_all(request, "own data").store.read() as session:
        found = await export_person(session, visit.link.person_id, visit.link.language, visit.now)
    return _zip(visit, as_zip(found, visit.runtime.settings, visit.link.language))


@router.get("/f/{link_id}/correct")
async def ask_correcting(request: Request, link_id: str) -> Response:
    """Show what somebody can put right."""
    return await _correct_page(await visit_by(request, link_id))


@router.post("/f/{link_id}/correct")
async def put_right(request: Request, link_id: str) -> Response:
    """Take what somebody put right."""
    visit = await visit_by(request, link_id)
    posted = await read_form(request)
    key = visit.signer.read_page_key(posted.one(KEY), link_id, CORRECT)
    typed = {name: posted.one(name) for name in FIELDS}
    if key is None:
        return await _correct_page(visit, typed, {"given_name": visit.words(_STALE)})
    async with visit.runtime.store.read() as session:
        if await has_shared_mailbox(session, visit.link.person_id):
            # Whoever reads along must not see the number here either; both are for the coordinator.
            known = await known_of(session, visit.link.person_id)
            typed |= {"phone": known.phone, "mail": known.mail}
    try:
        runtime = over_all(request, "own data")
        changed, asks = await correct(runtime, visit.link, typed, now=visit.now, key=key.nonce)
    except NotCorrected as wrong:
        return await _correct_page(visit, typed, {name: visit.words(said) for name, said in wrong.problems.items()})
    if not (changed or asks):
        return await _correct_page(visit, typed, {})
    return RedirectResponse(visit.address("/data"), status_code=303)


async def _confirmed(request: Request, visit: Visit, what: str) -> Response | None:
    """Return the page that comes next, or nothing where the right code was typed."""
    posted = await read_form(request)
    link_id = visit.link.link_id
    if visit.signer.read_page_key(posted.one(KEY), link_id, what) is None:
        return await _page(visit, what, problem=visit.words(_STALE))
    try:
        if posted.one(ACTION) == "mail":
            if posted.one(WANTED) != "yes":  # what scans mail presses every button
                return await _page(visit, what, problem=visit.words(_NOT_TICKED))
            await mail_code(visit.runtime, visit.link, now=visit.now, real=real_now())
            return RedirectResponse(visit.address(f"/{what}"), status_code=303)
        await confirm(visit.runtime, visit.link.person_id, posted.one("code"), real=real_now())
    except BadInput as refused:
        return await _page(visit, what, problem=refused.to(visit.link.language))
    return None


async def _page(visit: Visit, what: str, problem: str = "") -> Response:
    _, frame = await kept_of(over_all(visit.request, "own data"), visit.link)
    async with visit.runtime.store.read() as session:
        can_mail = await has_own_mailbox(session, visit.link.person_id)
        is_sent = can_mail and await is_asked(session, visit.link.person_id, real_now())
    settings = visit.runtime.settings
    return visit.html(
        "participant/confirm.html",
        heading=visit.words(_TITLES[what]),
        frame=frame,
        progress=progress_of(frame.progress),
        what=what,
        stays=[(one.title, one.term_of(settings)) for one in KEPT if one.goes in STAYS],
        days=settings.keep_backups_days,
        can_mail=can_mail,
        is_sent=is_sent,
        key=visit.signer.page_key(visit.link.link_id, what),
        action=visit.address(f"/{what}"),
        problem=problem,
        status=422 if problem else 200,
    )


async def _correct_page(
    visit: Visit, typed: dict[str, str] | None = None, problems: dict[str, str] | None = None
) -> Response:
    _, frame = await kept_of(over_all(visit.request, "own data"), visit.link)
    async with visit.runtime.store.read() as session:
        known = await known_of(session, visit.link.person_id)
        is_shared = await has_shared_mailbox(session, visit.link.person_id)
    return visit.html(
        "participant/correct.html",
        heading=visit.words(_CORRECT),
        frame=frame,
        progress=progress_of(frame.progress),
        typed={name: getattr(known, name) for name in FIELDS} if typed is None else typed,
        is_shared=is_shared,
        key=visit.signer.page_key(visit.link.link_id, CORRECT),
        action=visit.address(f"/{CORRECT}"),
        problems=problems or {},
        is_unchanged=problems == {},
        status=422 if problems is not None else 200,
    )


def _zip(visit: Visit, content: bytes) -> Response:
    return download(content, visit.words(_ZIP), "application/zip")
