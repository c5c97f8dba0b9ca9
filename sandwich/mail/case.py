"""Everything about one message that its wording needs from the database, read when it is about to leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.roles import HOST_ROLES, OUTSIDE, Role
from models.tables.activities import ACTIVE, Activity, Participation, Standing
from models.tables.asking import OPEN, Invitation
from models.tables.mail import Message
from models.tables.network import Contact, ContactKind, Person
from models.text import Language, Text
from sandwich.errors import SandwichError
from sandwich.mail.contexts.parts import Foot, Moment, Progress, Reachable, Reader
from sandwich.mail.reading import Reading, Teacher, read
from sandwich.rules.names import full_name
from sandwich.services.call_lines import CallLine
from sandwich.services.outbox import asked_in
from sandwich.settings import Settings


class MessageIncomplete(SandwichError):
    """The mail {mail} cannot be worded: {what} is missing."""

    dutch = "De mail {mail} is niet op te stellen: {what} ontbreekt."


@dataclass
class Case:
    """One message with the rows that belong to it. ``reading`` is shared with the others that are in hand, and so is
    ``session``, for what one mail alone needs.
    """

    session: AsyncSession
    settings: Settings
    reading: Reading
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

    def link(self, invitation_id: str | None = None) -> str:
        """Return the personal link to an invitation, or to the page with everything that is asked."""
        return self.address(f"/f/{self.reading.links.token(self.own_participation(), invitation_id, self.now)}")

    def invitations(self) -> list[Invitation]:
        """Return the invitations that the message is about and that are still open, in their order."""
        known = self.reading.invitations
        found = [known[key] for key in asked_in(self.message) if key in known]
        return [row for row in found if row.state in OPEN] or found

    def ahead(self, moment: datetime | None) -> datetime | None:
        """Return a moment that is still to come: nobody is asked to answer before a day that is over."""
        return moment if moment is not None and moment > self.now else None

    def form(self, invitation: Invitation) -> Form:
        """Return the form of one of these, as it was asked."""
        return self.reading.forms[invitation.form_digest]

    def is_begun(self, invitation: Invitation) -> bool:
        """Whether the reader has typed something that was not sent yet."""
        return invitation.id in self.reading.begun

    def calls(self) -> Sequence[CallLine]:
        """Return the open calls of the activity, the oldest first, where the message is about one."""
        return self.reading.call_lines.get(self.own_activity().id, ())

    def moments(self) -> tuple[Moment, ...]:
        """Return the dated meetings, in order."""
        rows = self.reading.moments[self.own_activity().id]
        return tuple(Moment(starts_at=row.starts_at, ends_at=row.ends_at) for row in rows)

    def teachers(self) -> Sequence[Teacher]:
        """Return the teachers who take part or may still take part, in the order of their names."""
        return self.reading.teachers.get(self.own_activity().id, ())

    def earlier(self) -> Sequence[str]:
        """Return the Message-IDs that the reader got about the activity, oldest first."""
        return self.reading.earlier.get((self.activity.id, self.person.id), ()) if self.activity else ()

    def mailbox(self) -> Contact | None:
        """Return the first valid mail address of the reader."""
        return self.reading.contact(self.person.id, ContactKind.MAIL)

    def coordinator(self) -> Reachable | None:
        """Return how the coordinator of the activity is reached; ``None`` where there is none.

        What a company is asked about its profile comes from whoever keeps the contact with it.
        """
        owners = self.reading.owners
        owner = next((owners[key] for key in asked_in(self.message) if key in owners), None)
        found = self.reading.reachable(owner)
        return found or (self.reading.reachable(self.activity.coordinator_id) if self.activity else None)


async def open_cases(
    session: AsyncSession, settings: Settings, messages: Sequence[Message], now: datetime
) -> list[Case]:
    """Read what every message has, of all ``messages`` at once. ``session`` is a change."""
    reading = await read(session, settings, messages, now)

    def case(message: Message) -> Case:
        person = reading.persons[message.person_id]
        activity = reading.activities.get(message.activity_id or "")
        participation = reading.participations.get(message.participation_id or "")
        role = participation.role if participation else None
        if role is None and activity is not None and activity.coordinator_id == person.id:
            role = Role.COORDINATOR
        language = Language(person.language)
        return Case(session, settings, reading, message, now, person, language, activity, participation, role)

    return [case(message) for message in messages]


async def open_case(session: AsyncSession, settings: Settings, message: Message, now: datetime) -> Case:
    """Read the same of one message."""
    [case] = await open_cases(session, settings, [message], now)
    return case


def common(case: Case) -> dict[str, Any]:
    """Return the values that every mail about an activity has."""
    activity = case.own_activity()
    teachers = len(case.teachers())
    is_fixed = activity.date_fixed_at is not None
    moments = (() if is_fixed else _proposed(activity)) or case.moments()
    return {
        "title": activity.title,
        "reader": reader_of(case),
        "formal": case.formal,
        "role": case.role,
        "company": case.reading.hosts.get(activity.id),
        "coordinator": case.coordinator(),
        "progress": Progress(**{key: activity.progress.get(key, 0) for key in Progress.model_fields}),
        "foot": _foot(case),
        "kind": case.words(case.reading.playbooks[activity.playbook_digest].title),
        "moments": moments,
        "ahead": tuple(one for one in moments if one.ends_at > case.now),
        "is_fixed": is_fixed,
        "place": activity.meets_at,
        "others": max(0, teachers - 1) if case.role is Role.TEACHER else teachers,
        "group_size": max(teachers, activity.group_size or 0),
    }


def asked(case: Case) -> dict[str, Any]:
    """Return the values that every mail with a question has besides. The minutes are those of the form it opens."""
    invitations = case.invitations()
    if not invitations:
        raise case.lacks("invitation")
    forms = [case.form(invitation) for invitation in invitations]
    ahead = [moment for invitation in invitations if (moment := case.ahead(invitation.deadline_at)) is not None]
    return {
        **common(case),
        "link": case.link(invitations[0].id),
        "minutes": forms[0].minutes,
        "deadline_at": min(ahead, default=None),
        "forms": tuple(case.words(form.title) for form in forms),
    }


def reader_of(case: Case) -> Reader:
    """Return who reads the mail."""
    box = case.mailbox()
    name = full_name(case.person) or case.person.id
    is_shared = box is not None and box.is_shared and case.person.group_name is None
    return Reader(name=name, given=case.person.given_name or name, is_shared=is_shared)


def _foot(case: Case) -> Foot:
    years = case.settings.keep_answers_years
    if case.participation is None or case.person.group_name is not None or case.role in _STEERING:
        return Foot(years=years)
    if case.participation.standing is Standing.REPLACED:  # their links are dead
        return Foot(years=years)
    page = case.link()
    privacy = f"{page}/privacy"
    no_mail = meaning(privacy, "kind", "no-mail")
    if case.participation.standing not in ACTIVE:  # nothing is left to get out of
        return Foot(years=years, privacy=privacy, no_mail=no_mail)
    if case.role in OUTSIDE:  # nothing to come to, or to send somebody else to
        return Foot(years=years, privacy=privacy, no_mail=no_mail)
    change = f"{page}/change"
    return Foot(
        years=years,
        change=change,
        later=meaning(change, "what", "other-date"),
        other=meaning(change, "what", "replaced"),
        not_me=meaning(change, "what", "other-contact"),
        stop=meaning(change, "what", "stop"),
        no_mail=no_mail,
        privacy=privacy,
    )


def no_mail_page(case: Case) -> str | None:
    """Return the page on which the reader says that they want no more mail; ``None`` where the mail has none."""
    foot = _foot(case)
    return foot.no_mail.partition("#")[0] if foot.no_mail else None


def meaning(link: str, field: str, value: str) -> str:
    """Return a link that opens its form at a question and shows an answer there, which is not chosen by it."""
    return f"{link}?{MEANT}={field}:{value}#q-{field}"


MEANT = "meant"
"""The part of a link that names the answer that was meant: keys of a form, and nothing about a person."""


_STEERING: Sequence[Role | None] = (Role.COORDINATOR, Role.DEPUTY, None)


def _proposed(activity: Activity) -> tuple[Moment, ...]:
    pairs = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in activity.proposed]
    return tuple(Moment(starts_at=start, ends_at=end) for start, end in pairs)
