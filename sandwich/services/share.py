"""The impression card: compose it, let the host look, publish it in the schools, take it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.asking import Invitation, Submission
from models.tables.results import CardState, ImpressionCard, ShareScope
from sandwich.errors import BadInput
from sandwich.rules.slots import Pace
from sandwich.runtime import Runtime
from sandwich.services.additions import call_about_addition, forget_asking
from sandwich.services.calls import open_call
from sandwich.services.card import shown_to_host
from sandwich.services.card_content import REGION_SCOPES, card_of, current_impressions
from sandwich.services.card_index import index_card
from sandwich.services.doubts import check_words
from sandwich.services.loaded import Loaded, load
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.settle import settle
from sandwich.services.uploads import remove_photos

WITHDRAWN = "card-withdrawn"
"""The mail to the participants about a card that was taken off the wall."""


async def compose_card(session: AsyncSession, loaded: Loaded, now: datetime) -> ImpressionCard:
    """Compose the card from the impressions that are in; what it shows are references to answers, no texts."""
    card = await card_of(session, loaded.activity.id)
    if card is None:
        card = ImpressionCard(activity_id=loaded.activity.id)
        session.add(card)
    _take_in(card, await current_impressions(session, loaded.activity.id))
    card.state = CardState.PREVIEWED
    card.previewed_at = now
    await session.flush()
    return card


async def take_impressions(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Impressions came in or were changed: what the host has not seen waits, what an author takes back goes at once.

    The coordinator looks first at words that had better not stand there.
    """
    await check_words(session, loaded, now)
    card = await card_of(session, loaded.activity.id)
    if card is None:
        return
    if card.state is CardState.WITHDRAWN:
        await remove_photos(session, loaded.activity.id)
        return
    if card.share_scope is ShareScope.REGION:
        card.share_scope = _scope(await current_impressions(session, loaded.activity.id))
    if card.state is CardState.PUBLISHED:
        await call_about_addition(session, loaded, card, now)
        await index_card(session, loaded.activity.id)


async def take_release(
    session: AsyncSession,
    loaded: Loaded,
    invitation: Invitation,
    person_id: str,
    answers: dict[str, Any],
    now: datetime,
    submission_id: str | None = None,
) -> None:
    """Take the host's word on the card as it saw it: share it, share it without some parts, or not yet."""
    card = await card_of(session, loaded.activity.id)
    if card is None or card.state is CardState.WITHDRAWN:
        return
    card.host_remark = answers.get("confidential") or None
    card.released_by_id = person_id
    is_addition = bool(card.content.get("asked")) and invitation.occurrence > 1
    await forget_asking(session, card, now)
    if answers.get("release") == "refused":
        if card.state is not CardState.PUBLISHED:
            card.state = CardState.OBJECTED
        elif not (is_addition and card.released_at):
            # What was released before an addition stays: the no is about the addition.
            await _withdraw(session, loaded, card, now, by_host=True)
        await open_call(
            session,
            loaded.activity,
            "card-objected",
            key=f"{loaded.activity.id}:card-objected:{invitation.id}",
            now=now,
            step="host-preview",
            submission_id=submission_id,
            person_id=person_id,
        )
        return
    shown = await shown_to_host(session, loaded.activity.id)
    rows = shown.of_all({row["row"]: row.get("share") for row in answers.get("parts") or []})
    # What was left out stays so until the host says otherwise, also when its author changes the words.
    stays = [key for key in card.confidential if rows.get(key) != "share"]
    card.confidential = list(dict.fromkeys([*stays, *(key for key, said in rows.items() if said == "leave-out")]))
    _take_in(card, await current_impressions(session, loaded.activity.id))
    card.is_restricted = False
    card.released_at = now
    if card.state is not CardState.PUBLISHED:
        card.state = CardState.RELEASED
    await index_card(session, loaded.activity.id)


async def publish_card(session: AsyncSession, loaded: Loaded, card: ImpressionCard, now: datetime) -> None:
    """Publish the card. Without a word from the host it stays inside the participants' schools and is restricted:
    no photos, no files, no names of the company's people, nothing that the task division marks as confidential.
    """
    if card.state is CardState.PREVIEWED:
        card.is_restricted = True
        card.share_scope = ShareScope.SCHOOL
    card.state = CardState.PUBLISHED
    card.published_at = now
    loaded.activity.shared_at = now
    await call_about_addition(session, loaded, card, now)
    await index_card(session, loaded.activity.id)


async def withdraw_card(
    runtime: Runtime, activity_id: str, *, now: datetime, actor: str, by_host: bool = False
) -> None:
    """Take a published card off the wall and tell its participants (field rule 16).

    What was shared before cannot be unseen, and the log says so. ``by_host``: the host took
    its word back, on the phone.
    """
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        card = await card_of(session, activity_id)
        if card is None or card.state is not CardState.PUBLISHED:
            raise BadInput("This card is not on the wall.", "Deze kaart staat niet op de deelmuur.")
        await forget_asking(session, card, now)
        await _withdraw(session, loaded, card, now, by_host=by_host)
        await settle(session, loaded, now)


def _take_in(card: ImpressionCard, impressions: Sequence[Submission]) -> None:
    card.content = {"submissions": [row.id for row in impressions]}
    card.share_scope = _scope(impressions)


def _scope(impressions: Sequence[Submission]) -> ShareScope:
    """How far the card goes at most; how far each author's words go is seen to where it is read."""
    is_for_all = any(row.answers.get("scope") in REGION_SCOPES for row in impressions)
    return ShareScope.REGION if is_for_all else ShareScope.SCHOOL


async def _withdraw(
    session: AsyncSession, loaded: Loaded, card: ImpressionCard, now: datetime, *, by_host: bool
) -> None:
    card.state = CardState.WITHDRAWN
    card.withdrawn_at = now
    await remove_photos(session, card.activity_id)
    await index_card(session, card.activity_id)
    for participation in loaded.in_role(Role.TEACHER):
        await queue(
            session,
            key=f"{card.activity_id}:{WITHDRAWN}:{participation.id}",
            mail=WITHDRAWN,
            person_id=participation.person_id,
            activity_id=card.activity_id,
            participation_id=participation.id,
            about={"by_host": by_host},
            needed_if=NeededIf.ACTIVE,
            due_at=loaded.leaves_at(Pace.ROUTINE, participation, now),
            now=now,
        )
