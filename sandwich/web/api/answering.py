"""Answers that a coordinator took on the phone, a yes to an agreement, and the coordinator's own changes to one."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints

from models.tables.agreements import AgreementState
from models.tables.asking import Via
from models.tables.base import new_id
from models.text import Text
from sandwich.rules.answers import as_fields, read_answers
from sandwich.services import agree
from sandwich.services.accepting import accept_all
from sandwich.services.agreement_views import AgreementLine
from sandwich.services.agreements import terms_only
from sandwich.services.collect import submit
from sandwich.services.form_papers import paper_of_form
from sandwich.web.api.access import Caller
from sandwich.web.api.activities import PDF
from sandwich.web.api.bodies import LONGEST_LIST, Outcome
from sandwich.web.api.door import ONCE, WRITING, reading, routes
from sandwich.web.api.values import ActivityId, Body, Mark, OtherId, Said, Subject, Words
from sandwich.web.board.amending import read_drafted
from sandwich.web.board.answering import read_asked, standing_in
from sandwich.web.board.small import Unclear
from sandwich.web.files import paper_response
from sandwich.web.session import Visitor

router = routes("answers")

MOST_FIELDS = 400

Values = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-zA-Z0-9_.:-]*$", max_length=120)],
        Annotated[tuple[Annotated[Said, Field(max_length=4000)], ...], Field(max_length=60)],
    ],
    Field(max_length=MOST_FIELDS, description="values by field, as the form names them", examples=[{}]),
]


class Asked(BaseModel):
    """A form as somebody was asked it: its questions, what stands in it, and the agreement that it is about."""

    invitation_id: str
    person: str
    form: dict[str, Any] = Field(description="the form's definition: questions, choices, conditions")
    rows: dict[str, list[dict[str, Any]]] = Field(description="rows that come from elsewhere, by question")
    values: dict[str, list[str]] = Field(description="what stands in it already")
    is_closed: bool
    shown: str | None = Field(description="send this along with the answers")
    agreement: AgreementLine | None


class Answers(Body):
    """What somebody said on the phone, and who that was where it was not the person asked."""

    answers: Values
    spoken_to: Annotated[Said, Field(max_length=120)] = ""
    shown: Mark | None = None


class Agreed(Body):
    """A yes that somebody gave on the phone: to the version that was ``shown``, or to single ``terms`` of it.

    ``answers`` are those that a yes needs, such as a name.
    """

    shown: Mark
    terms: Annotated[tuple[Words, ...], Field(max_length=LONGEST_LIST)] = ()
    answers: Values = Field(default_factory=dict)


class Amended(Body):
    """The terms as the coordinator proposes them now, instead of the version that was ``shown``."""

    answers: Values
    shown: Mark


class Drafted(BaseModel):
    """An agreement that the coordinator drafted, as a form to be changed."""

    agreement: AgreementLine
    form: dict[str, Any]
    values: dict[str, list[str]]
    shown: str


_IN = "/activities/{activity_id}/invitations/{invitation_id}"


@router.get(_IN, **reading())
async def asked_form(visitor: Caller, activity_id: ActivityId, invitation_id: OtherId) -> Asked:
    """A form that somebody was asked, to be filled in while phoning."""
    _, person, asked = await read_asked(visitor, activity_id, invitation_id)
    return Asked(
        invitation_id=invitation_id,
        person=person.name,
        form=asked.form.model_dump(mode="json", exclude_none=True),
        rows={key: [row.model_dump(mode="json") for row in found] for key, found in asked.rows.items()},
        values={name: list(said) for name, said in standing_in(asked).items()},
        is_closed=asked.closed,
        shown=asked.shown,
        agreement=asked.agreement,
    )


@router.get(f"{_IN}/paper", **reading(), response_class=Response, responses=PDF)
async def form_paper(visitor: Caller, activity_id: ActivityId, invitation_id: OtherId) -> Response:
    """Somebody's form as a sheet to print."""
    await read_asked(visitor, activity_id, invitation_id)
    now = await visitor.runtime.clock.now()
    return paper_response(await paper_of_form(visitor.runtime, invitation_id, now=now))


