"""The pages behind a personal link: ``/f/…``. A GET never changes anything."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from models.form import Form
from models.text import Text
from sandwich.errors import BadInput, NotFound
from sandwich.services import collect
from sandwich.services.agreement_papers import paper_of_invitation
from sandwich.services.asking import TAKES_NO_ANSWER, asked_form
from sandwich.services.certificate_papers import paper_of_certificate
from sandwich.services.links import LinkUnknown, open_link
from sandwich.services.personal import personal_page
from sandwich.services.pictures import small
from sandwich.services.release_preview import previewed_file
from sandwich.services.told import PRIVACY
from sandwich.services.uploads import read_own_file
from sandwich.services.visitors import may_answer, taken
from sandwich.web.doors import over_all
from sandwich.web.files import file_response, paper_response
from sandwich.web.pages import pages_of
from sandwich.web.participant.access import Visit, cookie_name, give_cookie, progress_of, visit_by
from sandwich.web.participant.agreeing import take_yes
from sandwich.web.participant.answering import UNTOUCHED, closed_page, kept_page, read_sent, take
from sandwich.web.participant.day import day_of_visit, has_calendar, to_come
from sandwich.web.participant.meant import query_of, read_meant
from sandwich.web.participant.pages import form_page, open_sheet, sheet_for
from sandwich.web.participant.single import ASKED, first_of, single_page

router = APIRouter(include_in_schema=False)

FREE_FORMS: dict[str, tuple[str, Mapping[str, str]]] = {
    "change": ("change", {}),
    "privacy": ("privacy-request", {}),
    "new-date-yes": ("new-date", {"again": "yes"}),
    "new-date-no": ("new-date", {"again": "no"}),
    "hours": ("host-hours", {}),
}
"""Forms that nobody is asked for, by their address, with what the link that led there meant."""

_NOT_NEEDED = Text(
    nl="Deze vraag hoef je niet meer te beantwoorden. De coördinator kan je meer vertellen.",
    nl_u="Deze vraag hoeft u niet meer te beantwoorden. De coördinator kan u meer vertellen.",
    en="You do not need to answer this question any more. The coordinator can tell you more.",
)
_CANCELLED = Text(
    nl="Deze activiteit is geannuleerd. Antwoorden is niet meer nodig.",
    en="This activity was cancelled. No answers are needed any more.",
)


class NoSuchPage(LinkUnknown):
    """This page does not exist. Open the link in the mail again."""

    dutch = "Deze pagina is er niet. Open de link uit de mail opnieuw."


@router.get("/f/{ref}")
async def enter(request: Request, ref: str) -> Response:
    """Show what is asked; somebody who comes with the token gets a cookie and an address without it first."""
    runtime, signer = request.app.state.runtime, request.app.state.signer
    if signer.opens(request.cookies.get(cookie_name(runtime.settings)), ref):
        visit = await visit_by(request, ref)
        if visit.link.invitation_id is None:
            return await _personal(visit)
        return await _form(visit, visit.link.invitation_id, read_meant(request.query_params))
    return await _let_in(request, ref)


@router.post("/f/{link_id}")
async def answer(request: Request, link_id: str) -> Response:
    """Take the form of the link's own invitation."""
    visit = await visit_by(request, link_id, needs_cookie=False)
    if visit.link.invitation_id is None:
        raise _none(visit)
    return await take(visit, visit.link.invitation_id)


@router.get("/f/{link_id}/ask/{invitation_id}")
async def other_form(request: Request, link_id: str, invitation_id: str) -> Response:
    """Show another form that is asked of the same person."""
    visit = await visit_by(request, link_id)
    await _check(visit, invitation_id)
    return await _form(visit, invitation_id)


@router.post("/f/{link_id}/ask/{invitation_id}")
async def answer_other(request: Request, link_id: str, invitation_id: str) -> Response:
    """Take another form of the same person."""
    visit = await visit_by(request, link_id, needs_cookie=False)
    await _check(visit, invitation_id)
    return await take(visit, invitation_id)


@router.post("/f/{link_id}/agree/{invitation_id}")
async def agree(request: Request, link_id: str, invitation_id: str) -> Response:
    """Take a yes to an agreement as it stands, or to single terms of it."""
    visit = await visit_by(request, link_id, needs_cookie=False)
    await _check(visit, invitation_id)
    response, asked, part = await take_yes(visit, invitation_id)
    if response is not None:
        return response
    sheet = await sheet_for(visit, invitation_id, seen=asked.agreement.digest if asked.agreement else None)
    return form_page(visit, sheet, action=visit.form_address(invitation_id), status=422, yes=part)


