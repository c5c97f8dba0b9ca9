"""What happens when somebody sends a form: nothing is lost, and nothing happens to a page that nobody touched."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from models.form import QuestionType
from models.text import Text
from sandwich.errors import BadInput, StoreUnavailable
from sandwich.failpoints import failpoint
from sandwich.rules.answer_values import cleaned, content_digest, is_blank
from sandwich.rules.answers import as_fields, read_answers
from sandwich.services import collect, uploads
from sandwich.services.answer_views import answer_view
from sandwich.services.links import LinkUnknown
from sandwich.services.repeats import was_sent
from sandwich.web.limits import MOST_FILE_BYTES
from sandwich.web.participant.access import Visit, give_cookie, progress_of
from sandwich.web.participant.pages import LOOKED, SURE, WHO, WHO_NAME, Returned, Sheet, form_page, sheet_for
from sandwich.web.participant.questions import file_bytes
from sandwich.web.participant.single import ASKED, AT, BACK, NEXT, WHOLE, beside, single_page
from sandwich.web.posted import ACTION, KEY, SHOWN, Posted, read_form
from sandwich.web.signing import PageKey

DRAFT = "draft"

log = logging.getLogger(__name__)

UNTOUCHED = Text(
    nl="Er is niets ingevuld of veranderd, dus er is niets verstuurd.",
    en="Nothing was filled in or changed, so nothing was sent.",
)
_NOTHING_TO_KEEP = Text(
    nl="Er is nog niets ingevuld, dus er was niets te bewaren.",
    en="Nothing has been filled in yet, so there was nothing to keep.",
)
_STALE = Text(
    nl="Deze pagina stond lang open. Alles staat er nog. Kijk het na en verstuur het opnieuw.",
    en="This page was open for a long time. Everything is still there. Check it and send it again.",
)
_UNAVAILABLE = Text(
    nl="Het is nu niet gelukt, dat ligt aan ons. Alles staat er nog. Verstuur het over een minuut opnieuw.",
    en="That did not work just now; it is our fault. Everything is still there. Send it again in a minute.",
)
_TICK_SURE = Text(
    nl="Er is niets bijgekomen. Zet dit vinkje als het zo verstuurd mag worden.",
    en="Nothing was added. Tick this box if it may be sent as it is.",
)
_TICK_LOOKED = Text(
    nl="Lees na wat hierboven staat. Mag het zo blijven, zet dan dit vinkje.",
    en="Read once more what stands above. If it may stay like this, tick this box.",
)
_WHO_MISSING = Text(nl="Kies wie je bent.", nl_u="Kies wie u bent.", en="Choose who you are.")
_NAME_MISSING = Text(nl="Schrijf je naam.", nl_u="Schrijf uw naam.", en="Write your name.")
_FILES_TOO_MANY = Text(nl="Hoogstens {most} bestanden. Kies er minder.", en="At most {most} files. Choose fewer.")


@dataclass(frozen=True)
class Sent:
    """A form that came in from its own page; ``fields`` are the answers with the ids of files that were kept."""

    posted: Posted
    key: PageKey
    fields: dict[str, list[str]]
    problems: dict[str, str]
    is_untouched: bool

    def is_unsure(self, sheet: Sheet) -> bool:
        """Whether nobody typed or chose anything, so that a program may have pressed the button."""
        if sheet.may_be_sent_as_is and self.posted.one(SURE):
            return False
        return self.is_untouched or self._brings_nothing_new(sheet)

    def _brings_nothing_new(self, sheet: Sheet) -> bool:
        """Whether what was kept comes back as it was, or less of it: a page has no place for everything that a draft
        may hold. A draft that was changed since the page was drawn was changed by whoever sends it.
        """
        if not sheet.may_be_sent_as_is or content_digest(sheet.shown) != self.key.shown:
            return False
        return all(_bare(value) in map(_bare, sheet.shown.get(name, ())) for name, value in _values(self.fields))

    @property
    def page(self) -> dict[str, str]:
        """What was typed in the fields that belong to the page itself."""
        return {name: self.posted.one(name) for name in (WHO, WHO_NAME, LOOKED)}

    def returned(self, problems: dict[str, str] | None = None, notice: str = "") -> Returned:
        """Return everything for the same page once more."""
        return Returned(self.fields, {**(problems or {}), **self.problems}, self.page, notice, self.key.shown)


def _values(fields: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in fields.items() for value in values if not is_blank(value))


def _bare(value: str) -> str:
    """Return a value without spaces and line ends, which browsers change."""
    return "".join(cleaned(value).split())


async def take(visit: Visit, invitation_id: str) -> Response:
    """Take what was sent for an invitation: an answer or a draft."""
    sheet = await sheet_for(visit, invitation_id)
    action = visit.form_address(invitation_id)
    sent = await read_sent(visit, sheet, action, invitation_id)
    if isinstance(sent, Response):
        return sent
    if sent.fields != sent.posted.answers:
        # Files were kept, so the form has to know their ids when it is drawn again.
        sheet = await sheet_for(visit, invitation_id)
    try:
        if sent.posted.one(ACTION) in {NEXT, BACK, WHOLE}:
            return await _go_on(visit, sheet, action, sent)
        if sent.posted.one(ACTION) == DRAFT:
            return await _keep_draft(visit, sheet, action, sent)
        return await _submit(visit, sheet, action, sent)
    except StoreUnavailable as error:
        log.warning("%s: %s", type(error).__name__, error)
        notice = visit.words(_UNAVAILABLE)
        return form_page(visit, sheet, action=action, returned=sent.returned(notice=notice), status=503)


async def read_sent(visit: Visit, sheet: Sheet, action: str, invitation_id: str | None) -> Sent | Response:
    """Read what came in; a page of its own where it cannot be taken as it is."""
    posted = await read_form(visit.request, file_bytes=min(file_bytes(sheet.form), MOST_FILE_BYTES))
    key = visit.signer.read_page_key(posted.one(KEY), visit.link.link_id, sheet.about)
    if key is None and not visit.has_cookie:
        raise LinkUnknown
    if key is None:
        returned = Returned(posted.answers, {}, {}, visit.words(_STALE), content_digest(sheet.shown))
        return form_page(visit, sheet, action=action, returned=returned, status=403)
    fields, problems = await _with_files(visit, sheet, posted, invitation_id)
    return Sent(
        posted=posted,
        key=key,
        fields=fields,
        problems=problems,
        is_untouched=content_digest(fields) == key.shown,
    )


async def _with_files(
    visit: Visit, sheet: Sheet, posted: Posted, invitation_id: str | None
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Keep the files that are good and say what is wrong with the others."""
    fields = {name: list(values) for name, values in posted.answers.items()}
    problems: dict[str, str] = {}
    for question in sheet.form.questions:
        sent = posted.files.get(question.key, []) if question.type is QuestionType.FILE else []
        if not sent or invitation_id is None:
            continue
        room = (question.at_most or 1) - len([value for value in fields.get(question.key, ()) if value])
        if len(sent) > room:
            problems[question.key] = visit.words(_FILES_TOO_MANY).format(most=question.at_most or 1)
            continue
        good = []
        for file in sent:
            try:
                good.append(await uploads.look_at(question, file.name, file.content))
            except BadInput as refused:
                problems[question.key] = f"{file.name}: {refused.to(visit.link.language)}"
        kept = await uploads.keep(visit.runtime, invitation_id, good, now=visit.now)
        fields[question.key] = [*fields.get(question.key, []), *kept]
    return fields, problems


