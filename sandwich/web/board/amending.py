"""An agreement on the board: the coordinator's own changes to it, and the accepted version as a PDF."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from models.tables.agreements import AgreementState
from models.tables.asking import InvitationState
from models.text import Text
from sandwich.errors import BadInput, NotFound
from sandwich.rules.answers import as_fields, read_answers
from sandwich.services import agree
from sandwich.services.agreement_papers import paper_of
from sandwich.services.agreement_views import AgreementLine
from sandwich.services.agreements import terms_only
from sandwich.services.asking import AskedForm, asked_form
from sandwich.services.detail_views import ActivityDetail
from sandwich.web.board.answering import Fields
from sandwich.web.board.matters import drafted
from sandwich.web.board.showing import read_detail, show, to_activity
from sandwich.web.files import paper_response
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.questions import question_views, summary
from sandwich.web.posted import SHOWN
from sandwich.web.session import SignedIn, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/{activity_id}")


@router.get("/agreement/paper/{subject}")
async def paper(request: Request, visitor: SignedIn, activity_id: str, subject: str) -> Response:
    """Give the version of an agreement that everybody said yes to as a PDF."""
    await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    try:
        return paper_response(await paper_of(visitor.runtime, activity_id, subject, visitor.who.language))
    except NotFound:
        raise HTTPException(404) from None


@router.get("/agreement/amend")
@router.get("/agreement/amend/{subject}")
async def amend_page(request: Request, visitor: SignedIn, activity_id: str, subject: str = "") -> Response:
    """Show the newest version as a form, to be changed and proposed again."""
    detail, line, asked = await read_drafted(visitor, activity_id, subject)
    return _amend_page(request, visitor, detail, line, asked)


@router.post("/agreement/amend")
@router.post("/agreement/amend/{subject}")
async def amend(request: Request, visitor: SignedIn, activity_id: str, subject: str = "") -> Response:
    """Propose the changed terms to the other parties."""
    detail, line, asked = await read_drafted(visitor, activity_id, subject)
    posted, _ = await visitor.read(request, f"amend:{activity_id}:{line.subject}")
    form, now = terms_only(asked.form), await visitor.runtime.clock.now()
    # What the others have yet to fill in may stay empty.
    draft = line.state is AgreementState.PROPOSED
    reading = read_answers(form, posted.answers, asked.rows, visitor.who.language, asked.frame.formal, draft)
    if reading.problems:
        return _amend_page(request, visitor, detail, line, asked, reading.typed, reading.problems)
    emptied = {question.key: None for question in form.questions if question.key not in reading.answers}
    try:
        await agree.decide(
            visitor.runtime,
            activity_id,
            "amend",
            {**emptied, **reading.answers},
            now=now,
            actor=visitor.who.person_id,
            subject=line.subject,
            shown=posted.one(SHOWN),
        )
    except BadInput as error:
        again = error.to(visitor.who.language)
        detail, line, asked = await read_drafted(visitor, activity_id, subject)
        return _amend_page(request, visitor, detail, line, asked, reading.typed, {}, again)
    return to_activity(request, activity_id, "#agreement")


async def read_drafted(
    visitor: Visitor, activity_id: str, subject: str
) -> tuple[ActivityDetail, AgreementLine, AskedForm]:
    """Return an agreement that the coordinator drafted, with the form as the other side was asked it."""
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    line = drafted(detail, subject)
    asks = [ask for one in detail.people for ask in one.asks if line and (ask.step, ask.form) == (line.step, line.form)]
    if line is None or not asks:
        raise HTTPException(404)
    newest = max(asks, key=lambda ask: (ask.state is InvitationState.COUNTERED, ask.answered_at or ask.asked_at))
    return detail, line, await asked_form(visitor.runtime, newest.invitation_id, now)


def _amend_page(
    request: Request,
    visitor: Visitor,
    detail: ActivityDetail,
    line: AgreementLine,
    asked: AskedForm,
    typed: Fields | None = None,
    problems: Mapping[str, str] | None = None,
    notice: str = "",
) -> Response:
    form = terms_only(asked.form)
    if typed is None:
        typed = as_fields(form, asked.terms, asked.rows, visitor.who.language)
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
        shown=line.digest,
        key=visitor.key(f"amend:{detail.line.id}:{line.subject}"),
        address=f"/board/{detail.line.id}/agreement/amend/{line.subject}",
        back=f"/board/{detail.line.id}",
    )


_AMEND = Text(nl="Pas het voorstel aan", en="Amend the proposal")
