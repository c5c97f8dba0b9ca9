"""Rounds of an evening: made from wishes, made anew when somebody cancels, and during the evening for what remains."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.pairing import Pair as MadePair
from models.tables.pairing import PairState, RoundPlan
from sandwich.definitions.library import Library
from sandwich.errors import BadInput
from sandwich.rules.evening import Attendee, Pair, Round, Stay, Timing, as_held
from sandwich.rules.names import full_name
from sandwich.rules.pairing_errors import CannotPair
from sandwich.rules.rotation import rotate
from sandwich.runtime import Runtime
from sandwich.services.answers_of import Answers, read_answers_of
from sandwich.services.attending import attendees, stays_in, timing_of
from sandwich.services.calls import drop_calls, open_call
from sandwich.services.facts import gather
from sandwich.services.invite import ask_people
from sandwich.services.loaded import Loaded
from sandwich.services.pairs import tell_pair
from sandwich.services.round_plans import CARD, PAGE, read_plans, rounds_of, talks_of
from sandwich.services.steering import steering

_SIDES = (Role.TEACHER, Role.PROFESSIONAL)


async def make_rounds(session: AsyncSession, loaded: Loaded, now: datetime) -> RoundPlan | None:
    """Make the rounds from who comes and what they want; nothing new where neither changed.

    Returns the plan that counts; ``None``, and a call, where there can be none.
    """
    last = (await read_plans(session, [loaded.activity.id])).get(loaded.activity.id)
    return await _plan(session, loaded, last, stays_in(last), (), now)


async def make_anew(
    runtime: Runtime,
    activity_id: str,
    *,
    held: int,
    stays: Mapping[str, Stay],
    fell_through: Collection[Pair] = (),
    now: datetime,
    actor: str,
) -> RoundPlan:
    """Make the rounds after the first ``held`` anew, during the evening; nobody meets twice.

    ``stays`` says of participations in which rounds they are there: who comes late, leaves early, left or did not come.
    It is kept, and whoever is not named stays as was noted before. Held talks of who was not there did not happen;
    neither did those that ``fell_through``. Raises ``BadInput`` where there are no rounds yet, or not so many, and what
    ``rotate`` raises.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        last = (await read_plans(session, [activity_id])).get(activity_id)
        if last is None:
            raise BadInput("There are no rounds yet.", "Er zijn nog geen rondes.")
        rounds = rounds_of(last)
        if not 0 <= held <= len(rounds):
            raise BadInput(
                f"There are {len(rounds)} rounds, so {held} cannot have been held.",
                f"Er zijn {len(rounds)} rondes, dus er kunnen er geen {held} geweest zijn.",
            )
        noted = {**stays_in(last), **stays}
        made = await _plan(session, loaded, last, noted, as_held(rounds, held, fell_through, noted), now, strict=True)
        assert made is not None  # a strict plan is made or raises
        await deal_cards(session, runtime.library, loaded, made, now)
        return made


async def deal_cards(session: AsyncSession, library: Library, loaded: Loaded, plan: RoundPlan, now: datetime) -> None:
    """Let everybody have a card for each of their talks, and none for a talk that is no more."""
    asking = {(step.key, ask.form) for step in loaded.playbook.steps for ask in step.asks if ask.each_talk}
    rows = await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == loaded.activity.id, Invitation.step.in_({step for step, _ in asking})
        )
    )
    for card in (row for row in rows if (row.step, row.form) in asking):
        has_talk = card.occurrence in {talk.number for talk in talks_of(plan, card.participation_id)}
        if has_talk and card.state is InvitationState.WITHDRAWN:
            card.state = InvitationState.SENT
        elif not has_talk and card.state in OPEN:
            card.state, card.next_at = InvitationState.WITHDRAWN, None
            await drop_calls(session, card.id, now)
    facts = await gather(session, loaded, now)
    for step in loaded.playbook.steps:
        for ask in step.asks if loaded.states.get(step.key) is StepState.DONE else ():
            if ask.each_talk:
                await ask_people(session, library, loaded, step, ask, facts, now)