@router.get("/f/{link_id}/paper/{invitation_id}")
async def paper(request: Request, link_id: str, invitation_id: str) -> Response:
    """Give the version that everybody said yes to as a PDF."""
    visit = await visit_by(request, link_id)
    await _check(visit, invitation_id)
    try:
        return paper_response(await paper_of_invitation(visit.runtime, invitation_id, visit.link.language))
    except NotFound:
        raise NoSuchPage from None


@router.get("/f/{link_id}/all")
async def everything(request: Request, link_id: str) -> Response:
    """Show everything about the activity for this person."""
    return await _personal(await visit_by(request, link_id))


@router.get("/f/{link_id}/thanks/{invitation_id}")
async def thanks(request: Request, link_id: str, invitation_id: str) -> Response:
    """Say that the answer is in, and what comes next."""
    visit = await visit_by(request, link_id)
    await _check(visit, invitation_id)
    asked = await asked_form(visit.runtime, invitation_id, visit.now)
    if asked.answered is None:
        return RedirectResponse(visit.form_address(invitation_id), status_code=303)
    page = await personal_page(visit.runtime, visit.link.participation_id, visit.now)
    return visit.html(
        "participant/thanks.html",
        heading=visit.words(Text(nl="Bedankt!", en="Thank you!")),
        frame=asked.frame,
        progress=progress_of(asked.frame.progress),
        asked=asked,
        form_title=visit.words(asked.form.title),
        now=visit.now,
        taken=await taken(visit.runtime, invitation_id),
        again=visit.form_address(invitation_id),
        open=[(item, visit.form_address(item.invitation_id)) for item in page.open],
    )


@router.get("/f/{link_id}/kept/{invitation_id}")
async def kept(request: Request, link_id: str, invitation_id: str) -> Response:
    """Say that a draft is kept."""
    visit = await visit_by(request, link_id)
    await _check(visit, invitation_id)
    asked = await asked_form(visit.runtime, invitation_id, visit.now)
    if asked.saved_at is None:
        return RedirectResponse(visit.form_address(invitation_id), status_code=303)
    return visit.html(
        "participant/kept.html",
        heading=visit.words(Text(nl="Bewaard", en="Saved")),
        frame=asked.frame,
        progress=progress_of(asked.frame.progress),
        asked=asked,
        now=visit.now,
        again=visit.form_address(invitation_id),
    )


@router.get("/f/{link_id}/file/{upload_id}")
async def own_file(request: Request, link_id: str, upload_id: str) -> Response:
    """Give somebody their own file back, and a host the files of the card that is to be released."""
    visit = await visit_by(request, link_id)
    link = visit.link
    try:
        file = await read_own_file(visit.runtime, link.activity_id, link.person_id, upload_id)
    except NotFound:
        file = await previewed_file(visit.runtime, link, upload_id)
    if file.is_picture and request.query_params.get("size") == "small":
        file = replace(file, content=await asyncio.to_thread(small, file.content))
    return file_response(file)


@router.get("/f/{link_id}/certificate")
async def certificate(request: Request, link_id: str) -> Response:
    """Give somebody's certificate as a PDF; the link in the mail comes with the token."""
    runtime, signer = request.app.state.runtime, request.app.state.signer
    if not signer.opens(request.cookies.get(cookie_name(runtime.settings)), link_id):
        return await _let_in(request, link_id, "/certificate")
    visit = await visit_by(request, link_id)
    try:
        return paper_response(await paper_of_certificate(visit.runtime, visit.link))
    except NotFound:
        raise NoSuchPage from None


@router.get("/f/{link_id}/{what}")
async def free_form(request: Request, link_id: str, what: str) -> Response:
    """Show the form for a change or a privacy request; the links at the foot of a mail come with the token."""
    runtime, signer = request.app.state.runtime, request.app.state.signer
    if what in FREE_FORMS and not signer.opens(request.cookies.get(cookie_name(runtime.settings)), link_id):
        return await _let_in(request, link_id, f"/{what}")
    visit = await visit_by(request, link_id)
    form, meant = _free(visit, what)
    meant = {**meant, **read_meant(request.query_params)}
    page = await personal_page(visit.runtime, visit.link.participation_id, visit.now)
    return form_page(visit, open_sheet(what, form, page.frame, meant), action=visit.address(f"/{what}"))


