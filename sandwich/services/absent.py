"""Somebody does not come on the day. That is all that is kept: absent; why is nobody's business."""

from datetime import datetime

from models.roles import Role
from models.steps import Among
from models.tables.activities import ACTIVE, ContactMoment
from models.text import Text
from sandwich.errors import BadInput
from sandwich.rules.evening import NEVER, Stay
from sandwich.runtime import Runtime
from sandwich.services.attending import begun
from sandwich.services.catch_up import ask_no_more
from sandwich.services.loaded import Loaded
from sandwich.services.presence import miss
from sandwich.services.round_plans import read_plans, rounds_of
from sandwich.services.rounds import make_anew
from sandwich.services.steering import activity_of_participation, refuse_ended, steering

COMES = frozenset({Role.TEACHER, Role.PROFESSIONAL, Role.MENTOR})
"""Roles whose people are expected on the day."""


async def report_absent(
    runtime: Runtime, participation_id: str, *, now: datetime, actor: str, meeting: int | None = None
) -> None:
    """Note that somebody is not there: at the contact moment ``meeting``, or at the one of today.

    Nothing of that day is asked of them, and where there are rounds the rest is made anew without them. They take part
    as before. Raises ``BadInput`` for somebody who is not expected, where there is no such contact moment, and what
    ``make_anew`` raises where no rounds are possible any more.
    """
    activity_id = await activity_of_participation(runtime, participation_id)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        item = loaded.participation(participation_id)
        if item.role not in COMES or item.standing not in ACTIVE:
            raise BadInput(
                "This person is not expected on the day.", "Deze persoon wordt op de dag zelf niet verwacht."
            )
        moment = _moment(loaded, meeting, now)
        miss(loaded, moment, item, now)
        await ask_no_more(session, loaded, item, Among.PRESENT, now)
        plan = (await read_plans(session, [activity_id])).get(activity_id)
        rounds = len(rounds_of(plan)) if plan is not None else 0
        held = max(plan.held, begun(loaded, rounds, now)) if plan is not None else 0
        stays: dict[str, Stay] = dict.fromkeys(moment.absent or (), NEVER)
    if held < rounds:
        await make_anew(runtime, activity_id, held=held, stays=stays, now=now, actor=actor)


def _moment(loaded: Loaded, meeting: int | None, now: datetime) -> ContactMoment:
    day_of = loaded.calendars.schools.day_of
    for moment in loaded.moments:
        if moment.number == meeting or (meeting is None and day_of(moment.starts_at) == day_of(now)):
            return moment
    said = _NO_SUCH if meeting is not None else _NOT_TODAY
    raise BadInput(said.en, said.nl)


_NO_SUCH = Text(nl="Zo'n ontmoeting is er niet.", en="There is no such meeting.")
_NOT_TODAY = Text(
    nl="Vandaag is er geen ontmoeting. Zeg welke het is, of meld de persoon af.",
    en="There is no meeting today. Say which one it is, or withdraw the person.",
)
