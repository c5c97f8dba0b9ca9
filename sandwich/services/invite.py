"""Ask people: write an invitation per person and form, and the mail that brings it; and tell people things."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import product

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.roles import Role, Stage
from models.steps import Ask, Step, Tell
from models.tables.activities import ACTIVE, Participation, Standing, StepState
from models.tables.asking import OPEN, FormVersion, Invitation, InvitationState
from models.tables.mail import Message, MessageState
from sandwich.definitions.library import Library, digest
from sandwich.rules.calendar import Calendar
from sandwich.rules.facts import Facts
from sandwich.rules.moments import ROUTINE_TIME, deadline_at, fair_deadline, offset_day
from sandwich.rules.reminders import Away, NextRung, next_rung
from sandwich.rules.slots import pace_of
from sandwich.services.appointments import times_taken
from sandwich.services.digests import waits_for_digest
from sandwich.services.loaded import Loaded
from sandwich.services.occurrences import next_occurrence, occurrences_of
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.register import lock_registry

BECAUSE_THEY_LEFT = (*(one.value for one in Standing if one not in ACTIVE), "left")
"""Reasons why a mail did not leave that hold no more once its reader is back."""

TIGHT = "tight"
TIGHT_FROM = timedelta(days=10)
"""The ladder of reminders for what is asked inside the last days before the activity (field rule 9)."""


async def ask_people(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    step: Step,
    ask: Ask,
    facts: Facts,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> list[Invitation]:
    """Ask everybody of the role who was not asked yet; asking twice changes nothing."""
    made: list[Invitation] = []
    people = loaded.in_role(ask.to, ask.among, step.moment)
    if ask.turn is not None and people:
        people = [people[(ask.turn - 1) % len(people)]]
    for participation in people:
        occurrences = await occurrences_of(session, loaded, ask, participation)
        made += await ask_person(
            session,
            library,
            loaded,
            step,
            ask,
            participation,
            facts,
            now,
            occurrences=occurrences,
            not_before=not_before,
        )
    return made


async def ask_person(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    step: Step,
    ask: Ask,
    participation: Participation,
    facts: Facts,
    now: datetime,
    *,
    occurrence: int | None = None,
    occurrences: Sequence[int] | None = None,
    without: frozenset[str] = frozenset(),
    not_before: datetime | None = None,
    is_urgent: bool = False,
) -> list[Invitation]:
    """Ask one person, with one mail for all forms of the ask; returns the new invitations.

    Nobody is asked the same twice, unless the earlier invitation fell away or ``occurrence`` says that this is
    another time; ``occurrences`` asks several times at once. Forms ``without`` which the ask can do are left out. No
    mail leaves before ``not_before``; what is ``is_urgent`` follows from an answer, and waits for no slot.
    """
    if ask.when and not facts.holds(ask.when):
        return []
    begins = max(now, not_before or now)
    due = _asked_at(loaded, step, ask, participation, begins, is_urgent=is_urgent)
    profile = _profile_for(loaded, step, ask, due)
    invitations: list[Invitation] = []
    times = (occurrence,) if occurrences is None else occurrences
    for wanted, form in product(times, (ask.form, *ask.with_forms)):
        if form in without or (form in ask.form_when and not facts.holds(ask.form_when[form])):
            continue
        number = await next_occurrence(session, loaded, step, form, participation, wanted)
        if number is None:
            continue
        variant = ask.variant if form == ask.form else None
        invitation = Invitation(
            activity_id=loaded.activity.id,
            step=step.key,
            form=form,
            variant=variant,
            form_digest=await keep_form(session, library, form, variant),
            participation_id=participation.id,
            occurrence=number,
            mail=ask.mail,
            asked_at=due,
            profile=profile,
            state=InvitationState.PLANNED,
            rung=0,
        )
        set_moments(invitation, ask, step, loaded, participation)
        session.add(invitation)
        invitations.append(invitation)
    await session.flush()
    if invitations:
        await queue(
            session,
            key=f"{loaded.activity.id}:{step.key}:{ask.mail}:{participation.id}:{invitations[0].occurrence}",
            mail=ask.mail,
            person_id=participation.person_id,
            activity_id=loaded.activity.id,
            participation_id=participation.id,
            invitation_id=invitations[0].id,
            about={
                "invitations": [invitation.id for invitation in invitations],
                "step": step.key,
                "rhythm": step.rhythm.value,
            },
            needed_if=NeededIf.INVITATION_OPEN,
            due_at=due,
            now=now,
        )
    return invitations


def set_moments(invitation: Invitation, ask: Ask, step: Step, loaded: Loaded, participation: Participation) -> None:
    """Write the deadline and the next rung of an invitation, from the rules and the dates as they are now."""
    calendar = loaded.calendar_of(participation)
    before = step.stage is Stage.BEFORE and not loaded.comes_with_it(step)
    dates = loaded.dates_from(step, invitation.asked_at)
    deadline = deadline_at(ask.deadline, dates, calendar, before=before) if ask.deadline else None
    if deadline is not None:
        latest = calendar.at(calendar.day_of(loaded.starts_at), time(0, 0)) if before else None
        invitation.deadline_at = fair_deadline(deadline, invitation.asked_at, calendar, latest)
    rung = None if waits_for_a_yes(loaded, step, participation) else rung_of(invitation, ask, loaded, calendar)
    invitation.next_at = rung.at if rung else registration_closes_at(invitation, ask, loaded, calendar)


def registration_closes_at(invitation: Invitation, ask: Ask, loaded: Loaded, calendar: Calendar) -> datetime | None:
    """Return from when nobody waits any more for a yes or a no; ``None`` for a form that asks something else.

    That is the morning of the hard deadline where there is one: until then a late yes is what is hoped for. While there
    is no date nobody can say whether they come.
    """
    if not (ask.asks_who_comes and invitation.form == ask.form) or loaded.activity.date_fixed_at is None:
        return None
    hard = deadline_at(ask.hard_deadline, loaded.dates, calendar, before=True) if ask.hard_deadline else None
    last = max((at for at in (hard, invitation.deadline_at) if at is not None), default=None)
    return None if last is None else calendar.at(calendar.day_of(last), ROUTINE_TIME)


def waits_for_a_yes(loaded: Loaded, step: Step, participation: Participation) -> bool:
    """Whether somebody was invited and has not answered: nothing else is reminded of before (field rule 9)."""
    if participation.standing is not Standing.INVITED or step.stage is not Stage.BEFORE:
        return False
    inviting = [
        one.key
        for one in loaded.playbook.steps
        if any(ask.asks_who_comes and ask.to is participation.role for ask in one.asks)
    ]
    return step.key not in inviting and any(loaded.states.get(key) is StepState.DONE for key in inviting)


async def remind_from_now(session: AsyncSession, loaded: Loaded, participation: Participation, now: datetime) -> None:
    """Let the reminders begin of what somebody was asked before they said yes, after two working days at the least.

    Of the reminders that would have gone out by then only the last one still does.
    """
    calendar = loaded.calendar_of(participation)
    peace = calendar.at(calendar.count(calendar.day_of(now), 2), ROUTINE_TIME)
    rows = await session.scalars(
        select(Invitation).where(
            Invitation.participation_id == participation.id, Invitation.state.in_(OPEN), Invitation.next_at.is_(None)
        )
    )
    for invitation in rows:
        found = ask_of(loaded.playbook, invitation, participation.role)
        if found is None:
            continue
        last = len(loaded.playbook.profile(invitation.profile).reminders) - 1
        while (rung := rung_of(invitation, found[1], loaded, calendar)) and rung.at < peace and invitation.rung < last:
            invitation.rung += 1
        invitation.next_at = max(rung.at, peace) if rung else None


def rung_of(invitation: Invitation, ask: Ask, loaded: Loaded, calendar: Calendar) -> NextRung | None:
    """Return the next rung of an invitation's ladder."""
    start_at = hard = None
    if ask.remind_from:
        day = offset_day(ask.remind_from, loaded.dates, calendar)
        start_at = calendar.at(calendar.next_working(day), ROUTINE_TIME) if day else None
    if ask.hard_deadline:
        hard = deadline_at(ask.hard_deadline, loaded.dates, calendar, before=True)
    person = loaded.persons[loaded.participation(invitation.participation_id).person_id]
    away = Away(person.away_from, person.away_until) if person.away_from and person.away_until else None
    return next_rung(
        loaded.playbook.profile(invitation.profile),
        invitation.rung,
        invitation.asked_at,
        calendar,
        start_at=start_at,
        hard_deadline_at=hard,
        deadline_at=invitation.deadline_at,
        away=away,
    )


