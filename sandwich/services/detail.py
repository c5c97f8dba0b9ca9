"""One activity in full, as the coordinator reads it: plan, people, gates, task division, calls, mails, history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE, Role, Stage
from models.tables.activities import ACTIVE, StepState
from models.tables.asking import ANSWERED, OPEN, FormVersion, Invitation, InvitationState, Submission
from models.tables.mail import Call, Message
from models.tables.network import Company, Person, School
from models.text import Text
from sandwich.errors import NotFound
from sandwich.labels import MAIL, lacks
from sandwich.rules.gates import PASSED, look
from sandwich.rules.names import full_name
from sandwich.services.additions import waiting
from sandwich.services.agreement_views import agreement_lines
from sandwich.services.call_lines import phones
from sandwich.services.card import read_card
from sandwich.services.card_content import card_of
from sandwich.services.chain import chain_of
from sandwich.services.contacts import sharing_a_mailbox
from sandwich.services.detail_views import (
    ActivityDetail,
    AskLine,
    CardLine,
    GateLine,
    MessageLine,
    PersonLine,
    SentLine,
    StepLine,
)
from sandwich.services.double_bookings import double_bookings_in
from sandwich.services.loaded import Loaded
from sandwich.services.meetings import meetings_of
from sandwich.services.overview import Known, one
from sandwich.services.pair_views import pairs_seen
from sandwich.services.receiver import received_by
from sandwich.services.result_views import Adoption
from sandwich.services.results import adoption
from sandwich.services.room_plan import room_plan
from sandwich.services.trail import trail_of
from sandwich.settings import Settings


async def activity_detail(
    session: AsyncSession, settings: Settings, region_id: str, activity_id: str, now: datetime
) -> ActivityDetail:
    """Read an activity of a region in full; raises ``NotFound``, the same for one of another region."""
    known = await one(session, settings, activity_id, now)
    activity = known.loaded.activity
    if activity.region_id != region_id:
        raise NotFound(what="activity", name=activity_id)
    coordinator = await session.get(Person, activity.coordinator_id) if activity.coordinator_id else None
    rounds, staying = await room_plan(session, known.loaded)
    return ActivityDetail(
        line=known.line,
        purpose=activity.purpose,
        place=activity.meets_at,
        coordinator=full_name(coordinator) if coordinator else None,
        proposed=tuple(_pair(item) for item in activity.proposed),
        steps=_steps(known.loaded),
        gates=_gates(known),
        people=await _people(session, known, now),
        calls=known.calls,
        agreements=await agreement_lines(session, known.loaded, known.invitations),
        card=await _card(session, known),
        receives=received_by(known.loaded.playbook, known.loaded.company),
        asked=known.loaded.playbook.asked,
        messages=await _messages(session, known),
        trail=await trail_of(session, known.loaded),
        overrides=await _override_reasons(session, activity_id),
        meetings=await meetings_of(session, activity_id),
        adoption=await _adoption(session, known.loaded),
        chain=await chain_of(session, known.loaded),
        pairs=await pairs_seen(session, known.loaded),
        rounds=rounds,
        staying=staying,
    )


async def _adoption(session: AsyncSession, loaded: Loaded) -> Adoption | None:
    if not any(item.role in OUTSIDE for item in loaded.participations):
        return None
    return await adoption(session, loaded.activity.id)


async def _override_reasons(session: AsyncSession, activity_id: str) -> dict[str, str]:
    """Return why each gate was opened although something was missing, by stage."""
    rows = await session.scalars(
        select(Call).where(Call.activity_id == activity_id, Call.what.in_([f"gate-{stage}" for stage in Stage]))
    )
    return {row.what.removeprefix("gate-"): row.note or "" for row in rows}


def _pair(proposed: Mapping[str, str] | Sequence[str]) -> tuple[datetime, datetime]:
    if isinstance(proposed, Mapping):
        return datetime.fromisoformat(proposed["starts_at"]), datetime.fromisoformat(proposed["ends_at"])
    return datetime.fromisoformat(proposed[0]), datetime.fromisoformat(proposed[1])


def _steps(loaded: Loaded) -> tuple[StepLine, ...]:
    lines = []
    for planned in loaded.plan():
        step, row = planned.step, loaded.steps.get(planned.step.key)
        lines.append(
            StepLine(
                key=step.key,
                stage=step.stage,
                title=step.title,
                demand=step.demand,
                state=row.state if row else StepState.PLANNED,
                due_at=planned.due_at,
                done_at=row.done_at if row else None,
            )
        )
    return tuple(lines)


def _gates(known: Known) -> tuple[GateLine, ...]:
    activity = known.loaded.activity
    passed = PASSED.get(activity.status_before_hold or activity.status, frozenset())
    lines = []
    for stage in Stage:
        gate = known.loaded.playbook.gates.behind(stage)
        view = look(stage, gate, known.facts, known.loaded.activity.overrides, passed)
        lines.append(
            GateLine(
                stage=stage,
                title=gate.title,
                is_open=view.is_open,
                is_overridden=view.is_overridden,
                is_passed=view.is_passed,
                blocked_by=tuple(lacks(name, known.loaded.playbook.facts) for name in view.blocked_by),
                warnings=tuple(lacks(name, known.loaded.playbook.facts) for name in view.warnings),
            )
        )
    return tuple(lines)


_ORDER = {role: number for number, role in enumerate((Role.HOST_CONTACT, Role.PROFESSIONAL, Role.MENTOR, Role.TEACHER))}


async def _people(session: AsyncSession, known: Known, now: datetime) -> tuple[PersonLine, ...]:
    loaded = known.loaded
    submissions = await _submissions(session, loaded)
    titles = await _form_titles(session, [*known.invitations, *submissions])
    newest = {item.invitation_id: item.id for item in submissions if item.invitation_id}
    unasked: dict[str, list[SentLine]] = defaultdict(list)
    for item in submissions:
        if item.invitation_id is None and item.person_id is not None:
            unasked[item.person_id].append(SentLine(item.id, titles[item.form_digest], item.submitted_at))
    asks: dict[str, list[Invitation]] = defaultdict(list)
    for invitation in known.invitations:
        asks[invitation.participation_id].append(invitation)
    numbers = await phones(session, list(loaded.persons))
    places = await _places(session, loaded)
    shared = await sharing_a_mailbox(session, loaded.persons)
    busy: dict[str, list[Text]] = defaultdict(list)
    for booking in await double_bookings_in(session, loaded, now):
        busy[booking.person_id].append(booking.sentence(loaded.zone))
    lines = [
        PersonLine(
            participation_id=item.id,
            person_id=item.person_id,
            name=full_name(loaded.persons[item.person_id]),
            role=item.role,
            place=places.get(item.person_id),
            standing=item.standing,
            approval=item.approval,
            presence=item.presence,
            phone=numbers.get(item.person_id),
            language=loaded.persons[item.person_id].language,
            is_mailbox_shared=item.person_id in shared,
            is_active=item.standing in ACTIVE,
            asks=tuple(_ask(invitation, titles, newest.get(invitation.id), now) for invitation in asks[item.id]),
            sent=tuple(unasked.pop(item.person_id, ())),
            busy=tuple(busy.pop(item.person_id, ())),
            away_until=_away(loaded.persons[item.person_id], now.astimezone(loaded.zone).date()),
        )
        for item in loaded.participations
    ]
    # All roles of one person stand together, at the place of the first of them.
    places_of: dict[str, tuple[bool, int]] = {}
    for line in lines:
        place = (not line.is_active, _ORDER.get(line.role, 9))
        places_of[line.person_id] = min(places_of.get(line.person_id, place), place)
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                places_of[line.person_id],
                line.name,
                line.person_id,
                not line.is_active,
                _ORDER.get(line.role, 9),
            ),
        )
    )


def _away(person: Person, today: date) -> date | None:
    return person.away_until if person.away_until is not None and person.away_until >= today else None


async def _submissions(session: AsyncSession, loaded: Loaded) -> list[Submission]:
    rows = await session.scalars(
        select(Submission)
        .where(Submission.activity_id == loaded.activity.id)
        .order_by(Submission.number, Submission.id)
    )
    return list(rows)


def _ask(invitation: Invitation, titles: Mapping[str, Text], submission_id: str | None, now: datetime) -> AskLine:
    is_open = invitation.state in (*OPEN, InvitationState.CLOSED)
    passed = invitation.deadline_at is not None and invitation.deadline_at <= now
    return AskLine(
        invitation_id=invitation.id,
        step=invitation.step,
        form=invitation.form,
        title=titles[invitation.form_digest],
        state=invitation.state,
        asked_at=invitation.asked_at,
        deadline_at=invitation.deadline_at,
        answered_at=invitation.answered_at,
        reminders=min(invitation.rung, 2),
        is_late=invitation.is_late or (is_open and passed),
        is_open=is_open,
        is_answered=invitation.state in ANSWERED,
        submission_id=submission_id,
    )


async def _form_titles(session: AsyncSession, rows: Sequence[Invitation | Submission]) -> dict[str, Text]:
    digests = {row.form_digest for row in rows}
    forms = await session.scalars(select(FormVersion).where(FormVersion.digest.in_(digests)))
    return {form.digest: Text.model_validate(form.definition["title"]) for form in forms}


async def _places(session: AsyncSession, loaded: Loaded) -> dict[str, str]:
    """Return the school or company that each person belongs to."""
    schools = {item.school_id for item in loaded.persons.values() if item.school_id}
    companies = {item.company_id for item in loaded.persons.values() if item.company_id}
    names = {row.id: row.name for row in await session.scalars(select(School).where(School.id.in_(schools)))}
    names |= {row.id: row.name for row in await session.scalars(select(Company).where(Company.id.in_(companies)))}
    of = {item.id: item.school_id or item.company_id for item in loaded.persons.values()}
    return {person: names[place] for person, place in of.items() if place and place in names}


async def _card(session: AsyncSession, known: Known) -> CardLine | None:
    card = await card_of(session, known.loaded.activity.id)
    if card is None:
        return None
    teachers = known.loaded.in_role(Role.TEACHER)
    schools = {known.loaded.persons[item.person_id].school_id for item in teachers}
    walls = []
    for school in sorted(known.loaded.schools.values(), key=lambda one: one.name):
        if school.id in schools:
            read = await read_card(session, card.activity_id, school_id=school.id)
            if read is not None and not read.is_empty:
                walls.append((school.name, school.wall_key))
    waits = bool(await waiting(session, card))
    return CardLine(card.state, card.is_restricted, card.host_remark, waits, tuple(walls))


async def _messages(session: AsyncSession, known: Known) -> tuple[MessageLine, ...]:
    rows = await session.execute(
        select(Message, Person)
        .join(Person, Person.id == Message.person_id)
        .where(Message.activity_id == known.loaded.activity.id)
        .order_by(Message.due_at.desc(), Message.id)
    )
    return tuple(
        MessageLine(
            id=message.id,
            mail=message.mail,
            title=MAIL.get(message.mail, Text(nl=message.mail, en=message.mail)),
            person_id=person.id,
            to=full_name(person),
            state=message.state,
            at=message.sent_at or message.due_at,
            reason=message.reason,
            word=message.word,
        )
        for message, person in rows
    )
