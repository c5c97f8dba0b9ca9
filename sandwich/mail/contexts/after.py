"""What the mails of the day and afterwards say: thanks, looking back, sharing, and what came of it."""

from datetime import date, datetime

from pydantic import Field
from sqlalchemy import select

from models.roles import Demand
from models.tables.activities import PlanStep, PlaybookVersion
from models.tables.network import School
from models.tables.results import CardState
from models.text import Text
from sandwich.mail.case import Case, asked, common
from sandwich.mail.contexts.before import purpose_of
from sandwich.mail.contexts.parts import (
    ActivityContext,
    AskContext,
    Figure,
    OwnGoal,
    Quote,
    Row,
    Tally,
    Teller,
)
from sandwich.services.card import Card, read_card
from sandwich.services.card_content import MATERIALS, PHOTOS, CardPart, card_of, current_impressions
from sandwich.services.meetings import meetings_of
from sandwich.services.release_preview import Aside, AsideLine, look
from sandwich.services.result_views import Evaluated, Scale
from sandwich.services.results import company_hours, evaluated, host_words, impact, open_questions, own_result
from sandwich.services.told import Said
from sandwich.services.wall import wishes_of

MANY_QUOTES = 4
REPORTED = {
    "overall": Text(nl="Tevreden over het geheel", en="Content with it as a whole"),
    "exec_ok": Text(nl="Het programma paste bij de leervragen", en="The programme fitted what they wanted to learn"),
    "host_ok": Text(nl="Goede begeleiding", en="Good guidance"),
    "tasks_ok": Text(nl="De taakverdeling is nagekomen", en="The task division was kept"),
    "insp": Text(nl="Inspiratie voor het vak", en="Inspired for their subject"),
    "good_use": Text(nl="Goed bestede tijd", en="Time well spent"),
}
"""The figures that are told, in this order and in these words; the form asks more."""

_ON_THE_CARD = {
    "headline": Text(nl="Titel", en="Headline"),
    "insight_1": Text(nl="Wat collega's moeten weten", en="What colleagues should know"),
    "insight_2": Text(nl="Wat collega's moeten weten", en="What colleagues should know"),
    "insight_3": Text(nl="Wat collega's moeten weten", en="What colleagues should know"),
    PHOTOS: Text(nl="Foto, alleen als u daar ja op zegt", en="Photo, only if you say yes to that"),
    MATERIALS: Text(nl="Bestand", en="File"),
}
_ON_REQUEST = Text(nl="alleen de naam; wie het wil hebben, vraagt het aan de maker", en="only its name; ask the maker")
_WHY = {
    Aside.ONE_SCHOOL: Text(nl="alleen voor {school}", en="for {school} only"),
    Aside.NO_ROOM: Text(nl="niet op de kaart, er is geen plaats", en="not on the card, there is no room"),
    Aside.LEFT_OUT: Text(nl="weggelaten, zoals u vroeg", en="left out, as you asked"),
}


class ThankYouContext(ActivityContext):
    """M11: thanks, and when the host hears what came of it."""

    feedback_at: datetime | None


class HostPreviewContext(AskContext):
    """M15: the card as the wall will show it; ``beside``: what is not on it, and why.

    ``school``: the only one that reads it; without one it goes to all schools of the region. ``is_addition``: the host
    is asked again, about what was added. ``is_pressing``: an author says that the host must look at something in it.
    """

    school: str | None
    parts: tuple[Row, ...]
    beside: tuple[Row, ...]
    has_photos: bool
    is_addition: bool
    is_pressing: bool


class CardContext(ActivityContext):
    """M16: the card, and where it stands."""

    link: str
    school: str
    headline: str | None
    insights: tuple[str, ...]
    use_lesson: str | None
    is_restricted: bool
    has_materials: bool


class CardWithdrawnContext(ActivityContext):
    """M16 for the participants: the card is off the wall; ``by_host``: because the company took its word back."""

    by_host: bool


class WishContext(ActivityContext):
    """F21 for an author of the card: what colleagues would still like to know."""

    wall: str | None
    wishes: tuple[str, ...]


class FeedbackContext(ActivityContext):
    """What the three mails M17 share: how many answered, figures, released words, plans."""

    asked: int
    answered: int
    figures: tuple[Figure, ...]
    goals_reached: str | None
    quotes: tuple[Quote, ...]
    plans: tuple[Tally, ...]


