"""Whether a mail may leave now: the hours of its reader, and the room in their week (field rules 50 and 51).

Both are looked at in the transaction that claims it. Nobody gets a mail too many because two processes send to them at
the same moment: a reader whose mail counts is held until that transaction ends, and whoever cannot have them waits.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.moments import Rhythm
from models.roles import HOST_ROLES, Stage
from models.tables.asking import InvitationState
from models.tables.mail import Message
from models.tables.network import Person, School
from sandwich.mail.case import Case
from sandwich.mail.mails import Travels
from sandwich.mail.needed import NO_ROOM, Verdict
from sandwich.mail.wording import kind_of
from sandwich.rules.calendar import Calendar, calendar_of
from sandwich.rules.slots import Pace, Wait, counts, is_quiet, leaves_at, monday_of, next_try, pace_of, waits
from sandwich.services.invite import ask_of, set_moments
from sandwich.services.loaded import load, place_of, read_blocks
from sandwich.settings import Settings

QUIET = "quiet-hours"
"""Why a mail waits that was held up until its reader's office hours had ended, or whose day became free meanwhile."""

_ANY_HOUR = frozenset({Pace.AT_ONCE, Pace.PROMPT})


def does_count(mail: str, about: Mapping[str, Any] | None) -> bool:
    """Whether a message counts for the week of its reader, by its mail and what it is about."""
    return counts(mail, is_exact=(about or {}).get("rhythm") == Rhythm.EXACT)


def _counts(case: Case) -> bool:
    return does_count(case.message.mail, case.about)


def _pace(case: Case) -> Pace:
    return pace_of(case.message.mail, Rhythm(case.about.get("rhythm", Rhythm.ROUTINE)))


@dataclass
class Room:
    """What is known of the readers of some mails: who is held by this transaction, the days of what counted, and some
    calendars; ``taken`` are those who got a mail in it.
    """

    session: AsyncSession
    settings: Settings
    now: datetime
    held: frozenset[str]
    counted: dict[str, list[date]]
    calendars: Mapping[str, Calendar]
    taken: set[str] = field(default_factory=set)

    @classmethod
    async def of(cls, session: AsyncSession, settings: Settings, cases: Sequence[Case], now: datetime) -> "Room":
        """Hold the readers whose mails count, and read what is asked about them; each with one query for all."""
        zone = ZoneInfo(settings.timezone)
        readers = sorted({case.person.id for case in cases if _counts(case)})
        held, counted = frozenset[str](), defaultdict[str, list[date]](list)
        if readers:
            held = await _hold(session, readers)
            rows = await session.execute(
                select(Message.person_id, Message.counted_on).where(
                    Message.person_id.in_(readers), Message.counted_on >= monday_of(now.astimezone(zone).date())
                )
            )
            for person_id, day in rows:
                counted[person_id] += [day] if day is not None else []
        today = now.astimezone(zone).date()
        full = {key for key in held if waits(today, counted[key], settings.mails_per_week) is not None}
        asked = [case for case in cases if case.person.id in full or _pace(case) not in _ANY_HOUR]
        return cls(session, settings, now, held, counted, await _calendars(session, asked, zone))

    async def lets(self, going: Sequence[Case]) -> tuple[list[Case], list[tuple[Case, Verdict]]]:
        """Return which of the messages of one mail leave now, and what becomes of those that cannot wait either.

        What waits has got its next moment. One whose reader another transaction holds stays as it is.
        """
        paces = [_pace(case) for case in going]
        person, calendar = going[0].person, self.calendars.get(going[0].person.id)
        is_free = any(pace in _ANY_HOUR for pace in paces)  # what rides along with it is no mail more
        if not is_free and calendar is not None and is_quiet(self.now, calendar):
            for case, pace in zip(going, paces, strict=True):
                slot = Pace.OFFICE if pace is Pace.OFFICE else Pace.ROUTINE
                at = leaves_at(slot, self.now, calendar, place_of(person))
                case.message.due_at, case.message.reason = at, case.message.reason or QUIET
            return [], []
        if is_free or not all(_counts(case) for case in going):
            return list(going), []
        if person.id not in self.held or person.id in self.taken:
            return [], []
        today = self.now.astimezone(ZoneInfo(self.settings.timezone)).date()
        wait = waits(today, self.counted[person.id], self.settings.mails_per_week)
        if wait is None:
            return list(going), []
        return await self._wait(going, wait, today)

    def take(self, carrier: Message) -> None:
        """Note that a mail leaves that counts."""
        carrier.counted_on = self.now.astimezone(ZoneInfo(self.settings.timezone)).date()
        self.taken.add(carrier.person_id)

    async def _wait(
        self, going: Sequence[Case], wait: Wait, today: date
    ) -> tuple[list[Case], list[tuple[Case, Verdict]]]:
        """Let each message wait for the next free slot; one that may not wait so long leaves as the second mail of a
        day, or does not leave at all where the week is full.
        """
        leaves: list[Case] = []
        by_hand: list[tuple[Case, Verdict]] = []
        for case in going:
            calendar = self.calendars[case.person.id]
            pace = _pace(case)
            reader = place_of(case.person)
            at = next_try(wait, pace, today, calendar, reader)
            limit = _limit(case, calendar)
            if limit is not None and at >= limit:
                earlier = next_try(wait, Pace.ROUTINE, today, calendar, reader)
                at = earlier if earlier < limit else at
            if limit is None or at < limit:
                case.message.due_at, case.message.reason = at, wait.value
                await self._ask_later(case, at)
            elif wait is Wait.DAY:
                leaves.append(case)
            elif kind_of(case.message).travels is Travels.REMINDS:
                by_hand.append((case, Verdict(False, wait.value)))  # the ladder goes on: its last rung is the call
            else:
                by_hand.append((case, Verdict(False, NO_ROOM)))
        return leaves, by_hand

    async def _ask_later(self, case: Case, at: datetime) -> None:
        """Count the ladder of a question from the moment at which it will be asked."""
        planned = [one for one in case.invitations() if one.state is InvitationState.PLANNED]
        if not planned or case.participation is None or kind_of(case.message).travels is Travels.REMINDS:
            return
        loaded = await load(self.session, self.settings.timezone, case.own_activity().id)
        for invitation in planned:
            found = ask_of(loaded.playbook, invitation, case.participation.role)
            if found is not None:
                invitation.asked_at = at
                set_moments(invitation, found[1], found[0], loaded, case.participation)


