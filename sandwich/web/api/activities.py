"""Activities: the list with its search, one in full, its papers, its answers, and what needs a hand."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.errors import NotFound
from sandwich.incoming.views import LetterLine, letter_view, letters_of
from sandwich.mail.look import Look, look_at_mail
from sandwich.services.agreement_papers import paper_of
from sandwich.services.answer_views import AnswerView, answer_view
from sandwich.services.call_lines import CallLine
from sandwich.services.detail_views import ActivityDetail
from sandwich.services.doubts import DoubtLine, checklist
from sandwich.services.finding import Place, Wanted
from sandwich.services.links import is_formal
from sandwich.services.overview import ActivityLine, activities, board, how_many
from sandwich.web.api.access import Caller
from sandwich.web.api.door import reading, routes
from sandwich.web.api.values import KEY, ActivityId, OtherId, Search, Subject
from sandwich.web.board.showing import read_detail
from sandwich.web.files import paper_response

router = routes("activities")

MOST = 100
PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


class Activities(BaseModel):
    """One page of activities; ``next`` is the ``offset`` of the next one."""

    items: list[ActivityLine]
    found: int
    next: int | None


@router.get("/activities", **reading())
async def list_activities(
    visitor: Caller,
    q: Search = "",
    kind: Annotated[str, Query(pattern=KEY, max_length=64)] | None = None,
    place: Place | None = None,
    needs_hand: bool = False,
    ended: bool = False,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Activities:
    """List the activities that go on, or those that ended; searched for as on the board."""
    runtime, region = visitor.runtime, visitor.who.region_id
    wanted = Wanted(q, kind or "", place, needs_hand)
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        found = await how_many(session, region, ended=ended, wanted=wanted)
        items = await activities(
            session, runtime.settings, region, now, ended=ended, wanted=wanted, limit=limit, offset=offset
        )
    return Activities(items=items, found=found, next=offset + limit if offset + limit < found else None)


@router.get("/activities/{activity_id}", **reading())
async def one_activity(visitor: Caller, activity_id: ActivityId) -> ActivityDetail:
    """Everything on an activity's page: plan, people and their forms, gates, agreements, calls, mails, trail."""
    return await read_detail(visitor, activity_id, await visitor.runtime.clock.now())


@router.get("/activities/{activity_id}/answers/{submission_id}", **reading())
async def one_answer(visitor: Caller, activity_id: ActivityId, submission_id: OtherId) -> AnswerView:
    """An answer as it was given."""
    detail = await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    formal = frozenset(person.person_id for person in detail.people if is_formal(person.role))
    async with visitor.runtime.store.read() as session:
        return await answer_view(session, activity_id, submission_id, visitor.who.language, formal_people=formal)


@router.get("/activities/{activity_id}/mails/{mail_id}", **reading())
async def one_mail(visitor: Caller, activity_id: ActivityId, mail_id: OtherId) -> Look:
    """How a mail of this activity reads if it leaves now, without its personal links."""
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    if mail_id not in {line.id for line in detail.messages}:
        raise HTTPException(404)
    return await look_at_mail(visitor.runtime, activity_id, mail_id, now)


@dataclass(frozen=True)
class Letter:
    """The words of a mail that came in."""

    line: LetterLine
    sender: str
    subject: str
    text: str


@router.get("/activities/{activity_id}/letters", **reading())
async def list_letters(visitor: Caller, activity_id: ActivityId) -> list[LetterLine]:
    """What came in by mail about an activity, the newest first."""
    await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    async with visitor.runtime.store.read() as session:
        return await letters_of(session, activity_id)


@router.get("/activities/{activity_id}/letters/{letter_id}", **reading())
async def one_letter(visitor: Caller, activity_id: ActivityId, letter_id: OtherId) -> Letter:
    """One mail that came in."""
    await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    async with visitor.runtime.store.read() as session:
        seen = await letter_view(session, visitor.runtime.settings, letter_id, activity_id)
    return Letter(seen.line, seen.sender, seen.subject, seen.text)


@router.get("/activities/{activity_id}/words", **reading())
async def doubtful_words(visitor: Caller, activity_id: ActivityId) -> list[DoubtLine]:
    """Words that may be a pupil's name or about somebody's health, for a person to look at."""
    await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    async with visitor.runtime.store.read() as session:
        return list(await checklist(session, activity_id))


@router.get("/activities/{activity_id}/agreements/{subject}/paper", **reading(), response_class=Response, responses=PDF)
async def agreement_paper(visitor: Caller, activity_id: ActivityId, subject: Subject) -> Response:
    """The version of an agreement that everybody said yes to, as a PDF."""
    await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    try:
        return paper_response(await paper_of(visitor.runtime, activity_id, subject, visitor.who.language))
    except NotFound:
        raise HTTPException(404) from None


@router.get("/calls", **reading())
async def list_calls(visitor: Caller) -> list[CallLine]:
    """What needs a hand in the whole region, what waits longest first."""
    runtime = visitor.runtime
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        return list((await board(session, runtime.settings, visitor.who.region_id, now)).calls)


class Kind(BaseModel):
    """A kind of activity that can be started: its variants, and the purposes that it fits."""

    key: str
    title: Text
    about: Text
    variants: list[str]
    purposes: list[str]
    version: int


@router.get("/kinds", **reading())
async def list_kinds(visitor: Caller) -> list[Kind]:
    """The kinds of activity that can be started."""
    return [
        Kind(
            key=playbook.key,
            title=playbook.title,
            about=playbook.about,
            variants=[one.key for one in playbook.variants],
            purposes=list(playbook.purposes),
            version=playbook.version,
        )
        for playbook in sorted(visitor.runtime.library.kinds.values(), key=lambda playbook: playbook.key)
    ]
