"""Start an activity: first the whole plan before anything is sent, then the same draft again."""

from zoneinfo import ZoneInfo

from fastapi import Response
from pydantic import BaseModel

from models.text import Text
from sandwich.services.candidates import Candidates
from sandwich.services.cool_down import Asking, CoolDown, StillCooling, cooling_of_draft
from sandwich.services.double_bookings import double_bookings_of_draft
from sandwich.services.drafted import host_of
from sandwich.services.preview import PlanLine, preview
from sandwich.services.start import same_activity, start
from sandwich.web.api.access import Caller
from sandwich.web.api.bodies import Draft
from sandwich.web.api.door import WRITING, reading, routes
from sandwich.web.api.problems import Unseen
from sandwich.web.board.drafting import read_draft
from sandwich.web.board.members import read_candidates
from sandwich.web.board.starting import spans_of
from sandwich.web.posted import Posted

router = routes("starting")


class Started(BaseModel):
    """What came of a draft: the activity, or, with ``dry_run``, everything that would happen."""

    done: bool
    activity_id: str | None = None
    plan: list[PlanLine] = []
    warnings: list[Text] = []
    unready: list[Text] = []
    same: Text | None = None
    busy: list[Text] = []
    cooling: list[CoolDown] = []


@router.get("/candidates", **reading())
async def list_candidates(visitor: Caller) -> Candidates:
    """Everybody in the region who can be chosen, by school and by company, with their ids."""
    return await read_candidates(visitor)


@router.post("/activities", **WRITING, status_code=201, responses={200: {"model": Started, "description": "A look"}})
async def start_activity(visitor: Caller, response: Response, body: Draft) -> Started:
    """Start an activity, or look at its whole plan with ``dry_run``. ``short_notice``, ``again`` and ``although`` say
    that what the look warns of is meant.
    """
    runtime, zone = visitor.runtime, ZoneInfo(visitor.runtime.settings.timezone)
    now = await runtime.clock.now()
    draft = await read_draft(visitor, Posted(body.fields(zone)))
    asking = Asking(visitor.who.person_id, body.although, body.owner_agrees)
    if not body.dry_run:
        try:
            made = await start(
                runtime,
                draft,
                now=now,
                actor=visitor.who.person_id,
                once=not body.again,
                short_notice=body.short_notice,
                asking=asking,
            )
        except StillCooling as error:
            raise Unseen([one.sentence for one in error.cooling], None) from None
        response.headers["Location"] = f"activities/{made}"
        return Started(done=True, activity_id=made)
    response.status_code = 200
    foreseen = await preview(runtime, draft, now)
    spans = spans_of(draft, zone)
    async with runtime.store.read() as session:
        company = await host_of(session, runtime.library.playbook(draft.kind), draft)
        cooling = await cooling_of_draft(session, runtime.settings, draft, now)
        busy = await double_bookings_of_draft(session, draft, spans)
        same = await same_activity(session, company, draft.title, spans)
    return Started(
        done=False,
        plan=list(foreseen.lines),
        warnings=list(foreseen.warnings),
        unready=list(foreseen.unready),
        same=same,
        busy=[one.sentence(zone) for one in busy],
        cooling=list(cooling),
    )
