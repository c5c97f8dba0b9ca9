"""The routes of everything that can be done to an activity: a page that says what will happen, and its button."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from sandwich.errors import BadInput, SandwichError
from sandwich.web.board.changing import CHANGING
from sandwich.web.board.course import COURSE
from sandwich.web.board.dropping import DROPPING
from sandwich.web.board.mailing import MAILING
from sandwich.web.board.matters import MATTERS
from sandwich.web.board.meeting import MEETING
from sandwich.web.board.members import MEMBERS
from sandwich.web.board.persons import PERSONS
from sandwich.web.board.showing import read_detail, to_activity
from sandwich.web.board.small import Action, Doing, Foreseen, Small, Unclear, draw
from sandwich.web.board.versions import VERSIONS
from sandwich.web.board.wording import WORDING
from sandwich.web.session import SignedIn, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/{activity_id}")

ACTIONS: dict[str, Action] = {
    name: action
    for group in (COURSE, CHANGING, DROPPING, MAILING, MATTERS, MEETING, MEMBERS, PERSONS, VERSIONS, WORDING)
    for name, action in group.items()
}
"""Everything that can be done, by the last part of its address."""


@router.get("/{verb}")
@router.get("/{verb}/{target}")
async def ask(request: Request, visitor: SignedIn, activity_id: str, verb: str, target: str = "") -> Response:
    """Show what an action will do and ask what it needs."""
    detail = await read_detail(visitor, activity_id, await visitor.runtime.clock.now())
    action = _action(verb)
    small = await action.page(visitor, detail, target)
    if small is None:
        raise HTTPException(404)
    return draw(request, visitor, detail, small, action.template, _place(verb, activity_id, target))


@router.post("/{verb}")
@router.post("/{verb}/{target}")
async def do(request: Request, visitor: SignedIn, activity_id: str, verb: str, target: str = "") -> Response:
    """Carry an action out, or come back with what is wrong and everything that was typed."""
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    action = _action(verb)
    small = await action.page(visitor, detail, target)
    if small is None:
        raise HTTPException(404)
    place = _place(verb, activity_id, target)
    posted, _ = await visitor.read(request, place)
    try:
        await action.do(Doing(visitor, detail, target, posted, now))
    except Foreseen as seen:
        shown = replace(small, happens=seen.happens, button=seen.button, context={**small.context, **seen.context})
        return draw(request, visitor, detail, shown, action.template, place, typed=posted.answers)
    except (Unclear, BadInput) as error:
        problems = _problems(error, visitor, small)
        return draw(request, visitor, detail, small, action.template, place, typed=posted.answers, problems=problems)
    return to_activity(request, activity_id, action.back_to)


def _action(verb: str) -> Action:
    if verb not in ACTIONS:
        raise HTTPException(404)
    return ACTIONS[verb]


def _place(verb: str, activity_id: str, target: str) -> str:
    """Return the address of an action, which is also what its page's key is about."""
    return f"/board/{activity_id}/{verb}/{target}".rstrip("/")


def _problems(error: SandwichError, visitor: Visitor, small: Small) -> dict[str, str]:
    if isinstance(error, Unclear):
        return error.problems
    return {str(small.context.get("problem_at", "page")): error.to(visitor.who.language)}
