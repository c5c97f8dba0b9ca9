"""How a region stands at this moment, in numbers: where its activities are, what waits for a hand, what mail did."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus
from models.tables.mail import Call, CallState, Message, MessageState
from models.tables.network import Company, Contact, Person, School
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.services.call_words import words_of

LATELY = timedelta(days=30)
"""So far back mails are counted that did not arrive."""

STAGES = (
    *(ActivityStatus.CONCEPT, ActivityStatus.REQUESTED, ActivityStatus.BEFORE, ActivityStatus.DURING),
    *(ActivityStatus.AFTER, ActivityStatus.ON_HOLD),
)
"""Where an activity that goes on can be, in the order in which it gets there."""


@dataclass(frozen=True)
class CallCount:
    """How many calls of one type are open, and since when the oldest is."""

    heading: Text
    count: int
    oldest: datetime


@dataclass(frozen=True)
class Standing:
    """A region at one moment. Of mail: what failed or is unknown lately, and addresses by what is so of them."""

    stages: tuple[tuple[ActivityStatus, int], ...]
    calls: tuple[CallCount, ...]
    failed: int
    unknown: int
    bad_addresses: int
    shared_mailboxes: int
    want_no_mail: int

    @property
    def going_on(self) -> int:
        """How many activities go on."""
        return sum(number for _, number in self.stages)

    @property
    def open_calls(self) -> int:
        """How many calls are open."""
        return sum(one.count for one in self.calls)


async def standing_of(session: AsyncSession, library: Library, region_id: str, now: datetime) -> Standing:
    """Return how a region stands at ``now``."""
    stages = await session.execute(
        select(Activity.status, func.count())
        .where(Activity.region_id == region_id, Activity.status.in_(STAGES))
        .group_by(Activity.status)
    )
    at = {row[0]: row[1] for row in stages}
    states = await session.execute(
        select(Message.state, func.count())
        .join(Activity, Activity.id == Message.activity_id)
        .where(
            Activity.region_id == region_id,
            Message.state.in_((MessageState.FAILED, MessageState.UNKNOWN)),
            Message.due_at >= now - LATELY,
        )
        .group_by(Message.state)
    )
    mails = {row[0]: row[1] for row in states}
    people = select(Person.id).where(
        Person.erased_on.is_(None),
        or_(
            Person.school_id.in_(select(School.id).where(School.region_id == region_id)),
            Person.company_id.in_(select(Company.id).where(Company.region_id == region_id)),
        ),
    )
    contacts = select(func.count()).where(Contact.person_id.in_(people))
    return Standing(
        stages=tuple((status, at.get(status, 0)) for status in STAGES),
        calls=await _calls(session, library, region_id),
        failed=mails.get(MessageState.FAILED, 0),
        unknown=mails.get(MessageState.UNKNOWN, 0),
        bad_addresses=await session.scalar(contacts.where(~Contact.is_valid)) or 0,
        shared_mailboxes=await session.scalar(contacts.where(Contact.is_valid, Contact.is_shared)) or 0,
        want_no_mail=await session.scalar(select(func.count()).where(Person.id.in_(people), Person.no_mail)) or 0,
    )


async def _calls(session: AsyncSession, library: Library, region_id: str) -> tuple[CallCount, ...]:
    """Return the open calls by type, the oldest first; nobody is named."""
    found: dict[Text, list[tuple[int, datetime]]] = defaultdict(list)
    titles = {
        watch.call or watch.key: watch.title
        for playbook in library.playbooks.values()
        for step in playbook.steps
        for watch in step.watches
    }
    for what, number, oldest in await session.execute(
        select(Call.what, func.count(), func.min(func.coalesce(Call.opened_at, Call.due_at)))
        .join(Activity, Activity.id == Call.activity_id)
        .where(Activity.region_id == region_id, Call.state == CallState.OPEN)
        .group_by(Call.what)
    ):
        found[_heading(what, titles.get(what))].append((number, oldest))
    counted = (
        CallCount(heading, sum(number for number, _ in every), min(oldest for _, oldest in every))
        for heading, every in found.items()
    )
    return tuple(sorted(counted, key=lambda one: (one.oldest, one.heading.nl)))


def _heading(what: str, title: Text | None) -> Text:
    heading = words_of(what, False, title).heading
    dutch, english = heading.nl.format(who="iemand"), heading.en.format(who="somebody")
    return Text(nl=dutch[:1].upper() + dutch[1:], en=english[:1].upper() + english[1:])
