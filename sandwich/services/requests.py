"""The requests to companies so far: who asked when, for what. A request counts for every company that it reached."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import HOST_ROLES, Role
from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.asking import Invitation
from models.tables.network import Person, School
from sandwich.rules.names import full_name
from sandwich.services.companies import PROFILE_MAIL
from sandwich.store.scope import HIDDEN, hidden_from, of_the_region


@dataclass(frozen=True)
class Request:
    """One activity for which a company was asked, or is about to be, with the day on which that was or will be."""

    activity_id: str
    title: str
    on: date
    coordinator_id: str | None


async def requests_to(
    session: AsyncSession, companies: Collection[str], zone: ZoneInfo, *, but: str | None = None
) -> dict[str, list[Request]]:
    """Return the requests to these companies, by company, the oldest first; ``but`` is an activity that does not count.

    What is a concept was not asked, nor what was cancelled before the mail left. Parts of an activity are none of their
    own, and the yearly mail about the profile is no request.
    """
    first = func.min(Invitation.asked_at)
    query = (
        select(Person.company_id, Activity, first)
        .join(Participation, Participation.activity_id == Activity.id)
        .join(Person, Person.id == Participation.person_id)
        .outerjoin(Invitation, (Invitation.participation_id == Participation.id) & (Invitation.mail != PROFILE_MAIL))
        .where(
            Person.company_id.in_(companies),
            Participation.role.in_(HOST_ROLES),
            Activity.status != ActivityStatus.CONCEPT,
            Activity.part_of_id.is_(None),
            Activity.id != (but or ""),
        )
        .group_by(Person.company_id, Activity.id)
    )
    async with of_the_region(session):
        rows = (await session.execute(query)).all()
    hidden = await hidden_from(session, {row[1].id for row in rows})
    found: dict[str, list[Request]] = defaultdict(list)
    for company_id, activity, asked_at in rows:
        assert company_id is not None  # they were looked for by it
        if asked_at is None and activity.status is ActivityStatus.CANCELLED:
            continue
        on = _local(asked_at or activity.started_at, zone)
        title = HIDDEN if activity.id in hidden else activity.title
        found[company_id].append(Request(activity.id, title, on, activity.coordinator_id))
    for requests in found.values():
        requests.sort(key=lambda one: (one.on, one.activity_id))
    return found


async def who_asked(session: AsyncSession, request: Request) -> str:
    """Return who asked for an activity: its coordinator, and the schools of its teachers."""
    coordinator = await session.get(Person, request.coordinator_id) if request.coordinator_id else None
    schools = await session.scalars(
        select(School.name)
        .join(Person, Person.school_id == School.id)
        .join(Participation, Participation.person_id == Person.id)
        .where(Participation.activity_id == request.activity_id, Participation.role == Role.TEACHER)
        .distinct()
        .order_by(School.name)
    )
    name, of = full_name(coordinator) if coordinator else "", ", ".join(schools)
    return f"{name} ({of})" if name and of else name or of or "Sandwich"


def _local(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
