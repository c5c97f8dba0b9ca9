"""What a school's wall says of its calendar: when its people learn outside the school. Reads only.

Everybody who has the wall's address reads it, so it says of which kind, and who receives, and nothing that somebody
typed: no title, no place, no name. What only one teacher does is that teacher's own calendar, and is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from models.roles import Role
from models.tables.activities import ACTIVE, Activity, ActivityStatus, ContactMoment, Participation
from models.tables.network import Company
from models.text import Text
from sandwich.runtime import Runtime
from sandwich.services.receiver import receiver_of
from sandwich.services.visible import took_part
from sandwich.services.wall import school_of

BACK, AHEAD = timedelta(days=90), timedelta(days=400)
"""How far the calendar goes."""

AT_LEAST = 2
"""Teachers who take part, for it to be the school's business."""

MOST = 500
"""Moments in one calendar."""

_GOES_ON = (ActivityStatus.BEFORE, ActivityStatus.DURING, ActivityStatus.AFTER, ActivityStatus.FINISHED)
"""The company has said yes, and nothing was put off or cancelled."""


@dataclass(frozen=True)
class WallMoment:
    """One moment: ``receiver`` is the name of who receives, if there is one; not fixed: it may still change.

    ``known_at`` and ``sequence`` tell a calendar whether it changed.
    """

    activity_id: str
    number: int
    kind: Text
    receiver: str | None
    starts_at: datetime
    ends_at: datetime
    is_fixed: bool
    known_at: datetime
    sequence: int


async def wall_moments(runtime: Runtime, wall_key: str) -> tuple[str, Sequence[WallMoment]]:
    """Return the name of the school and what its people do outside it; raises ``WallUnknown``."""
    async with runtime.store.read() as session:
        school = await school_of(session, wall_key)
        now = await runtime.clock.now(session)
        taking_part = (
            select(func.count(func.distinct(Participation.person_id)))
            .where(
                Participation.activity_id == Activity.id,
                Participation.role == Role.TEACHER,
                Participation.standing.in_(ACTIVE),
            )
            .scalar_subquery()
        )
        rows = await session.execute(
            select(Activity, ContactMoment)
            .join(ContactMoment, ContactMoment.activity_id == Activity.id)
            .where(
                took_part(school),
                Activity.status.in_(_GOES_ON),
                ContactMoment.ends_at >= now - BACK,
                ContactMoment.starts_at <= now + AHEAD,
                taking_part >= AT_LEAST,
            )
            .order_by(ContactMoment.starts_at, Activity.id, ContactMoment.number)
            .limit(MOST)
        )
        found = []
        for activity, moment in rows.all():
            playbook = runtime.library.playbooks.get(activity.kind)
            company = await session.get(Company, activity.company_id) if activity.company_id else None
            found.append(
                WallMoment(
                    activity_id=activity.id,
                    number=moment.number,
                    kind=playbook.title if playbook else Text(nl="Leren buiten de school", en="Learning outside"),
                    receiver=(await receiver_of(session, activity, company)).name,
                    starts_at=moment.starts_at,
                    ends_at=moment.ends_at,
                    is_fixed=activity.date_fixed_at is not None,
                    known_at=activity.date_fixed_at or activity.started_at,
                    sequence=activity.calendar_sequence,
                )
            )
        return school.name, found
