"""Activities that rest: concepts and those on hold. Nobody is mailed about them, and none stays unseen for ever.

Each has one planned call from the moment that it comes to rest: a row of the second rhythm, as every other.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ACTIVE, Activity, ActivityStatus
from models.tables.mail import Call, CallState
from sandwich.rules.moments import ROUTINE_TIME
from sandwich.services.calls import open_planned
from sandwich.services.loaded import Loaded

HELD, UNTIL, UNBEGUN, LAPSED = "on-hold-long", "on-hold-until", "concept-unbegun", "concept-lapsed"
"""What the call is about: still on hold, on hold until this day, a concept with people that nobody began, one without
that has lapsed.
"""

LOOKS = (HELD, UNTIL, UNBEGUN)
"""Calls that look at an activity that rests; they come also while it is on hold."""

_AFTER = {ActivityStatus.ON_HOLD: (HELD, timedelta(days=180)), ActivityStatus.CONCEPT: (UNBEGUN, timedelta(days=90))}
_OF_COORDINATORS = frozenset({Role.COORDINATOR, Role.DEPUTY})


async def plan_look(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Plan the look at an activity that rests, once for each rest: a move begins it anew, and so does a call done."""
    activity = loaded.activity
    if activity.status not in _AFTER:
        return
    what, after = _AFTER[activity.status]
    beginning = _rest(activity)
    calls = await _looks(session, activity.id)
    await _drop([call for call in calls if not call.key.startswith(beginning)], session, now)
    mine = [call for call in calls if call.key.startswith(beginning)]
    if any(call.state in (CallState.PLANNED, CallState.OPEN) for call in mine):
        return
    calendar = loaded.calendars.schools
    at = calendar.at(calendar.next_working(calendar.day_of(now + after)), ROUTINE_TIME)
    session.add(
        Call(key=f"{beginning}{len(mine)}", activity_id=activity.id, what=what, state=CallState.PLANNED, due_at=at)
    )


async def look_on(session: AsyncSession, loaded: Loaded, day: date) -> None:
    """Plan the look for the day until which an activity is on hold, instead of half a year later."""
    calendar, activity = loaded.calendars.schools, loaded.activity
    at = calendar.at(calendar.next_working(day), ROUTINE_TIME)
    session.add(
        Call(key=f"{_rest(activity)}0", activity_id=activity.id, what=UNTIL, state=CallState.PLANNED, due_at=at)
    )
    await session.flush()


def _rest(activity: Activity) -> str:
    """Return how the keys of the looks at this rest begin."""
    return f"{activity.id}:{_AFTER[activity.status][0]}:{activity.calendar_sequence}:"


async def end_rest(session: AsyncSession, activity_id: str, now: datetime) -> None:
    """Take away the look at an activity that goes on."""
    await _drop(await _looks(session, activity_id), session, now)


async def look_at_rest(session: AsyncSession, loaded: Loaded, call: Call, now: datetime) -> None:
    """Tell the coordinator that an activity still rests; a concept without people lapses, and that is told too.

    Nobody but its coordinator ever heard of such a concept. What is on hold never ends by itself.
    """
    activity = loaded.activity
    people = [item for item in loaded.participations if item.role not in _OF_COORDINATORS and item.standing in ACTIVE]
    if call.what == UNBEGUN and not people:
        activity.status, activity.finished_at = ActivityStatus.CANCELLED, now
        call.what = LAPSED
    await open_planned(session, activity, call, now)


async def unlooked(session: AsyncSession) -> list[str]:
    """Return the activities that rest and at which nothing looks: they came to rest under an older release."""
    looks = select(Call.id).where(
        Call.activity_id == Activity.id,
        Call.what.in_(LOOKS),
        Call.state.in_((CallState.PLANNED, CallState.OPEN)),
    )
    rows = await session.scalars(
        select(Activity.id).where(Activity.status.in_(_AFTER), ~looks.exists()).order_by(Activity.id)
    )
    return list(rows)


async def _looks(session: AsyncSession, activity_id: str) -> list[Call]:
    rows = await session.scalars(select(Call).where(Call.activity_id == activity_id, Call.what.in_(LOOKS)))
    return list(rows)


async def _drop(calls: list[Call], session: AsyncSession, now: datetime) -> None:
    for call in calls:
        if call.state is CallState.PLANNED:
            await session.delete(call)
        elif call.state is CallState.OPEN:
            call.state, call.done_at = CallState.DROPPED, now
