"""What the database says about the messages in hand, read in one go: a query per table, however many mails."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.playbook import Playbook
from models.roles import Role
from models.tables.activities import ACTIVE, Activity, Approval, ContactMoment, Participation
from models.tables.asking import Draft, Invitation
from models.tables.base import Identified
from models.tables.mail import Call, Message, MessageState
from models.tables.network import Company, Contact, ContactKind, Person, School
from models.tables.texts import OwnText
from sandwich.mail.contexts.parts import Reachable
from sandwich.rules.names import full_name, name_of
from sandwich.services.call_lines import CallLine, call_lines_of
from sandwich.services.companies import PROFILE_MAIL
from sandwich.services.links import Links
from sandwich.services.loaded import load_many
from sandwich.services.outbox import asked_in
from sandwich.services.versions import forms_of, playbooks_of
from sandwich.settings import Settings
from sandwich.store.rows import AMONG, rows_by

Row = TypeVar("Row", bound=Identified)


class Teacher(NamedTuple):
    """A teacher who takes part or still may."""

    name: str
    school_id: str | None
    approval: Approval


@dataclass(frozen=True)
class Reading:
    """Rows by their ids; what belongs to an activity (or to one person in it) by the activity's id (and the person's).

    ``hosts`` are the names of who receives, ``contacts`` the first valid of each kind, ``teachers`` those who take part
    or still may, by name, ``begun`` the invitations with a draft, ``earlier`` the Message-IDs that somebody got before,
    oldest first; ``call_lines`` are the open calls of the activities that have messages about a call; ``owners`` are
    who keep the contact with a company, by the invitations that ask about its profile: they sign those mails;
    ``texts`` are the own texts of schools and regions.
    """

    persons: Mapping[str, Person]
    activities: Mapping[str, Activity]
    participations: Mapping[str, Participation]
    hosts: Mapping[str, str]
    playbooks: Mapping[str, Playbook]
    moments: Mapping[str, Sequence[ContactMoment]]
    teachers: Mapping[str, Sequence[Teacher]]
    contacts: Mapping[tuple[str, ContactKind], Contact]
    invitations: Mapping[str, Invitation]
    forms: Mapping[str, Form]
    begun: Collection[str]
    calls: Mapping[str, Call]
    call_lines: Mapping[str, Sequence[CallLine]]
    links: Links
    earlier: Mapping[tuple[str, str], Sequence[str]]
    owners: Mapping[str, str]
    texts: Sequence[OwnText]

    def contact(self, person_id: str, kind: ContactKind) -> Contact | None:
        """Return the first valid contact of a reader or coordinator."""
        return self.contacts.get((person_id, kind))

    def reachable(self, person_id: str | None) -> Reachable | None:
        """Return how a reader or coordinator is reached; ``None`` for nobody."""
        person = self.persons.get(person_id or "")
        if person is None or person.erased_on is not None:
            return None
        phone, mail = (self.contact(person.id, kind) for kind in (ContactKind.PHONE, ContactKind.MAIL))
        return Reachable(
            name=full_name(person) or person.id,
            phone=phone.address if phone else None,
            mail=mail.address if mail else None,
        )


async def read(session: AsyncSession, settings: Settings, messages: Sequence[Message], now: datetime) -> Reading:
    """Read what ``messages`` are worded from. ``session`` is a change: links are made where there are none."""
    activities = await _by_id(session, Activity, {one.activity_id for one in messages})
    people = {one.person_id for one in messages}
    participations = await _by_id(session, Participation, {one.participation_id for one in messages})
    invitations = await _by_id(session, Invitation, {key for one in messages for key in asked_in(one)})
    owners = await _owners(session, invitations.values())
    signing = {one.coordinator_id for one in activities.values()} | set(owners.values())
    persons = await _by_id(session, Person, people | signing)
    begun = select(Draft.invitation_id).where(Draft.invitation_id.in_(invitations))
    return Reading(
        persons=persons,
        activities=activities,
        participations=participations,
        hosts=await _hosts(session, activities.values()),
        playbooks=await playbooks_of(session, {one.playbook_digest for one in activities.values()}),
        moments=await _moments(session, activities),
        teachers=await _teachers(session, activities),
        contacts=await _contacts(session, persons),
        invitations=invitations,
        forms=await forms_of(session, {one.form_digest for one in invitations.values()}),
        begun=set(await session.scalars(begun)) if invitations else (),
        calls=await _by_id(session, Call, {_call_in(one) for one in messages}),
        call_lines=await _call_lines(
            session, settings, {one.activity_id for one in messages if one.activity_id and _call_in(one)}, now
        ),
        links=await Links.of(session, settings, participations),
        earlier=await _earlier(session, activities, people),
        owners=owners,
        texts=await _texts(session, persons.values(), activities.values()),
    )


async def _owners(session: AsyncSession, invitations: Iterable[Invitation]) -> dict[str, str]:
    asked = [one.id for one in invitations if one.mail == PROFILE_MAIL]
    if not asked:
        return {}
    rows = await session.execute(
        select(Invitation.id, Company.owner_id)
        .join(Activity, Activity.id == Invitation.activity_id)
        .join(Company, Company.id == Activity.company_id)
        .where(Invitation.id.in_(asked))
    )
    return {key: owner for key, owner in rows if owner is not None}


async def _texts(session: AsyncSession, persons: Iterable[Person], activities: Iterable[Activity]) -> Sequence[OwnText]:
    """Return what the schools of readers and coordinators, and the regions, say in their own words."""
    schools = {one.school_id for one in persons if one.school_id}
    regions = {one.region_id for one in activities}
    return await rows_by(session, OwnText, OwnText.owner_id, sorted(schools | regions))


def _call_in(message: Message) -> str | None:
    return (message.about or {}).get("call_id")


async def _by_id(session: AsyncSession, table: type[Row], ids: Collection[str | None]) -> dict[str, Row]:
    return {row.id: row for row in await rows_by(session, table, table.id, sorted(key for key in ids if key))}


async def _hosts(session: AsyncSession, activities: Collection[Activity]) -> dict[str, str]:
    """Return the name of the company, or of the school of the first contact person, of those that have one."""
    companies = await _by_id(session, Company, {one.company_id for one in activities})
    found = {one.id: companies[one.company_id].name for one in activities if one.company_id is not None}
    without = [one.id for one in activities if one.company_id is None]
    if without:
        rows = await session.execute(
            select(Participation.activity_id, School.name)
            .join(Person, Person.id == Participation.person_id)
            .join(School, School.id == Person.school_id)
            .where(Participation.activity_id.in_(without), Participation.role == Role.HOST_CONTACT)
            .order_by(Participation.added_at, Participation.id)
        )
        for activity, name in rows:
            found.setdefault(activity, name)
    return found


async def _moments(session: AsyncSession, activities: Collection[str]) -> dict[str, list[ContactMoment]]:
    found: dict[str, list[ContactMoment]] = defaultdict(list)
    rows = await rows_by(session, ContactMoment, ContactMoment.activity_id, activities)
    for row in sorted(rows, key=lambda row: (row.starts_at, row.number)):
        found[row.activity_id].append(row)
    return found


_TEACHERS = (
    select(
        Participation.activity_id,
        Person.school_id,
        Participation.approval,
        Person.given_name,
        Person.infix,
        Person.family_name,
    )
    .join(Person, Person.id == Participation.person_id)
    .where(Participation.activity_id.in_(AMONG), Participation.role == Role.TEACHER, Participation.standing.in_(ACTIVE))
    .order_by(Person.family_name, Person.given_name)
)


async def _teachers(session: AsyncSession, activities: Collection[str]) -> dict[str, list[Teacher]]:
    found: dict[str, list[Teacher]] = defaultdict(list)
    if not activities:
        return found
    for activity, school, approval, *parts in await session.execute(_TEACHERS, {"among": list(activities)}):
        found[activity].append(Teacher(name_of(*parts), school, approval))
    return found


async def _call_lines(
    session: AsyncSession, settings: Settings, activities: Collection[str], now: datetime
) -> Mapping[str, Sequence[CallLine]]:
    if not activities:
        return {}
    loaded = await load_many(session, settings.timezone, sorted(activities))
    invitations = await rows_by(session, Invitation, Invitation.activity_id, activities)
    return await call_lines_of(session, settings, loaded, invitations, now)


_VALID = select(Contact).where(Contact.person_id.in_(AMONG), Contact.is_valid).order_by(Contact.position)


async def _contacts(session: AsyncSession, people: Collection[str]) -> dict[tuple[str, ContactKind], Contact]:
    found: dict[tuple[str, ContactKind], Contact] = {}
    for row in await session.scalars(_VALID, {"among": list(people)}):
        found.setdefault((row.person_id, row.kind), row)
    return found


_SENT = (
    select(Message.activity_id, Message.person_id, Message.message_id)
    .where(
        Message.activity_id.in_(AMONG),
        Message.person_id.in_(bindparam("people", expanding=True)),
        Message.state == MessageState.SENT,
        Message.message_id.is_not(None),
    )
    .order_by(Message.sent_at, Message.queued_at, Message.id)
)


async def _earlier(
    session: AsyncSession, activities: Collection[str], people: Collection[str]
) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    if not activities:
        return found
    rows = await session.execute(_SENT, {"among": list(activities), "people": list(people)})
    for activity, person, message_id in rows:
        found[activity or "", person].append(message_id or "")
    return found
