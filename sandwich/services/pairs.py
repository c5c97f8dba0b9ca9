"""Pairs of a cohort: proposed together, offered to both without a reason being asked, and matched anew after a no."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.steps import Among, Capability
from models.tables.activities import Participation, StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.pairing import Pair, PairState
from sandwich.definitions.library import Library
from sandwich.rules.matching import Left, Matching, Outcome, Proposal, rematch
from sandwich.rules.pairing_errors import CannotPair
from sandwich.rules.slots import Pace
from sandwich.services.answers_of import read_answers_of
from sandwich.services.calls import drop_calls, open_call
from sandwich.services.cohorts import cohort_of
from sandwich.services.facts import gather
from sandwich.services.invite import ask_people
from sandwich.services.loaded import Loaded
from sandwich.services.outbox import NeededIf, queue

PROPOSAL = "pair-proposal"
"""The form with which somebody says yes or no to a partner."""

MATCHES = "matches"
"""The mail in which two people who both said yes get each other's name and addresses."""

_CALLS = {
    Outcome.WAITING: "no-partner",
    Outcome.NOBODY_FITS: "no-partner",
    Outcome.COORDINATOR_PHONES: "partner-by-phone",
}


async def propose_pairs(session: AsyncSession, loaded: Loaded, now: datetime) -> list[Pair]:
    """Propose the best pairs for everybody who has none; the coordinator hears of who is left and why.

    Nobody is asked yet. What cannot be, such as a cohort of one side, is a call and no error.
    """
    try:
        matching = rematch(await cohort_of(session, loaded))
    except CannotPair:
        await open_call(session, loaded.activity, "no-pairs", key=_call_key(loaded, "no-pairs", now), now=now)
        return []
    pairs = [await _add(session, loaded, proposal, now) for proposal in matching.proposals]
    await _tell_of_left(session, loaded, matching, now)
    return pairs


def offer_pairs(loaded: Loaded) -> None:
    """Let the proposed pairs be offered: from now on their people can be asked."""
    for pair in loaded.in_pairs(PairState.PROPOSED):
        pair.state = PairState.OFFERED


async def answer_offer(
    session: AsyncSession, library: Library, loaded: Loaded, invitation: Invitation, *, accepts: bool, now: datetime
) -> Pair | None:
    """Take a yes or no to an offered partner; returns the pair once everybody in it has said yes.

    After a no everybody who is free is matched anew and asked at once. Nobody hears who said what.
    """
    own = invitation.participation_id
    pair = next((one for one in loaded.in_pairs(PairState.OFFERED) if one.number == invitation.occurrence), None)
    if pair is None or own not in pair.people:
        return None
    if accepts:
        if not await _all_accept(session, loaded, pair):
            return None
        pair.state, pair.made_at = PairState.MADE, now
        await tell_pair(session, loaded, pair, now)
        return pair
    _decline(loaded, pair, own)
    if pair.state is PairState.DECLINED:
        await end_offer(session, loaded, pair, now)
    await propose_pairs(session, loaded, now)
    offer_pairs(loaded)
    await ask_offered(session, library, loaded, now)
    return None


async def ask_offered(session: AsyncSession, library: Library, loaded: Loaded, now: datetime) -> None:
    """Ask everybody in an offered pair who was not asked about it yet, as the step that offers pairs asks."""
    facts = await gather(session, loaded, now)
    for step in loaded.playbook.steps:
        for ask in step.asks if loaded.states.get(step.key) is StepState.DONE else ():
            if ask.among is Among.OFFERED:
                await ask_people(session, library, loaded, step, ask, facts, now)


async def tell_pair(session: AsyncSession, loaded: Loaded, pair: Pair, now: datetime) -> None:
    """Give everybody in a pair the others' name and addresses."""
    for key in pair.people:
        participation = loaded.participation(key)
        await queue(
            session,
            key=f"{loaded.activity.id}:{MATCHES}:{pair.number}:{participation.id}",
            mail=MATCHES,
            person_id=participation.person_id,
            activity_id=loaded.activity.id,
            participation_id=participation.id,
            about={"pairs": [pair.id]},
            needed_if=NeededIf.ACTIVE,
            due_at=loaded.leaves_at(Pace.ROUTINE, participation, now),
            now=now,
        )


