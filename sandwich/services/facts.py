"""Gather the facts of an activity from what is stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import HOST_ROLES, Demand, Role
from models.steps import Among, Capability
from models.tables.activities import Activity, ActivityStatus, Approval, Participation, StepState
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import ON_ITS_WAY, Message
from models.tables.network import Contact
from models.tables.pairing import LIVE, PairState
from models.tables.results import CardState, Hours, ImpressionCard
from sandwich.rules.cofinancing import COMPANY_HOURS
from sandwich.rules.facts import MET_BY, Facts
from sandwich.rules.gates import PASSED, with_gates
from sandwich.rules.moments import deadline_at, due_at
from sandwich.services.agreements import IS_OF_NOW
from sandwich.services.answers_of import Answers, read_answers, read_answers_among
from sandwich.services.calls import CHECK_WORDS, waits_for_a_look
from sandwich.services.companies import is_to_tell
from sandwich.services.demands import agreed_in, step_for, steps_for
from sandwich.services.loaded import Loaded, load_many
from sandwich.services.own_facts import holds
from sandwich.services.presence import missed_the_last
from sandwich.services.round_plans import rounds_fit
from sandwich.store.rows import AMONG, rows_by
from sandwich.store.scope import with_words

HALFWAY_FROM = 3
"""With fewer contact moments there is nothing between the first and the last."""
RELEASED = frozenset({Approval.APPROVED, Approval.NOT_NEEDED})

_AGREEMENTS = select(Agreement).where(Agreement.activity_id.in_(AMONG), IS_OF_NOW)
_REACHABLE = select(Contact.person_id).where(Contact.person_id.in_(AMONG), Contact.is_valid).distinct()
_STATED = select(Hours.activity_id).where(Hours.activity_id.in_(AMONG), Hours.kind.in_(COMPANY_HOURS)).distinct()


async def gather(session: AsyncSession, loaded: Loaded, now: datetime) -> Facts:
    """Return what is so in an activity at ``now``, gates included."""
    return (await gather_many(session, [loaded], now))[loaded.activity.id]


async def gather_many(
    session: AsyncSession, all_loaded: Sequence[Loaded], now: datetime, asked: Sequence[Invitation] | None = None
) -> dict[str, Facts]:
    """Return the same of several activities, by id, in as many queries as one takes.

    ``asked`` are their invitations in the order in which they were asked, where these were read already.
    """
    ids = [loaded.activity.id for loaded in all_loaded]
    async with with_words(session):
        if asked is None:
            answers = await read_answers(session, ids)
        else:
            answers = await read_answers_among(session, _with_seats(all_loaded, asked))
    agreements: dict[str, list[Agreement]] = {key: [] for key in ids}
    for item in await session.scalars(_AGREEMENTS, {"among": ids}):
        agreements[item.activity_id].append(item)
    cards = {item.activity_id: item for item in await rows_by(session, ImpressionCard, ImpressionCard.activity_id, ids)}
    unseen = await waits_for_a_look(session, list(cards), CHECK_WORDS) if cards else ()
    reachable = await _reachable(session, all_loaded)
    waiting = await _on_their_way(session, all_loaded)
    stated = set(await session.scalars(_STATED, {"among": ids}))
    parts = await _of_parts(session, all_loaded, now)
    return {
        key: _facts(
            loaded,
            _Stored(
                answers[key],
                agreements[key],
                cards.get(key),
                reachable,
                waiting,
                key in stated,
                key in unseen,
                parts.get(key, ()),
            ),
            now,
        )
        for key, loaded in zip(ids, all_loaded, strict=True)
    }


def _with_seats(
    all_loaded: Sequence[Loaded], asked: Sequence[Invitation]
) -> dict[str, list[tuple[Invitation, Participation]]]:
    seats = {item.id: item for loaded in all_loaded for item in loaded.participations}
    found: dict[str, list[tuple[Invitation, Participation]]] = {loaded.activity.id: [] for loaded in all_loaded}
    for invitation in asked:
        found[invitation.activity_id].append((invitation, seats[invitation.participation_id]))
    return found


async def asked_of(session: AsyncSession, activity_ids: Collection[str]) -> list[Invitation]:
    """Return the invitations of activities in the order in which they were asked."""
    rows = await rows_by(session, Invitation, Invitation.activity_id, activity_ids)
    return sorted(rows, key=lambda item: (item.asked_at, item.id))


async def _of_parts(
    session: AsyncSession, all_loaded: Sequence[Loaded], now: datetime
) -> Mapping[str, Sequence[Facts]]:
    """Return the facts of the parts of those activities that have any; a part has none of its own."""
    whole = {one.activity.id: one for one in all_loaded if one.playbook.parts is not None}
    if not whole:
        return {}
    rows = (
        await session.execute(
            select(Activity.id, Activity.part_of_id)
            .where(Activity.part_of_id.in_(whole), Activity.status != ActivityStatus.CANCELLED)
            .order_by(Activity.id)
        )
    ).all()
    loaded = await load_many(session, all_loaded[0].zone.key, [key for key, _ in rows]) if rows else []
    facts = await gather_many(session, loaded, now) if loaded else {}
    found: dict[str, list[Facts]] = defaultdict(list)
    for key, whole_id in rows:
        found[str(whole_id)].append(facts[key])
    return found


@dataclass(frozen=True)
class _Stored:
    """What is stored about an activity besides what is loaded.

    ``reachable`` are people with an address or a number, ``waiting`` the keys of mails of a step that are on their way,
    ``words_unseen`` says that there is doubt about words on the card, ``parts`` are the facts of the
    activities that are its parts.
    """

    answers: Answers
    agreements: Sequence[Agreement]
    card: ImpressionCard | None
    reachable: Set[str]
    waiting: Sequence[str]
    hours_stated: bool
    words_unseen: bool
    parts: Sequence[Facts]

    def all_parts(self, fact: str) -> bool:
        """Return whether there are parts and a fact holds in all of them."""
        return bool(self.parts) and all(part.holds(fact) for part in self.parts)


def _facts(loaded: Loaded, stored: _Stored, now: datetime) -> Facts:
    activity, playbook = loaded.activity, loaded.playbook
    answers, card = stored.answers, stored.card
    hosts = loaded.in_role(Role.HOST_CONTACT)
    teachers = loaded.in_role(Role.TEACHER)
    goal_steps = steps_for(loaded.playbook, Demand.GOALS)
    learners = loaded.asked_in(goal_steps)
    goals = {item.participation.id for item in answers.of_steps(goal_steps)} & {item.id for item in learners}
    division = steps_for(loaded.playbook, Demand.TASK_DIVISION)
    agreed = agreed_in(loaded.playbook, stored.agreements, answers, division)
    wanted = playbook.parameters.professionals.minimum if playbook.parameters.professionals else 0
    looks = _looked_at_until(answers, loaded) if card is not None and card.state is CardState.PREVIEWED else None
    facts = Facts(
        date_fixed=activity.date_fixed_at is not None,
        place_known=answers.said("online_link")
        if activity.is_online
        else bool(activity.place) or answers.said("address"),
        host_known=any(item.person_id in stored.reachable for item in hosts),
        company_new=loaded.company is not None and is_to_tell(loaded.company, now),
        minimum_group=len(loaded.registered()) >= playbook.parameters.group.minimum,
        professionals_enough=len(loaded.in_role(Role.PROFESSIONAL, Among.REGISTERED)) >= wanted,
        has_halfway=len(loaded.moments) >= HALFWAY_FROM,
        pairs_proposed=bool(loaded.in_pairs(*LIVE)),
        pairs_made=bool(loaded.in_pairs(PairState.MADE)) and not loaded.in_pairs(PairState.OFFERED),
        rounds_fit=rounds_fit(loaded),
        nobody_missed_two=not missed_the_last(loaded.moments, teachers, 2),
        task_division_asked=bool(stored.agreements) or _asked_in(answers, division),
        task_division_accepted=agreed is not None and AgreementState.WAIVED not in agreed,
        task_division_settled=agreed is not None,
        goals_asked=_asked_in(answers, goal_steps),
        group_goal=bool(goals),
        most_goals=_share(goals, learners) >= 0.8,
        every_goal=bool(learners) and all(item.id in goals for item in learners),
        release_settled=_done(loaded, _asking("approval", loaded))
        and all(item.approval in RELEASED for item in teachers),
        host_goals=answers.said("host_goal"),
        practical_info_confirmed=any(answers.confirmed("practical-information", "ready")),
        photo_consent_asked=bool(answers.asked("goals")),
        day_phone_known=answers.said("contact_day_phone") or answers.said("phone_day"),
        number_known=answers.said("max_group"),
        safety_known=answers.said("safety"),
        last_moment_over=now >= loaded.ends_at,
        attendance_known=all(moment.attendance_at is not None for moment in loaded.moments),
        field_note=bool(answers.of_form("field-note")),
        thanked=_sent(loaded, stored, _telling("thank-you", loaded)),
        one_impression=bool(answers.of_form("impressions")),
        card_previewed=card is not None and card.state is not CardState.DRAFT,
        card_released=card is not None and card.state in {CardState.RELEASED, CardState.PUBLISHED},
        card_publishable=card is not None
        and (card.state is CardState.RELEASED or (card.state is CardState.PREVIEWED and not _is_ahead(looks, now)))
        and not stored.words_unseen,
        card_settled=card is not None and not card.content.get("asked"),
        shared=activity.shared_at is not None,
        looked_at_until=looks,
        evaluation_closed=_evaluation_closed(answers, loaded, now),
        most_evaluations=_share(
            {item.participation.id for item in answers.of_steps(steps_for(loaded.playbook, Demand.EVALUATION))},
            loaded.in_role(Role.TEACHER, Among.PRESENT),
        )
        >= 0.7,
        host_evaluated=any(
            item.participation.role in HOST_ROLES
            for item in answers.of_steps(steps_for(loaded.playbook, Demand.EVALUATION))
        ),
        feedback_begun=_done(loaded, step_for(loaded.playbook, Demand.FEEDBACK)),
        fed_back=_sent(loaded, stored, step_for(loaded.playbook, Demand.FEEDBACK)),
        hours_stated=stored.hours_stated,
        follow_up_chosen=answers.said("next_wish"),
        own={
            fact.key: stored.all_parts(fact.in_parts) if fact.in_parts else holds(fact, answers)
            for fact in playbook.facts
        },
        half_impact=2 * len(answers.of_form("impact-check")) >= len(answers.asked("impact-check")) > 0,
    )
    left_to_parts: dict[str, Any] = {
        name: stored.all_parts(name) for demand in playbook.missing() for name in MET_BY[demand]
    }
    facts = replace(facts, **left_to_parts)
    status = activity.status_before_hold or activity.status
    return with_gates(playbook.gates, facts, activity.overrides, PASSED.get(status, frozenset()))


def _asked_in(answers: Answers, steps: Collection[str]) -> bool:
    return any(invitation.step in steps for invitation, _ in answers.invitations)


def _share(some: Iterable[str], people: Sequence[Participation]) -> float:
    ids = {item.id for item in people}
    return len(ids & set(some)) / len(ids) if ids else 0.0


def _asking(form: str, loaded: Loaded) -> str | None:
    """Return the first step that asks for a form; ``None`` in a playbook that does not."""
    return next((step.key for step in loaded.playbook.steps if any(ask.form == form for ask in step.asks)), None)


def _telling(mail: str, loaded: Loaded) -> str | None:
    """Return the first step that sends a mail; ``None`` in a playbook that does not."""
    return next((step.key for step in loaded.playbook.steps if any(tell.mail == mail for tell in step.tells)), None)


def _done(loaded: Loaded, step: str | None) -> bool:
    """Whether a step was carried out or skipped; a step that the playbook does not have is not waited for."""
    return step is None or (step in loaded.steps and loaded.steps[step].state is not StepState.PLANNED)


async def _reachable(session: AsyncSession, all_loaded: Sequence[Loaded]) -> Set[str]:
    """Return which of the hosts have an address or a number that works."""
    hosts = {item.person_id for loaded in all_loaded for item in loaded.in_role(Role.HOST_CONTACT)}
    return set(await session.scalars(_REACHABLE, {"among": list(hosts)}))


async def _on_their_way(session: AsyncSession, all_loaded: Sequence[Loaded]) -> Sequence[str]:
    """Return the keys of what is on its way of the steps that count only when all of their mails have left."""
    begun = [
        Message.key.startswith(f"{loaded.activity.id}:{step}:")
        for loaded in all_loaded
        for step in (_telling("thank-you", loaded), step_for(loaded.playbook, Demand.FEEDBACK))
        if step is not None and _done(loaded, step)
    ]
    if not begun:
        return ()
    ids = [loaded.activity.id for loaded in all_loaded]
    query = select(Message.key).where(Message.activity_id.in_(ids), Message.state.in_(ON_ITS_WAY), or_(*begun))
    return list(await session.scalars(query))


def _sent(loaded: Loaded, stored: _Stored, step: str | None) -> bool:
    """Whether a step was carried out and none of its mails is still on its way."""
    if not _done(loaded, step):
        return False
    return not any(key.startswith(f"{loaded.activity.id}:{step}:") for key in stored.waiting)


def _evaluation_closed(answers: Answers, loaded: Loaded, now: datetime) -> bool:
    steps = steps_for(loaded.playbook, Demand.EVALUATION)
    end = window_ends_at(loaded)
    if end is not None and now >= end:
        return any(_done(loaded, step) for step in steps)
    asked = [invitation for invitation, _ in answers.invitations if invitation.step in steps]
    everybody = all(_done(loaded, step) for step in steps)
    return everybody and not any(invitation.state in (*OPEN, InvitationState.CLOSED) for invitation in asked)


def _looked_at_until(answers: Answers, loaded: Loaded) -> datetime | None:
    """Return until when a host looks at the card whose mail left too late for the step that publishes it."""
    does = {step.does: step for step in loaded.playbook.steps}
    preview, publish = does.get(Capability.PREVIEW_CARD), does.get(Capability.PUBLISH_CARD)
    if preview is None or publish is None:
        return None
    asked = [one.asked_at for one, _ in answers.invitations if one.step == preview.key and one.state in OPEN]
    planned = due_at(publish, loaded.dates, loaded.calendars)
    until = due_at(publish, loaded.dates_from(preview, max(asked)), loaded.calendars) if asked else None
    return until if until is not None and planned is not None and until > planned else None


def _is_ahead(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now


def window_ends_at(loaded: Loaded) -> datetime | None:
    """Return when the evaluation window closes."""
    rule = loaded.playbook.parameters.evaluation_window
    return deadline_at(rule, loaded.dates, loaded.calendars.schools, before=False)
