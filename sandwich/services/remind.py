"""The second rhythm: what is due for one person - reminders, calls, closing a form - in batches, without any flow."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import CLOSING, Ask, Capability, Rhythm
from models.tables.activities import ACTIVE, Activity, ActivityStatus
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState, Message
from sandwich.errors import StoreUnavailable
from sandwich.failpoints import failpoint
from sandwich.rules.calendar import Calendar
from sandwich.rules.facts import Facts
from sandwich.rules.moments import ROUTINE_TIME
from sandwich.rules.reminders import Rung
from sandwich.runtime import Runtime
from sandwich.services.calls import NO_ANSWER, open_call, open_planned
from sandwich.services.capabilities import CAPABILITIES
from sandwich.services.closing import close
from sandwich.services.facts import gather
from sandwich.services.forget import forget_due
from sandwich.services.halting import let_run_end
from sandwich.services.invite import ask_of, rung_of, sending_moment
from sandwich.services.loaded import Loaded, load
from sandwich.services.outbox import NeededIf, queue_all
from sandwich.services.resting import LOOKS, look_at_rest
from sandwich.services.settle import settle

Row = TypeVar("Row", Invitation, Call)
ACTOR = "reminders"
_log = structlog.get_logger(__name__)
_FROZEN = (ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED)


async def handle_due(runtime: Runtime, limit: int = 200) -> int:
    """Handle what is due now, one transaction per activity; returns how many rows were handled."""
    now = await runtime.clock.now()
    due: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    async with runtime.store.read() as session:
        invitations = await session.execute(
            select(Invitation.activity_id, Invitation.id)
            .join(Activity, Activity.id == Invitation.activity_id)
            .where(Invitation.next_at <= now, Invitation.state.in_(OPEN), Activity.status.not_in(_FROZEN))
            .order_by(Invitation.next_at)
            .limit(limit)
        )
        for activity_id, invitation_id in invitations:
            due[activity_id][0].append(invitation_id)
        calls = await session.execute(
            select(Call.activity_id, Call.id)
            .join(Activity, Activity.id == Call.activity_id)
            .where(
                Call.due_at <= now,
                Call.state == CallState.PLANNED,
                Activity.status.not_in(_FROZEN) | Call.what.in_(LOOKS),
            )
            .order_by(Call.due_at)
            .limit(limit)
        )
        for activity_id, call_id in calls:
            due[activity_id][1].append(call_id)
    if due:
        await failpoint("rows-found")
    handled = await forget_due(runtime, now)
    for activity_id, (invitation_ids, call_ids) in due.items():
        try:
            handled += await _handle(runtime, activity_id, invitation_ids, call_ids, now)
            await failpoint("rows-committed")
        except StoreUnavailable:
            raise
        except Exception as error:  # whatever is wrong with one activity, the others are not held up
            _log.error("rows not handled", activity=activity_id, error=type(error).__name__)
    return handled


async def _handle(
    runtime: Runtime, activity_id: str, invitation_ids: Sequence[str], call_ids: Sequence[str], now: datetime
) -> int:
    """Handle the due rows of one activity in one transaction."""
    async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        is_frozen = loaded.activity.status in _FROZEN
        handled = 0
        reminders: list[Message] = []
        for invitation in await session.scalars(_these(Invitation, invitation_ids)) if not is_frozen else ():
            handled += await _climb(session, loaded, invitation, reminders, now)
        await queue_all(session, reminders)
        if call_ids:
            facts = await gather(session, loaded, now)
            for call in await session.scalars(_these(Call, call_ids)):
                if call.what in LOOKS or not is_frozen:
                    handled += await _watch(session, loaded, call, facts, now)
        await settle(session, loaded, now)
        if loaded.activity.status is ActivityStatus.CANCELLED:
            let_run_end(loaded.activity, now)
        await failpoint("row-handled")
        return handled


def _these(table: type[Row], ids: Sequence[str]) -> Select[Row]:
    """Return the query for the rows with these ids, in one and the same order at every try."""
    return select(table).where(table.id.in_(ids)).order_by(table.id)


async def _climb(
    session: AsyncSession, loaded: Loaded, invitation: Invitation, reminders: list[Message], now: datetime
) -> bool:
    """Climb one rung for an invitation that is still open; a mail that this brings is added to ``reminders``."""
    participation = loaded.participation(invitation.participation_id)
    if invitation.state not in OPEN or invitation.next_at is None or invitation.next_at > now:
        return False
    found = ask_of(loaded.playbook, invitation, participation.role)
    if found is None or participation.standing not in ACTIVE:
        invitation.next_at = None
        return True
    step, ask = found
    calendar = loaded.calendar_of(participation)
    rung = rung_of(invitation, ask, loaded, calendar)
    invitation.rung += 1
    if rung is not None and rung.what is Rung.REMIND:
        reminders.append(
            Message(
                key=f"{invitation.id}:reminder:{invitation.rung}",
                mail="reminder",
                person_id=participation.person_id,
                activity_id=loaded.activity.id,
                participation_id=participation.id,
                invitation_id=invitation.id,
                about={"invitations": [invitation.id], "number": invitation.rung},
                needed_if=NeededIf.INVITATION_OPEN,
                queued_at=now,
                # After an outage it may be night or weekend: a reminder waits for the morning.
                due_at=sending_moment(Rhythm.ROUTINE, now, calendar),
            )
        )
    elif rung is not None and rung.what is Rung.CALL:
        await open_call(
            session,
            loaded.activity,
            NO_ANSWER,
            # One call for all forms behind the same link, also when both are still open.
            key=f"{loaded.activity.id}:{step.key}:no-answer:{participation.id}:{invitation.occurrence}",
            now=now,
            step=step.key,
            invitation_id=invitation.id,
            person_id=participation.person_id,
        )
    elif rung is not None:
        invitation.state = InvitationState.CLOSED
    invitation.next_at = next_at_of(invitation, ask, loaded, calendar, now) if invitation.state in OPEN else None
    return True


def next_at_of(invitation: Invitation, ask: Ask, loaded: Loaded, calendar: Calendar, now: datetime) -> datetime | None:
    """Return when the next rung comes. After an outage one reminder went out, not all that were missed; and whoever
    got it has a day before the coordinator phones.
    """
    following = rung_of(invitation, ask, loaded, calendar)
    while following is not None and following.at <= now and following.what is Rung.REMIND:
        invitation.rung += 1
        following = rung_of(invitation, ask, loaded, calendar)
    if following is None:
        return None
    if following.at > now:
        return following.at
    return calendar.at(calendar.count(calendar.day_of(now), 1), ROUTINE_TIME)


async def _watch(session: AsyncSession, loaded: Loaded, call: Call, facts: Facts, now: datetime) -> bool:
    """Look whether what a watch waits for is so; if not, open its call or let a capability act."""
    if call.state is not CallState.PLANNED or call.due_at > now:
        return False
    if call.what in LOOKS:
        await look_at_rest(session, loaded, call, now)
        return True
    if call.unless is None:
        return False
    if facts.holds(call.unless):
        call.state, call.done_at = CallState.DROPPED, now
        return True
    if call.what == CLOSING:
        await close(session, loaded, facts, now)
        # It is a note: nothing that still comes in makes it untrue.
        call.unless = call.done_at = None
    if call.does is None or call.step is None:
        await open_planned(session, loaded.activity, call, now)
        return True
    await CAPABILITIES[Capability(call.does)](session, loaded, loaded.playbook.step(call.step), now)
    call.state, call.done_at = CallState.DONE, now
    return True
