"""What of the outbox is due, in the order in which it leaves: schools in turns, for each reader the most urgent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.asking import Invitation
from models.tables.mail import Message, MessageState
from models.tables.network import Contact, ContactKind
from sandwich.mail.quota import FREE
from sandwich.mail.room import does_count
from sandwich.rules.slots import DAYS
from sandwich.rules.turns import in_turns
from sandwich.runtime import Runtime
from sandwich.services.hold import hold_of
from sandwich.services.login import MAIL as SIGN_IN
from sandwich.services.quotas import READER, SENDER, sent, with_sender

FOLLOWED = timedelta(seconds=5)
"""How long a message waits at most for what the same wake still brings, which is a second where much is going on."""

AMONG = 10
"""Among so many times what is looked up at a time schools take turns; a heap of one that is higher goes first."""

MANY = 60
"""From so many due mails on several lines to the mail server are open, where the database lets several write."""

Due = tuple[str, str | None]
"""Ids of a message that is due and of its activity."""

MINUTE = timedelta(minutes=1)


@dataclass
class Rates:
    """How many mails this process has begun to each domain in the last minute; ``most`` is how many it may, 0 any."""

    most: int
    _begun: dict[str, list[datetime]] = field(default_factory=dict)

    def full(self, now: datetime) -> frozenset[str]:
        """Return the domains that get no more mail in this minute."""
        if not self.most:
            return frozenset()
        for domain, moments in list(self._begun.items()):
            recent = [at for at in moments if timedelta() <= now - at < MINUTE]  # a clock may have been set back
            self._begun[domain] = recent
            if not recent:
                del self._begun[domain]
        return frozenset(domain for domain, moments in self._begun.items() if len(moments) >= self.most)

    def take(self, domain: str, now: datetime) -> bool:
        """Count one mail more to a domain; ``False`` where it has had as many as it may."""
        begun = self._begun.setdefault(domain, [])
        if self.most and len(begun) >= self.most:
            return False
        begun.append(now)
        return True


class _Row(NamedTuple):
    id: str
    activity_id: str | None
    person_id: str
    mail: str
    about: dict[str, Any]
    invitation_id: str | None
    due_at: datetime
    queued_at: datetime
    school: str
    sender: str

    @property
    def counts(self) -> bool:
        return does_count(self.mail, self.about)


_COLUMNS = (
    Message.id,
    Message.activity_id,
    Message.person_id,
    Message.mail,
    Message.about,
    Message.invitation_id,
    Message.due_at,
    Message.queued_at,
    func.coalesce(READER.school_id, READER.company_id, ""),
    SENDER,
)


def is_waiting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for a message that may go: of an activity whose flow still has steps to do at this moment,
    another may follow that belongs in the same mail.
    """
    is_busy = exists().where(Activity.id == Message.activity_id, Activity.wake_at <= now)
    is_new = Message.queued_at > now - FOLLOWED
    return Message.state == MessageState.QUEUED, Message.due_at <= now, not_(is_new & is_busy)


async def due(runtime: Runtime, now: datetime, limit: int, rates: Rates | None = None) -> list[Due]:
    """Return ids and activities of at most ``limit`` messages that are due: the longest waiting first, but a school
    that has many does not hold up another, and a domain that has had its share of this minute waits, as does a school
    that has sent what it may in an hour.

    After a backup was put back that is nothing, until somebody releases the outbox; but for a code to sign in with,
    which was asked for a moment ago, and without which nobody could.
    """
    async with runtime.store.read() as session:
        query = with_sender(select(*_COLUMNS)).where(*is_waiting(now))
        if (hold := await hold_of(session)) is not None:
            query = query.where(Message.mail == SIGN_IN, Message.queued_at >= hold.restored_at)
        if rates is not None and (full := rates.full(now)):
            query = query.where(Message.person_id.not_in(_at(full)))
        query = query.order_by(Message.due_at, Message.queued_at, Message.id).limit(limit * AMONG)
        rows = await _of_those_who_may(session, query, runtime.settings.mails_per_hour, now)
        if runtime.settings.mails_per_week <= DAYS:
            rows = await _most_urgent_first(session, rows)
        rows = list(in_turns(rows, lambda row: row.school))
        if rates is not None and rates.most:
            rows = await _within(session, rows, limit, rates, now)
        return [(row.id, row.activity_id) for row in rows[:limit]]


