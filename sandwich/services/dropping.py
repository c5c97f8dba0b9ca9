"""Call off the last of several contact moments: the activity ends with the one before it (field rule 43)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ContactMoment, StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState, Message, MessageState
from sandwich.errors import BadInput
from sandwich.rules.series import unrolled
from sandwich.runtime import Runtime
from sandwich.services.dates import note_move
from sandwich.services.loaded import Loaded
from sandwich.services.near import is_near, phone_round
from sandwich.services.outbox import NeededIf
from sandwich.services.reconfirm import follow_the_date
from sandwich.services.steering import need_reason, refuse_ended, steering, tell_all
from sandwich.services.versions import playbooks_of
from sandwich.services.watches import look_again

MEETING_OFF = "meeting-off"
"""The mail that one contact moment is off."""


async def drop_last_meeting(runtime: Runtime, activity_id: str, reason: str, *, now: datetime, actor: str) -> None:
    """Call off the last contact moment; everybody who had mail hears of it, and nothing is asked about it.

    The activity now ends with the one before it. Shortly before it the coordinator is asked to phone everybody as well.
    Raises ``BadInput`` where it is the only one, where the kind needs as many as there are, or where it has begun.
    """
    need_reason(reason)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await drop_last(session, loaded, reason, now, actor)


async def drop_last(session: AsyncSession, loaded: Loaded, reason: str, now: datetime, actor: str) -> None:
    """Do what ``drop_last_meeting`` does in a transaction that is open already."""
    refuse_ended(loaded)
    activity, last = loaded.activity, loaded.moments[-1]
    _refuse(loaded, last, now)
    near = is_near(loaded, now)
    activity.closing_reason = reason
    note_move(activity, (last.starts_at, last.ends_at), reason, now, actor, dropped=last.number)
    about = {
        "number": str(last.number),
        "start": last.starts_at.isoformat(),
        "end": last.ends_at.isoformat(),
    }
    await _without(session, loaded, last)
    await tell_all(session, loaded, MEETING_OFF, now, about, needed_if=NeededIf.ACTIVE)
    if near:
        await phone_round(session, loaded, now)
    await look_again(session, loaded, now)
    await follow_the_date(session, loaded, now, again=frozenset())


def _refuse(loaded: Loaded, last: ContactMoment, now: datetime) -> None:
    least = max(1, loaded.playbook.parameters.meetings.minimum)
    if len(loaded.moments) <= least:
        raise BadInput(
            f"This kind needs at least {least} contact moments, and there are no more. Cancel the activity instead.",
            f"Deze soort heeft minstens {least} ontmoetingen nodig, en meer zijn er niet. Annuleer de activiteit dan.",
        )
    if last.starts_at <= now:
        raise BadInput(
            "The last meeting has begun already; note who was there instead.",
            "De laatste ontmoeting is al begonnen; noteer liever wie er was.",
        )


async def _without(session: AsyncSession, loaded: Loaded, last: ContactMoment) -> None:
    """Take a contact moment out, with the steps that are written out for it and everything that they asked."""
    earlier_end = loaded.ends_at
    playbook = (await playbooks_of(session, {loaded.activity.playbook_digest}))[loaded.activity.playbook_digest]
    loaded.moments = [moment for moment in loaded.moments if moment is not last]
    loaded.playbook = unrolled(playbook, len(loaded.moments))
    await session.delete(last)
    if loaded.activity.forget_at is not None:
        loaded.activity.forget_at += loaded.ends_at - earlier_end
    kept = {step.key for step in loaded.playbook.steps}
    gone = {key for key in loaded.steps if key not in kept}
    for key in sorted(gone):
        if loaded.steps[key].state is StepState.PLANNED:
            await session.delete(loaded.steps.pop(key))
    await _ask_no_more(session, loaded.activity.id, gone)
    await session.flush()


async def _ask_no_more(session: AsyncSession, activity_id: str, gone: Collection[str]) -> None:
    for invitation in await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == activity_id, Invitation.step.in_(gone), Invitation.state.in_(OPEN)
        )
    ):
        invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
    for call in await session.scalars(
        select(Call).where(Call.activity_id == activity_id, Call.step.in_(gone), Call.state != CallState.DONE)
    ):
        call.state = CallState.DROPPED
    for message in await session.scalars(
        select(Message).where(Message.activity_id == activity_id, Message.state == MessageState.QUEUED)
    ):
        if (message.about or {}).get("step") in gone:
            message.state, message.reason = MessageState.SKIPPED, "cancelled"
