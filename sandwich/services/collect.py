"""Take answers: from the web, by phone, and as a draft. What follows from an answer is committed with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import HOST_ROLES
from models.tables.activities import ACTIVE, ActivityStatus, Participation
from models.tables.asking import OPEN, Draft, Invitation, InvitationState, Submission, Via
from sandwich.errors import NotFound
from sandwich.failpoints import failpoint
from sandwich.rules.answers import Reading, chosen, read_answers
from sandwich.runtime import Runtime
from sandwich.services.adopters import is_only_adopter
from sandwich.services.asking import form_of
from sandwich.services.calls import drop_calls
from sandwich.services.closed import refuse_cancelled, refuse_closed, refuse_going_on
from sandwich.services.consequences import BY_QUESTION, CONSEQUENCES, Received, agreement, keep_promises, refusals
from sandwich.services.consequences.refusals import doubts
from sandwich.services.either import close_for_others
from sandwich.services.forget import remember_to_forget
from sandwich.services.invite import keep_form
from sandwich.services.links import is_formal
from sandwich.services.loaded import Loaded, load
from sandwich.services.repeats import Page, sent_from, standing
from sandwich.services.settle import settle
from sandwich.services.sources import fill
from sandwich.services.uploads import remove_left_out

BEFORE_THE_DAY = {"host-hours": "prepared"}
"""The variant of a form that is sent although the day never came."""

CALLED_OFF = frozenset({"new-date", "host-hours"})
"""Forms behind the links in a mail that something is called off: a new date, and the hours of preparing it."""

AFTER_ALL = frozenset({"privacy-request"}) | CALLED_OFF
UNASKED = AFTER_ALL | {"change"}
"""Forms that nobody is asked for: behind the links at the foot of every mail, or where something was called off."""

_BY_THEMSELVES = frozenset({Via.WEB, Via.MAIL})
"""Ways on which people write their answers themselves."""


@dataclass(frozen=True)
class Outcome:
    """What became of an answer. Not accepted: ``problems`` by field, and everything typed is kept.

    ``kept_id`` is the answer that stands where the same page brought another one: this one is not taken. With
    ``has_doubts`` nothing is wrong but that its writer must look at some words once more. Who ``is_forgotten`` is
    erased by the next day.
    """

    accepted: bool
    problems: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    is_late: bool = False
    is_replacement: bool = False
    untouched: bool = False
    has_left: bool = False
    is_forgotten: bool = False
    next_invitation_id: str | None = None
    kept_id: str | None = None
    has_doubts: bool = False


async def submit(
    runtime: Runtime,
    invitation_id: str,
    posted: Mapping[str, list[str]],
    *,
    now: datetime,
    key: str,
    via: Via = Via.WEB,
    entered_by: str | None = None,
    answered_by: str | None = None,
    shown: str | None = None,
    looked: bool = False,
) -> Outcome:
    """Take the answers to an invitation.

    ``key`` belongs to the page that was filled in: the same page again is the same submission and changes nothing,
    also where something else stands in it now; the outcome then names the answer that was kept (``kept_id``), unless
    that says the same.
    ``shown`` is what the page showed beside the questions (``AskedForm.shown``), for answers that are about it.
    Another submission to the same invitation is kept beside the earlier one and counts instead of it. A form that
    nobody touched changes nothing. What had better not be kept is asked about, unless its writer has ``looked`` at it
    or somebody else typed it. Raises ``BadInput`` where no answer can be taken any more.
    """
    activity_id, person_id = await _whose(runtime, invitation_id)
    async with runtime.store.change(now=now, actor=entered_by or person_id, stream=activity_id) as session:
        invitation = await session.get_one(Invitation, invitation_id)
        loaded = await load(session, runtime.settings.timezone, activity_id)
        participation = loaded.participation(invitation.participation_id)
        page = Page.of(activity_id, invitation_id, key, posted, answered_by)
        earlier = await sent_from(session, page)
        if earlier is not None and earlier.key == page.submission_key:
            return await _again(session, loaded, invitation, earlier, now)
        if earlier is None:
            refuse_closed(loaded.activity, invitation)
        form = await form_of(session, invitation.form_digest)
        rows, prefilled = await fill(session, runtime.library, loaded, participation, form, invitation.step)
        language, formal = loaded.persons[participation.person_id].language, is_formal(participation.role)
        reading = read_answers(form, posted, rows, language, formal)
        if earlier is not None:
            stands = await standing(session, earlier)
            if _is_same(stands, reading, answered_by):  # a correction that was kept, though its sender never heard so
                return await _again(session, loaded, invitation, stands, now)
            return Outcome(accepted=False, kept_id=stands.id)
        if via is Via.WEB and not chosen(form, reading, prefilled, rows, language):
            return Outcome(accepted=False, typed=reading.typed, untouched=True, problems=reading.problems)
        if reading.problems:
            return Outcome(accepted=False, problems=reading.problems, typed=reading.typed)
        refused = await refusals(session, loaded, invitation, reading.answers, shown, now)
        asks_twice = via in _BY_THEMSELVES and not looked and not refused
        doubtful = doubts(form, reading, prefilled, loaded.persons.values()) if asks_twice else {}
        sentences = {**refused, **doubtful}
        problems = {name: sentence.to(language, formal=formal) for name, sentence in sentences.items()}
        if problems:
            return Outcome(accepted=False, problems=problems, typed=reading.typed, has_doubts=bool(doubtful))
        late = invitation.deadline_at is not None and now >= invitation.deadline_at
        number = await _count(session, invitation_id) + 1
        submission = Submission(
            key=page.submission_key,
            activity_id=activity_id,
            invitation_id=invitation_id,
            form=invitation.form,
            form_digest=invitation.form_digest,
            number=number,
            person_id=participation.person_id,
            entered_by_id=entered_by,
            answered_by=answered_by or None,
            via=via,
            answers=reading.answers,
            submitted_at=now,
        )
        session.add(submission)
        invitation.state = InvitationState.ANSWERED if via in _BY_THEMSELVES else InvitationState.PHONED
        invitation.answered_at = now
        invitation.is_late = late
        invitation.next_at = None
        invitation.reconfirm = False
        await session.flush()
        remember_to_forget(loaded, form, runtime.settings.keep_practical_days)
        await _forget_draft(session, invitation_id)
        if via is Via.WEB:  # no file can be sent on the phone, so none was left out
            await remove_left_out(session, invitation)
        await close_for_others(session, loaded, invitation)
        await drop_calls(session, invitation_id, now)
        received = Received(session, runtime, loaded, invitation, participation, submission, reading.answers, now)
        await agreement(received, form)
        await CONSEQUENCES.get(invitation.form, _nothing)(received)
        for question in BY_QUESTION.keys() & reading.answers.keys():
            await BY_QUESTION[question](received)
        await keep_promises(received)
        await received.finish()
        await settle(session, loaded, now)
        following = await _next(session, loaded, participation.person_id, now)
        await failpoint("answer-committing")
    await failpoint("answer-committed")
    return Outcome(accepted=True, is_late=late, is_replacement=number > 1, next_invitation_id=following)


async def save_draft(runtime: Runtime, invitation_id: str, posted: Mapping[str, list[str]], *, now: datetime) -> bool:
    """Keep what was typed so far, readable or not; returns whether anything is kept. The same again changes nothing."""
    async with runtime.store.read() as session:
        invitation = await session.get(Invitation, invitation_id)
        if invitation is None:
            raise NotFound(what="invitation", name=invitation_id)
        loaded = await load(session, runtime.settings.timezone, invitation.activity_id)
        participation = loaded.participation(invitation.participation_id)
        refuse_closed(loaded.activity, invitation)
        form = await form_of(session, invitation.form_digest)
        rows, prefilled = await fill(session, runtime.library, loaded, participation, form, invitation.step)
        language = loaded.persons[participation.person_id].language
        reading = read_answers(form, posted, rows, language, is_formal(participation.role), draft=True)
        known = await session.get(Draft, invitation_id)
        if known is None and not chosen(form, reading, prefilled, rows, language):
            return False
        if known is not None and known.typed == reading.typed:
            return True
    async with runtime.store.change(now=now, actor=participation.person_id, stream=invitation.activity_id) as session:
        draft = await session.get(Draft, invitation_id)
        if draft is None:
            session.add(Draft(invitation_id=invitation_id, typed=reading.typed, saved_at=now))
        else:
            draft.typed, draft.saved_at = reading.typed, now
        invitation = await session.get_one(Invitation, invitation_id)
        if invitation.state in {InvitationState.PLANNED, InvitationState.SENT, InvitationState.OPENED}:
            invitation.state = InvitationState.DRAFT
        if any(question.keep_days for question in form.questions):
            loaded = await load(session, runtime.settings.timezone, invitation.activity_id)
            remember_to_forget(loaded, form, runtime.settings.keep_practical_days)
    await failpoint("draft-committed")
    return True


async def report_change(
    runtime: Runtime,
    participation_id: str,
    form_key: str,
    posted: Mapping[str, list[str]],
    *,
    now: datetime,
    key: str,
    via: Via = Via.WEB,
    entered_by: str | None = None,
    actor: str | None = None,
) -> Outcome:
    """Take a form that nobody was asked for and that anybody may send: a change or withdrawal, a privacy request.

    What is about something that was called off is taken only where it was, the hours only of a host. Raises
    ``NotFound`` for any other form, ``BadInput`` where nothing can be changed any more.
    """
    if form_key not in UNASKED:
        raise NotFound(what="form", name=form_key)
    async with runtime.store.read() as session:
        known = await session.get(Participation, participation_id)
        if known is None:
            raise NotFound(what="participation", name=participation_id)
        activity_id, person_id = known.activity_id, known.person_id
    async with runtime.store.change(now=now, actor=actor or entered_by or person_id, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        participation = loaded.participation(participation_id)
        if form_key not in AFTER_ALL:
            refuse_cancelled(loaded.activity)
        if form_key in CALLED_OFF:
            refuse_going_on(loaded.activity)
        if form_key == "host-hours" and participation.role not in HOST_ROLES:
            raise NotFound(what="form", name=form_key)
        page = Page.of(activity_id, participation_id, key, posted)
        earlier = await sent_from(session, page)
        if earlier is not None and earlier.key == page.submission_key:
            return _gone_or_not(loaded, participation)
        variant = BEFORE_THE_DAY.get(form_key)
        form = runtime.library.resolved(form_key, variant)
        rows, prefilled = await fill(session, runtime.library, loaded, participation, form)
        language, formal = loaded.persons[participation.person_id].language, is_formal(participation.role)
        reading = read_answers(form, posted, rows, language, formal)
        if earlier is not None:
            stands = await standing(session, earlier)
            if _is_same(stands, reading, None):
                return _gone_or_not(loaded, participation)
            return Outcome(accepted=False, kept_id=stands.id)
        if not chosen(form, reading, prefilled, rows, language):
            return Outcome(accepted=False, typed=reading.typed, untouched=True, problems=reading.problems)
        if reading.problems:
            return Outcome(accepted=False, problems=reading.problems, typed=reading.typed)
        submission = Submission(
            key=page.submission_key,
            activity_id=activity_id,
            form=form_key,
            form_digest=await keep_form(session, runtime.library, form_key, variant),
            person_id=participation.person_id,
            entered_by_id=entered_by,
            via=via,
            answers=reading.answers,
            submitted_at=now,
        )
        session.add(submission)
        await session.flush()
        received = Received(session, runtime, loaded, None, participation, submission, reading.answers, now)
        await CONSEQUENCES[form_key](received)
        await received.finish()
        if loaded.activity.status is not ActivityStatus.CANCELLED:
            await settle(session, loaded, now)
        outcome = _gone_or_not(loaded, participation)
    await failpoint("change-reported")
    return outcome


def _gone_or_not(loaded: Loaded, participation: Participation) -> Outcome:
    has_left = participation.standing not in ACTIVE
    return Outcome(accepted=True, has_left=has_left, is_forgotten=has_left and is_only_adopter(loaded, participation))


async def _nothing(received: Received) -> None:
    return None


async def _whose(runtime: Runtime, invitation_id: str) -> tuple[str, str]:
    async with runtime.store.read() as session:
        found = await session.execute(
            select(Invitation.activity_id, Participation.person_id)
            .join(Participation, Participation.id == Invitation.participation_id)
            .where(Invitation.id == invitation_id)
        )
        row = found.first()
    if row is None:
        raise NotFound(what="invitation", name=invitation_id)
    return row[0], row[1]


async def _again(
    session: AsyncSession, loaded: Loaded, invitation: Invitation, stands: Submission, now: datetime
) -> Outcome:
    """What was kept already is sent once more."""
    person_id = loaded.participation(invitation.participation_id).person_id
    return Outcome(
        accepted=True,
        is_late=invitation.is_late,
        is_replacement=stands.number > 1,
        next_invitation_id=await _next(session, loaded, person_id, now),
    )


def _is_same(stands: Submission, reading: Reading, answered_by: str | None) -> bool:
    return not reading.problems and stands.answers == reading.answers and stands.answered_by == (answered_by or None)


async def _count(session: AsyncSession, invitation_id: str) -> int:
    numbers = await session.scalars(select(Submission.number).where(Submission.invitation_id == invitation_id))
    return max(numbers, default=0)


async def _forget_draft(session: AsyncSession, invitation_id: str) -> None:
    draft = await session.get(Draft, invitation_id)
    if draft is not None:
        await session.delete(draft)


async def _next(session: AsyncSession, loaded: Loaded, person_id: str, now: datetime) -> str | None:
    """The next question that is open for the same person in the same activity."""
    mine = [item.id for item in loaded.participations if item.person_id == person_id]
    return await session.scalar(
        select(Invitation.id)
        .where(Invitation.participation_id.in_(mine), Invitation.state.in_(OPEN), Invitation.asked_at <= now)
        .order_by(Invitation.deadline_at.nulls_last(), Invitation.asked_at, Invitation.id)
        .limit(1)
    )