@router.post("/f/{link_id}/{what}")
async def report(request: Request, link_id: str, what: str) -> Response:
    """Take a change or a privacy request."""
    visit = await visit_by(request, link_id, needs_cookie=False)
    form, meant = _free(visit, what)
    page = await personal_page(visit.runtime, visit.link.participation_id, visit.now)
    sheet, action = open_sheet(what, form, page.frame, meant), visit.address(f"/{what}")
    sent = await read_sent(visit, sheet, action, None)
    if isinstance(sent, Response):
        return sent
    if sent.is_untouched:
        return form_page(visit, sheet, action=action, returned=sent.returned(notice=visit.words(UNTOUCHED)), status=422)
    try:
        # What somebody wants to have erased, or be left out of, is so in every region.
        runtime = over_all(request, "own data") if form.key == PRIVACY else visit.runtime
        outcome = await collect.report_change(
            runtime, visit.link.participation_id, form.key, sent.fields, now=visit.now, key=sent.key.nonce
        )
    except NotFound:
        raise NoSuchPage from None
    except BadInput as refused:
        return closed_page(visit, sheet, refused.to(visit.link.language))
    if outcome.kept_id is not None:
        return await kept_page(visit, sheet, action, sent, outcome.kept_id)
    if not outcome.accepted:
        notice = visit.words(UNTOUCHED) if outcome.untouched else ""
        problems = {} if outcome.untouched else dict(outcome.problems)
        return form_page(visit, sheet, action=action, returned=sent.returned(problems, notice), status=422)
    # Drawn here and not redirected to: whoever passes the activity on has no link any more.
    return visit.html(
        "participant/reported.html",
        heading=visit.words(Text(nl="Bedankt!", en="Thank you!")),
        frame=page.frame,
        progress=progress_of(page.frame.progress),
        what=what,
        has_left=outcome.has_left,
        is_forgotten=outcome.is_forgotten,
    )


async def _let_in(request: Request, token: str, page: str = "") -> Response:
    """Give somebody who comes with a token a cookie, and lead them to the address without it."""
    runtime, signer = request.app.state.runtime, request.app.state.signer
    link = await open_link(over_all(request, "personal link"), token)
    address = pages_of(request).path(f"/f/{link.link_id}")
    meant = query_of(read_meant(request.query_params))
    response = RedirectResponse(f"{address}{page}{meant}", status_code=303)
    give_cookie(response, runtime.settings, signer, link.link_id, address)
    return response


async def _check(visit: Visit, invitation_id: str) -> None:
    if not await may_answer(visit.runtime, visit.link, invitation_id):
        raise _none(visit)


def _none(visit: Visit) -> LinkUnknown:
    """Return what is said of a page that is not there: to who never opened the link, that there is no such link."""
    return NoSuchPage() if visit.has_cookie else LinkUnknown()


def _free(visit: Visit, what: str) -> tuple[Form, Mapping[str, str]]:
    if what not in FREE_FORMS:
        raise _none(visit)
    key, meant = FREE_FORMS[what]
    return visit.runtime.library.resolved(key, collect.BEFORE_THE_DAY.get(key)), meant


async def _personal(visit: Visit) -> Response:
    page = await personal_page(visit.runtime, visit.link.participation_id, visit.now)
    return visit.html(
        "participant/personal.html",
        heading=page.frame.activity_title,
        frame=page.frame,
        progress=progress_of(page.frame.progress),
        now=visit.now,
        page=page,
        open=[(item, visit.form_address(item.invitation_id)) for item in page.open],
        answered=[(item, visit.form_address(item.invitation_id)) for item in page.answered],
        day_itself=await day_of_visit(visit),
        meetings=to_come(visit, page.meetings),
        calendar=visit.address("/calendar") if await has_calendar(visit) else None,
        certificate=visit.address("/certificate") if page.has_certificate else None,
        year=visit.address("/year") if page.leads_school else None,
        board=visit.pages.path("/board") if page.steers else None,
    )


async def _form(visit: Visit, invitation_id: str, meant: Mapping[str, str] | None = None) -> Response:
    sheet = replace(await sheet_for(visit, invitation_id), meant=meant or {})
    if sheet.asked is not None and sheet.asked.closed:
        why = _NOT_NEEDED if sheet.asked.state in TAKES_NO_ANSWER else _CANCELLED
        return closed_page(visit, sheet, visit.words(why), status=200)
    action, first = visit.form_address(invitation_id), first_of(sheet)
    if first and (key := visit.request.query_params.get(ASKED)):
        page = single_page(visit, sheet, key, action=action)
        if page is not None:
            return page
    return form_page(visit, sheet, action=action, single=f"{action}?{ASKED}={first}" if first else "")