async def _submit(visit: Visit, sheet: Sheet, action: str, sent: Sent) -> Response:
    who, problems = _who(visit, sheet, sent.posted)
    unsure = sent.is_unsure(sheet)
    if (unsure or problems or sent.problems) and not await was_sent(visit.runtime, sheet.about, sent.key.nonce):
        if unsure:
            sure = {SURE: visit.words(_TICK_SURE)} if sheet.may_be_sent_as_is else {}
            returned = sent.returned(sure, "" if sure else visit.words(UNTOUCHED))
            return form_page(visit, sheet, action=action, returned=returned, status=422)
        # Nothing is sent yet; what else is wrong is told at the same time.
        link = visit.link
        others = read_answers(sheet.form, sent.fields, sheet.rows, link.language, link.formal).problems
        return await _refused(visit, sheet, action, sent, {**others, **problems})
    try:
        outcome = await collect.submit(
            visit.runtime,
            sheet.about,
            sent.fields,
            now=visit.now,
            key=sent.key.nonce,
            answered_by=who,
            shown=sent.posted.one(SHOWN),
            looked=sent.posted.one(LOOKED) == "yes",
        )
    except BadInput as refused:
        return closed_page(visit, sheet, refused.to(visit.link.language))
    if outcome.kept_id is not None:
        return await _other(visit, sheet, action, sent, outcome.kept_id)
    if outcome.untouched:
        returned = sent.returned({}, visit.words(UNTOUCHED))
        return form_page(visit, sheet, action=action, returned=returned, status=422)
    if not outcome.accepted:
        if sheet.asked is not None and sheet.asked.agreement is not None:
            sheet = await sheet_for(visit, sheet.about, seen=sent.posted.one(SHOWN))
        looked = {LOOKED: visit.words(_TICK_LOOKED)} if outcome.has_doubts else {}
        return await _refused(visit, sheet, action, sent, {**outcome.problems, **looked})
    await failpoint("answer-untold")
    return _go(visit, visit.address(f"/thanks/{sheet.about}"))


async def _refused(visit: Visit, sheet: Sheet, action: str, sent: Sent, problems: dict[str, str]) -> Response:
    """Say what is wrong, and keep what was typed: without scripts nobody else does before the page is left."""
    try:
        await _keep(visit, sheet, sent, by_script=False)
    except BadInput as refused:
        return closed_page(visit, sheet, refused.to(visit.link.language))
    return form_page(visit, sheet, action=action, returned=sent.returned(problems), status=422)


