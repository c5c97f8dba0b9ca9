"""Gather the facts of an activity from what is stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Among, Demand, Role
from models.tables.activities import Approval, Participation, StepState
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import OPEN, InvitationState
from models.tables.mail import Message, MessageState
from models.tables.network import Contact, ContactKind
from models.tables.results import CardState, Hours, HoursKind, ImpressionCard
from sandwich.rules.facts import Facts
from sandwich.rules.gates import PASSED, with_gates
from sandwich.rules.moments import deadline_at
from sandwich.services.answers_of import Answers, read_answers_of
from sandwich.services.loaded import Loaded

_ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.HELD)
RELEASED = frozenset({Approval.APPROVED, Approval.NOT_NEEDED})
COMPANY_HOURS = (HoursKind.COMPANY_BEFORE, HoursKind.COMPANY_DURING, HoursKind.COMPANY_AFTER)


async def gather(session: AsyncSession, loaded: Loaded, now: datetime) -> Facts:
    """Return what is so in an activity at ``now``, gates included."""
    activity, playbook = loaded.activity, loaded.playbook
    answers = await read_answers_of(session, activity.id)
    agreement = await session.scalar(select(Agreement).where(Agreement.activity_id == activity.id))
    card = await session.scalar(select(ImpressionCard).where(ImpressionCard.activity_id == activity.id))
    hosts = loaded.in_role(Role.HOST_CONTACT)
    teachers = loaded.in_role(Role.TEACHER)
    goals = _written_goals(answers, teachers)
    accepted = agreement is not None and agreement.state is AgreementState.ACCEPTED
    waived = agreement is not None and agreement.state is AgreementState.WAIVED
    facts = Facts(
        date_fixed=activity.date_fixed_at is not None,
        place_known=bool(activity.place) or any(answers.values("practical-information", "address")),
        host_known=bool(hosts) and await _reachable(session, [item.person_id for item in hosts]),
        company_new=loaded.company is not None and loaded.company.profile is None and not loaded.company.tags,
        minimum_group=len(loaded.registered()) >= playbook.parameters.group.minimum,
        task_division_asked=agreement is not None,
        task_division_accepted=accepted,
        task_division_settled=accepted or waived,
        goals_asked=bool(answers.asked("goals")),
        group_goal=bool(goals),
        most_goals=_share(goals, teachers) >= 0.8,
        every_goal=bool(teachers) and all(item.id in goals for item in teachers),
        release_settled=_done(loaded, _asking("approval", loaded))
        and all(item.approval in RELEASED for item in teachers),
        host_goals=any(answers.values("task-division", "host_goal")),
        practical_info_confirmed=any(answers.confirmed("practical-information", "ready")),
        photo_consent_asked=bool(answers.asked("goals")),
        day_phone_known=any(answers.values("task-division", "contact_day_phone"))
        or any(answers.values("practical-information", "phone_day")),
        number_known=any(answers.values("task-division", "max_group")),
        safety_known=any(answers.values("task-division", "safety")),
        last_moment_over=now >= loaded.ends_at,
        attendance_known=all(moment.attendance_at is not None for moment in loaded.moments),
        field_note=bool(answers.of_form("field-note")),
        thanked=await _sent(session, loaded, _telling("thank-you", loaded)),
        one_impression=bool(answers.of_form("impressions")),
        card_previewed=card is not None and card.state is not CardState.DRAFT,
        card_released=card is not None and card.state in {CardState.RELEASED, CardState.PUBLISHED},
        card_publishable=card is not None and card.state in {CardState.PREVIEWED, CardState.RELEASED},
        card_settled=card is not None and not card.content.get("asked"),
        shared=activity.shared_at is not None,
        evaluation_closed=_evaluation_closed(answers, loaded, now),
        most_evaluations=_share(
            {item.participation.id for item in answers.of_form("teacher-evaluation")},
            loaded.in_role(Role.TEACHER, Among.PRESENT),
        )
        >= 0.7,
        host_evaluated=bool(answers.of_form("host-evaluation")),
        feedback_begun=_done(loaded, _step_for(loaded, Demand.FEEDBACK)),
        fed_back=await _sent(session, loaded, _step_for(loaded, Demand.FEEDBACK)),
        hours_stated=await _hours_stated(session, activity.id),
        follow_up_chosen=any(answers.values("teacher-evaluation", "next_wish")),
        half_impact=2 * len(answers.of_form("impact-check")) >= len(answers.asked("impact-check")) > 0,
    )
    status = activity.status_before_hold or activity.status
    return with_gates(playbook.gates, facts, activity.overrides, PASSED.get(status, frozenset()))


def _written_goals(answers: Answers, teachers: Sequence[Participation]) -> set[str]:
    """Return who of those who take part wrote a goal."""
    written = {item.participation.id for item in answers.of_form("goals") if item.answers.get("goal_1")}
    return written & {item.id for item in teachers}


def _share(some: Iterable[str], people: Sequence[Participation]) -> float:
    ids = {item.id for item in people}
    return len(ids & set(some)) / len(ids) if ids else 0.0


def _step_for(loaded: Loaded, demand: Demand) -> str:
    return next(step.key for step in loaded.playbook.steps if step.demand is demand)


def _asking(form: str, loaded: Loaded) -> str | None:
    """Return the first step that asks for a form; ``None`` in a playbook that does not."""
    return next((step.key for step in loaded.playbook.steps if any(ask.form == form for ask in step.asks)), None)


def _telling(mail: str, loaded: Loaded) -> str | None:
    """Return the first step that sends a mail; ``None`` in a playbook that does not."""
    return next((step.key for step in loaded.playbook.steps if any(tell.mail == mail for tell in step.tells)), None)


def _done(loaded: Loaded, step: str | None) -> bool:
    """Whether a step was carried out or skipped; a step that the playbook does not have is not waited for."""
    return step is None or (step in loaded.steps and loaded.steps[step].state is not StepState.PLANNED)


async def _reachable(session: AsyncSession, people: list[str]) -> bool:
    found = await session.scalar(
        select(func.count())
        .select_from(Contact)
        .where(Contact.person_id.in_(people), Contact.is_valid, Contact.kind.in_(list(ContactKind)))
    )
    return bool(found)


async def _sent(session: AsyncSession, loaded: Loaded, step: str | None) -> bool:
    """Whether a step was carried out and none of its mails is still on its way."""
    if not _done(loaded, step):
        return False
    if step is None:
        return True
    waiting = await session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.activity_id == loaded.activity.id,
            Message.key.startswith(f"{loaded.activity.id}:{step}:"),
            Message.state.in_(_ON_ITS_WAY),
        )
    )
    return not waiting


def _evaluation_closed(answers: Answers, loaded: Loaded, now: datetime) -> bool:
    step = _step_for(loaded, Demand.EVALUATION)
    asked = [invitation for invitation, _ in answers.invitations if invitation.step == step]
    if not _done(loaded, step):
        return False
    end = window_ends_at(loaded)
    is_over = end is not None and now >= end
    return is_over or not any(invitation.state in (*OPEN, InvitationState.CLOSED) for invitation in asked)


def window_ends_at(loaded: Loaded) -> datetime | None:
    """Return when the evaluation window closes."""
    rule = loaded.playbook.parameters.evaluation_window
    return deadline_at(rule, loaded.dates, loaded.calendars.schools, before=False)


async def _hours_stated(session: AsyncSession, activity_id: str) -> bool:
    found = await session.scalar(
        select(func.count()).select_from(Hours).where(Hours.activity_id == activity_id, Hours.kind.in_(COMPANY_HOURS))
    )
    return bool(found)
