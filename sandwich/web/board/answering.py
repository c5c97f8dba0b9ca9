"""Answers: as they were given, and filled in for somebody on the phone."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from models.form import Form, QuestionType
from models.tables.asking import Invitation, Via
from sandwich.errors import BadInput, NotFound
from sandwich.rules.answers import as_fields
from sandwich.services import agree
from sandwich.services.accepting import accept_all
from sandwich.services.answer_views import AnswerView, answer_view
from sandwich.services.asking import AskedForm, asked_form
from sandwich.services.collect import submit
from sandwich.services.detail_views import ActivityDetail, PersonLine
from sandwich.services.form_papers import paper_of_form
from sandwich.services.links import is_formal
from sandwich.services.partners import about_partner
from sandwich.web.board.matters import find_ask
from sandwich.web.board.showing import read_detail, show, to_activity
from sandwich.web.board.small import text_of
from sandwich.web.files import paper_response
from sandwich.web.pages import pages_of
from sandwich.web.participant.agreeing import TICK, YES, said, yes_part
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.questions import question_views, summary
from sandwich.web.posted import SHOWN
from sandwich.web.session import SignedIn, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/{activity_id}")

Fields = Mapping[str, Sequence[str]]


@router.get("/answer/{invitation_id}")
async def answer_page(request: Request, visitor: SignedIn, activity_id: str, invitation_id: str) -> Response:
    """Show somebody's form, to be filled in while phoning."""
    detail, person, asked = await read_asked(visitor, activity_id, invitation_id)
    return await _answer_page(request, visitor, detail, person, asked)


@router.post("/answer/{invitation_id}")
async def answer(request: Request, visitor: SignedIn, activity_id: str, invitation_id: str) -> Response:
    """Take the answers given on the phone; they are kept with who typed them."""
    detail, person, asked = await read_asked(visitor, activity_id, invitation_id)
    posted, key = await visitor.read(request, f"answer:{invitation_id}")
    spoken_to = text_of(posted, "_spoken_to", 120)
    now = await visitor.runtime.clock.now()
    try:
        outcome = await submit(
            visitor.runtime,
            invitation_id,
            posted.answers,
            now=now,
            key=key.nonce,
            via=Via.PHONE,
            entered_by=visitor.who.person_id,
            answered_by=spoken_to or None,
            shown=posted.one(SHOWN),
        )
    except BadInput as error:
        said = error.to(visitor.who.language)
        return await _answer_page(
            request, visitor, detail, person, asked, posted.answers, {}, said, spoken_to=spoken_to
        )
    if outcome.accepted:
        return to_activity(request, activity_id, "#people")
    kept, typed = None, outcome.typed
    if outcome.kept_id is not None:
        formal = frozenset({person.person_id}) if asked.frame.formal else frozenset()
        language, typed = visitor.who.language, posted.answers
        async with visitor.runtime.store.read() as session:
            kept = await answer_view(session, activity_id, outcome.kept_id, language, formal_people=formal)
    return await _answer_page(
        request, visitor, detail, person, asked, typed, outcome.problems, spoken_to=spoken_to, kept=kept
    )


@router.get("/print/{invitation_id}")
async def printed(request: Request, visitor: SignedIn, activity_id: str, invitation_id: str) -> Response:
    """Give somebody's form as a sheet to print, for whoever has no time for mail."""
    _, _, asked = await read_asked(visitor, activity_id, invitation_id)
    now = await visitor.runtime.clock.now()
    return paper_response(await paper_of_form(visitor.runtime, asked.invitation_id, now=now))


@router.get("/answers/{submission_id}")
async def answer_given(request: Request, visitor: SignedIn, activity_id: str, submission_id: str) -> Response:
    """Show an answer as it was given; nothing can be changed here."""
    detail = await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    formal = frozenset(person.person_id for person in detail.people if is_formal(person.role))
    async with visitor.runtime.store.read() as session:
        try:
            given = await answer_view(session, activity_id, submission_id, visitor.who.language, formal_people=formal)
        except NotFound:
            raise HTTPException(404) from None
    return show(request, visitor, "given.html", detail=detail, given=given, back=f"/board/{activity_id}")


