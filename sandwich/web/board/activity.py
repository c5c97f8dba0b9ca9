"""One activity in full."""

from collections import Counter
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.rights import Right
from models.roles import Role, Stage
from models.tables.activities import ActivityStatus
from sandwich import labels
from sandwich.incoming.views import letters_of
from sandwich.services.detail_views import ActivityDetail
from sandwich.services.overview import ENDED
from sandwich.services.pair_views import STATES
from sandwich.web.board.mailing import open_questions, waiting
from sandwich.web.board.showing import read_detail, show
from sandwich.web.board.versions import is_behind
from sandwich.web.session import Reader, Visitor

router = APIRouter(include_in_schema=False)


@router.get("/board/{activity_id}")
async def activity(request: Request, visitor: Reader, activity_id: str) -> Response:
    """Show plan, people, gates, task division, calls, mails and history of an activity."""
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    if not visitor.who.may(Right.STEER):
        return _to_read(request, visitor, detail)
    zone = ZoneInfo(visitor.runtime.settings.timezone)
    async with visitor.runtime.store.read() as session:
        letters = await letters_of(session, activity_id)
    return show(
        request,
        visitor,
        "activity.html",
        detail=detail,
        line=detail.line,
        now=now,
        stages={stage: [step for step in detail.steps if step.stage is stage] for stage in Stage},
        is_ended=detail.line.status in ENDED,
        pair_states=STATES,
        is_behind=is_behind(visitor.runtime.library, detail.line),
        is_on_hold=detail.line.status is ActivityStatus.ON_HOLD,
        is_today=any(start.astimezone(zone).date() == now.astimezone(zone).date() for start, _ in detail.line.moments),
        at=f"/board/{activity_id}",
        letters=letters,
        can_remind=bool(open_questions(detail)),
        waiting=len(waiting(detail)),
        agreement_key=lambda subject: visitor.key(f"/board/{activity_id}/agreement/{subject}"),
    )


def _to_read(request: Request, visitor: Visitor, detail: ActivityDetail) -> Response:
    """Show where an activity is and how many take part in which role: nobody's words, and nothing to press."""
    count = Counter(person.role for person in detail.people if person.is_active)
    return show(
        request,
        visitor,
        "activity-read.html",
        detail=detail,
        line=detail.line,
        stages={stage: [step for step in detail.steps if step.stage is stage] for stage in Stage},
        people=[(labels.ROLE[role], count[role]) for role in Role if count[role]],
    )
