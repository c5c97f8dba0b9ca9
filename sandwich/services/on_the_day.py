"""Weather, a strike, code red: it is called off, goes on online, or begins later; many activities at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.changes import Change
from models.roles import HOST_ROLES, Role
from models.steps import Ask, Step
from models.tables.activities import Activity, ActivityStatus, ContactMoment, Participation
from models.tables.asking import OPEN, Invitation, InvitationState
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.errors import BadInput, SandwichError
from sandwich.runtime import Runtime
from sandwich.services.calls import drop_calls
from sandwich.services.dates import note_move
from sandwich.services.effects import Effects
from sandwich.services.facts import gather
from sandwich.services.halting import put_on_hold
from sandwich.services.invite import ask_person
from sandwich.services.loaded import Loaded
from sandwich.services.moving import put_on
from sandwich.services.near import is_near, phone_round
from sandwich.services.reconfirm import PRACTICAL
from sandwich.services.steering import TOLD, need_reason, refuse_ended, steering, tell_all

ONLINE = "online"
"""The mail that it goes on online, and the variant of a form that asks for the link."""

MOST_MINUTES = 12 * 60
_NOT_HAPPENING = (ActivityStatus.CONCEPT, ActivityStatus.CANCELLED, ActivityStatus.FINISHED, ActivityStatus.ON_HOLD)


@dataclass(frozen=True)
class Changed:
    """What came of it for one activity, or would come of it (``effects``); ``problem`` says why nothing does."""

    activity_id: str
    title: str
    problem: Text | None = None
    effects: Effects | None = None


async def happening_on(
    session: AsyncSession, day: date, zone: ZoneInfo, region_id: str | None = None
) -> list[Activity]:
    """Return the activities with a date that meet on a day, by when they begin; with ``region_id`` only its own."""
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    query = (
        select(Activity)
        .join(ContactMoment, ContactMoment.activity_id == Activity.id)
        .where(
            ContactMoment.starts_at >= begins,
            ContactMoment.starts_at < ends,
            Activity.date_fixed_at.is_not(None),
            Activity.status.not_in(_NOT_HAPPENING),
        )
        .order_by(ContactMoment.starts_at, Activity.id)
    )
    if region_id is not None:
        query = query.where(Activity.region_id == region_id)
    return list(dict.fromkeys(await session.scalars(query)))


async def change_all(
    runtime: Runtime,
    activities: Sequence[Activity],
    change: Change,
    reason: str,
    *,
    minutes: int = 0,
    now: datetime,
    actor: str,
) -> list[Changed]:
    """Change several activities, each in a transaction of its own; one that cannot be changed holds up no other."""
    return await each(
        activities, lambda key: change_one(runtime, key, change, reason, minutes=minutes, now=now, actor=actor)
    )


async def each(activities: Sequence[Activity], do: Callable[[str], Awaitable[Effects | None]]) -> list[Changed]:
    """Do something with every activity, and say of each what came of it, or why nothing did."""
    found = []
    for activity in activities:
        try:
            found.append(Changed(activity.id, activity.title, effects=await do(activity.id)))
        except BadInput as error:
            found.append(Changed(activity.id, activity.title, _said(error)))
    return found


async def change_one(
    runtime: Runtime,
    activity_id: str,
    change: Change,
    reason: str,
    *,
    minutes: int = 0,
    now: datetime,
    actor: str,
) -> None:
    """Call an activity off, let it go on online, or begin ``minutes`` later. Raises ``BadInput`` where that cannot be.

    Everybody who takes part hears of it, host and school included; near the day the coordinator phones as well. What
    the first gate needs is looked at again.
    """
    need_reason(reason)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await change_day(session, runtime.library, loaded, change, reason, now, actor, minutes=minutes)


async def change_day(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    change: Change,
    reason: str,
    now: datetime,
    actor: str,
    *,
    minutes: int = 0,
) -> None:
    """Do what ``change_one`` does in a transaction that is open already."""
    refuse_ended(loaded)
    if loaded.activity.date_fixed_at is None:
        raise BadInput("This activity has no date yet.", "Deze activiteit heeft nog geen datum.")
    if not any(moment.starts_at > now for moment in loaded.moments):
        raise BadInput(
            "This activity has begun already; nothing can be changed about how it begins.",
            "Deze activiteit is al begonnen; aan het begin is niets meer te veranderen.",
        )
    if change is Change.OFF:
        await put_on_hold(session, loaded, reason, now, roles=TOLD)
    elif change is Change.ONLINE:
        await _go_online(session, library, loaded, reason, now, actor)
    else:
        await _begin_later(session, library, loaded, minutes, reason, now, actor)


async def _go_online(
    session: AsyncSession, library: Library, loaded: Loaded, reason: str, now: datetime, actor: str
) -> None:
    """The host is asked for the link, in the form for practical information; who takes part gets it from there."""
    activity = loaded.activity
    if activity.status is ActivityStatus.ON_HOLD:
        raise BadInput("This activity is on hold. Let it go on first.", "Deze activiteit staat stil. Ga eerst verder.")
    if activity.is_online:
        raise BadInput("This activity is online already.", "Deze activiteit is al online.")
    note_move(activity, (loaded.starts_at, loaded.ends_at), reason, now, actor, online=True)
    activity.closing_reason = reason
    await session.flush()
    asked = await _ask_for_link(session, library, loaded, now)
    await tell_all(session, loaded, ONLINE, now, {}, roles=[role for role in TOLD if role not in asked])
    if is_near(loaded, now):
        await phone_round(session, loaded, now)


async def _ask_for_link(session: AsyncSession, library: Library, loaded: Loaded, now: datetime) -> set[Role]:
    """Ask whoever gives the practical information for the link; returns their roles, none where nobody is asked."""
    facts = await gather(session, loaded, now)
    roles: set[Role] = set()
    for step, ask in _asking(loaded):
        roles.add(ask.to)
        for item in loaded.in_role(ask.to):
            number = await _withdraw(session, item, step, now)
            online = ask.model_copy(update={"mail": ONLINE, "variant": ONLINE, "with_forms": (), "when": None})
            await ask_person(session, library, loaded, step, online, item, facts, now, occurrence=number + 1)
    return roles


def _asking(loaded: Loaded) -> list[tuple[Step, Ask]]:
    found = [(step, ask) for step in loaded.playbook.steps for ask in step.asks if ask.form == PRACTICAL]
    return [(step, ask) for step, ask in found if ask.to in HOST_ROLES][:1]


async def _withdraw(session: AsyncSession, item: Participation, step: Step, now: datetime) -> int:
    """Let the question about the place fall away where it is open; returns how often somebody was asked."""
    rows = await session.scalars(
        select(Invitation).where(
            Invitation.participation_id == item.id, Invitation.step == step.key, Invitation.form == PRACTICAL
        )
    )
    asked = 0
    for invitation in rows:
        asked = max(asked, invitation.occurrence)
        if invitation.state in OPEN:
            invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
            await drop_calls(session, invitation.id, now)
    return asked


async def _begin_later(
    session: AsyncSession, library: Library, loaded: Loaded, minutes: int, reason: str, now: datetime, actor: str
) -> None:
    """Move the next contact moment within its day. The host confirms the times; release holds for the day."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise BadInput(
            f"Say how many minutes later, from 1 to {MOST_MINUTES}.",
            f"Zeg hoeveel minuten later, van 1 tot {MOST_MINUTES}.",
        )
    later = timedelta(minutes=minutes)
    spans = [(moment.starts_at, moment.ends_at) for moment in loaded.moments]
    first = next(number for number, span in enumerate(spans) if span[0] > now)
    start, end = spans[first]
    if loaded.calendars.schools.day_of(start + later) != loaded.calendars.schools.day_of(start):
        raise BadInput(
            "That is another day. Move the activity instead.", "Dat is een andere dag. Verplaats de activiteit dan."
        )
    spans[first] = (start + later, end + later)
    await put_on(
        session, library, loaded, spans, reason, now, actor, in_holiday=True, agreed=True, again=frozenset({PRACTICAL})
    )


def _said(error: SandwichError) -> Text:
    return Text(nl=error.to(Language.DUTCH), en=error.to(Language.ENGLISH))
