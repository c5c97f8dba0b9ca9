"""Impressions that came in, or were changed, after the host looked: they wait until the host is asked again.

``ImpressionCard.content`` names the submissions that stand on the card, those of them that are ``restricted`` because
the host kept silent, and, while the host is asked again, those that it is ``asked`` about.
"""

from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.steps import Ask, Capability, Step
from models.tables.activities import ActivityStatus
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState
from models.tables.results import CardState, ImpressionCard
from sandwich.errors import BadInput
from sandwich.rules.moments import deadline_at, due_at
from sandwich.runtime import Runtime
from sandwich.services.calls import CHECK_WORDS, open_call, waits_for_a_look
from sandwich.services.card import RELEASE
from sandwich.services.card_content import card_of, current_impressions
from sandwich.services.card_index import index_card
from sandwich.services.facts import gather
from sandwich.services.invite import ask_person
from sandwich.services.loaded import Loaded
from sandwich.services.steering import finish_calls, steering

ADDITION = "card-addition"
"""What a call is about when impressions wait for the host."""

SILENCE = 5
"""Working days that the host has at least (field rule 16)."""


async def waiting(session: AsyncSession, card: ImpressionCard) -> list[str]:
    """Return the impressions that wait: not on the card, and the host is not being asked about them."""
    if card.state is not CardState.PUBLISHED:
        return []
    known = {*card.content.get("submissions", []), *card.content.get("asked", [])}
    return [row.id for row in await current_impressions(session, card.activity_id) if row.id not in known]


async def call_about_addition(session: AsyncSession, loaded: Loaded, card: ImpressionCard, now: datetime) -> None:
    """Let the coordinator know that impressions wait, where that was not told yet."""
    calls = list(
        await session.scalars(select(Call).where(Call.activity_id == loaded.activity.id, Call.what == ADDITION))
    )
    if await waiting(session, card) and all(call.state is not CallState.OPEN for call in calls):
        await open_call(
            session,
            loaded.activity,
            ADDITION,
            key=f"{loaded.activity.id}:{ADDITION}:{len(calls) + 1}",
            now=now,
            step=_release(loaded)[0].key,
        )


async def ask_host_again(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> None:
    """Ask the host about what waits, with an invitation of its own; silence counts from now on once more."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        card = await card_of(session, activity_id)
        if loaded.activity.status is ActivityStatus.CANCELLED or card is None or not await waiting(session, card):
            raise BadInput(
                "Nothing is left to look at: everything on the card has been seen by whoever received.",
                "Er is niets meer te bekijken: wie ontving heeft alles gezien wat op de kaart staat.",
            )
        if await waits_for_a_look(session, [activity_id], CHECK_WORDS):
            raise BadInput(
                "There is doubt about words on the card. Look at those first.",
                "Er is twijfel over woorden op de kaart. Bekijk die eerst.",
            )
        step, ask = _release(loaded)
        hosts = loaded.in_role(ask.to, ask.among)
        if not hosts:
            raise BadInput(
                "There is no contact person to ask. Add one first.",
                "Er is geen contactpersoon om het te vragen. Voeg die eerst toe.",
            )
        await forget_asking(session, card, now)
        asked = list(
            await session.scalars(
                select(Invitation).where(Invitation.activity_id == activity_id, Invitation.form == RELEASE)
            )
        )
        for earlier in asked:
            if earlier.state in OPEN:
                earlier.state, earlier.next_at = InvitationState.CLOSED, None
        number = max((earlier.occurrence for earlier in asked), default=0) + 1
        facts = await gather(session, loaded, now)
        ends_at = now
        for host in hosts:
            for new in await ask_person(
                session, runtime.library, loaded, step, ask, host, facts, now, occurrence=number
            ):
                calendar = loaded.calendar_of(host)
                least = calendar.at(calendar.count(calendar.day_of(new.asked_at), SILENCE), time(0, 0))
                again = loaded.dates_from(step, new.asked_at)
                own = deadline_at(ask.deadline, again, calendar, before=False) if ask.deadline else None
                new.deadline_at = max(own or least, least)
                over = due_at(_publishing(loaded), again, loaded.calendars)
                ends_at = max(ends_at, new.deadline_at, over or new.deadline_at)
        card.content = {
            **card.content,
            "asked": [row.id for row in await current_impressions(session, activity_id)],
        }
        session.add(
            Call(
                key=f"{activity_id}:card-silence:{number}",
                activity_id=activity_id,
                what=ADDITION,
                step=step.key,
                unless="card_settled",
                does=Capability.SHARE_ADDITION,
                state=CallState.PLANNED,
                due_at=ends_at,
            )
        )
        await finish_calls(session, loaded, {ADDITION}, actor, now)


async def share_addition(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """The host kept silent about an addition: the card has it, restricted (field rule 16)."""
    card = await card_of(session, loaded.activity.id)
    if card is None or card.state is not CardState.PUBLISHED or not card.content.get("asked"):
        return
    asked, before = card.content["asked"], card.content.get("submissions", [])
    restricted = card.content.get("restricted", before) if card.is_restricted else []
    card.content = {
        "submissions": asked,
        "restricted": [key for key in asked if key not in before or key in restricted],
    }
    card.is_restricted = bool(card.content["restricted"])
    await index_card(session, loaded.activity.id)
    await call_about_addition(session, loaded, card, now)


async def forget_asking(session: AsyncSession, card: ImpressionCard, now: datetime) -> None:
    """The host spoke, or is asked anew: what was planned for its silence, and the call about it, are over."""
    card.content = {key: value for key, value in card.content.items() if key != "asked"}
    for call in await session.scalars(
        select(Call).where(
            Call.activity_id == card.activity_id,
            Call.what == ADDITION,
            Call.state.in_([CallState.OPEN, CallState.PLANNED]),
        )
    ):
        call.state, call.done_at = CallState.DROPPED, now


def _release(loaded: Loaded) -> tuple[Step, Ask]:
    """Return the step that asks the host about the card."""
    return next((step, ask) for step in loaded.playbook.steps for ask in step.asks if ask.form == RELEASE)


def _publishing(loaded: Loaded) -> Step:
    return next(step for step in loaded.playbook.steps if step.does is Capability.PUBLISH_CARD)
