"""Call off the last of several contact moments."""

from zoneinfo import ZoneInfo

from models.text import Text
from sandwich.services.detail_views import ActivityDetail
from sandwich.services.dropping import drop_last_meeting
from sandwich.services.effects_words import in_words
from sandwich.services.foreseen import foresee_dropping
from sandwich.services.overview import ENDED
from sandwich.services.waits import short_day
from sandwich.web.board.small import Action, Doing, Small
from sandwich.web.session import Visitor


async def _page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or len(detail.line.moments) < 2 or detail.line.status in ENDED:
        return None
    runtime, zone = visitor.runtime, ZoneInfo(visitor.runtime.settings.timezone)
    effects = await foresee_dropping(runtime, detail.line.id, now=await runtime.clock.now())
    day = short_day(max(detail.line.moments)[0], zone)
    return Small(
        title=Text(nl=f"De ontmoeting van {day.nl} gaat niet door", en=f"The meeting of {day.en} will not go on"),
        button=Text(nl="Gelast deze ontmoeting af", en="Call this meeting off"),
        is_danger=True,
        asks_reason=True,
        happens=(
            *in_words(effects, zone),
            Text(
                nl="Over die dag wordt niets gevraagd. Wat al geweest is, telt mee.",
                en="Nothing is asked about that day. What has been counts.",
            ),
            Text(
                nl="De activiteit eindigt dan met de ontmoeting ervoor. Dit is niet terug te draaien.",
                en="The activity then ends with the meeting before it. This cannot be undone.",
            ),
        ),
    )


async def _do(doing: Doing) -> None:
    await drop_last_meeting(doing.visitor.runtime, doing.activity_id, doing.reason(), now=doing.now, actor=doing.actor)


DROPPING = {"drop-meeting": Action(_page, _do)}
"""What can be called off beside the whole, by the last part of its address."""
