"""How many mails a school has sent in the last hour, and whose mail waits because it may send no more.

A mail is of the school whose coordinator it comes from; of one that works for a whole region it is of the school of its
reader, so that what goes wrong for one school stops no other; what goes to companies is of the region then.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.tables.activities import Activity
from models.tables.mail import Attempt, Message, MessageState
from models.tables.network import Company, Person, Region, School
from sandwich.settings import Settings

HOUR = timedelta(hours=1)

HOUR_FULL = "hour-full"
"""Why a mail waits that was due when its school had sent as many as it may; those behind it wait without a reason."""

READER = aliased(Person)
_COORDINATOR = aliased(Person)
_ACTIVITY = aliased(Activity)

SENDER = func.coalesce(
    _COORDINATOR.school_id, READER.school_id, _ACTIVITY.region_id, READER.region_id, READER.company_id, ""
)
"""Whose mail a message is, in a query :func:`with_sender`; the same as :func:`sender_of`."""


def with_sender(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return a query for messages with what :data:`SENDER` and :data:`READER` ask."""
    return (
        query.select_from(Message)
        .join(READER, READER.id == Message.person_id)
        .outerjoin(_ACTIVITY, _ACTIVITY.id == Message.activity_id)
        .outerjoin(_COORDINATOR, _COORDINATOR.id == _ACTIVITY.coordinator_id)
    )


def sender_of(reader: Person, activity: Activity | None, coordinator: Person | None) -> str:
    """Return whose mail it is: the id of a school, a region or a company; empty where it is nobody's."""
    of_activity = activity.region_id if activity else None
    of_coordinator = coordinator.school_id if coordinator else None
    return of_coordinator or reader.school_id or of_activity or reader.region_id or reader.company_id or ""


async def sent(session: AsyncSession, senders: Collection[str], now: datetime) -> dict[str, int]:
    """Return how many mails these have sent within the hour before ``now``; who sent none is not in it."""
    if not senders:
        return {}
    found = await session.execute(
        select(Attempt.counts_for, func.count())
        .where(Attempt.counts_for.in_(sorted(senders)), *_within(now))
        .group_by(Attempt.counts_for)
    )
    return {sender: number for sender, number in found if sender}


@dataclass(frozen=True)
class FullHour:
    """A school that has sent ``most`` mails in an hour: its name, how many are due, and when the next may leave."""

    name: str
    most: int
    waiting: int
    goes_on_at: datetime


async def full_hours(session: AsyncSession, settings: Settings, now: datetime) -> list[FullHour]:
    """Return whose mail waits because of the hour, of what this session sees; the longest row first."""
    is_due = Message.state == MessageState.QUEUED, Message.due_at <= now
    marked = with_sender(select(SENDER).distinct()).where(*is_due, Message.reason == HOUR_FULL)
    senders = set(await session.scalars(marked))
    most = settings.mails_per_hour
    full = [key for key, number in (await sent(session, senders, now)).items() if most and number >= most]
    if not full:
        return []
    numbers = await session.execute(
        with_sender(select(SENDER, func.count())).where(*is_due, SENDER.in_(full)).group_by(SENDER)
    )
    waiting = {row[0]: row[1] for row in numbers}
    names = await _names(session, full)
    found = [
        FullHour(names.get(key, ""), most, waiting.get(key, 0), await _goes_on_at(session, key, most, now))
        for key in full
    ]
    return sorted(found, key=lambda one: (-one.waiting, one.name))


async def _goes_on_at(session: AsyncSession, sender: str, most: int, now: datetime) -> datetime:
    """Return when one mail more may leave: an hour after the one that is ``most`` mails back."""
    newest = select(Attempt.started_at).where(Attempt.counts_for == sender, *_within(now))
    at = await session.scalar(newest.order_by(Attempt.started_at.desc()).offset(most - 1).limit(1))
    return (at or now) + HOUR


async def _names(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for table in (School, Region, Company):
        found = await session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        names |= dict(found.all())
    return names


def _within(now: datetime) -> tuple[Any, Any]:
    """Return what holds for an attempt of the last hour; a clock may have been set back."""
    return Attempt.started_at > now - HOUR, Attempt.started_at <= now
