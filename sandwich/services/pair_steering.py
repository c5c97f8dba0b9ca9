"""What a coordinator does with the pairs of a cohort: look at them, make one by hand, take one apart, match again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Participation
from models.tables.asking import Invitation, Via
from models.tables.pairing import LIVE, Pair, PairState
from sandwich.errors import BadInput
from sandwich.labels import ROLE
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.collect import submit
from sandwich.services.loaded import Loaded
from sandwich.services.pairs import PROPOSAL, ask_offered, end_offer, make_pair, offer_pairs, offers, propose_pairs
from sandwich.services.register import find_person
from sandwich.services.steering import refuse_ended, steering


async def pair_by_hand(
    runtime: Runtime,
    activity_id: str,
    teacher: str,
    professional: str,
    *,
    said_yes: Collection[Role] = (),
    now: datetime,
    actor: str,
) -> None:
    """Make a pair of two people who are free; where pairs are being offered it is offered at once.

    Whoever ``said_yes`` on the phone beforehand, as teacher or as professional, is not asked: that is kept as their
    answer, where pairs are being offered. Raises ``BadInput`` for somebody who has a partner already or does not take
    part as that.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        one = await _free(session, loaded, teacher, Role.TEACHER)
        other = await _free(session, loaded, professional, Role.PROFESSIONAL)
        pair = await make_pair(session, loaded, one.id, other.id, now)
        await _offer(session, runtime, loaded, now)
        sides = {Role.TEACHER: one.id, Role.PROFESSIONAL: other.id}
        phoned = list(
            await session.scalars(
                select(Invitation.id).where(
                    Invitation.activity_id == activity_id,
                    Invitation.form == PROPOSAL,
                    Invitation.occurrence == pair.number,
                    Invitation.participation_id.in_([sides[role] for role in said_yes]),
                )
            )
        )
    for invitation_id in phoned:
        answer = {"accept": ["yes"]}
        await submit(runtime, invitation_id, answer, now=now, key=invitation_id, via=Via.PHONE, entered_by=actor)


async def take_pair_apart(runtime: Runtime, activity_id: str, number: int, *, now: datetime, actor: str) -> None:
    """Let a pair be no more: what it was asked falls away. Raises ``BadInput`` for one that is over or has begun."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        pair = next((one for one in loaded.in_pairs(*LIVE) if one.number == number), None)
        if pair is None:
            raise BadInput(f"There is no pair {number} that goes on.", f"Er is geen koppel {number} dat doorgaat.")
        if pair.part_id is not None:
            raise BadInput(
                "This pair has begun. Cancel its own activity instead.",
                "Dit koppel is begonnen. Annuleer de eigen activiteit van het koppel.",
            )
        await _drop(session, loaded, pair, now)


async def match_again(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> int:
    """Match everybody who has no partner; returns how many pairs were found."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        found = await propose_pairs(session, loaded, now)
        await _offer(session, runtime, loaded, now)
        return len(found)


async def _offer(session: AsyncSession, runtime: Runtime, loaded: Loaded, now: datetime) -> None:
    if offers(loaded):
        offer_pairs(loaded)
        await ask_offered(session, runtime.library, loaded, now)


async def _drop(session: AsyncSession, loaded: Loaded, pair: Pair, now: datetime) -> None:
    pair.state = PairState.DROPPED
    await end_offer(session, loaded, pair, now)


async def _free(session: AsyncSession, loaded: Loaded, ref: str, role: Role) -> Participation:
    person = await find_person(session, ref)
    name = full_name(person)
    found = next((item for item in loaded.in_role(role) if item.person_id == person.id), None)
    if found is None:
        raise BadInput(f"{name} takes no part as {ROLE[role].en}.", f"{name} doet niet mee als {ROLE[role].nl}.")
    if any(found.id in pair.people for pair in loaded.in_pairs(*LIVE)):
        raise BadInput(
            f"{name} has a partner already. Take that pair apart first.",
            f"{name} heeft al een partner. Haal dat koppel eerst uit elkaar.",
        )
    return found