async def read_asked(
    visitor: Visitor, activity_id: str, invitation_id: str, seen: str | None = None
) -> tuple[ActivityDetail, PersonLine, AskedForm]:
    """Read a form that somebody of an activity was asked; a 404 for any other."""
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    found = find_ask(detail, invitation_id)
    if found is None:
        raise HTTPException(404)
    return detail, found[0], await asked_form(visitor.runtime, invitation_id, now, seen=seen)


async def _answer_page(
    request: Request,
    visitor: Visitor,
    detail: ActivityDetail,
    person: PersonLine,
    asked: AskedForm,
    typed: Fields | None = None,
    problems: Mapping[str, str] | None = None,
    notice: str = "",
    *,
    spoken_to: str | None = None,
    kept: AnswerView | None = None,
    yes_again: Mapping[str, Any] | None = None,
) -> Response:
    reader = Reader(visitor.who.language, asked.frame.formal)
    at = f"/board/{detail.line.id}"
    path = pages_of(request).path
    yes = yes_part(
        asked,
        reader,
        action=path(f"{at}/agree/{asked.invitation_id}"),
        key=visitor.key(f"agree:{asked.invitation_id}"),
        paper=path(f"{at}/agreement/paper/{asked.agreement.subject if asked.agreement else ''}"),
        **(yes_again or {}),
    )
    views = question_views(
        _without(asked.form, QuestionType.FILE),
        asked.rows,
        standing_in(asked) if typed is None else typed,
        problems or {},
        reader,
    )
    async with visitor.runtime.store.read() as session:
        invitation = await session.get_one(Invitation, asked.invitation_id)
        partner = await about_partner(session, invitation, reader.language, formal=asked.frame.formal)
    return show(
        request,
        visitor,
        "answer.html",
        status=409 if kept else 422 if problems or notice or yes_again else 200,
        formal=asked.frame.formal,
        detail=detail,
        person=person,
        heading=reader.words(asked.form.title),
        intro=reader.words(asked.form.intro) if asked.form.intro else "",
        views=views,
        problem_list=summary(views),
        notice=notice,
        kept=kept,
        is_closed=asked.closed,
        partner=partner,
        spoken_to=person.name if spoken_to is None else spoken_to,
        shown=asked.shown,
        yes=yes,
        key=visitor.key(f"answer:{asked.invitation_id}"),
        address=f"{at}/answer/{asked.invitation_id}",
        back=at,
    )


def standing_in(asked: AskedForm) -> Fields:
    """Return what stands in the form already: a draft, the last answer, or what we knew beforehand."""
    if asked.typed is not None:
        return asked.typed
    known = asked.prefilled if asked.answered is None else asked.answered
    return as_fields(asked.form, known, asked.rows, asked.frame.language)


@router.post("/agree/{invitation_id}")
async def agree_for(request: Request, visitor: SignedIn, activity_id: str, invitation_id: str) -> Response:
    """Take a yes that somebody gave on the phone: to an agreement as it stands, or to single terms of it."""
    posted, key = await visitor.read(request, f"agree:{invitation_id}")
    detail, person, asked = await read_asked(visitor, activity_id, invitation_id, posted.one(SHOWN))
    terms, only_some = said(posted)
    now, language = await visitor.runtime.clock.now(), visitor.who.language
    by = visitor.who.person_id
    notice = "" if only_some or posted.one(YES) == "yes" else TICK.to(language)
    problems: dict[str, str] = {}
    try:
        if only_some:
            await agree.accept_terms(
                visitor.runtime,
                invitation_id,
                terms,
                shown=posted.one(SHOWN),
                now=now,
                via=Via.PHONE,
                entered_by=by,
            )
        elif not notice:
            outcome = await accept_all(
                visitor.runtime,
                asked,
                posted.answers,
                shown=posted.one(SHOWN),
                now=now,
                key=key.nonce,
                via=Via.PHONE,
                entered_by=by,
            )
            problems = dict(outcome.problems)
            notice = problems.pop("agree", "")
    except BadInput as error:
        notice = error.to(language)
    if not (notice or problems):
        return to_activity(request, activity_id, "#agreement")
    again = {"notice": notice, "problems": problems, "typed": posted.answers}
    return await _answer_page(request, visitor, detail, person, asked, yes_again=again)


def _without(form: Form, kind: QuestionType) -> Form:
    """Return the form without questions of a type that cannot be answered on the phone."""
    kept = tuple(question for question in form.questions if question.type is not kind)
    return form.model_copy(update={"questions": kept})