async def _of_those_who_may(session: AsyncSession, query: Select[Any], most: int, now: datetime) -> list[_Row]:
    """Return the rows of a query without those of schools that have sent ``most`` mails in the last hour."""
    full: set[str] = set()
    while True:
        rows = [_Row(*row) for row in await session.execute(query)]
        senders = {row.sender for row in rows if row.mail not in FREE} - full if most else set()
        found = {sender for sender, number in (await sent(session, senders, now)).items() if sender and number >= most}
        if not found:
            return rows
        full |= found  # what they have may fill all that was looked up, and others have waited behind it
        query = query.where(or_(Message.mail.in_(FREE), SENDER.not_in(found)))


async def _most_urgent_first(session: AsyncSession, rows: Sequence[_Row]) -> list[_Row]:
    """Let what has the earlier deadline go first where several mails count for one reader: the others will wait.

    Where so many wait that several lines are open, only that one goes; the others are looked at again when it has left.
    """
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.counts:
            places.setdefault(row.person_id, []).append(place)
    several = {key: mine for key, mine in places.items() if len({rows[place].activity_id for place in mine}) > 1}
    if not several:
        return list(rows)
    asked = {rows[place].invitation_id for mine in several.values() for place in mine}
    found = await session.execute(select(Invitation.id, Invitation.deadline_at).where(Invitation.id.in_(asked)))
    deadlines = dict(found.all())
    never = datetime.max.replace(tzinfo=UTC)

    def urgency(row: _Row) -> tuple[datetime, datetime, datetime, str]:
        return deadlines.get(row.invitation_id or "") or never, row.due_at, row.queued_at, row.id

    ordered, waiting = list(rows), set()
    for mine in several.values():
        in_order = sorted((rows[place] for place in mine), key=urgency)
        for place, row in zip(mine, in_order, strict=True):
            ordered[place] = row
        waiting |= {row.id for row in in_order if row.activity_id != in_order[0].activity_id}
    return ordered if len(rows) < MANY else [row for row in ordered if row.id not in waiting]


async def _within(session: AsyncSession, rows: Sequence[_Row], limit: int, rates: Rates, now: datetime) -> list[_Row]:
    """Return the first ``limit`` of ``rows`` whose domains may have one more, and count them."""
    found: list[_Row] = []
    for start in range(0, len(rows), limit):
        some = rows[start : start + limit]
        domains = await _domains(session, {row.person_id for row in some})
        for row in some:
            if len(found) < limit and rates.take(domains.get(row.person_id, ""), now):
                found.append(row)
        if len(found) == limit:
            break
    return found


async def _domains(session: AsyncSession, people: Iterable[str]) -> dict[str, str]:
    rows = await session.execute(
        select(Contact.person_id, Contact.address)
        .where(Contact.person_id.in_(people), Contact.kind == ContactKind.MAIL, Contact.is_valid)
        .order_by(Contact.position.desc())
    )
    return {person: address.rpartition("@")[2].casefold() for person, address in rows}


def _at(domains: Iterable[str]) -> Select[str]:
    """Return the query for the people with an address in one of ``domains``."""
    addresses = [func.lower(Contact.address).endswith(f"@{domain}", autoescape=True) for domain in sorted(domains)]
    is_one = addresses[0]
    for other in addresses[1:]:
        is_one |= other
    return select(Contact.person_id).where(Contact.kind == ContactKind.MAIL, Contact.is_valid, is_one)
