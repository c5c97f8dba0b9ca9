"""Answers: as they were given, filled in for somebody on the phone, and the school's to a counter-proposal."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from models.form import Form, QuestionType
from models.tables.agreements import AgreementState
from models.tables.asking import InvitationState, Via
from models.text import Text
from sandwich.errors import BadInput, NotFound
from sandwich.rules.answers import as_fields, read_answers
from sandwich.services import agree
from sandwich.services.answer_views import AnswerView, answer_view
from sandwich.services.asking import AskedForm, asked_form
from sandwich.services.collect import submit
from sandwich.services.detail_views import ActivityDetail, PersonLine
from sandwich.services.links import is_formal
from sandwich.web.board.matters import find_ask
from sandwich.web.board.showing import read_detail, show, to_activity
from sandwich.web.board.small import text_of
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.questions import question_views, summary
from sandwich.web.posted import SHOWN
from sandwich.web.session import SignedIn, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/{activity_id}")

Fields = Mapping[str, Sequence[str]]


@router.get("/answer/{invitation_id}")
async def answer_page(request: Request, visitor: SignedIn, activity_id: str, invitation_id: str) -> Response:
    """Show somebody's form, to be filled in while phoning."""
    detail, person, asked = await _asked(visitor, activity_id, invitation_id)
    return _answer_page(request, visitor, detail, person, asked)


@router.post("/answer/{invitation_id}")
async def answer(request: Request, visitor: SignedIn, activity_id: str, invitation_id: str) -> Response:
    """Take the answers given on the phone; they are kept with who typed them."""
    detail, person, asked = await _asked(visitor, activity_id, invitation_id)
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
        return _answer_page(request, visitor, detail, person, asked, posted.answers, {}, said, spoken_to=spoken_to)
    if outcome.accepted:
        return to_activity(request, activity_id, "#people")
    kept, typed = None, outcome.typed
    if outcome.kept_id is not None:
        formal = frozenset({person.person_id}) if asked.frame.formal else frozenset()
        language, typed = visitor.who.language, posted.answers
        async with visitor.runtime.store.read() as session:
            kept = await answer_view(session, activity_id, outcome.kept_id, language, formal_people=formal)
    return _answer_page(
        request, visitor, detail, person, asked, typed, outcome.problems, spoken_to=spoken_to, kept=kept
    )


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


async def _asked(
    visitor: Visitor, activity_id: str, invitation_id: str
) -> tuple[ActivityDetail, PersonLine, AskedForm]:
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    found = find_ask(detail, invitation_id)
    if found is None:
        raise HTTPException(404)
    return detail, found[0], await asked_form(visitor.runtime, invitation_id, now)


def _answer_page(
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
) -> Response:
    reader = Reader(visitor.who.language, asked.frame.formal)
    views = question_views(
        _without(asked.form, QuestionType.FILE),
        asked.rows,
        _standing(asked) if typed is None else typed,
        problems or {},
        reader,
    )
    return show(
        request,
        visitor,
        "answer.html",
        status=409 if kept else 422 if problems or notice else 200,
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
        spoken_to=person.name if spoken_to is None else spoken_to,
        shown=asked.shown,
        key=visitor.key(f"answer:{asked.invitation_id}"),
        address=f"/board/{detail.line.id}/answer/{asked.invitation_id}",
        back=f"/board/{detail.line.id}",
    )


def _standing(asked: AskedForm) -> Fields:
    """Return what stands in the form already: a draft, the last answer, or what we knew beforehand."""
    if asked.typed is not None:
        return asked.typed
    known = asked.prefilled if asked.answered is None else asked.answered
    return as_fields(asked.form, known, asked.rows, asked.frame.language)


@router.get("/agreement/amend")
async def amend_page(request: Request, visitor: SignedIn, activity_id: str) -> Response:
    """Show the counter-proposal as a form, to be changed and proposed again."""
    detail, asked = await _countered(visitor, activity_id)
    return await _amend_page(request, visitor, detail, asked)


@router.post("/agreement/amend")
async def amend(request: Request, visitor: SignedIn, activity_id: str) -> Response:
    """Propose the changed terms to the host."""
    detail, asked = await _countered(visitor, activity_id)
    posted, _ = await visitor.read(request, f"amend:{activity_id}")
    form, now = _terms_only(asked.form), await visitor.runtime.clock.now()
    reading = read_answers(form, posted.answers, asked.rows, visitor.who.language, asked.frame.formal)
    if reading.problems:
        return await _amend_page(request, visitor, detail, asked, reading.typed, reading.problems)
    try:
        await agree.decide(
            visitor.runtime, activity_id, "amend", dict(reading.answers), now=now, actor=visitor.who.person_id
        )
    except BadInput as error:
        said = error.to(visitor.who.language)
        return await _amend_page(request, visitor, detail, asked, reading.typed, {}, said)
    return to_activity(request, activity_id, "#agreement")


async def _countered(visitor: Visitor, activity_id: str) -> tuple[ActivityDetail, AskedForm]:
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    if detail.agreement is None or detail.agreement.state is not AgreementState.COUNTERED:
        raise HTTPException(404)
    asks = [ask for one in detail.people for ask in one.asks if ask.form == detail.agreement.form]
    countered = [ask for ask in asks if ask.state is InvitationState.COUNTERED]
    newest = max(countered or asks, key=lambda ask: ask.answered_at or ask.asked_at)
    return detail, await asked_form(visitor.runtime, newest.invitation_id, now)


async def _amend_page(
    request: Request,
    visitor: Visitor,
    detail: ActivityDetail,
    asked: AskedForm,
    typed: Fields | None = None,
    problems: Mapping[str, str] | None = None,
    notice: str = "",
) -> Response:
    form = _terms_only(asked.form)
    if typed is None:
        async with visitor.runtime.store.read() as session:
            view = await agree.current(session, detail.line.id)
        terms = (view.version.terms if view else None) or {}
        typed = as_fields(form, terms, asked.rows, visitor.who.language)
    reader = Reader(visitor.who.language, False)
    views = question_views(form, asked.rows, typed, problems or {}, reader)
    return show(
        request,
        visitor,
        "amend.html",
        status=422 if problems or notice else 200,
        detail=detail,
        heading=_AMEND.to(visitor.who.language),
        views=views,
        problem_list=summary(views),
        notice=notice,
        key=visitor.key(f"amend:{detail.line.id}"),
        address=f"/board/{detail.line.id}/agreement/amend",
        back=f"/board/{detail.line.id}",
    )


_AMEND = Text(nl="Pas het voorstel aan", en="Amend the proposal")


def _terms_only(form: Form) -> Form:
    """Return the form without the questions that are about accepting."""
    kept = tuple(question for question in form.questions if question.key not in agree.NOT_TERMS)
    return form.model_copy(update={"questions": kept})


def _without(form: Form, kind: QuestionType) -> Form:
    """Return the form without questions of a type that cannot be answered on the phone."""
    kept = tuple(question for question in form.questions if question.type is not kind)
    return form.model_copy(update={"questions": kept})
