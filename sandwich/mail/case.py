"""Everything about one message that its wording needs from the database, read when it is about to leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.playbook import HOST_ROLES, Role
from models.tables.activities import (
    ACTIVE,
    Activity,
    ContactMoment,
    Participation,
    PlaybookVersion,
    Standing,
)
from models.tables.asking import OPEN, FormVersion, Invitation
from models.tables.mail import Message
from models.tables.network import Company, Contact, ContactKind, Person
from models.text import Language, Text
from sandwich.errors import SandwichError
from sandwich.mail.contexts.parts import Foot, Moment, Progress, Reachable, Reader
from sandwich.rules.names import full_name
from sandwich.services.contacts import contact_of, mail_of, phone_of
from sandwich.services.links import link_for
from sandwich.settings import Settings


class MessageIncomplete(SandwichError):
    """The mail {mail} cannot be worded: {what} is missing."""

    dutch = "De mail {mail} is niet op te stellen: {what} ontbreekt."


@dataclass
class Case:
    """One message with the rows that belong to it. ``session`` is a change: a link is made where there is none."""

    session: AsyncSession
    settings: Settings
    message: Message
    now: datetime
    person: Person
    language: Language
    activity: Activity | None
    participation: Participation | None
    role: Role | None

    @property
    def formal(self) -> bool:
        """Whether the reader is addressed with *u*."""
        return self.role in HOST_ROLES

    @property
    def about(self) -> dict[str, Any]:
        """The ids that the message was queued with."""
        return self.message.about or {}

    def own_activity(self) -> Activity:
        """Return the activity; raises ``MessageIncomplete`` where the message has none."""
        if self.activity is None:
            raise self.lacks("activity")
        return self.activity

    def own_participation(self) -> Participation:
        """Return the participation; raises ``MessageIncomplete`` where the message has none."""
        if self.participation is None:
            raise self.lacks("participation")
        return self.participation

    def lacks(self, what: str) -> MessageIncomplete:
        """Return the error that says what is missing."""
        return MessageIncomplete(mail=self.message.mail, what=what)

    def words(self, text: Text) -> str:
        """Return a text for this reader."""
        return text.to(self.language, formal=self.formal)

    def address(self, path: str) -> str:
        """Return an address of ours; always below the configured one."""
        return f"{self.settings.base_url}{path}"

    async def link(self, invitation_id: str | None = None) -> str:
        """Return the personal link to an invitation, or to the page with everything that is asked."""
        own = self.own_participation()
        token = await link_for(self.session, self.settings, own.id, invitation_id, self.now)
        return self.address(f"/f/{token}")

    async def invitations(self) -> list[Invitation]:
        """Return the invitations that the message is about and that are still open, in their order."""
        ids = list(
            self.about.get("invitations") or ([self.message.invitation_id] if self.message.invitation_id else [])
        )
        rows = {row.id: row for row in await self.session.scalars(select(Invitation).where(Invitation.id.in_(ids)))}
        found = [rows[key] for key in ids if key in rows]
        return [row for row in found if row.state in OPEN] or found

    async def form(self, invitation: Invitation) -> Form:
        """Return a form as it was asked."""
        stored = await self.session.get_one(FormVersion, invitation.form_digest)
        return Form.model_validate(stored.definition)

    async def moments(self) -> tuple[Moment, ...]:
        """Return the dated meetings, in order."""
        rows = await self.session.scalars(
            select(ContactMoment)
            .where(ContactMoment.activity_id == self.own_activity().id)
            .order_by(ContactMoment.starts_at, ContactMoment.number)
        )
        return tuple(Moment(starts_at=row.starts_at, ends_at=row.ends_at) for row in rows)

    async def active(self, role: Role) -> int:
        """Return how many people of a role take part or may still take part."""
        found = await self.session.scalar(
            select(func.count())
            .select_from(Participation)
            .where(
                Participation.activity_id == self.own_activity().id,
                Participation.role == role,
                Participation.standing.in_(ACTIVE),
            )
        )
        return found or 0


async def open_case(session: AsyncSession, settings: Settings, message: Message, now: datetime) -> Case:
    """Read what every message has."""
    person = await session.get_one(Person, message.person_id)
    activity = await session.get(Activity, message.activity_id) if message.activity_id else None
    participation = await session.get(Participation, message.participation_id) if message.participation_id else None
    role = participation.role if participation else None
    if role is None and activity is not None and activity.coordinator_id == person.id:
        role = Role.COORDINATOR
    return Case(session, settings, message, now, person, Language(person.language), activity, participation, role)


async def common(case: Case) -> dict[str, Any]:
    """Return the values that every mail about an activity has."""
    activity = case.own_activity()
    company = await case.session.get(Company, activity.company_id) if activity.company_id else None
    stored = await case.session.get_one(PlaybookVersion, activity.playbook_digest)
    teachers = await case.active(Role.TEACHER)
    is_fixed = activity.date_fixed_at is not None
    moments = (() if is_fixed else _proposed(activity)) or await case.moments()
    return {
        "title": activity.title,
        "reader": await reader_of(case),
        "formal": case.formal,
        "role": case.role,
        "company": company.name if company else None,
        "coordinator": await reachable(case.session, activity.coordinator_id),
        "progress": Progress(**{key: activity.progress.get(key, 0) for key in Progress.model_fields}),
        "foot": await _foot(case),
        "kind": case.words(Text.model_validate(stored.definition["title"])),
        "moments": moments,
        "is_fixed": is_fixed,
        "place": activity.place,
        "others": max(0, teachers - 1) if case.role is Role.TEACHER else teachers,
        "group_size": max(teachers, activity.group_size or 0),
    }


async def asked(case: Case) -> dict[str, Any]:
    """Return the values that every mail with a question has besides. The minutes are those of the form it opens."""
    invitations = await case.invitations()
    if not invitations:
        raise case.lacks("invitation")
    forms = [await case.form(invitation) for invitation in invitations]
    deadlines = [invitation.deadline_at for invitation in invitations if invitation.deadline_at is not None]
    return {
        **await common(case),
        "link": await case.link(invitations[0].id),
        "minutes": forms[0].minutes,
        "deadline_at": min(deadlines, default=None),
        "forms": tuple(case.words(form.title) for form in forms),
    }


async def reader_of(case: Case) -> Reader:
    """Return who reads the mail."""
    box = await mailbox(case.session, case.person.id)
    name = full_name(case.person) or case.person.id
    is_shared = box is not None and box.is_shared and case.person.group_name is None
    return Reader(name=name, given=case.person.given_name or name, is_shared=is_shared)


async def mailbox(session: AsyncSession, person_id: str) -> Contact | None:
    """Return the first valid mail address of a person."""
    return await contact_of(session, person_id, ContactKind.MAIL)


async def reachable(session: AsyncSession, person_id: str | None) -> Reachable | None:
    """Return how somebody is reached; ``None`` for nobody."""
    person = await session.get(Person, person_id) if person_id else None
    if person is None or person.erased_on is not None:
        return None
    return Reachable(
        name=full_name(person) or person.id,
        phone=await phone_of(session, person.id),
        mail=await mail_of(session, person.id),
    )


async def _foot(case: Case) -> Foot:
    if case.participation is None or case.person.group_name is not None or case.role in _STEERING:
        return Foot()
    if case.participation.standing is Standing.REPLACED:  # their links are dead
        return Foot()
    page = await case.link()
    privacy = f"{page}/privacy"
    if case.participation.standing not in ACTIVE:  # nothing is left to get out of
        return Foot(privacy=privacy)
    change = f"{page}/change"
    return Foot(
        change=change,
        later=f"{change}?what=other-date",
        other=f"{change}?what=replaced",
        stop=f"{change}?what=stop",
        privacy=privacy,
    )


_STEERING: Sequence[Role | None] = (Role.COORDINATOR, Role.DEPUTY, None)


def _proposed(activity: Activity) -> tuple[Moment, ...]:
    pairs = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in activity.proposed]
    return tuple(Moment(starts_at=start, ends_at=end) for start, end in pairs)
