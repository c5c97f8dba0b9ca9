"""Stop an activity for a while, let it go on, or cancel it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Activity, ActivityStatus, StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState, Message, MessageState
from sandwich.errors import BadInput
from sandwich.failpoints import failpoint
from sandwich.runtime import Runtime
from sandwich.services.appointments import LEFT, PUT_OFF, RESUMED, put_off
from sandwich.services.loaded import Loaded, load
from sandwich.services.near import is_near, phone_round
from sandwich.services.outbox import NeededIf
from sandwich.services.reconfirm import follow_the_date
from sandwich.services.resting import end_rest, look_on, unlooked
from sandwich.services.settle import settle
from sandwich.services.steering import TOLD, last_mails, refuse_ended, steering, tell_all

ACTOR = "upkeep"


async def hold(
    runtime: Runtime,
    activity_id: str,
    reason: str,
    *,
    now: datetime,
    actor: str,
    until: date | None = None,
    tells_host: bool = False,
) -> None:
    """Put an activity on hold: no mail and no reminder leaves until it goes on.

    The teachers hear of it, and with ``tells_host`` everybody else who takes part too: it is not the host who stops.
    On the day ``until`` the coordinator gets a call to let it go on. Raises ``BadInput`` for a day that is not to come.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await put_on_hold(session, loaded, reason, now, until=until, roles=hold_for(tells_host))


def hold_for(tells_host: bool) -> Sequence[Role]:
    """Return who hears that an activity is put on hold."""
    return TOLD if tells_host else (Role.TEACHER,)


async def put_on_hold(
    session: AsyncSession,
    loaded: Loaded,
    reason: str,
    now: datetime,
    *,
    until: date | None = None,
    roles: Sequence[Role] = (Role.TEACHER,),
) -> None:
    """Do what ``hold`` does in a transaction that is open already."""
    refuse_ended(loaded)
    activity = loaded.activity
    if activity.status is ActivityStatus.ON_HOLD:
        raise BadInput("This activity is on hold already.", "Deze activiteit staat al stil.")
    if until is not None and until <= loaded.calendars.schools.day_of(now):
        raise BadInput(
            f"{until:%d-%m-%Y} is not to come. Give a day after today, or none.",
            f"{until:%d-%m-%Y} komt niet meer. Geef een dag na vandaag, of geen.",
        )
    activity.status_before_hold, activity.status = activity.status, ActivityStatus.ON_HOLD
    activity.closing_reason = reason
    activity.calendar_sequence += 1
    if until is not None:
        await look_on(session, loaded, until)
    near = is_near(loaded, now)
    about = {"asks_date": near}
    # Whoever heard last that it rests has heard nothing else since.
    people = {person for person, mail in (await last_mails(session, activity.id)).items() if mail != PUT_OFF}
    await tell_all(session, loaded, PUT_OFF, now, about, roles=roles, needed_if=NeededIf.ON_HOLD, people=people)
    if near:
        await phone_round(session, loaded, now)


async def resume(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> None:
    """Let an activity that was on hold go on. One whose day has passed meanwhile must be moved first."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await go_on(session, loaded, now)


async def go_on(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Do what ``resume`` does in a transaction that is open already."""
    activity = loaded.activity
    if activity.status is not ActivityStatus.ON_HOLD or activity.status_before_hold is None:
        raise BadInput("This activity is not on hold.", "Deze activiteit staat niet stil.")
    if activity.status_before_hold is not ActivityStatus.AFTER and now >= loaded.starts_at:
        raise BadInput(
            "The day of this activity has passed. Move it to a new date first.",
            "De dag van deze activiteit is voorbij. Verplaats haar eerst naar een nieuwe datum.",
        )
    activity.status, activity.status_before_hold = activity.status_before_hold, None
    activity.calendar_sequence += 1
    await end_rest(session, activity.id, now)
    await follow_the_date(session, loaded, now, again=frozenset())
    await wake_mail(session, activity.id, now)
    people = await put_off(session, loaded, now)
    await tell_all(session, loaded, RESUMED, now, {}, needed_if=NeededIf.PUT_OFF, people=people)


async def wake_mail(session: AsyncSession, activity_id: str, now: datetime) -> None:
    """Let mail leave that waited for the end of a hold. What was still to say that it rests is not true any more."""
    waiting = (MessageState.QUEUED, MessageState.HELD)
    for message in await session.scalars(
        select(Message).where(Message.activity_id == activity_id, Message.state.in_(waiting))
    ):
        if message.mail == PUT_OFF:
            message.state, message.reason = MessageState.SKIPPED, "resumed"
        elif message.reason == ON_HOLD:
            message.due_at, message.reason = now, None


async def attend_resting(runtime: Runtime) -> int:
    """Let something look at every activity that rests, also where an older release put it to rest; returns how many."""
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        ids = await unlooked(session)
    for activity_id in ids:
        async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
            await settle(session, await load(session, runtime.settings.timezone, activity_id), now)
    return len(ids)


async def cancel(runtime: Runtime, activity_id: str, reason: str, *, now: datetime, actor: str) -> None:
    """Cancel an activity: everybody hears of it, nothing is asked any more, its run ends."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        await call_off(session, loaded, reason, now)
        await settle(session, loaded, now)
        let_run_end(loaded.activity, now)
    await failpoint("cancel-committed")


async def call_off(session: AsyncSession, loaded: Loaded, reason: str, now: datetime) -> None:
    """Do what ``cancel`` does in a transaction that is open already."""
    refuse_ended(loaded)
    activity = loaded.activity
    was_asked = any(row.state is StepState.DONE for row in loaded.steps.values())
    near = is_near(loaded, now)
    activity.status = ActivityStatus.CANCELLED
    activity.closing_reason = reason
    activity.finished_at = now
    activity.calendar_sequence += 1
    await ask_no_more(session, activity.id, now)
    if was_asked:
        await tell_all(session, loaded, "cancelled", now, {"asks_date": near}, needed_if=None)
    if was_asked and near:
        await phone_round(session, loaded, now)


def let_run_end(activity: Activity, now: datetime) -> None:
    """Wake the run of a cancelled activity once more: it finds that it is over, and completes."""
    activity.wake_at = now if activity.run_id else None


async def ask_no_more(session: AsyncSession, activity_id: str, now: datetime) -> None:
    """Let fall away what an activity still asks, watches and has in the outbox."""
    for invitation in await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == activity_id, Invitation.state.in_([*OPEN, InvitationState.CLOSED])
        )
    ):
        invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
    for call in await session.scalars(
        select(Call).where(Call.activity_id == activity_id, Call.state.in_([CallState.PLANNED, CallState.OPEN]))
    ):
        call.state, call.done_at = CallState.DROPPED, now
    for message in await session.scalars(
        select(Message).where(
            Message.activity_id == activity_id,
            Message.state.in_([MessageState.QUEUED, MessageState.HELD]),
            Message.mail != LEFT,  # who left before hears nothing of the cancellation
        )
    ):
        message.state, message.reason = MessageState.SKIPPED, "cancelled"


ON_HOLD = "on-hold"
"""The reason with which delivery puts off what is due while an activity is on hold."""
