"""The questions with which the parties of an agreement are asked, each when it is their turn."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.negotiates import Negotiates
from models.steps import SAYING, Ask, Step
from models.tables.activities import Participation
from models.tables.agreements import AgreementState
from models.tables.asking import FELL_AWAY, OPEN, Invitation, InvitationState
from sandwich.definitions.library import Library
from sandwich.rules.agreeing import whose_turn
from sandwich.rules.facts import Facts
from sandwich.services.agreements import standing_of, view_of
from sandwich.services.calls import drop_calls
from sandwich.services.invite import ask_person
from sandwich.services.loaded import Loaded

NEW_VERSION = "new-version"
"""The mail that tells a party of a version that it has not seen."""


async def asks_now(session: AsyncSession, loaded: Loaded, step: Step) -> tuple[Ask, ...]:
    """Return what a step asks now: of the parties of an agreement only those whose turn it is."""
    talk = step.agreement
    view = await view_of(session, loaded.activity.id, talk.about) if talk else None
    if talk is None or view is None:
        return step.asks_at_once
    is_over = view.agreement.state in {AgreementState.WAIVED, AgreementState.REFUSED}
    turn = () if is_over else whose_turn(talk, await standing_of(session, view, talk))
    return tuple(ask for ask in step.asks if ask.form != talk.form or ask.to not in talk.parties or ask.to in turn)


async def newest_ask(
    session: AsyncSession, step: Step, talk: Negotiates, participation: Participation
) -> Invitation | None:
    """Return what somebody was asked last about an agreement."""
    found: Invitation | None = await session.scalar(
        select(Invitation)
        .where(
            Invitation.participation_id == participation.id,
            Invitation.step == step.key,
            Invitation.form == talk.form,
            Invitation.state.not_in(FELL_AWAY),
        )
        .order_by(Invitation.occurrence.desc())
        .limit(1)
    )
    return found


async def ask_party(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    step: Step,
    ask: Ask,
    participation: Participation,
    newest: Invitation | None,
    now: datetime,
) -> None:
    """Ask a party; whoever was asked before hears that there is a new version, where the mail has no words for that."""
    if newest is not None and ask.mail in SAYING:
        ask = ask.model_copy(update={"mail": NEW_VERSION, "say": None})
    occurrence = newest.occurrence + 1 if newest is not None else None
    await ask_person(
        session, library, loaded, step, ask, participation, Facts(), now, occurrence=occurrence, is_urgent=True
    )


async def close_ask(session: AsyncSession, invitation: Invitation | None, now: datetime) -> None:
    """Stop asking; a late answer still counts."""
    if invitation is not None and invitation.state in OPEN:
        invitation.state, invitation.next_at = InvitationState.CLOSED, None
        await drop_calls(session, invitation.id, now)


async def close_asks(session: AsyncSession, loaded: Loaded, step: Step, talk: Negotiates, now: datetime) -> None:
    """Stop asking every party; late answers still count."""
    for role in talk.parties:
        for participation in loaded.in_role(role):
            await close_ask(session, await newest_ask(session, step, talk, participation), now)