async def make_matches(session: AsyncSession, loaded: Loaded, now: datetime) -> list[MadePair]:
    """Bring together who both want to go on talking; returns the new matches. A no reaches nobody."""
    plan = (await read_plans(session, [loaded.activity.id])).get(loaded.activity.id)
    wanted = _wanted(await read_answers_of(session, loaded.activity.id), plan)
    known = {(pair.teacher_id, pair.professional_id) for pair in loaded.pairs}
    found = []
    for teacher in loaded.in_role(Role.TEACHER):
        for professional in loaded.in_role(Role.PROFESSIONAL):
            both = (teacher.id, professional.id) in wanted and (professional.id, teacher.id) in wanted
            if not both or (teacher.id, professional.id) in known:
                continue
            pair = MadePair(
                activity_id=loaded.activity.id,
                number=len(loaded.pairs) + 1,
                teacher_id=teacher.id,
                professional_id=professional.id,
                state=PairState.MADE,
                reasons=[],
                declined_by=[],
                made_at=now,
                proposed_at=now,
            )
            session.add(pair)
            loaded.pairs = [*loaded.pairs, pair]
            found.append(pair)
    await session.flush()
    for pair in found:
        await tell_pair(session, loaded, pair, now)
    return found


def _wanted(answers: Answers, plan: RoundPlan | None) -> set[tuple[str, str]]:
    """Return who wants to go on talking with whom, from the cards and from the last page."""
    found: set[tuple[str, str]] = set()
    for item in answers.saying(CARD, PAGE):
        own = item.participation.id
        for row in item.answers.get(PAGE) or ():
            if row.get(CARD) == "more":
                found.add((own, row["row"]))
        if item.answers.get(CARD) == "more" and plan is not None:
            talks = [talk for talk in talks_of(plan, own) if talk.number == item.invitation.occurrence]
            found |= {(own, other) for talk in talks for other in talk.others}
    return found


async def _plan(
    session: AsyncSession,
    loaded: Loaded,
    last: RoundPlan | None,
    stays: Mapping[str, Stay],
    held: Sequence[Round],
    now: datetime,
    *,
    strict: bool = False,
) -> RoundPlan | None:
    """Write a plan with the held rounds first. What cannot be is a call, or an error where ``strict``."""
    roles = {item.id: item.role for item in loaded.participations}
    timing, noted = timing_of(loaded), {key: list(stay) for key, stay in stays.items()}
    people = [one for one in await attendees(session, loaded, stays) if not one.has_left(len(held))]
    fingerprint = _digest(people, held, timing, noted)
    if last is not None and last.digest == fingerprint:
        return last
    teachers, professionals = ([one for one in people if roles[one.id] is role] for role in _SIDES)
    try:
        # Where one side has left the evening is over; that nobody ever came is an error.
        made = rotate(teachers, professionals, timing, held=held) if (teachers and professionals) or not held else None
    except CannotPair as error:
        if strict:
            raise error.named(_names(loaded)) from None
        key = f"{loaded.activity.id}:no-rounds:{fingerprint[:20]}"
        await open_call(session, loaded.activity, "no-rounds", key=key, now=now)
        return None
    plan = RoundPlan(
        activity_id=loaded.activity.id,
        number=(last.number if last else 0) + 1,
        rounds=[_row(one) for one in (*held, *(made.rounds if made else ()))],
        held=len(held),
        gaps=len(made.gaps) if made else 0,
        stays=noted or None,
        digest=fingerprint,
        made_at=now,
    )
    session.add(plan)
    await session.flush()
    return plan


def _row(one: Round) -> dict[str, Any]:
    return {
        "number": one.number,
        "talks": [{"professional": talk.professional, "teachers": list(talk.teachers)} for talk in one.talks],
        "pausing": list(one.pausing),
    }


def _names(loaded: Loaded) -> dict[str, str]:
    return {item.id: full_name(loaded.persons[item.person_id]) for item in loaded.participations}


def _digest(people: Sequence[Attendee], held: Sequence[Round], timing: Timing, stays: Mapping[str, Any]) -> str:
    known: list[Any] = [
        [[one.id, one.employer, list(one.wants), sorted(one.later), one.first, one.last] for one in people],
        [_row(one) for one in held],
        [timing.talk, timing.change, timing.longest, timing.group],
        *([stays] if stays else ()),
    ]
    return sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