async def make_pair(session: AsyncSession, loaded: Loaded, teacher: str, professional: str, now: datetime) -> Pair:
    """Add a pair by their participations, without a score: somebody knows that these two go together."""
    return await _add(session, loaded, Proposal(teacher, professional, 0, ()), now)


def offers(loaded: Loaded) -> bool:
    """Return whether pairs are being offered already: a new one is then offered at once."""
    steps = [step.key for step in loaded.playbook.steps if step.does is Capability.OFFER_PAIRS]
    return any(loaded.states.get(key) is StepState.DONE for key in steps)


async def _add(session: AsyncSession, loaded: Loaded, proposal: Proposal, now: datetime) -> Pair:
    pair = Pair(
        activity_id=loaded.activity.id,
        number=max((one.number for one in loaded.pairs), default=0) + 1,
        teacher_id=proposal.teacher,
        professional_id=proposal.professional,
        third_id=proposal.third.person if proposal.third else None,
        state=PairState.PROPOSED,
        score=proposal.score if proposal.reasons else None,
        reasons=[{**asdict(reason), "tags": list(reason.tags)} for reason in proposal.reasons],
        declined_by=[],
        proposed_at=now,
    )
    session.add(pair)
    await session.flush()
    loaded.pairs = [*loaded.pairs, pair]
    return pair


async def _all_accept(session: AsyncSession, loaded: Loaded, pair: Pair) -> bool:
    answers = await read_answers_of(session, loaded.activity.id)
    said = {
        item.participation.id: item.answers.get("accept")
        for item in answers.of_form(PROPOSAL)
        if item.invitation.occurrence == pair.number
    }
    return all(said.get(person) is True for person in pair.people)


def _decline(loaded: Loaded, pair: Pair, own: str) -> None:
    """Write down a no. A pair of three goes on as two where one of each side stays."""
    roles = {key: loaded.participation(key).role for key in pair.people}
    partners = [key for key in pair.people if roles[key] is not roles[own]]
    pair.declined_by = [*pair.declined_by, *([own, partner] for partner in partners)]
    rest = [key for key in pair.people if key != own]
    if len({roles[key] for key in rest}) == 1:
        pair.state = PairState.DECLINED
        return
    pair.teacher_id = next(key for key in rest if roles[key] is Role.TEACHER)
    pair.professional_id = next(key for key in rest if roles[key] is Role.PROFESSIONAL)
    pair.third_id = None


async def end_offer(session: AsyncSession, loaded: Loaded, pair: Pair, now: datetime) -> None:
    """Let the question about a pair fall away for who did not answer yet; nobody hears why."""
    rows = await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == loaded.activity.id,
            Invitation.form == PROPOSAL,
            Invitation.occurrence == pair.number,
            Invitation.state.in_(OPEN),
        )
    )
    for invitation in rows:
        invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
        await drop_calls(session, invitation.id, now)


async def _tell_of_left(session: AsyncSession, loaded: Loaded, matching: Matching, now: datetime) -> None:
    people = _people(loaded, [left.person for left in matching.left])
    for left in matching.left:
        await open_call(
            session,
            loaded.activity,
            _CALLS[left.outcome],
            key=_left_key(loaded, left),
            now=now,
            person_id=people[left.person].person_id,
        )


def _people(loaded: Loaded, keys: Iterable[str]) -> dict[str, Participation]:
    return {key: loaded.participation(key) for key in keys}


def _left_key(loaded: Loaded, left: Left) -> str:
    """Who stays without a partner is a call once, and once more where the coordinator must phone instead."""
    return f"{loaded.activity.id}:{_CALLS[left.outcome]}:{left.person}"


def _call_key(loaded: Loaded, what: str, now: datetime) -> str:
    return f"{loaded.activity.id}:{what}:{now.isoformat()}"
