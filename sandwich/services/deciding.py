"""What a coordinator decides for a reason that is kept: do without an answer, open a gate, finish a call."""

from datetime import datetime

from sqlalchemy import select

from models.roles import Role, Stage
from models.tables.activities import Approval, Standing
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState
from sandwich.errors import BadInput, NotFound
from sandwich.runtime import Runtime
from sandwich.services.agreement_asks import close_asks
from sandwich.services.agreements import agreement_of_step
from sandwich.services.calls import drop_calls, finish, person_or_none
from sandwich.services.invite import registers
from sandwich.services.members import let_in
from sandwich.services.steering import activity_of_invitation, finish_calls, need_reason, refuse_ended, steering


async def waive(runtime: Runtime, invitation_id: str, reason: str, *, now: datetime, actor: str) -> None:
    """Do without somebody's answer, for a reason that is kept. Who need not say whether they come takes part."""
    need_reason(reason)
    activity_id = await activity_of_invitation(runtime, invitation_id)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        invitation = await session.get_one(Invitation, invitation_id)
        if invitation.state not in (*OPEN, InvitationState.CLOSED, InvitationState.COUNTERED, InvitationState.REFUSED):
            raise BadInput("This was answered or ended already.", "Dit is al beantwoord of beëindigd.")
        invitation.state, invitation.next_at = InvitationState.WAIVED, None
        invitation.waived_by_id, invitation.waive_reason = await person_or_none(session, actor), reason
        await drop_calls(session, invitation_id, now)
        if (found := agreement_of_step(loaded.playbook, invitation.step)) is not None:
            agreement = await session.scalar(
                select(Agreement).where(Agreement.activity_id == activity_id, Agreement.subject == found[1].about)
            )
            if agreement is not None and agreement.state is not AgreementState.ACCEPTED:
                agreement.state = AgreementState.WAIVED
                await close_asks(session, loaded, *found, now)
        seat = loaded.participation(invitation.participation_id)
        if seat.standing is Standing.UNANSWERED and registers(loaded.playbook, invitation, seat.role):
            await let_in(session, runtime.library, loaded, loaded.persons[seat.person_id], seat.role, now)
        if invitation.form == "approval":
            school = loaded.persons[seat.person_id].school_id
            for item in loaded.in_role(Role.TEACHER):
                if item.approval is Approval.OPEN and loaded.persons[item.person_id].school_id == school:
                    item.approval = Approval.NOT_NEEDED


async def override_gate(
    runtime: Runtime, activity_id: str, stage: Stage, reason: str, *, now: datetime, actor: str
) -> None:
    """Open a gate although something is missing, for a reason that is kept."""
    need_reason(reason)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
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
                done_by_id=await person_or_none(session, actor),
                note=reason,
            )
        )
        if stage is Stage.BEFORE:
            await finish_calls(session, loaded, {"not-ready"}, actor, now)


async def finish_call(runtime: Runtime, call_id: str, note: str, *, now: datetime, actor: str) -> None:
    """Write down that a call was made, and what came of it."""
    async with runtime.store.read() as session:
        found = await session.get(Call, call_id)
    if found is None:
        raise NotFound(what="call", name=call_id)
    async with steering(runtime, found.activity_id, now, actor) as (session, _loaded):
        call = await session.get_one(Call, call_id)
        if call.state is not CallState.OPEN:
            raise BadInput("This call is done already.", "Dit is al afgehandeld.")
        await finish(session, call, actor, now)
        call.note = note or None
