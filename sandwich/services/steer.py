"""What a coordinator does in mid-flight: move, hold, cancel, replace, waive, open a gate, finish a call."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import PersonRef
from models.playbook import Role, Stage
from models.tables.activities import ACTIVE, ActivityStatus, Approval, Participation, Standing, StepState
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState, Message, MessageState
from models.tables.network import Person
from sandwich.errors import BadInput, NotFound
from sandwich.runtime import Runtime
from sandwich.services.calls import drop_calls
from sandwich.services.dates import Span, check_spans, fix, set_moments
from sandwich.services.facts import gather
from sandwich.services.invite import ask_of, ask_person
from sandwich.services.invite import set_moments as set_invitation_moments
from sandwich.services.leave import leave
from sandwich.services.loaded import Loaded, load
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.people import add_participation
from sandwich.services.register import find_person
from sandwich.services.settle import settle

DATE_BOUND = frozenset({"approval", "practical-information"})
"""Forms whose answers hang on the date: after a move they are asked again (field rule 15)."""

ENDED = frozenset({ActivityStatus.CANCELLED, ActivityStatus.FINISHED})
TOLD = (Role.TEACHER, Role.HOST_CONTACT, Role.SCHOOL_LEADER, Role.PROFESSIONAL, Role.MENTOR)
"""Roles that hear of a move or a cancellation."""


@asynccontextmanager
async def _steering(
    runtime: Runtime, activity_id: str, now: datetime, actor: str
) -> AsyncIterator[tuple[AsyncSession, Loaded]]:
    """Open an activity for a change, and settle it afterwards."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        yield session, loaded
        await settle(session, loaded, now)


async def fix_date(runtime: Runtime, activity_id: str, number: int, *, now: datetime, actor: str) -> None:
    """Fix the proposed date with this number (from 0), for instance after a phone call."""
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        _refuse_ended(loaded)
        fix(loaded, number, now)
        check_spans([(moment.starts_at, moment.ends_at) for moment in loaded.moments], now)
        await _finish_calls(session, loaded, {"choose-date", "other-date", "no-date"}, actor, now)


async def move(
    runtime: Runtime, activity_id: str, spans: Sequence[Span], reason: str, *, now: datetime, actor: str
) -> None:
    """Move an activity to other dates; everybody hears of it, and what hangs on the date is asked again."""
    check_spans(spans, now)
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        _refuse_ended(loaded)
        if loaded.activity.status is ActivityStatus.AFTER or now >= loaded.starts_at:
            raise BadInput(
                "This activity has taken place; it cannot be moved any more.",
                "Deze activiteit is al geweest; verplaatsen kan niet meer.",
            )
        activity, old = loaded.activity, (loaded.starts_at, loaded.ends_at)
        was_fixed = activity.date_fixed_at is not None
        set_moments(loaded, spans)
        activity.date_fixed_at = activity.date_fixed_at or now
        activity.calendar_sequence += 1
        activity.moves = [
            *activity.moves,
            {"from": [moment.isoformat() for moment in old], "at": now.isoformat(), "by": actor},
        ]
        activity.closing_reason = reason or activity.closing_reason
        await session.flush()
        if was_fixed:
            await _tell_all(
                session, loaded, "moved", now, {"old_start": old[0].isoformat(), "old_end": old[1].isoformat()}
            )
        await _follow_the_date(session, loaded, now)


async def hold(runtime: Runtime, activity_id: str, reason: str, *, now: datetime, actor: str) -> None:
    """Put an activity on hold: no mail and no reminder leaves until it goes on."""
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        _refuse_ended(loaded)
        activity = loaded.activity
        if activity.status is ActivityStatus.ON_HOLD:
            raise BadInput("This activity is on hold already.", "Deze activiteit staat al stil.")
        activity.status_before_hold, activity.status = activity.status, ActivityStatus.ON_HOLD
        activity.closing_reason = reason
        activity.calendar_sequence += 1
        await _tell_all(session, loaded, "on-hold", now, {}, roles=(Role.TEACHER,), needed_if=None)