async def _other(visit: Visit, sheet: Sheet, action: str, sent: Sent, kept_id: str) -> Response:
    """Say what the page brought before, and keep this beside it until somebody says that it is meant instead."""
    try:
        await _keep(visit, sheet, sent, by_script=False)
    except BadInput as refused:
        return closed_page(visit, sheet, refused.to(visit.link.language))
    return await kept_page(visit, await sheet_for(visit, sheet.about), action, sent, kept_id)


async def kept_page(visit: Visit, sheet: Sheet, action: str, sent: Sent, kept_id: str) -> HTMLResponse:
    """Draw the form with what was sent now, after what was kept; sending it once more is meant as a correction."""
    link, returned = visit.link, sent.returned()
    formal = frozenset({link.person_id}) if link.formal else frozenset()
    async with visit.runtime.store.read() as session:
        kept = await answer_view(session, link.activity_id, kept_id, link.language, formal_people=formal)
    shown = returned.shown_digest
    if sheet.asked is not None and sheet.asked.answered is not None:
        shown = content_digest(as_fields(sheet.form, sheet.asked.answered, sheet.rows, link.language))
    returned = replace(returned, kept=kept, shown_digest=shown)
    return form_page(visit, sheet, action=action, returned=returned, status=409)


async def _keep_draft(visit: Visit, sheet: Sheet, action: str, sent: Sent) -> Response:
    by_script = "application/json" in visit.request.headers.get("accept", "")
    if not by_script and not sent.is_untouched and sent.is_unsure(sheet):
        returned = sent.returned({SURE: visit.words(_TICK_SURE)})
        return form_page(visit, sheet, action=action, returned=returned, status=422)
    try:
        kept = await _keep(visit, sheet, sent, by_script=by_script)
    except BadInput as refused:
        return closed_page(visit, sheet, refused.to(visit.link.language))
    if by_script:
        return JSONResponse({"saved": visit.pages.calendar.clock(visit.now) if kept else None})
    if sent.problems or not (kept or sheet.is_draft):
        notice = "" if kept else visit.words(_NOTHING_TO_KEEP)
        return form_page(visit, sheet, action=action, returned=sent.returned(notice=notice), status=422)
    return _go(visit, visit.address(f"/kept/{sheet.about}"))


async def _go_on(visit: Visit, sheet: Sheet, action: str, sent: Sent) -> Response:
    """Keep what stands on a page with one question, and go to the one beside it, or to the whole form after all."""
    at, step = sent.posted.one(AT), -1 if sent.posted.one(ACTION) == BACK else 1
    try:
        await _keep(visit, sheet, sent, by_script=True)
    except BadInput as refused:
        return closed_page(visit, sheet, refused.to(visit.link.language))
    typed = replace(sheet, shown=sent.fields)
    if sent.problems:
        page = single_page(visit, typed, at, action=action, problems=sent.problems, shown_digest=sent.key.shown)
        return page or form_page(visit, sheet, action=action, returned=sent.returned(), status=422)
    key = None if sent.posted.one(ACTION) == WHOLE else beside(typed, at, step)
    return _go(visit, f"{action}?{ASKED}={key}" if key else action)


async def _keep(visit: Visit, sheet: Sheet, sent: Sent, *, by_script: bool) -> bool:
    if sent.is_untouched or (not by_script and sent.is_unsure(sheet)):
        return False
    if by_script and await was_sent(visit.runtime, sheet.about, sent.key.nonce):
        return False
    return await collect.save_draft(visit.runtime, sheet.about, sent.fields, now=visit.now)


def _who(visit: Visit, sheet: Sheet, posted: Posted) -> tuple[str | None, dict[str, str]]:
    """Return the name of who answers where several people read the mailbox, and what is missing."""
    if not sheet.asks_who:
        return None, {}
    who, name = posted.one(WHO), " ".join(posted.one(WHO_NAME).split())[:120]
    if who == "self":
        return sheet.frame.person_name, {}
    if who == "other" or name:
        return (name, {}) if name else (None, {WHO_NAME: visit.words(_NAME_MISSING)})
    return None, {WHO: visit.words(_WHO_MISSING)}


def closed_page(visit: Visit, sheet: Sheet, sentence: str, *, status: int = 409) -> HTMLResponse:
    """Draw the page for a form that takes no answer any more."""
    return visit.html(
        "participant/closed.html",
        status=status,
        frame=sheet.frame,
        progress=progress_of(sheet.frame.progress),
        heading=visit.words(sheet.form.title),
        sentence=sentence,
    )


def _go(visit: Visit, address: str) -> RedirectResponse:
    response = RedirectResponse(address, status_code=303)
    if not visit.has_cookie:
        # The page's own key proved that it was shown to somebody with the link; the browser had forgotten the cookie.
        give_cookie(response, visit.runtime.settings, visit.signer, visit.link.link_id, visit.address())
    return response
