"""The date and the course of an activity: fix, move, hold, go on, begin, cancel."""

from datetime import date
from zoneinfo import ZoneInfo

from models.roles import Host
from models.tables.activities import ActivityStatus
from models.text import Text
from sandwich.services import cascade_words, start, steer
from sandwich.services.cascade import foresee
from sandwich.services.cool_down import Asking, cooling_of_activity
from sandwich.services.detail_views import ActivityDetail
from sandwich.services.effects_words import in_words
from sandwich.services.foreseen import foresee_cancelling, foresee_hold
from sandwich.services.loaded import load
from sandwich.services.overview import ENDED
from sandwich.services.resuming import said_of_resumption
from sandwich.services.steering import over
from sandwich.web.board.small import Action, Doing, Small, Unclear, read_spans, show_first, text_of
from sandwich.web.session import Visitor

PROPOSALS = 3
"""How many days can be proposed at once."""

_CHOOSES = Text(
    nl="Er is nog geen dag gekozen. Stel een of meer andere dagen voor, of vul de dag in die jullie afspraken.",
    en="No day has been chosen yet. Propose one or more other days, or fill in the day that you agreed on.",
)
_STAYS = Text(nl="Leerdoelen en andere antwoorden blijven staan.", en="Goals and other answers stay as they are.")


async def _fix_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.line.status in ENDED:
        return None
    return Small(
        title=Text(nl="Zet de datum vast", en="Fix the date"),
        button=Text(nl="Zet deze datum vast", en="Fix this date"),
        lead=Text(
            nl="Hebben jullie een dag afgesproken? Kies die dan.",
            en="Did you agree on a day? Then choose it.",
        ),
        happens=(
            Text(
                nl="De docenten worden uitgenodigd en de schoolleiders krijgen de vraag om akkoord.",
                en="The teachers are invited and the school leaders are asked for their approval.",
            ),
        ),
        context={"problem_at": "number"},
    )


async def _fix(doing: Doing) -> None:
    number = doing.posted.one("number")
    if not number.isdecimal():
        raise Unclear({"number": Text(nl="Kies een datum.", en="Choose a date.").to(doing.language)})
    await steer.fix_date(doing.visitor.runtime, doing.activity_id, int(number), now=doing.now, actor=doing.actor)


async def _move_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target:
        return None
    _refuse_ended(detail)
    is_fixed = detail.line.is_date_fixed
    zone = ZoneInfo(visitor.runtime.settings.timezone)
    return Small(
        title=Text(nl="Een andere datum", en="Another date"),
        button=Text(nl="Bekijk wat er verandert", en="See what changes"),
        happens=(
            Text(
                nl="Eerst zie je wat er verandert: welke stappen schuiven, wie een mail krijgt, wie opnieuw gevraagd "
                "wordt. Daarna pas verplaats je.",
                en="First you see what changes: which steps move, who gets a mail, who is asked again. Only then do "
                "you move it.",
            ),
            _STAYS if is_fixed else _CHOOSES,
        ),
        asks_reason=True,
        typed=_as_it_is(detail, zone) if is_fixed else {},
        context={"problem_at": "date-1", "numbers": list(rows_of(detail)), "is_fixed": is_fixed},
    )


def _as_it_is(detail: ActivityDetail, zone: ZoneInfo) -> dict[str, list[str]]:
    """Return the fields of all meetings as they are: whoever moves one changes only that."""
    typed: dict[str, list[str]] = {}
    for number, span in enumerate(detail.line.moments, start=1):
        begins, ends = (moment.astimezone(zone) for moment in span)
        typed |= {f"date-{number}": [f"{begins:%Y-%m-%d}"], f"from-{number}": [f"{begins:%H:%M}"]}
        typed[f"to-{number}"] = [f"{ends:%H:%M}"]
    return typed


