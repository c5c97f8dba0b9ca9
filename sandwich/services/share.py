"""The impression card: compose it, let the host look, publish it in the schools, take it back."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ShareScope
from models.tables.results import CardState, ImpressionCard
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services.answers_of import Answers
from sandwich.services.calls import open_call
from sandwich.services.loaded import Loaded, load
from sandwich.services.settle import settle

CARD_FORM = "impressions"
REGION_SCOPES = frozenset({"region", "website"})
"""Answers to "who may see this?" that reach further than the schools that took part."""


async def compose_card(session: AsyncSession, loaded: Loaded, answers: Answers, now: datetime) -> ImpressionCard:
    """Compose the card from the impressions that are in; what it shows are references to answers, no texts."""
    card = await session.scalar(select(ImpressionCard).where(ImpressionCard.activity_id == loaded.activity.id))
    if card is None:
        card = ImpressionCard(activity_id=loaded.activity.id)
        session.add(card)
    impressions = answers.of_form(CARD_FORM)
    card.content = {"submissions": [item.submission.id for item in impressions]}
    scopes = {item.answers.get("scope") for item in impressions}
    widest = bool(scopes) and scopes <= REGION_SCOPES
    card.share_scope = ShareScope.REGION if widest else ShareScope.SCHOOL
    card.state = CardState.PREVIEWED
    card.previewed_at = now
    await session.flush()
    return card


async def take_release(
    session: AsyncSession, loaded: Loaded, person_id: str, answers: dict[str, Any], now: datetime
) -> None:
    """Take the host's word on the card: share it, share it without some parts, or not yet."""
    card = await session.scalar(select(ImpressionCard).where(ImpressionCard.activity_id == loaded.activity.id))
    if card is None or card.state is CardState.WITHDRAWN:
        return
    card.host_remark = answers.get("confidential") or None
    card.released_by_id = person_id
    if answers.get("release") == "refused":
        if card.state is CardState.PUBLISHED:
            await _withdraw(session, loaded.activity, card, now)
        else:
            card.state = CardState.OBJECTED
        await open_call(
            session,
            loaded.activity,
            "card-objected",
            key=f"{loaded.activity.id}:card-objected",
            now=now,
            step="host-preview",
            person_id=person_id,
        )
        return
    card.confidential = [row["row"] for row in answers.get("parts") or [] if row.get("share") == "leave-out"]
    card.is_restricted = False
    card.released_at = now
    if card.state is not CardState.PUBLISHED:
        card.state = CardState.RELEASED


async def publish_card(session: AsyncSession, loaded: Loaded, card: ImpressionCard, now: datetime) -> None:
    """Publish the card. Without a word from the host it stays inside the participants' schools and is restricted:
    no photos of the company, no names of its people, nothing that the task division marks as confidential.
    """
    if card.state is CardState.PREVIEWED:
        card.is_restricted = True
        card.share_scope = ShareScope.SCHOOL
    card.state = CardState.PUBLISHED
    card.published_at = now
    loaded.activity.shared_at = now


async def withdraw_card(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> None:
    """Take a published card off the wall; what was shared before cannot be unseen, and the log says so."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        card = await session.scalar(select(ImpressionCard).where(ImpressionCard.activity_id == activity_id))
        if card is None or card.state is not CardState.PUBLISHED:
            raise BadInput("This card is not on the wall.", "Deze kaart staat niet op de deelmuur.")
        await _withdraw(session, loaded.activity, card, now)
        await settle(session, loaded, now)


async def _withdraw(session: AsyncSession, activity: Activity, card: ImpressionCard, now: datetime) -> None:
    card.state = CardState.WITHDRAWN
    card.withdrawn_at = now
    await session.flush()
