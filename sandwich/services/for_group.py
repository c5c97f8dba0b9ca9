"""Nobody shared impressions: a card from what the participants released, published in the name of the group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.roles import Role
from models.steps import Ask, Step
from models.tables.activities import Participation
from models.tables.asking import Invitation, InvitationState
from models.text import Language, Text
from sandwich.errors import BadInput
from sandwich.rules.answers import as_fields, read_answers
from sandwich.rules.figures.shape import FEWEST
from sandwich.runtime import Runtime
from sandwich.services.asking import form_of
from sandwich.services.card_content import CARD_FORM
from sandwich.services.collect import submit
from sandwich.services.invite import keep_form
from sandwich.services.loaded import Loaded, load
from sandwich.services.results import EVALUATION, NOTE
from sandwich.services.steering import refuse_ended, steering
from sandwich.services.told import Told, counted, plain, read_told

_NOTED = ("saw", "colleague_link")
_HEADLINE = Text(nl="Dit namen wij mee van {what}", en="This is what we took home from {what}")
_PLANS = Text(nl="Dit gaan wij ermee doen: {plans}.", en="This is what we will do with it: {plans}.")
_ASK_US = Text(nl="Vraag het aan wie erbij was.", en="Ask whoever was there.")
_PRIVATE: dict[str, str | bool] = {"contact_share": False, "scope": "school", "host_check": False}
"""The group has no mailbox, and its card goes no further than the schools of those who took part."""


@dataclass(frozen=True)
class DraftLine:
    """One line of the draft: what was asked, and what the card would say."""

    label: Text
    text: str


@dataclass(frozen=True)
class GroupDraft:
    """What the card would say; ``answers`` are those to the form for impressions."""

    lines: tuple[DraftLine, ...]
    answers: dict[str, str | bool]


async def draft_card(runtime: Runtime, activity_id: str) -> GroupDraft | None:
    """Return the draft; ``None`` where somebody shared, or nobody released a word."""
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        found = _asking(loaded)
        if found is None:
            return None
        form = runtime.library.resolved(CARD_FORM, found[1].variant)
        return await _draft(session, loaded, form, runtime.settings.language)


async def publish_for_group(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> None:
    """Send the draft as the group's impressions, by its coordinator: the host looks first, as always.

    Raises ``BadInput`` where there is nothing to send, or a form wants what only a person can give.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        found, coordinator = _asking(loaded), next(iter(loaded.in_role(Role.COORDINATOR)), None)
        if found is None or coordinator is None:
            raise nothing_to_publish()
        invitation = await _invite(session, runtime, loaded, *found, coordinator, now)
        form = await form_of(session, invitation.form_digest)
        draft = await _draft(session, loaded, form, runtime.settings.language)
        if draft is None:
            raise nothing_to_publish()
        posted = as_fields(form, dict(draft.answers), {}, loaded.persons[coordinator.person_id].language)
        if read_answers(form, posted, {}, runtime.settings.language).problems:
            raise BadInput(
                "This card needs more than words, such as a file. Ask somebody of the group for it.",
                "Deze kaart heeft meer nodig dan woorden, zoals een bestand. Vraag iemand uit de groep erom.",
            )
    await submit(
        runtime,
        invitation.id,
        posted,
        now=now,
        key="for-group",
        entered_by=coordinator.person_id,
        looked=True,  # what is doubtful in it waits for the coordinator, as in any other card
    )


def nothing_to_publish() -> BadInput:
    """Return what to say where the group has nothing to share, or somebody has shared already."""
    return BadInput(
        "There is nothing to publish: somebody has shared already, or nobody released a word. Ask one of the group.",
        "Er is niets te publiceren: er is al gedeeld, of niemand gaf woorden vrij. Vraag iemand uit de groep erom.",
    )


def _asking(loaded: Loaded) -> tuple[Step, Ask] | None:
    """Return the step that asks for impressions."""
    return next(((step, ask) for step in loaded.playbook.steps for ask in step.asks if ask.form == CARD_FORM), None)


async def _invite(
    session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, ask: Ask, who: Participation, now: datetime
) -> Invitation:
    """Return the invitation that the coordinator answers for the group; nobody is mailed about it."""
    known: Invitation | None = await session.scalar(
        select(Invitation).where(Invitation.step == step.key, Invitation.participation_id == who.id)
    )
    if known is not None:
        return known
    invitation = Invitation(
        activity_id=loaded.activity.id,
        step=step.key,
        form=CARD_FORM,
        variant=ask.variant,
        form_digest=await keep_form(session, runtime.library, CARD_FORM, ask.variant),
        participation_id=who.id,
        mail=ask.mail,
        asked_at=now,
        profile=ask.remind,
        state=InvitationState.SENT,
    )
    session.add(invitation)
    await session.flush()
    return invitation


async def _draft(session: AsyncSession, loaded: Loaded, form: Form, language: Language) -> GroupDraft | None:
    told = await read_told(session, loaded.activity.id)
    if told.answers.of_form(CARD_FORM):
        return None
    insights = list(dict.fromkeys(_insights(told)))[:3]
    if not insights:
        return None
    said: dict[str, str | bool] = {
        "headline": _HEADLINE.filled(what=loaded.host or loaded.activity.title).to(language)[:90],
        **{f"insight_{number}": text for number, text in enumerate(insights, start=1)},
        "use_lesson": _for_class(told, language),
    }
    asked = {question.key: question for question in form.questions}
    lines = [DraftLine(asked[key].label, str(text)) for key, text in said.items() if key in asked]
    said |= _PRIVATE
    answers = {key: value for key, value in said.items() if key in asked}
    return GroupDraft(tuple(lines), answers)


def _released(told: Told) -> frozenset[str]:
    """Return whose words may be used, by participation."""
    return frozenset(
        item.participation.id
        for item in told.of(EVALUATION)
        if item.answers.get("quote_ok") in {"with-name", "without-name"}
    )


def _insights(told: Told) -> Iterator[str]:
    """Yield what may stand on the card: what was seen, what was best, what colleagues can use."""
    may = _released(told)
    for form, questions in ((NOTE, _NOTED[:1]), (EVALUATION, ("best",)), (NOTE, _NOTED[1:])):
        for item in told.of(form):
            for key in questions if item.participation.id in may else ():
                if text := plain(item.answers.get(key)):
                    yield text[:300]


def _for_class(told: Told, language: Language) -> str:
    """Return how it can be used in class: what they wrote, else what the group plans, counted over enough people."""
    may = _released(told)
    written = [plain(item.answers.get("lesson_link")) for item in told.of(NOTE) if item.participation.id in may]
    if lines := list(dict.fromkeys(filter(None, written))):
        return "\n".join(lines)[:1500]
    answers = told.of(EVALUATION)
    plans: Sequence[tuple[Text, int]] = counted(told, answers, "plan_what") if len(answers) >= FEWEST else ()
    if not plans:
        return _ASK_US.to(language)
    return _PLANS.filled(plans=", ".join(f"{label.to(language)} ({count})" for label, count in plans)).to(language)