async def _move(doing: Doing) -> None:
    """Show the cascade; move only where the same dates were seen with it."""
    numbers, is_fixed = rows_of(doing.detail), doing.detail.line.is_date_fixed
    agreed = doing.posted.one("agreed") == "yes"
    runtime = doing.visitor.runtime
    zone = ZoneInfo(runtime.settings.timezone)
    spans, problems = read_spans(doing.posted, numbers, doing.language, zone)
    reason = text_of(doing.posted, "reason")
    if len(spans) < (len(numbers) if is_fixed else 1) and not problems:
        problems["date-1"] = Text(nl="Vul de nieuwe datum in.", en="Fill in the new date.").to(doing.language)
    elif is_fixed and tuple(spans) == tuple(doing.detail.line.moments):
        problems["date-1"] = Text(nl="Dit is de datum van nu.", en="This is the date as it is.").to(doing.language)
    if not reason:
        problems |= {"reason": Text(nl="Schrijf kort waarom.", en="Write briefly why.").to(doing.language)}
    if problems:
        raise Unclear(problems)
    cascade = await foresee(runtime, doing.activity_id, spans, now=doing.now, agreed=agreed)
    lines = cascade_words.in_words(cascade, zone)
    button = Text(nl="Verplaats", en="Move it")
    if not cascade.is_fixed:
        button = Text(nl="Stel deze dagen voor", en="Propose these days")
    if cascade.day_is_free:
        button = Text(nl="Verplaats toch naar die vrije dag", en="Move it to that free day all the same")
    show_first(doing, (*lines, *((_STAYS,) if is_fixed else ())), (spans, agreed), button)
    # What the page said of a free day was confirmed with its button.
    await steer.move(
        runtime, doing.activity_id, spans, reason, now=doing.now, actor=doing.actor, in_holiday=True, agreed=agreed
    )


def rows_of(detail: ActivityDetail) -> range:
    """Return the rows to fill in: one for each meeting, or room for several days while none was chosen."""
    return range(1, len(detail.line.moments) + (1 if detail.line.is_date_fixed else PROPOSALS))


def _refuse_ended(detail: ActivityDetail) -> None:
    """Say that nothing can be changed any more, to whoever comes too late or presses twice."""
    if detail.line.status in ENDED:
        raise over(detail.line.status)


_ALL_TOLD = Text(
    nl="Laat je het ook het bedrijf en de schoolleiders weten, dan krijgen {count} mensen een mail.",
    en="If you tell the company and the school leaders too, {count} people get a mail.",
)
_DAY = Text(
    nl="Vul een dag in als 2026-11-12, of laat het leeg.", en="Fill in a day such as 2026-11-12, or leave it empty."
)


async def _hold_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.line.status in ENDED:
        return None
    runtime = visitor.runtime
    now, zone = await runtime.clock.now(), ZoneInfo(runtime.settings.timezone)
    effects, all_told = [
        await foresee_hold(runtime, detail.line.id, now=now, tells_host=tells_host) for tells_host in (False, True)
    ]
    return Small(
        title=Text(nl="Stel de activiteit uit", en="Put the activity on hold"),
        button=Text(nl="Stel uit", en="Put on hold"),
        happens=(
            *in_words(effects, zone),
            _ALL_TOLD.filled(count=sum(all_told.mails.values())),
            Text(
                nl="Er gaan geen vragen en geen herinneringen meer weg, tot je verdergaat.",
                en="No questions and no reminders leave, until you go on.",
            ),
            _STAYS,
        ),
        asks_reason=True,
        context={"problem_at": "until"},
    )


async def _hold(doing: Doing) -> None:
    typed, until = text_of(doing.posted, "until"), None
    if typed:
        try:
            until = date.fromisoformat(typed)
        except ValueError:
            raise Unclear({"until": _DAY.to(doing.language)}) from None
    await steer.hold(
        doing.visitor.runtime,
        doing.activity_id,
        doing.reason(),
        now=doing.now,
        actor=doing.actor,
        until=until,
        tells_host=doing.posted.one("tells_host") == "yes",
    )