@router.post(f"{_IN}/answers", **WRITING)
async def answer_for(
    request: Request, visitor: Caller, activity_id: ActivityId, invitation_id: OtherId, body: Answers
) -> Outcome:
    """Take the answers given on the phone; they are kept with who typed them."""
    await read_asked(visitor, activity_id, invitation_id)
    outcome = await submit(
        visitor.runtime,
        invitation_id,
        {name: list(said) for name, said in body.answers.items()},
        now=await visitor.runtime.clock.now(),
        key=request.headers.get(ONCE) or new_id(),
        via=Via.PHONE,
        entered_by=visitor.who.person_id,
        answered_by=body.spoken_to.strip() or None,
        shown=body.shown,
    )
    return _taken(visitor, activity_id, outcome.accepted, outcome.problems)


@router.post(f"{_IN}/agreed", **WRITING)
async def agree_for(
    request: Request, visitor: Caller, activity_id: ActivityId, invitation_id: OtherId, body: Agreed
) -> Outcome:
    """Take a yes to an agreement that somebody gave on the phone."""
    _, _, asked = await read_asked(visitor, activity_id, invitation_id, body.shown)
    now, by = await visitor.runtime.clock.now(), visitor.who.person_id
    if body.terms:
        await agree.accept_terms(
            visitor.runtime,
            invitation_id,
            list(body.terms),
            shown=body.shown,
            now=now,
            via=Via.PHONE,
            entered_by=by,
        )
        return Outcome(done=True, activity_id=activity_id)
    outcome = await accept_all(
        visitor.runtime,
        asked,
        {name: list(said) for name, said in body.answers.items()},
        shown=body.shown,
        now=now,
        key=request.headers.get(ONCE) or new_id(),
        via=Via.PHONE,
        entered_by=by,
    )
    return _taken(visitor, activity_id, outcome.accepted, outcome.problems)


def _taken(visitor: Visitor, activity_id: str, accepted: bool, problems: Mapping[str, str]) -> Outcome:
    if not accepted:
        raise Unclear(problems or {"answers": _KEPT_ANOTHER.to(visitor.who.language)})
    return Outcome(done=True, activity_id=activity_id)


@router.get("/activities/{activity_id}/agreements/{subject}", **reading())
async def drafted_agreement(visitor: Caller, activity_id: ActivityId, subject: Subject) -> Drafted:
    """An agreement that you drafted, as a form to be changed and proposed again."""
    _, line, asked = await read_drafted(visitor, activity_id, subject)
    form = terms_only(asked.form)
    known = as_fields(form, asked.terms, asked.rows, visitor.who.language)
    return Drafted(
        agreement=line,
        form=form.model_dump(mode="json", exclude_none=True),
        values={name: list(said) for name, said in known.items()},
        shown=line.digest,
    )


@router.post("/activities/{activity_id}/agreements/{subject}/amend", **WRITING)
async def amend_agreement(visitor: Caller, activity_id: ActivityId, subject: Subject, body: Amended) -> Outcome:
    """Propose changed terms to the other parties."""
    _, line, asked = await read_drafted(visitor, activity_id, subject)
    form = terms_only(asked.form)
    typed = {name: list(said) for name, said in body.answers.items()}
    is_draft = line.state is AgreementState.PROPOSED  # what the others have yet to fill in may stay empty
    found = read_answers(form, typed, asked.rows, visitor.who.language, asked.frame.formal, is_draft)
    if found.problems:
        raise Unclear(found.problems)
    emptied = {question.key: None for question in form.questions if question.key not in found.answers}
    await agree.decide(
        visitor.runtime,
        activity_id,
        "amend",
        {**emptied, **found.answers},
        now=await visitor.runtime.clock.now(),
        actor=visitor.who.person_id,
        subject=line.subject,
        shown=body.shown,
    )
    return Outcome(done=True, activity_id=activity_id)


_KEPT_ANOTHER = Text(
    nl="Hier staat al een ander antwoord. Kijk dat eerst na.",
    en="Another answer stands here already. Look at it first.",
)
