"""What the mails of the day and afterwards say: thanks, looking back, and what came of it."""

from datetime import date, datetime

from pydantic import Field
from sqlalchemy import select

from models.roles import Demand, Role
from models.steps import Among
from models.tables.activities import PlanStep, PlaybookVersion
from models.text import Text
from sandwich.mail.case import Case, asked, common
from sandwich.mail.contexts.before import purpose_of
from sandwich.mail.contexts.parts import (
    ActivityContext,
    AskContext,
    Figure,
    OwnGoal,
    Quote,
    Tally,
    Teller,
)
from sandwich.mail.contexts.sharing import wall_of
from sandwich.services.card import Card, read_card
from sandwich.services.loaded import load
from sandwich.services.meetings import meetings_of
from sandwich.services.result_views import Evaluated, Scale
from sandwich.services.results import company_hours, evaluated, host_words, impact, open_questions, own_result
from sandwich.services.told import Said

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


class ThankYouContext(ActivityContext):
    """M11: thanks, and when the host hears what came of it."""

    feedback_at: datetime | None


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
    """Word M11: for those who came, not for the number that was agreed."""
    activity = case.own_activity()
    loaded = await load(case.session, case.settings.timezone, activity.id)
    came = len(loaded.in_role(Role.TEACHER, Among.PRESENT))
    stored = await case.session.get_one(PlaybookVersion, activity.playbook_digest)
    steps = [step["key"] for step in stored.definition["steps"] if step.get("demand") == Demand.FEEDBACK]
    planned = await case.session.scalar(
        select(PlanStep.due_at).where(PlanStep.activity_id == activity.id, PlanStep.step.in_(steps))
    )
    values = common(case)
    return ThankYouContext(**values | {"group_size": came or values["group_size"]}, feedback_at=planned)


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
        wall=await wall_of(case),
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
        wall=await wall_of(case),
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