async def _resume_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.line.status is not ActivityStatus.ON_HOLD:
        return None
    return Small(
        title=Text(nl="Ga verder", en="Go on"),
        button=Text(nl="Ga verder", en="Go on"),
        lead=Text(
            nl="Is er een andere datum? Kies die eerst. Daarna gaat alles verder waar het was.",
            en="Is there another date? Choose that first. Then everything goes on where it was.",
        ),
        happens=await _said_of_resumption(visitor, detail),
    )


async def _said_of_resumption(visitor: Visitor, detail: ActivityDetail) -> tuple[Text, ...]:
    runtime = visitor.runtime
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, detail.line.id)
        return await said_of_resumption(session, loaded, await runtime.clock.now(session))


async def _resume(doing: Doing) -> None:
    await steer.resume(doing.visitor.runtime, doing.activity_id, now=doing.now, actor=doing.actor)


async def _begin_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target or detail.line.status is not ActivityStatus.CONCEPT:
        return None
    runtime = visitor.runtime
    async with runtime.store.read() as session:
        now = await runtime.clock.now(session)
        cooling = await cooling_of_activity(session, runtime.settings, detail.line.id, now)
    return Small(
        title=Text(nl="Begin de activiteit", en="Begin the activity"),
        button=Text(nl="Begin", en="Begin"),
        lead=Text(
            nl="Kijk eerst of iedereen erbij staat: de docenten, en wie hen ontvangt.",
            en="Check first that everybody is there: the teachers, and whoever receives them.",
        ),
        happens=(_REQUESTS if detail.receives is Host.NOBODY else _ASKS_HOST.filled(receiver=detail.receiver),),
        context={"cooling": cooling, "owners": Asking(visitor.who.person_id).needs_owner(cooling)},
    )


_REQUESTS = Text(nl="De eerste vragen gaan uit, elk op zijn moment.", en="The first questions go out in their turn.")
_ASKS_HOST = Text(
    nl="De contactpersoon van {receiver} krijgt het verzoek met de voorgestelde datums.",
    en="The contact person of {receiver} gets the request with the proposed dates.",
)


async def _begin(doing: Doing) -> None:
    asking = Asking(doing.actor, text_of(doing.posted, "why"), doing.posted.one("agrees") == "yes")
    await start.begin(doing.visitor.runtime, doing.activity_id, now=doing.now, actor=doing.actor, asking=asking)


async def _cancel_page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target:
        return None
    _refuse_ended(detail)
    runtime = visitor.runtime
    effects = await foresee_cancelling(runtime, detail.line.id, now=await runtime.clock.now())
    return Small(
        title=Text(nl="Annuleer de activiteit", en="Cancel the activity"),
        button=Text(nl="Annuleer", en="Cancel it"),
        is_danger=True,
        asks_reason=True,
        happens=(
            *in_words(effects, ZoneInfo(runtime.settings.timezone)),
            Text(nl="Er wordt niets meer gevraagd.", en="Nothing more is asked."),
            Text(
                nl="Dit is niet terug te draaien. Twijfel je? Stel dan uit.",
                en="This cannot be undone. In doubt? Put it on hold instead.",
            ),
        ),
    )


async def _cancel(doing: Doing) -> None:
    await steer.cancel(doing.visitor.runtime, doing.activity_id, doing.reason(), now=doing.now, actor=doing.actor)


COURSE = {
    "fix-date": Action(_fix_page, _fix, "fix-date.html"),
    "move": Action(_move_page, _move, "move.html"),
    "hold": Action(_hold_page, _hold, "hold.html"),
    "resume": Action(_resume_page, _resume),
    "begin": Action(_begin_page, _begin, "begin.html"),
    "cancel": Action(_cancel_page, _cancel),
}
"""What can be done to the date and the course, by the last part of its address."""