class FeedbackHostContext(FeedbackContext):
    """M17 for the host: also what stayed open, and the hours."""

    open_questions: tuple[str, ...]
    headline: str | None
    hours: float
    hours_confirmed: bool


class FeedbackParticipantContext(FeedbackContext):
    """M17 for a participant: also the own goals and plans, which nobody else reads."""

    link: str
    wall: str | None
    own_goals: tuple[OwnGoal, ...]
    own_plans: tuple[str, ...]
    own_hours: float
    host_quotes: tuple[Quote, ...]


class FeedbackSchoolLeaderContext(FeedbackContext):
    """M17 for a school leader: half a page. ``slots``: days on which it has ten minutes; ``tellers``: who tells it."""

    purpose: str
    slots: tuple[date, ...]
    tellers: tuple[Teller, ...]
    wall: str | None
    headline: str | None


class ImpactCheckContext(AskContext):
    """M18: with the plans that this person had."""

    plans: tuple[str, ...]
    plan_on: date | None


class ResultContext(ActivityContext):
    """M19: what it led to in class."""

    answered: int
    examples: tuple[Quote, ...]
    carried_out: int | None = Field(default=None, ge=0)
    plans: int = Field(ge=0)
    pupils: int | None = Field(default=None, ge=0)
    colleagues: int | None = Field(default=None, ge=0)
    hours: float


async def thank_you(case: Case) -> ThankYouContext:
    """Word M11."""
    activity = case.own_activity()
    stored = await case.session.get_one(PlaybookVersion, activity.playbook_digest)
    steps = [step["key"] for step in stored.definition["steps"] if step.get("demand") == Demand.FEEDBACK]
    planned = await case.session.scalar(
        select(PlanStep.due_at).where(PlanStep.activity_id == activity.id, PlanStep.step.in_(steps))
    )
    return ThankYouContext(**common(case), feedback_at=planned)


async def host_preview(case: Case) -> HostPreviewContext:
    """Word M15."""
    activity_id = case.own_activity().id
    shown = await look(case.session, activity_id)
    card = await card_of(case.session, activity_id)
    beside = [one.part for one in shown.beside]
    return HostPreviewContext(
        **asked(case),
        school=shown.school,
        parts=tuple(Row(label=_card_label(case, part), value=part.text) for part in shown.card.parts),
        beside=tuple(Row(label=_beside_label(case, one), value=one.part.text) for one in shown.beside),
        has_photos=any(part.question == PHOTOS for part in (*shown.card.parts, *beside)),
        is_addition=card is not None and card.published_at is not None,
        is_pressing=any(row.answers.get("host_check") for row in await current_impressions(case.session, activity_id)),
    )


def _card_label(case: Case, part: CardPart) -> str:
    words = _ON_THE_CARD.get(part.question, part.label)
    return case.words(words) if not part.on_request else f"{case.words(words)} ({case.words(_ON_REQUEST)})"


def _beside_label(case: Case, line: AsideLine) -> str:
    return f"{_card_label(case, line.part)} – {case.words(_WHY[line.why].filled(school=line.school))}"


async def new_card(case: Case) -> CardContext:
    """Word M16 for the colleagues of one school."""
    card = await read_card(case.session, case.own_activity().id, school_id=case.person.school_id)
    school = await case.session.get(School, case.person.school_id) if case.person.school_id else None
    wall = await _wall(case)
    if card is None or school is None or wall is None:
        raise case.lacks("impression card of a school")
    return CardContext(
        **common(case),
        link=wall,
        school=school.name,
        headline=card.headline,
        insights=card.insights,
        use_lesson=next(iter(card.use_lesson), None),
        is_restricted=card.is_restricted,
        has_materials=bool(card.materials),
    )


async def card_withdrawn(case: Case) -> CardWithdrawnContext:
    """Word what a participant hears when the card is taken off the wall."""
    return CardWithdrawnContext(**common(case), by_host=bool(case.about.get("by_host")))


async def colleague_wish(case: Case) -> WishContext:
    """Word what colleagues of one day would like to know."""
    since, until = (datetime.fromisoformat(str(case.about[name])) for name in ("since", "until"))
    return WishContext(
        **common(case),
        wall=await _wall(case),
        wishes=await wishes_of(case.session, case.own_activity().id, since, until),
    )


