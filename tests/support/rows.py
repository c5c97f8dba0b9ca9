"""Rows for tests that need no playbook: an activity with people, one call each."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Activity, Participation, PlaybookVersion
from models.tables.asking import FormVersion, Invitation, InvitationState
from models.tables.network import Contact, ContactKind, HolidayRegion, Person, Region, School


async def a_school(session: AsyncSession, code: str = "S9") -> School:
    """Add a school in a region of its own."""
    region = Region(code=f"region-{code.lower()}", name="Proefregio")
    session.add(region)
    await session.flush()
    school = School(
        region_id=region.id, code=code, name=f"School {code}", holiday_region=HolidayRegion.MIDDLE, wall_key=f"w-{code}"
    )
    session.add(school)
    await session.flush()
    return school


async def a_person(session: AsyncSession, given: str, family: str, *, infix: str | None = None) -> Person:
    """Add a person with a mail address and a telephone number."""
    person = Person(given_name=given, infix=infix, family_name=family, job_title="docent")
    session.add(person)
    await session.flush()
    address = f"{given}.{family}@school.example".lower()
    session.add(Contact(person_id=person.id, kind=ContactKind.MAIL, address=address, lookup=address))
    session.add(Contact(person_id=person.id, kind=ContactKind.PHONE, address="06-00000099"))
    await session.flush()
    return person


async def an_activity(session: AsyncSession, school: School, coordinator: Person, now: datetime) -> Activity:
    """Add an activity that has just started."""
    digest = "d" * 64
    if await session.get(PlaybookVersion, digest) is None:
        session.add(PlaybookVersion(digest=digest, key="company-visit", version=1, definition={"steps": []}))
        session.add(FormVersion(digest=digest, key="goals", version=1, definition={"questions": []}))
        await session.flush()
    activity = Activity(
        region_id=school.region_id,
        kind="company-visit",
        playbook_digest=digest,
        title="Prefab bouwen",
        purpose="lesson",
        coordinator_id=coordinator.id,
        proposed=[["2026-11-05T12:30:00+00:00", "2026-11-05T15:30:00+00:00"]],
        started_at=now,
    )
    session.add(activity)
    await session.flush()
    return activity


async def a_participation(
    session: AsyncSession, activity: Activity, person: Person, now: datetime, role: Role = Role.TEACHER
) -> Participation:
    """Let a person take part."""
    participation = Participation(activity_id=activity.id, person_id=person.id, role=role, added_at=now)
    session.add(participation)
    await session.flush()
    return participation


async def an_invitation(session: AsyncSession, participation: Participation, now: datetime) -> Invitation:
    """Ask somebody for their goals."""
    invitation = Invitation(
        activity_id=participation.activity_id,
        step="goals",
        form="goals",
        form_digest="d" * 64,
        participation_id=participation.id,
        mail="goals",
        state=InvitationState.SENT,
        asked_at=now,
        profile="standard",
        next_at=now,
    )
    session.add(invitation)
    await session.flush()
    return invitation