async def resume(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> None:
    """Let an activity that was on hold go on."""
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        activity = loaded.activity
        if activity.status is not ActivityStatus.ON_HOLD or activity.status_before_hold is None:
            raise BadInput("This activity is not on hold.", "Deze activiteit staat niet stil.")
        activity.status, activity.status_before_hold = activity.status_before_hold, None
        await _follow_the_date(session, loaded, now)


async def cancel(runtime: Runtime, activity_id: str, reason: str, *, now: datetime, actor: str) -> None:
    """Cancel an activity: everybody hears of it, nothing is asked any more, its run ends."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        _refuse_ended(loaded)
        activity = loaded.activity
        was_asked = any(row.state is StepState.DONE for row in loaded.steps.values())
        activity.status = ActivityStatus.CANCELLED
        activity.closing_reason = reason
        activity.finished_at = now
        activity.calendar_sequence += 1
        for invitation in await session.scalars(
            select(Invitation).where(Invitation.activity_id == activity_id, Invitation.state.in_(OPEN))
        ):
            invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
        for call in await session.scalars(
            select(Call).where(Call.activity_id == activity_id, Call.state.in_([CallState.PLANNED, CallState.OPEN]))
        ):
            call.state, call.done_at = CallState.DROPPED, now
        for message in await session.scalars(
            select(Message).where(Message.activity_id == activity_id, Message.state == MessageState.QUEUED)
        ):
            message.state, message.reason = MessageState.SKIPPED, "cancelled"
        if was_asked:
            await _tell_all(session, loaded, "cancelled", now, {}, needed_if=None)
        await settle(session, loaded, now)
        # The run wakes once more, finds that it is over, and completes.
        activity.wake_at = now if activity.run_id else None


async def waive(runtime: Runtime, invitation_id: str, reason: str, *, now: datetime, actor: str) -> None:
    """Do without somebody's answer, for a reason that is kept."""
    _need_reason(reason)
    activity_id = await _activity_of(runtime, invitation_id)
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        invitation = await session.get_one(Invitation, invitation_id)
        if invitation.state not in (*OPEN, InvitationState.CLOSED, InvitationState.COUNTERED, InvitationState.REFUSED):
            raise BadInput("This was answered or ended already.", "Dit is al beantwoord of beëindigd.")
        invitation.state, invitation.next_at = InvitationState.WAIVED, None
        invitation.waived_by_id, invitation.waive_reason = actor, reason
        await drop_calls(session, invitation_id, now)
        step = loaded.playbook.step(invitation.step)
        if step.proposal:
            agreement = await session.scalar(select(Agreement).where(Agreement.activity_id == activity_id))
            if agreement is not None and agreement.state is not AgreementState.ACCEPTED:
                agreement.state = AgreementState.WAIVED
        if invitation.form == "approval":
            leader = loaded.participation(invitation.participation_id)
            school = loaded.persons[leader.person_id].school_id
            for item in loaded.in_role(Role.TEACHER):
                if item.approval is Approval.OPEN and loaded.persons[item.person_id].school_id == school:
                    item.approval = Approval.NOT_NEEDED


async def withdraw(runtime: Runtime, participation_id: str, *, now: datetime, actor: str) -> None:
    """Take somebody out who does not take part any more."""
    activity_id = await _activity_of_participation(runtime, participation_id)
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        participation = loaded.participation(participation_id)
        if participation.standing not in ACTIVE:
            raise BadInput("This person has left already.", "Deze persoon doet al niet meer mee.")
        await leave(session, loaded, participation, Standing.WITHDRAWN, now)


async def add_person(
    runtime: Runtime, activity_id: str, ref: PersonRef, role: Role, *, now: datetime, actor: str
) -> str:
    """Add somebody in a role, who then is asked what others were asked before; returns the participation's id."""
    person_id = await _known(runtime, ref, now, actor)
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        _refuse_ended(loaded)
        added = await _add(session, loaded, person_id, role, now)
        await _catch_up(session, runtime, loaded, added, now)
        return added.id


async def replace(runtime: Runtime, participation_id: str, ref: PersonRef, *, now: datetime, actor: str) -> str:
    """Let somebody else take over. The old links die, the old answers stay with the old person and do not count."""
    activity_id = await _activity_of_participation(runtime, participation_id)
    person_id = await _known(runtime, ref, now, actor)
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        _refuse_ended(loaded)
        old = loaded.participation(participation_id)
        if old.standing is Standing.REPLACED:
            raise BadInput("This person was replaced already.", "Deze persoon is al vervangen.")
        if old.person_id == person_id:
            raise BadInput("Choose somebody else.", "Kies iemand anders.")
        new = await _add(session, loaded, person_id, old.role, now)
        await leave(session, loaded, old, Standing.REPLACED, now)
        old.replaced_by_id = new.id
        await _catch_up(session, runtime, loaded, new, now)
        await _finish_calls(session, loaded, {"change-cannot", "change-replaced", "release-refused"}, actor, now)
        return new.id


async def override_gate(
    runtime: Runtime, activity_id: str, stage: Stage, reason: str, *, now: datetime, actor: str
) -> None:
    """Open a gate although something is missing, for a reason that is kept."""
    _need_reason(reason)
    async with _steering(runtime, activity_id, now, actor) as (session, loaded):
        _refuse_ended(loaded)
        activity = loaded.activity
        activity.overrides = {**activity.overrides, stage.value: {"by": actor, "at": now.isoformat()}}
        session.add(
            Call(
                key=f"{activity_id}:gate:{stage}:{now.isoformat()}",
                activity_id=activity_id,
                what=f"gate-{stage}",
                state=CallState.DONE,
                due_at=now,
                opened_at=now,
                done_at=now,
                done_by_id=actor,
                note=reason,
            )
        )
        if stage is Stage.BEFORE:
            await _finish_calls(session, loaded, {"not-ready"}, actor, now)


async def finish_call(runtime: Runtime, call_id: str, note: str, *, now: datetime, actor: str) -> None:
    """Write down that a call was made, and what came of it."""
    async with runtime.store.read() as session:
        found = await session.get(Call, call_id)
    if found is None:
        raise NotFound(what="call", name=call_id)
    async with _steering(runtime, found.activity_id, now, actor) as (session, _loaded):
        call = await session.get_one(Call, call_id)
        if call.state is not CallState.OPEN:
            raise BadInput("This call is done already.", "Dit is al afgehandeld.")
        call.state, call.done_at, call.done_by_id, call.note = CallState.DONE, now, actor, note or None


async def _follow_the_date(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Compute deadlines and ladders anew, and ask again what hangs on the date."""
    for invitation in await session.scalars(select(Invitation).where(Invitation.activity_id == loaded.activity.id)):
        participation = loaded.participation(invitation.participation_id)
        found = ask_of(loaded.playbook, invitation, participation.role)
        if found is None or participation.standing not in ACTIVE:
            continue
        answered = invitation.state in {InvitationState.ANSWERED, InvitationState.PHONED}
        if answered and invitation.form in DATE_BOUND:
            invitation.state, invitation.reconfirm = InvitationState.SENT, True
            invitation.rung, invitation.asked_at = 0, now
            if invitation.form == "approval":
                _ask_release_again(loaded, participation)
        if invitation.state in OPEN:
            set_invitation_moments(invitation, found[1], found[0], loaded, participation)


def _ask_release_again(loaded: Loaded, leader: Participation) -> None:
    school = loaded.persons[leader.person_id].school_id
    for item in loaded.in_role(Role.TEACHER):
        if loaded.persons[item.person_id].school_id == school and item.approval is Approval.APPROVED:
            item.approval = Approval.OPEN


async def _catch_up(
    session: AsyncSession, runtime: Runtime, loaded: Loaded, participation: Participation, now: datetime
) -> None:
    """Ask somebody who came later what the others were asked, as far as it still matters; release is asked anew."""
    facts = await gather(session, loaded, now)
    for step in loaded.playbook.steps:
        row = loaded.steps.get(step.key)
        if row is None or row.state is not StepState.DONE or (step.stage is Stage.BEFORE and now >= loaded.starts_at):
            continue
        for ask in step.asks:
            if ask.to is participation.role:
                await ask_person(session, runtime.library, loaded, step, ask, participation, facts, now)
            elif ask.to is Role.SCHOOL_LEADER and participation.approval is Approval.OPEN:
                school = loaded.persons[participation.person_id].school_id
                for leader in loaded.in_role(Role.SCHOOL_LEADER):
                    if loaded.persons[leader.person_id].school_id == school:
                        number = await _times_asked(session, leader, step.key) + 1
                        await ask_person(
                            session, runtime.library, loaded, step, ask, leader, facts, now, occurrence=number
                        )


async def _times_asked(session: AsyncSession, participation: Participation, step: str) -> int:
    numbers = await session.scalars(
        select(Invitation.occurrence).where(Invitation.participation_id == participation.id, Invitation.step == step)
    )
    return max(numbers, default=0)


async def _tell_all(
    session: AsyncSession,
    loaded: Loaded,
    mail: str,
    now: datetime,
    about: dict[str, str],
    *,
    roles: Sequence[Role] = TOLD,
    needed_if: NeededIf | None = NeededIf.ACTIVE,
) -> None:
    """Tell everybody who was written to before, each person once."""
    sequence = loaded.activity.calendar_sequence
    told: set[str] = set()
    written = set(await session.scalars(select(Message.person_id).where(Message.activity_id == loaded.activity.id)))
    for role in roles:
        for participation in loaded.in_role(role):
            if participation.person_id in told or participation.person_id not in written:
                continue
            told.add(participation.person_id)
            await queue(
                session,
                key=f"{loaded.activity.id}:{mail}:{sequence}:{participation.id}",
                mail=mail,
                person_id=participation.person_id,
                activity_id=loaded.activity.id,
                participation_id=participation.id,
                about={**about, "sequence": sequence},
                needed_if=needed_if,
                due_at=now,
                now=now,
            )


async def _add(session: AsyncSession, loaded: Loaded, person_id: str, role: Role, now: datetime) -> Participation:
    person = await session.get_one(Person, person_id)
    added = await add_participation(session, loaded, person, role, now)
    if added is None:
        raise BadInput("This person takes part already.", "Deze persoon doet al mee.")
    return added


async def _known(runtime: Runtime, ref: PersonRef, now: datetime, actor: str) -> str:
    async with runtime.store.change(now=now, actor=actor) as session:
        return (await find_person(session, ref)).id


async def _finish_calls(session: AsyncSession, loaded: Loaded, whats: set[str], actor: str, now: datetime) -> None:
    for call in await session.scalars(
        select(Call).where(Call.activity_id == loaded.activity.id, Call.what.in_(whats), Call.state == CallState.OPEN)
    ):
        call.state, call.done_at, call.done_by_id = CallState.DONE, now, actor


async def _activity_of(runtime: Runtime, invitation_id: str) -> str:
    async with runtime.store.read() as session:
        invitation = await session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound(what="invitation", name=invitation_id)
    return invitation.activity_id


async def _activity_of_participation(runtime: Runtime, participation_id: str) -> str:
    async with runtime.store.read() as session:
        participation = await session.get(Participation, participation_id)
    if participation is None:
        raise NotFound(what="participation", name=participation_id)
    return participation.activity_id


def _refuse_ended(loaded: Loaded) -> None:
    if loaded.activity.status is ActivityStatus.CANCELLED:
        raise BadInput("This activity was cancelled.", "Deze activiteit is geannuleerd.")
    if loaded.activity.status is ActivityStatus.FINISHED:
        raise BadInput("This activity is finished.", "Deze activiteit is afgerond.")


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput(
            "Give a reason; it is kept with the decision.", "Geef een reden; die blijft bij het besluit staan."
        )
