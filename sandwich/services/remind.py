"""The second rhythm: what is due for one person - reminders, calls, closing a form - in batches, without any flow."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, islice
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, Select, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import CLOSING
from models.roles import Role
from models.steps import Ask, Capability
from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation, Standing
from models.tables.asking import OPEN, TIMED, Invitation, InvitationState
from models.tables.mail import Call, CallState, Message
from sandwich.clock import NOW, When, whether
from sandwich.errors import StoreUnavailable
from sandwich.failpoints import failpoint
from sandwich.rules.calendar import Calendar
from sandwich.rules.facts import Facts
from sandwich.rules.figures.rows import THERE
from sandwich.rules.moments import ROUTINE_TIME
from sandwich.rules.reminders import Rung
from sandwich.rules.slots import Pace
from sandwich.runtime import Runtime
from sandwich.services.appointments import Why
from sandwich.services.calls import NO_ANSWER, add_new, open_now
from sandwich.services.capabilities import CAPABILITIES
from sandwich.services.closing import close
from sandwich.services.facts import gather_many
from sandwich.services.forget import forget_due, forgets_at
from sandwich.services.halting import let_run_end
from sandwich.services.invite import ask_of, registration_closes_at, rung_of
from sandwich.services.leave import leave
from sandwich.services.loaded import Loaded, load_many
from sandwich.services.outbox import NeededIf, queue_all
from sandwich.services.resting import LOOKS, look_at_rest
from sandwich.services.settle import settle
from sandwich.store.audit import take_free

Row = TypeVar("Row", Invitation, Call)
ACTOR = "reminders"
MOST_AT_ONCE = 20
MOST_ROWS = 400
"""How many activities share one transaction, and rows of them: for so long an answer to one may have to wait."""

_log = structlog.get_logger(__name__)
_FROZEN = (ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED)


@dataclass
class _Batch:
    """What handling the rows of several activities brings, written down for all of them at once."""

    runtime: Runtime
    loaded: dict[str, Loaded]
    calls: list[Call] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    async def write(self, session: AsyncSession, now: datetime) -> None:
        """Write it down; what was written before, such as a call for two forms behind one link, is left out."""
        for call in await add_new(session, self.calls):
            self.messages += _opened(self.loaded[call.activity_id], call, now)
        await queue_all(session, self.messages)
        self.calls, self.messages = [], []


async def handle_due(runtime: Runtime, limit: int = 400) -> int:
    """Handle what is due now, for at most ``limit`` activities; returns how many rows were handled.

    Several processes may do so at the same time: each takes the activities that no other has in hand. One that cannot
    be handled holds up no other.
    """
    ahead = await runtime.clock.sees(_IS_DUE)
    if ahead is None:
        return 0
    now = runtime.clock.with_offset(ahead)
    async with runtime.store.read() as session:
        left = dict((await session.execute(_due(now).limit(limit))).all())
    if left:
        await failpoint("rows-found")
    handled = await forget_due(runtime, now)
    while left:
        taken: list[str] = []
        try:
            handled += await _handle(runtime, list(left), most_of(left.values()), taken, now)
        except StoreUnavailable:
            raise
        except Exception:
            if not taken:
                raise
            handled += await _one_by_one(runtime, taken, now)
        if not taken:
            break  # others have in hand what is left
        await failpoint("rows-committed")
        left = {activity_id: number for activity_id, number in left.items() if activity_id not in taken}
    return handled


async def _one_by_one(runtime: Runtime, activity_ids: Sequence[str], now: datetime) -> int:
    """Handle activities each by itself, after something went wrong with one of them; returns how many rows it were."""
    handled = 0
    for activity_id in activity_ids:
        try:
            handled += await _handle(runtime, [activity_id], 1, [], now)
        except StoreUnavailable:
            raise
        except Exception as error:  # whatever is wrong with one activity, the others are not held up
            _log.error("rows not handled", activity=activity_id, error=type(error).__name__)
    return handled


def _waiting(now: When) -> tuple[Select[str, datetime | None], Select[str, datetime]]:
    """Return the queries for the invitations and for the calls that are due: activity and moment of each."""
    moving = Activity.status.not_in(_FROZEN)
    return (
        select(Invitation.activity_id, Invitation.next_at.label("at"))
        .join(Activity, Activity.id == Invitation.activity_id)
        .where(*_due_of(Invitation, now), moving),
        select(Call.activity_id, Call.due_at.label("at"))
        .join(Activity, Activity.id == Call.activity_id)
        .where(*_due_of(Call, now), moving | Call.what.in_(LOOKS)),
    )


def _due_of(table: type[Row], now: When) -> tuple[ColumnElement[bool], ...]:
    """Return what is so of the rows of a table that are due."""
    if table is Invitation:
        return Invitation.next_at <= now, Invitation.state.in_(TIMED)
    return Call.due_at <= now, Call.state == CallState.PLANNED, Call.unless.is_not(None) | Call.what.in_(LOOKS)


_IS_DUE = whether(or_(*(rows.exists() for rows in _waiting(NOW)), forgets_at(NOW).exists()))


def _due(now: datetime) -> Select[str, int]:
    """Return the query for the activities with something due and how many rows that are, the longest waiting first."""
    rows = union_all(*_waiting(now)).subquery()
    return (
        select(rows.c.activity_id, func.count())
        .group_by(rows.c.activity_id)
        .order_by(func.min(rows.c.at), rows.c.activity_id)
    )


def most_of(numbers: Iterable[int]) -> int:
    """Return how many activities with these numbers of rows share one transaction; at least one does."""
    sums = list(accumulate(islice(numbers, MOST_AT_ONCE)))
    return max(1, sum(rows <= MOST_ROWS for rows in sums))


async def _handle(runtime: Runtime, activity_ids: Sequence[str], most: int, taken: list[str], now: datetime) -> int:
    """Handle the due rows of the first ``most`` activities that nobody else has in hand, in one transaction.

    Those are added to ``taken``. Returns how many rows were handled; others may have done so in the meantime.
    """
    async with runtime.store.change(now=now, actor=ACTOR) as session:
        taken += await take_free(session, activity_ids, most)
        invitations = await _rows(session, Invitation, taken, now)
        calls = await _rows(session, Call, taken, now)
        found = await load_many(
            session, runtime.settings.timezone, [key for key in taken if key in invitations or key in calls]
        )
        batch = _Batch(runtime, {one.activity.id: one for one in found})
        facts = await gather_many(session, [one for key, one in batch.loaded.items() if key in calls], now)
        handled = 0
        for key, one in batch.loaded.items():
            if one.activity.status in _FROZEN:
                invitations[key], calls[key] = [], [call for call in calls[key] if call.what in LOOKS]
            climbed = [_climb(one, invitation, batch, now) for invitation in invitations[key]]
            has_acted = await _count_out(session, one, [item for item in climbed if item is not None], now)
            for call in calls[key]:
                has_acted |= await _watch(session, one, call, facts[key], batch, now)
            if has_acted:
                # Reminders and calls by themselves change nothing that settling looks at.
                await settle(session, one, now)
                if one.activity.status is ActivityStatus.CANCELLED:
                    let_run_end(one.activity, now)
            handled += len(invitations[key]) + len(calls[key])
        await batch.write(session, now)
        await failpoint("row-handled")
        return handled


async def _rows(
    session: AsyncSession, table: type[Row], activity_ids: Sequence[str], now: datetime
) -> dict[str, list[Row]]:
    """Return the due rows of these activities, by activity, always in the same order."""
    found: dict[str, list[Row]] = defaultdict(list)
    query = select(table).where(table.activity_id.in_(activity_ids), *_due_of(table, now)).order_by(table.id)
    for row in await session.scalars(query):
        found[row.activity_id].append(row)
    return found


def _opened(loaded: Loaded, call: Call, now: datetime) -> list[Message]:
    return open_now(loaded.activity, call, loaded.in_role(Role.DEPUTY), now)


def _climb(loaded: Loaded, invitation: Invitation, batch: _Batch, now: datetime) -> Participation | None:
    """Climb one rung for an invitation that is still open; what this brings is added to ``batch``.

    Returns whoever is not counted on any more, because registration closed and they never said whether they come.
    """
    participation = loaded.participation(invitation.participation_id)
    found = ask_of(loaded.playbook, invitation, participation.role)
    if found is None or participation.standing not in ACTIVE:
        invitation.next_at = None
        return None
    if invitation.state not in OPEN:  # it was answered that this would be known by now
        invitation.next_at = None
        batch.calls.append(_no_answer(loaded, invitation, participation, now))
        return participation
    _, ask = found
    calendar = loaded.calendar_of(participation)
    rung = rung_of(invitation, ask, loaded, calendar)
    if rung is not None and rung.at > now:  # free days came to be known since
        invitation.next_at = rung.at
        return None
    closes_at = registration_closes_at(invitation, ask, loaded, calendar)
    invitation.rung += 1
    if rung is not None and rung.what is Rung.REMIND:
        batch.messages.append(
            reminder_of(loaded, invitation, participation, str(invitation.rung), invitation.rung, now)
        )
    elif rung is not None and rung.what is Rung.CLOSE:
        invitation.state = InvitationState.CLOSED
    elif rung is not None or closes_at is not None:
        batch.calls.append(_no_answer(loaded, invitation, participation, now))
        if rung is not None:  # who is away was not reminded as often as others: this was the last rung all the same
            invitation.rung = max(invitation.rung, len(loaded.playbook.profile(invitation.profile).reminders) + 1)
    invitation.next_at = next_at_of(invitation, ask, loaded, calendar, now) if invitation.state in OPEN else None
    if closes_at is None or invitation.next_at is not None:
        return None
    if closes_at > now and invitation.state in OPEN:
        invitation.next_at = closes_at
        return None
    return None if participation.presence in THERE else participation


def reminder_of(
    loaded: Loaded, invitation: Invitation, participation: Participation, key: str, number: int, now: datetime
) -> Message:
    """Return the reminder of a question, for the outbox; ``key`` tells it from the others of that question."""
    return Message(
        key=f"{invitation.id}:reminder:{key}",
        mail="reminder",
        person_id=participation.person_id,
        activity_id=loaded.activity.id,
        participation_id=participation.id,
        invitation_id=invitation.id,
        about={"invitations": [invitation.id], "number": number},
        needed_if=NeededIf.INVITATION_OPEN,
        queued_at=now,
        due_at=loaded.leaves_at(Pace.ROUTINE, participation, now),
    )


def _no_answer(loaded: Loaded, invitation: Invitation, participation: Participation, now: datetime) -> Call:
    return Call(
        # One call for all forms behind the same link, also when both are still open.
        key=f"{loaded.activity.id}:{invitation.step}:no-answer:{participation.id}:{invitation.occurrence}",
        activity_id=loaded.activity.id,
        what=NO_ANSWER,
        step=invitation.step,
        invitation_id=invitation.id,
        person_id=participation.person_id,
        due_at=now,
    )


async def _count_out(session: AsyncSession, loaded: Loaded, people: Sequence[Participation], now: datetime) -> bool:
    """Count nobody of these people any more: from now on they are a call, and a yes brings them back.

    Returns whether there was anybody.
    """
    for participation in people:
        await leave(session, loaded, participation, Standing.UNANSWERED, now, why=Why.UNANSWERED)
    return bool(people)


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


async def _watch(session: AsyncSession, loaded: Loaded, call: Call, facts: Facts, batch: _Batch, now: datetime) -> bool:
    """Look whether what a watch waits for is so; if not, open its call or let a capability act.

    Returns whether anything was done that facts may follow from.
    """
    if call.what in LOOKS:
        await look_at_rest(session, loaded, call, now)
        return True
    if call.unless is None or facts.holds(call.unless):
        call.state, call.done_at = CallState.DROPPED, now
        return False
    is_closing, is_told = call.what == CLOSING, call.does is None or call.step is None
    if is_closing or not is_told:
        # What was due for people comes before it: closing takes back what they need not do any more.
        await batch.write(session, now)
    if is_closing:
        await close(session, loaded, facts, now)
        # It is a note: nothing that still comes in makes it untrue.
        call.unless = call.done_at = None
    if call.does is None or call.step is None:
        batch.messages += _opened(loaded, call, now)
        return is_closing
    step = loaded.playbook.step(call.step)
    await CAPABILITIES[Capability(call.does)](session, batch.runtime, loaded, step, now)
    call.state, call.done_at = CallState.DONE, now
    return True
