"""What people took on in an agreement becomes reminders; who they are, and which of it still stands."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from models.negotiates import Negotiates
from models.roles import Role
from models.steps import Step
from models.tables.activities import Participation
from models.tables.agreements import AgreementVersion
from models.tables.mail import Message
from sandwich.rules.calendar import Calendar
from sandwich.rules.duties import Duty, duties_in
from sandwich.rules.slots import Pace, leaves_at
from sandwich.services.agreements import form_of_agreement, view_of
from sandwich.services.loaded import Loaded
from sandwich.services.outbox import NeededIf, queue_all

DUTY = "duty"


async def duties_of(
    session: AsyncSession, activity_id: str, step: str, talk: Negotiates, version: AgreementVersion | None
) -> tuple[Duty, ...]:
    """Return what people took on in a version; nothing where there is none."""
    if version is None:
        return ()
    form = await form_of_agreement(session, activity_id, step, talk)
    return duties_in(form, version.terms or {}) if form is not None else ()


def takers(loaded: Loaded, talk: Negotiates, duty: Duty) -> dict[str, Participation | None]:
    """Return who takes a duty, by person; a coordinator, who takes no part as such, without a participation."""
    sides: Iterable[Sequence[Role]] = duty.roles() or [(role,) for role in talk.parties[:2]]
    found: dict[str, Participation | None] = {}
    for roles in sides:
        for role in roles:
            people = loaded.in_role(role)
            for participation in people:
                found.setdefault(participation.person_id, participation)
            if role is Role.COORDINATOR and loaded.activity.coordinator_id is not None and not people:
                found.setdefault(loaded.activity.coordinator_id, None)
            if people or role is Role.COORDINATOR:
                break
    return found


async def takers_of(
    session: AsyncSession, loaded: Loaded, step: Step, talk: Negotiates, version: AgreementVersion, before: int | None
) -> dict[str, Participation | None]:
    """Return everybody who has a day in the calendar by a version, or had one by the version that held before."""
    view = await view_of(session, loaded.activity.id, talk.about)
    earlier = view.numbered(before) if view else None
    found: dict[str, Participation | None] = {}
    for one in (earlier, version):
        for duty in await duties_of(session, loaded.activity.id, step.key, talk, one):
            if duty.on is not None:
                found |= takers(loaded, talk, duty)
    return found


async def remember_duties(
    session: AsyncSession, loaded: Loaded, step: Step, talk: Negotiates, version: AgreementVersion, now: datetime
) -> None:
    """Write the reminder of every duty that has a day still to come; one that was agreed before stands already."""
    messages = []
    for duty in await duties_of(session, loaded.activity.id, step.key, talk, version):
        for person_id, participation in takers(loaded, talk, duty).items():
            calendar = loaded.calendar_of(participation) if participation else loaded.calendars.schools
            due_at = reminder_at(duty, calendar, person_id)
            if due_at is None or due_at <= now:
                continue
            messages.append(
                Message(
                    key=f"{loaded.activity.id}:{DUTY}:{_key(talk.about, duty)}:{person_id}",
                    activity_id=loaded.activity.id,
                    person_id=person_id,
                    participation_id=participation.id if participation else None,
                    mail=DUTY,
                    about={"agreement": talk.about, "step": step.key, "term": duty.term, "print": duty.print_},
                    needed_if=NeededIf.DUTY_STANDS,
                    queued_at=now,
                    due_at=due_at,
                )
            )
    await queue_all(session, messages)


async def remember_agreed(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Write the reminders of what holds for whoever takes it now: somebody came, or took another's place."""
    for step, talk in loaded.playbook.agreements():
        view = await view_of(session, loaded.activity.id, talk.about)
        if view is not None and view.accepted is not None:
            await remember_duties(session, loaded, step, talk, view.accepted, now)


def reminder_at(duty: Duty, calendar: Calendar, reader: str) -> datetime | None:
    """Return when somebody is reminded of a duty, on the working day before; ``None`` where that is not wanted, or
    there is no day.
    """
    if duty.on is None or not duty.meaning.reminds:
        return None
    return leaves_at(Pace.ROUTINE, calendar.at(calendar.count(duty.on, -1), time(0, 0)), calendar, reader)


def _key(subject: str, duty: Duty) -> str:
    """Return what tells a duty apart from every other, and from itself as it was agreed before."""
    return hashlib.sha256(f"{subject}/{duty.term}/{duty.print_}".encode()).hexdigest()[:32]


async def standing_duty(
    session: AsyncSession, loaded: Loaded, subject: str, term: str, print_: str, person_id: str
) -> Duty | None:
    """Return a duty of somebody as it was agreed; ``None`` where it was struck, changed or given to another since."""
    found = next(((one, talk) for one, talk in loaded.playbook.agreements() if talk.about == subject), None)
    view = await view_of(session, loaded.activity.id, subject) if found else None
    if found is None or view is None:
        return None
    for duty in await duties_of(session, loaded.activity.id, found[0].key, found[1], view.accepted):
        if (duty.term, duty.print_) == (term, print_) and person_id in takers(loaded, found[1], duty):
            return duty
    return None
