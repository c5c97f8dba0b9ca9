"""A change shortly before the day: a mail may be read too late, so the coordinator phones everybody as well."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from sandwich.services.calls import open_call
from sandwich.services.loaded import Loaded

NEAR = 2
"""So many days ahead a contact moment is near."""

PHONE_ROUND = "phone-round"
"""What the call is about."""

PHONED = (Role.TEACHER, Role.PROFESSIONAL, Role.MENTOR, Role.HOST_CONTACT)
"""Roles whose people would travel, or wait, for nothing."""


def is_near(loaded: Loaded, now: datetime) -> bool:
    """Whether a contact moment is going on, or begins within the next days, of an activity whose date stands."""
    day_of = loaded.calendars.schools.day_of
    return loaded.activity.date_fixed_at is not None and any(
        moment.ends_at > now and (day_of(moment.starts_at) - day_of(now)).days <= NEAR for moment in loaded.moments
    )


async def phone_round(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Ask the coordinator to phone everybody about what has just changed; once for each change."""
    activity = loaded.activity
    key = f"{activity.id}:{PHONE_ROUND}:{activity.calendar_sequence}"
    await open_call(session, activity, PHONE_ROUND, key=key, now=now)
