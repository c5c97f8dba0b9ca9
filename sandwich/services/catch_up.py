"""Catch up: ask and tell somebody who came later, or came back, what the others were asked and told before."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role, Stage
from models.steps import Among, Ask, Step
from models.tables.activities import Approval, Participation, StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from sandwich.definitions.library import Library
from sandwich.rules.facts import Facts
from sandwich.services.agreement_asks import asks_now
from sandwich.services.calls import drop_calls
from sandwich.services.duties import remember_agreed
from sandwich.services.facts import gather
from sandwich.services.invite import ask_person, tell_person
from sandwich.services.loaded import Loaded

SETTLED_BY = {"date-poll": "date_fixed"}
"""Forms about one thing of the whole activity, and the fact under which nobody has to be asked again."""


async def catch_up(
    session: AsyncSession, library: Library, loaded: Loaded, participation: Participation, now: datetime
) -> None:
    """Ask somebody everything that still matters, in mails that are due together; release is asked anew."""
    facts = await gather(session, loaded, now)
    settled = frozenset(form for form, fact in SETTLED_BY.items() if facts.holds(fact))
    for step in loaded.playbook.steps:
        row = loaded.steps.get(step.key)
        if row is None or row.state is not StepState.DONE or loaded.is_over(step, now):
            continue
        for ask in await asks_now(session, loaded, step):
            if ask.to is participation.role and participation in loaded.in_role(ask.to, ask.among, step.moment):
                await ask_person(session, library, loaded, step, ask, participation, facts, now, without=settled)
            elif ask.to is Role.SCHOOL_LEADER and participation.approval is Approval.OPEN:
                await _ask_leaders(session, library, loaded, step, ask, participation, facts, now)
        for tell in step.tells if step.stage is Stage.BEFORE else ():
            if participation.role in tell.to:
                await tell_person(session, loaded, step, tell, participation, facts, now)
    await remember_agreed(session, loaded, now)


async def ask_no_more(
    session: AsyncSession, loaded: Loaded, participation: Participation, among: Among, now: datetime
) -> None:
    """Let what somebody was asked as one of ``among`` fall away where it turned out that they are not."""
    asks = {
        (step.key, form)
        for step in loaded.playbook.steps
        for ask in step.asks
        if ask.among is among and ask.to is participation.role
        if participation not in loaded.in_role(ask.to, among, step.moment)
        for form in (ask.form, *ask.with_forms)
    }
    for invitation in await session.scalars(
        select(Invitation).where(
            Invitation.participation_id == participation.id,
            Invitation.state.in_([*OPEN, InvitationState.CLOSED]),
        )
    ):
        if (invitation.step, invitation.form) in asks:
            invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
            await drop_calls(session, invitation.id, now)


async def _ask_leaders(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    step: Step,
    ask: Ask,
    participation: Participation,
    facts: Facts,
    now: datetime,
) -> None:
    """Ask the leaders of somebody's school; one who has not answered yet finds the newcomer in the same form."""
    school = loaded.persons[participation.person_id].school_id
    for leader in loaded.in_role(Role.SCHOOL_LEADER):
        if loaded.persons[leader.person_id].school_id != school:
            continue
        asked = list(
            await session.scalars(
                select(Invitation).where(
                    Invitation.participation_id == leader.id,
                    Invitation.step == step.key,
                    Invitation.form == ask.form,
                )
            )
        )
        if any(invitation.state in OPEN for invitation in asked):
            continue
        number = max((invitation.occurrence for invitation in asked), default=0) + 1
        await ask_person(session, library, loaded, step, ask, leader, facts, now, occurrence=number)