def ask_of(playbook: Playbook, invitation: Invitation, role: Role) -> tuple[Step, Ask] | None:
    """Return the step and ask that an invitation came from; ``None`` when the playbook has it no more."""
    for step in playbook.steps:
        if step.key == invitation.step:
            for ask in step.asks:
                if invitation.form in (ask.form, *ask.with_forms) and ask.to is role:
                    return step, ask
    return None


def registers(playbook: Playbook, invitation: Invitation, role: Role) -> bool:
    """Whether an invitation asks somebody of a role whether they take part."""
    found = ask_of(playbook, invitation, role)
    return found is not None and found[1].asks_who_comes and invitation.form == found[1].form


async def tell_people(
    session: AsyncSession, loaded: Loaded, step: Step, tell: Tell, facts: Facts, now: datetime
) -> None:
    """Queue a mail that asks nothing, for everybody of the roles."""
    for role in tell.to:
        for participation in loaded.in_role(role, tell.among, step.moment):
            await tell_person(session, loaded, step, tell, participation, facts, now)


async def tell_person(
    session: AsyncSession,
    loaded: Loaded,
    step: Step,
    tell: Tell,
    participation: Participation,
    facts: Facts,
    now: datetime,
) -> None:
    """Queue a mail that asks nothing, once for each date that the activity has had: a step can come again.

    Somebody who left and came back is told again, for the appointment was taken out of their calendar.
    """
    if tell.when and not facts.holds(tell.when):
        return
    times = len(loaded.activity.moves) + await times_taken(session, loaded.activity.id, participation.person_id)
    key = f"{loaded.activity.id}:{step.key}:{tell.mail}:{participation.id}:{times + 1}"
    if await waits_for_digest(session, loaded, tell.mail, participation, now):
        return
    pace = pace_of(tell.mail, step.rhythm)
    deadline = loaded.starts_at if step.stage is Stage.BEFORE else None
    due = loaded.leaves_at(pace, participation, now, deadline)
    told = await queue(
        session,
        key=key,
        mail=tell.mail,
        person_id=participation.person_id,
        activity_id=loaded.activity.id,
        participation_id=participation.id,
        about={"step": step.key, "rhythm": step.rhythm.value},
        needed_if=NeededIf.ACTIVE,
        due_at=due,
        now=now,
    )
    if told is None:
        await _let_go_after_all(session, key, due)