async def _hold(session: AsyncSession, readers: Sequence[str]) -> frozenset[str]:
    """Have those of the readers whom no other transaction has, without waiting. SQLite has one writer anyway."""
    if (await session.connection()).dialect.name != "postgresql":
        return frozenset(readers)
    rows = select(Person.id).where(Person.id.in_(readers)).order_by(Person.id)
    return frozenset(await session.scalars(rows.with_for_update(key_share=True, skip_locked=True)))


async def _calendars(session: AsyncSession, cases: Sequence[Case], zone: ZoneInfo) -> dict[str, Calendar]:
    """Return the calendars that readers live by."""
    if not cases:
        return {}
    homes: dict[str, tuple[str | None, str | None]] = {}
    for case in cases:
        is_host = case.role in HOST_ROLES
        company = case.person.company_id or (case.activity.company_id if case.activity else None)
        homes[case.person.id] = (None if is_host else case.person.school_id), (company if is_host else None)
    schools = {school for school, _ in homes.values() if school}
    companies = {company for _, company in homes.values() if company}
    rows = await session.execute(select(School.id, School.holiday_region).where(School.id.in_(schools)))
    regions = dict(rows.all())
    blocks = await read_blocks(session, schools, companies)
    return {
        person: calendar_of(blocks, zone, [(school, regions[school])] if school else [], [company] if company else [])
        for person, (school, company) in homes.items()
    }


def _limit(case: Case, calendar: Calendar) -> datetime | None:
    """Return the moment that a message must not wait for; ``None`` for what can be told later as well."""
    message, invitations = case.message, case.invitations()
    if kind_of(message).travels is Travels.REMINDS:
        return min((one.next_at for one in invitations if one.next_at is not None), default=None)
    if invitations:
        return min((one.deadline_at for one in invitations if one.deadline_at is not None), default=None)
    if message.mail == "duty":
        return calendar.at(calendar.count(calendar.day_of(message.due_at), 1), time(0, 0))
    if case.activity is None or not (moments := case.reading.moments.get(case.activity.id)):
        return None
    playbook = case.reading.playbooks[case.activity.playbook_digest]
    before = {step.key for step in playbook.steps if step.stage is Stage.BEFORE}
    is_before = "agreement" in case.about or case.about.get("step") in before
    return moments[0].starts_at if is_before and moments[0].starts_at > case.now else None
