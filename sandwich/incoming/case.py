"""One mail that came in, with the rows that it is about."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.asking import OPEN, Invitation
from models.tables.incoming import Incoming
from models.tables.mail import Call, CallState, Message
from models.tables.network import Contact, ContactKind, Person
from sandwich.incoming.letter import Letter
from sandwich.incoming.sorting import Sorted
from sandwich.mail.tags import Tag, Use
from sandwich.runtime import Runtime
from sandwich.services.answer_by_mail import Taken
from sandwich.services.calls import open_call, told_lately
from sandwich.services.links import LIFE_AFTER_CLOSING
from sandwich.services.outbox import asked_in

_OVER = (ActivityStatus.FINISHED, ActivityStatus.CANCELLED)


@dataclass
class Arrival:
    """A mail that is being handled, in an open change. ``person`` is whom our mail went to, or who answers by a
    calendar; ``contacts`` are their mail addresses, also those that do not work any more. ``taken`` is what became of
    it where a person wrote it and it was read.
    """

    runtime: Runtime
    session: AsyncSession
    row: Incoming
    tag: Tag
    letter: Letter
    found: Sorted
    now: datetime
    activity: Activity | None
    message: Message | None
    person: Person | None
    contacts: tuple[Contact, ...]
    taken: Taken | None = None

    @property
    def today(self) -> date:
        """The day on which it is handled."""
        return self.now.astimezone(ZoneInfo(self.runtime.settings.timezone)).date()

    @property
    def own_contact(self) -> Contact | None:
        """The address asked that the mail says it is from; ``None``: it comes from elsewhere."""
        author = self.letter.author.casefold()
        return next((one for one in self.contacts if one.address.casefold() == author), None)

    @property
    def is_expired(self) -> bool:
        """Whether the activity has been over for so long that its links are dead too (field rule 13)."""
        if self.activity is None:
            return self.message is None
        ended = self.activity.finished_at
        return self.activity.status in _OVER and ended is not None and self.now > ended + LIFE_AFTER_CLOSING

    @property
    def is_coordinators(self) -> bool:
        """Whether it answers what the coordinator was told: they need no call about their own words."""
        return self.person is not None and self.activity is not None and self.activity.coordinator_id == self.person.id

    async def participation(self) -> Participation | None:
        """Return the part of the person in the activity that the mail was about."""
        if self.activity is None or self.person is None:
            return None
        if self.message is not None and self.message.participation_id:
            return await self.session.get(Participation, self.message.participation_id)
        return await self.session.scalar(
            select(Participation)
            .where(Participation.activity_id == self.activity.id, Participation.person_id == self.person.id)
            .order_by(Participation.added_at, Participation.id)
            .limit(1)
        )

    async def open_questions(self) -> list[Invitation]:
        """Return what the mail asked and is still open, in its order."""
        if self.message is None:
            return []
        keys = asked_in(self.message)
        rows = {
            row.id: row
            for row in await self.session.scalars(
                select(Invitation).where(Invitation.id.in_(keys), Invitation.state.in_(OPEN))
            )
        }
        return [rows[key] for key in keys if key in rows]

    async def tell_coordinator(self, what: str, invitation: Invitation | None = None) -> None:
        """Open a call about the mail, once as long as it waits; never more than one mail about it in a day.

        So whoever answers everything, a machine among them, fills nobody's mailbox.
        """
        if self.activity is None:
            return
        person_id = self.person.id if self.person else None
        last = await self.session.scalar(
            select(Call)
            .where(Call.activity_id == self.activity.id, Call.what == what, Call.person_id == person_id)
            .order_by(Call.opened_at.desc())
            .limit(1)
        )
        if last is None or last.state is not CallState.OPEN:
            told_before = await told_lately(self.session, self.activity.id, person_id, (what,), self.now)
            last = await open_call(
                self.session,
                self.activity,
                what,
                key=f"{what}:{self.row.id}",
                now=self.now,
                step=invitation.step if invitation else None,
                invitation_id=invitation.id if invitation else None,
                person_id=person_id,
                mail=None if told_before else "call",
            )
        self.row.call_id = last.id if last else None


async def arrival(
    runtime: Runtime, session: AsyncSession, row: Incoming, letter: Letter, found: Sorted, now: datetime
) -> Arrival:
    """Read everything that a mail is about. ``session`` is a change of its activity's stream."""
    tag = Tag(Use(row.tag[0]), row.tag[1:25], row.tag[25:])
    activity = await session.get(Activity, row.activity_id) if row.activity_id else None
    message = await session.get(Message, row.message_id) if row.message_id else None
    if row.person_id is None and activity is not None:
        row.person_id = await _by_address(session, activity, letter.author)
    person = await session.get(Person, row.person_id) if row.person_id else None
    contacts: tuple[Contact, ...] = ()
    if person is not None:
        query = select(Contact).where(Contact.person_id == person.id, Contact.kind == ContactKind.MAIL)
        contacts = tuple(await session.scalars(query.order_by(Contact.position)))
    return Arrival(runtime, session, row, tag, letter, found, now, activity, message, person, contacts)


async def _by_address(session: AsyncSession, activity: Activity, author: str) -> str | None:
    """Return who of an activity has the address that a mail says it is from; nobody where two have it."""
    rows = await session.execute(
        select(Contact.person_id, Contact.address)
        .join(Participation, Participation.person_id == Contact.person_id)
        .where(Participation.activity_id == activity.id, Contact.kind == ContactKind.MAIL)
        .distinct()
    )
    people = {person_id for person_id, address in rows if author and address.casefold() == author.casefold()}
    return people.pop() if len(people) == 1 else None