async def feedback_host(case: Case) -> FeedbackHostContext:
    """Word M17 for the host."""
    activity_id = case.own_activity().id
    hours = await company_hours(case.session, activity_id, case.person)
    card = await read_card(case.session, activity_id)
    return FeedbackHostContext(
        **await _feedback(case),
        open_questions=await open_questions(case.session, activity_id),
        headline=_shared_headline(card),
        hours=hours.total,
        hours_confirmed=hours.confirmed,
    )


async def feedback_participant(case: Case) -> FeedbackParticipantContext:
    """Word M17 for a participant."""
    own = await own_result(case.session, case.own_participation().id)
    return FeedbackParticipantContext(
        **await _feedback(case),
        link=case.link(),
        wall=await _wall(case),
        own_goals=tuple(
            OwnGoal(text=text, result=case.words(result) if result else None) for text, result in own.goals
        ),
        own_plans=tuple(case.words(plan) for plan in own.plans),
        own_hours=own.hours,
        host_quotes=_quotes(await host_words(case.session, case.own_activity().id)),
    )


async def feedback_school_leader(case: Case) -> FeedbackSchoolLeaderContext:
    """Word M17 for a school leader."""
    card = await read_card(case.session, case.own_activity().id, school_id=case.person.school_id)
    meetings = await meetings_of(case.session, case.own_activity().id)
    own = [one for one in meetings if one.school_id == case.person.school_id]
    return FeedbackSchoolLeaderContext(
        **await _feedback(case),
        purpose=purpose_of(case),
        wall=await _wall(case),
        headline=_shared_headline(card),
        slots=tuple(dict.fromkeys(one.on for one in own if one.is_slot and one.on is not None)),
        tellers=tuple(Teller(name=one.who, on=one.on) for one in own if not one.is_slot),
    )


async def impact_check(case: Case) -> ImpactCheckContext:
    """Word M18."""
    own = await own_result(case.session, case.own_participation().id)
    return ImpactCheckContext(**asked(case), plans=tuple(case.words(plan) for plan in own.plans), plan_on=own.plan_on)


async def result_to_host(case: Case) -> ResultContext:
    """Word M19."""
    found = await impact(case.session, case.own_activity().id)
    hours = await company_hours(case.session, case.own_activity().id, case.person)
    return ResultContext(
        **common(case),
        answered=found.answered,
        examples=_quotes(found.examples),
        carried_out=found.carried_out,
        plans=found.plans,
        pupils=found.pupils,
        colleagues=found.colleagues,
        hours=hours.total,
    )


async def _feedback(case: Case) -> dict[str, object]:
    found = await evaluated(case.session, case.own_activity().id)
    return {
        **common(case),
        "asked": found.asked,
        "answered": found.answered,
        "figures": _figures(case, found),
        "goals_reached": case.words(found.goals_reached.words)
        if found.goals_reached is not None and found.goals_reached.words is not None
        else None,
        "quotes": _quotes(found.quotes),
        "plans": tuple(Tally(label=case.words(label), count=count) for label, count in found.plans),
    }


def _figures(case: Case, found: Evaluated) -> tuple[Figure, ...]:
    scales: dict[str, Scale] = {scale.key: scale for scale in found.scales}
    return tuple(
        Figure(label=case.words(REPORTED[key]), said=case.words(scale.words), count=scale.count)
        for key in REPORTED
        if (scale := scales.get(key)) is not None and scale.words is not None
    )


def _quotes(said: tuple[Said, ...]) -> tuple[Quote, ...]:
    return tuple(Quote(text=one.text, name=one.name) for one in list(dict.fromkeys(said))[:MANY_QUOTES])


def _shared_headline(card: Card | None) -> str | None:
    return card.headline if card is not None and card.published_at is not None else None


async def _wall(case: Case) -> str | None:
    """Return where the card stands for the reader's school; ``None`` where it has nothing to read there."""
    school = await case.session.get(School, case.person.school_id) if case.person.school_id else None
    card = await read_card(case.session, case.own_activity().id, school_id=school.id) if school else None
    if school is None or card is None or card.is_empty or card.state is not CardState.PUBLISHED:
        return None
    return case.address(f"/wall/{school.wall_key}/{case.own_activity().id}")
