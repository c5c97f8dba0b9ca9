"""People who took material from a share wall to use it: asked once what became of it, and then forgotten (rule 49).

They take no part: whoever is known for nothing else is erased when what they are asked has been closed for as long as
a link works, and the night after they take it back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.steps import Ask, Step
from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation, Standing, StepState
from models.tables.asking import Invitation
from sandwich.rules.moments import AT_NIGHT, deadline_at, due_at
from sandwich.services.leave import leave
from sandwich.services.links import LIFE_AFTER_CLOSING
from sandwich.services.loaded import Loaded


@dataclass(frozen=True)
class LaterAsk:
    """What adopters will still be asked, when, and until when they are known for it at most."""

    step: Step
    ask: Ask
    asked_at: datetime
    kept_until: datetime


def later_ask(loaded: Loaded) -> LaterAsk | None:
    """Return what the playbook still asks adopters; ``None`` where it asks them nothing, or has asked already."""
    if loaded.activity.status is ActivityStatus.CANCELLED:
        return None
    for step in loaded.playbook.steps:
        asks = [ask for ask in step.asks if ask.to is Role.ADOPTER]
        due = due_at(step, loaded.dates, loaded.calendars)
        if asks and due is not None and loaded.states.get(step.key) is StepState.PLANNED:
            return LaterAsk(step, asks[0], due, _kept_until(loaded, step, asks[0], due))
    return None


def _kept_until(loaded: Loaded, step: Step, ask: Ask, asked_at: datetime) -> datetime:
    dates = replace(loaded.dates, done={**loaded.dates.done, step.key: asked_at})
    closes = deadline_at(ask.deadline, dates, loaded.calendars.schools, before=False) if ask.deadline else None
    return _night(loaded, (closes or asked_at) + LIFE_AFTER_CLOSING)


def _night(loaded: Loaded, after: datetime) -> datetime:
    """Return the first moment at which rewriting the file of the database hinders nobody."""
    day = after.astimezone(loaded.zone).date()
    night = datetime.combine(day, AT_NIGHT, loaded.zone)
    return night if night >= after else datetime.combine(day + timedelta(days=1), AT_NIGHT, loaded.zone)


def remember_to_erase(loaded: Loaded, at: datetime) -> None:
    """Note that somebody may be known until ``at`` at most."""
    known = loaded.activity.forget_at
    loaded.activity.forget_at = at if known is None else min(known, at)


async def give_up(session: AsyncSession, loaded: Loaded, participation: Participation, now: datetime) -> None:
    """Ask an adopter nothing, or nothing more; who is known for nothing else is erased the coming night."""
    await leave(session, loaded, participation, Standing.WITHDRAWN, now, why=None)
    if is_only_adopter(loaded, participation):
        remember_to_erase(loaded, _night(loaded, now))


def is_only_adopter(loaded: Loaded, participation: Participation) -> bool:
    """Whether somebody is known for nothing but taking material from a wall."""
    person = loaded.persons[participation.person_id]
    return participation.role is Role.ADOPTER and person.adopted_at is not None and person.erased_on is None


async def to_erase(session: AsyncSession, loaded: Loaded, now: datetime) -> tuple[list[str], list[datetime]]:
    """Return whom nobody may know any longer, and when that will be so of the others."""
    adopters = [item for item in loaded.participations if is_only_adopter(loaded, item)]
    if not adopters:
        return [], []
    asked = {
        row.participation_id: row
        for row in await session.scalars(
            select(Invitation).where(Invitation.participation_id.in_([item.id for item in adopters]))
        )
    }
    gone, later = [], []
    for item in adopters:
        at = _known_until(loaded, item, asked.get(item.id), now)
        if at > now:
            later.append(at)
        elif not await _is_needed_elsewhere(session, item, now):
            gone.append(item.person_id)
    return gone, later


def _known_until(loaded: Loaded, item: Participation, invitation: Invitation | None, now: datetime) -> datetime:
    if item.standing not in ACTIVE:
        return now
    if invitation is not None:
        return _night(loaded, (invitation.deadline_at or invitation.asked_at) + LIFE_AFTER_CLOSING)
    still = later_ask(loaded)
    return now if still is None else max(still.kept_until, _night(loaded, now + timedelta(days=1)))


async def _is_needed_elsewhere(session: AsyncSession, item: Participation, now: datetime) -> bool:
    """Whether somebody is still to be asked about other material; that activity then sees to it."""
    other = await session.scalar(
        select(Participation.id)
        .join(Activity, Activity.id == Participation.activity_id)
        .where(
            Participation.person_id == item.person_id,
            Participation.id != item.id,
            Participation.standing.in_(ACTIVE),
            Activity.forget_at > now,
        )
        .limit(1)
    )
    return other is not None