async def _let_go_after_all(session: AsyncSession, key: str, due: datetime) -> None:
    """Let a mail leave that did not because its reader had left: they are back."""
    message = await session.scalar(
        select(Message).where(
            Message.key == key, Message.state == MessageState.SKIPPED, Message.reason.in_(BECAUSE_THEY_LEFT)
        )
    )
    if message is not None:
        message.state, message.reason, message.due_at = MessageState.QUEUED, None, due


async def keep_form(session: AsyncSession, library: Library, key: str, variant: str | None) -> str:
    """Store a form as it is asked now, if it is not there yet, and return its digest."""
    form = library.resolved(key, variant)
    fingerprint = digest(form)
    if await session.get(FormVersion, fingerprint) is not None:
        return fingerprint
    # Two activities may ask a form for the first time at once: the second waits here, and then finds it.
    await lock_registry(session)
    if await session.get(FormVersion, fingerprint) is None:
        session.add(
            FormVersion(
                digest=fingerprint,
                key=form.key,
                version=form.version,
                definition=form.model_dump(mode="json", exclude_defaults=True),
            )
        )
        await session.flush()
    return fingerprint


def _asked_at(
    loaded: Loaded, step: Step, ask: Ask, participation: Participation, begins: datetime, *, is_urgent: bool
) -> datetime:
    """Return when a question leaves (field rule 50)."""
    calendar, is_near = loaded.calendar_of(participation), _is_near(loaded, step, begins)
    before = step.stage is Stage.BEFORE and not loaded.comes_with_it(step)
    deadline = deadline_at(ask.deadline, loaded.dates, calendar, before=before) if ask.deadline else None
    pace = pace_of(ask.mail, step.rhythm, is_urgent=is_urgent or is_near)
    return loaded.leaves_at(pace, participation, begins, deadline)


def _profile_for(loaded: Loaded, step: Step, ask: Ask, asked_at: datetime) -> str:
    """Return the ladder of an ask; whoever is asked in the last days before the activity climbs the tight one."""
    profiles = {profile.key: profile for profile in loaded.playbook.reminders}
    is_late = _is_near(loaded, step, asked_at)
    return TIGHT if is_late and TIGHT in profiles and profiles[ask.remind].reminders else ask.remind


def _is_near(loaded: Loaded, step: Step, asked_at: datetime) -> bool:
    """Whether something that must be known before the activity is asked in the last days before it."""
    is_before = step.stage is Stage.BEFORE and not loaded.comes_with_it(step)
    return is_before and asked_at >= loaded.starts_at - TIGHT_FROM
