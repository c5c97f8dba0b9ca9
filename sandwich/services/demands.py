"""Which of the four demands an activity has met: what its facts say, for one activity or for thousands at once.

For thousands only the columns are read that decide it, in a query for each table. What they mean is said once, here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.roles import Demand
from models.tables.activities import ACTIVE, PlanStep, StepState
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import FELL_AWAY, InvitationState, Submission
from models.tables.mail import ON_ITS_WAY, Message
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.facts import MET_BY, Facts
from sandwich.services.agreements import IS_OF_NOW
from sandwich.services.answers_of import Answers, counting
from sandwich.store.rows import AMONG, in_lots

_SETTLED = {AgreementState.ACCEPTED, AgreementState.WAIVED}


def steps_for(playbook: Playbook, demand: Demand) -> frozenset[str]:
    """Return the steps that meet a demand."""
    return frozenset(step.key for step in playbook.steps if step.meets(demand))


def step_for(playbook: Playbook, demand: Demand) -> str | None:
    """Return the first step that meets a demand; ``None`` in a playbook that leaves it to its parts."""
    return next((step.key for step in playbook.steps if step.meets(demand)), None)


def agreed_in(
    playbook: Playbook, agreements: Iterable[Any], answers: Answers, steps: Collection[str]
) -> Set[AgreementState] | None:
    """Return how the agreements about who does what were settled; ``None`` as long as one of them is not.

    Of ``agreements`` the subject and the state are looked at.
    """
    states = {item.subject: item.state for item in agreements}
    wanted = [talk.about for step, talk in playbook.agreements() if step.key in steps]
    found = {states.get(subject, AgreementState.PROPOSED) for subject in wanted}
    talking = {step.key for step, _ in playbook.agreements()}
    others = [step for step in steps if step not in talking]
    if others:
        found.add(_agreed_one_by_one(answers, others))
    return found if found <= _SETTLED else None


def _agreed_one_by_one(answers: Answers, steps: Collection[str]) -> AgreementState:
    """Whether everybody who was asked to agree did, where nothing is negotiated.

    Who need not, by the word of the coordinator, is not waited for; where that is everybody, it was waived.
    """
    asked = {
        invitation.id: invitation.state is InvitationState.WAIVED
        for invitation, participation in answers.invitations
        if invitation.step in steps and invitation.state not in FELL_AWAY and participation.standing in ACTIVE
    }
    agreed = {item.invitation.id for item in answers.of_steps(steps) if item.answers.get("agree") in (None, "agreed")}
    if not asked or any(not is_waived and key not in agreed for key, is_waived in asked.items()):
        return AgreementState.PROPOSED
    return AgreementState.ACCEPTED if agreed & asked.keys() else AgreementState.WAIVED


@dataclass(frozen=True)
class Deciding:
    """What decides over the demands of many activities, each by the activity's id.

    ``people`` and ``agreements`` are rows with the columns of their tables, ``done`` the steps that were carried out or
    left out, ``waiting`` the keys of mails that are on their way.
    """

    playbooks: Mapping[str, Playbook]
    people: Mapping[str, Sequence[Any]]
    answers: Mapping[str, Answers]
    agreements: Mapping[str, Sequence[Any]]
    shared: Set[str]
    done: Set[tuple[str, str]]
    waiting: Mapping[str, Sequence[str]]
    parts: Mapping[str, Sequence[str]]

    def met_by(self, activity_id: str) -> frozenset[Demand]:
        """Return the demands that an activity has met."""
        return frozenset(
            demand for demand, state in four_dots(self._facts(activity_id)).items() if state is DotState.DONE
        )

    def _facts(self, key: str) -> Facts:
        """Return the facts that decide whether a dot is done; those that a playbook leaves to its parts are theirs."""
        playbook, answers = self.playbooks[key], self.answers[key]
        goal_steps = steps_for(playbook, Demand.GOALS)
        roles = {ask.to for step in playbook.steps if step.key in goal_steps for ask in step.asks}
        learners = {one.id for one in self.people.get(key, ()) if one.role in roles and one.standing in ACTIVE}
        goals = {item.participation.id for item in answers.of_steps(goal_steps)}
        division = agreed_in(playbook, self.agreements.get(key, ()), answers, steps_for(playbook, Demand.TASK_DIVISION))
        facts = Facts(
            every_goal=bool(learners) and learners <= goals,
            task_division_accepted=division is not None and AgreementState.WAIVED not in division,
            shared=key in self.shared,
            fed_back=self._is_fed_back(key, step_for(playbook, Demand.FEEDBACK)),
        )
        missing = [name for demand in playbook.missing() for name in MET_BY[demand] if name in DECIDING]
        if not missing:
            return facts
        parts = [self._facts(part) for part in self.parts.get(key, ())]
        theirs: dict[str, Any] = {name: bool(parts) and all(part.holds(name) for part in parts) for name in missing}
        return replace(facts, **theirs)

    def _is_fed_back(self, key: str, step: str | None) -> bool:
        if step is not None and (key, step) not in self.done:
            return False
        return not any(waits.startswith(f"{key}:{step}:") for waits in self.waiting.get(key, ()))


DECIDING = frozenset({"every_goal", "task_division_accepted", "shared", "fed_back"})
"""The facts by which a dot is done."""


async def read_deciding(
    session: AsyncSession,
    among: Collection[str],
    playbooks: Mapping[str, Playbook],
    people: Mapping[str, Sequence[Any]],
    asked: Mapping[str, Sequence[tuple[Any, Any]]],
    parts: Mapping[str, Sequence[str]],
    shared: Set[str],
) -> Deciding:
    """Read what else decides over the activities ``among`` these, in a query for each table.

    ``playbooks`` are written out for the contact moments; ``asked`` are invitations with their participations.
    """
    newest: dict[str, Any] = {}
    said = select(Submission.invitation_id, Submission.answers["agree"].as_string().label("agree"))
    said = said.where(Submission.activity_id.in_(AMONG), Submission.invitation_id.is_not(None))
    for row in await in_lots(session, said.order_by(Submission.number), among):
        newest[row.invitation_id] = _Agreed({"agree": row.agree} if row.agree is not None else {})
    agreements: dict[str, list[Any]] = defaultdict(list)
    talks = select(Agreement.activity_id, Agreement.subject, Agreement.state)
    for row in await in_lots(session, talks.where(Agreement.activity_id.in_(AMONG), IS_OF_NOW), among):
        agreements[row.activity_id].append(row)
    steps = {step for playbook in playbooks.values() if (step := step_for(playbook, Demand.FEEDBACK)) is not None}
    carried = select(PlanStep.activity_id, PlanStep.step).where(
        PlanStep.activity_id.in_(AMONG), PlanStep.step.in_(steps), PlanStep.state != StepState.PLANNED
    )
    done = await in_lots(session, carried, among)
    waiting: dict[str, list[str]] = defaultdict(list)
    mails = select(Message.activity_id, Message.key)
    mails = mails.where(Message.activity_id.in_(AMONG), Message.state.in_(ON_ITS_WAY))
    for row in await in_lots(session, mails, among):
        waiting[row.activity_id].append(row.key)
    return Deciding(
        playbooks=playbooks,
        people=people,
        answers={key: counting(asked.get(key, ()), newest) for key in playbooks},
        agreements=agreements,
        shared=shared,
        done={(row.activity_id, row.step) for row in done},
        waiting=waiting,
        parts=parts,
    )


@dataclass(frozen=True, slots=True)
class _Agreed:
    """An answer, of which nothing was read but whether it agrees."""

    answers: dict[str, Any]
