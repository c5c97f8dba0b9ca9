"""The mail of September: companies that told about themselves more than a year ago are asked whether it still holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.roles import Role
from models.steps import Ask, Step
from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation
from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Message
from models.tables.network import Company, Contact, ContactKind, Person
from sandwich.errors import StoreUnavailable
from sandwich.rules.calendar import Calendar, calendar_of
from sandwich.rules.moments import MIDWEEK, REQUEST_TIME
from sandwich.rules.slots import OFFICE, Pace
from sandwich.runtime import Runtime
from sandwich.services.companies import A_YEAR, PROFILE_FORM, PROFILE_MAIL, is_to_tell, wish_of
from sandwich.services.invite import keep_form, rung_of
from sandwich.services.loaded import load, read_blocks
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.register import lock_registry
from sandwich.services.versions import playbooks_of

ACTOR = "profiles"
SEPTEMBER = 9
DAYS = 10
"""How many working days a company has before the deadline."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Asked:
    """Whom a company is asked through: somebody's part in the last activity there that asked for the profile.

    It lives by its own ``calendar``.
    """

    company_id: str
    activity_id: str
    participation_id: str
    calendar: Calendar


async def ask_profiles(runtime: Runtime) -> int:
    """Ask the companies whose turn it is today whether their profile still holds; returns how many were asked.

    Each has a day of its own in September, a Tuesday, Wednesday or Thursday, at ten. It is asked once in a year,
    however often and by however many processes this is called. Where nothing ran on its day, the next of these days is.
    """
    async with runtime.store.read() as session:
        now = await runtime.clock.now(session)
        calendar = await _own_days(session, runtime, now)
        today = calendar.day_of(now)
        if today not in _days(today, calendar) or not _is_time(now.astimezone(calendar.zone).time()):
            return 0
        waiting = await _waiting(session, calendar, now)
    asked = 0
    for one in waiting:
        try:
            asked += await _ask(runtime, one, now)
        except StoreUnavailable:
            raise
        except Exception as error:  # whatever is wrong with one company, the others are not held up
            _log.error("profile not asked", company=one.company_id, error=type(error).__name__)
    return asked


async def _own_days(session: AsyncSession, runtime: Runtime, now: datetime) -> Calendar:
    zone = ZoneInfo(runtime.settings.timezone)
    is_time = now.astimezone(zone).month == SEPTEMBER
    return calendar_of(await read_blocks(session, []) if is_time else (), zone)


def _days(today: date, calendar: Calendar) -> list[date]:
    """Return the days of this September on which companies are asked; none in another month."""
    if today.month != SEPTEMBER:
        return []
    month = (date(today.year, SEPTEMBER, number) for number in range(1, 31))
    return [day for day in month if day.weekday() in MIDWEEK and calendar.is_working(day)]


def _is_time(local: time) -> bool:
    return REQUEST_TIME <= local < OFFICE[1]


def _key(year: int, company_id: str) -> str:
    return f"{PROFILE_MAIL}:{year}:{company_id}"


async def _waiting(session: AsyncSession, calendar: Calendar, now: datetime) -> list[_Asked]:
    """Return the companies to ask whose day has come, each with whom it is asked through."""
    today = calendar.day_of(now)
    companies = [
        company
        for company in await session.scalars(
            select(Company)
            .where(Company.profile_at < now - A_YEAR, Company.asks_no_more.is_(False))
            .order_by(Company.id)
        )
        if _may_be_asked(company, now, today)
    ]
    calendars = await _own_calendars(session, [company.id for company in companies], calendar)
    keys = {_key(today.year, one.id): one for one in companies if _has_come(one.id, today, calendars[one.id])}
    for known in await session.scalars(select(Message.key).where(Message.key.in_(keys))):
        del keys[known]
    return await _through(session, {company.id: calendars[company.id] for company in keys.values()})


async def _own_calendars(session: AsyncSession, companies: Sequence[str], calendar: Calendar) -> dict[str, Calendar]:
    """Return the calendar of each company: ``calendar``, or its own where it has closed days."""
    blocks = await read_blocks(session, (), companies)
    closing = {block.company for block in blocks}
    return {
        company: calendar_of(blocks, calendar.zone, companies=[company]) if company in closing else calendar
        for company in companies
    }


def _has_come(company_id: str, today: date, calendar: Calendar) -> bool:
    """Whether today is a day on which a company can be asked, and its own day has come."""
    days = _days(today, calendar)
    return today in days and days[crc32(company_id.encode()) % len(days)] <= today


def _may_be_asked(company: Company, now: datetime, today: date) -> bool:
    return company.profile is not None and is_to_tell(company, now) and wish_of(company, today) is None


async def _through(session: AsyncSession, companies: Mapping[str, Calendar]) -> list[_Asked]:
    """Return for each company (with its calendar) the contact person of the last activity there that asked for its
    profile and is over.

    Somebody who left the company, wants no mail or has no address is none.
    """
    if not companies:
        return []
    has_mail = (
        select(Contact.id)
        .where(Contact.person_id == Person.id, Contact.kind == ContactKind.MAIL, Contact.is_valid)
        .exists()
    )
    rows = (
        await session.execute(
            select(Activity, Participation.id)
            .join(Participation, Participation.activity_id == Activity.id)
            .join(Person, (Person.id == Participation.person_id) & (Person.company_id == Activity.company_id))
            .where(
                Activity.company_id.in_(companies),
                Activity.status == ActivityStatus.FINISHED,
                Participation.role == Role.HOST_CONTACT,
                Participation.standing.in_(ACTIVE),
                Person.erased_on.is_(None),
                Person.no_mail.is_(False),
                has_mail,
            )
            .order_by(Activity.finished_at.desc(), Activity.id, Participation.added_at, Participation.id)
        )
    ).all()
    playbooks = await playbooks_of(session, {activity.playbook_digest for activity, _ in rows})
    found: dict[str, _Asked] = {}
    for activity, participation_id in rows:
        if activity.company_id is not None and profile_ask(playbooks[activity.playbook_digest]) is not None:
            company_id = activity.company_id
            found.setdefault(company_id, _Asked(company_id, activity.id, participation_id, companies[company_id]))
    return list(found.values())


def profile_ask(playbook: Playbook) -> tuple[Step, Ask] | None:
    """Return the step and ask by which a contact person tells about the company; ``None`` where none does."""
    for step in playbook.steps:
        for ask in step.asks:
            if ask.to is Role.HOST_CONTACT and PROFILE_FORM in (ask.form, *ask.with_forms):
                return step, ask
    return None


async def _ask(runtime: Runtime, asked: _Asked, now: datetime) -> bool:
    """Ask one company, unless another process did or it has told in the meantime; returns whether it was asked."""
    calendar = asked.calendar
    today = calendar.day_of(now)
    async with runtime.store.change(now=now, actor=ACTOR, stream=asked.activity_id) as session:
        await lock_registry(session)
        key = _key(today.year, asked.company_id)
        company = await session.get_one(Company, asked.company_id)
        is_known = await session.scalar(select(Message.id).where(Message.key == key))
        if is_known is not None or not _may_be_asked(company, now, today):
            return False
        loaded = await load(session, runtime.settings.timezone, asked.activity_id)
        participation = loaded.participation(asked.participation_id)
        found = profile_ask(loaded.playbook)
        assert found is not None  # it was looked for by it
        step, ask = found
        leaves = loaded.leaves_at(Pace.FIRST, participation, now)
        invitation = Invitation(
            activity_id=asked.activity_id,
            step=step.key,
            form=PROFILE_FORM,
            form_digest=await keep_form(session, runtime.library, PROFILE_FORM, None),
            participation_id=participation.id,
            occurrence=await _times_asked(session, participation.id) + 1,
            mail=PROFILE_MAIL,
            asked_at=leaves,
            deadline_at=calendar.at(calendar.count(today, DAYS) + timedelta(days=1), time(0, 0)),
            profile=ask.remind,
            state=InvitationState.PLANNED,
            rung=0,
        )
        alone = ask.model_copy(update={"hard_deadline": None, "remind_from": None})  # its dates are those of the visit
        rung = rung_of(invitation, alone, loaded, calendar)
        invitation.next_at = rung.at if rung else None
        session.add(invitation)
        await session.flush()
        await queue(
            session,
            key=key,
            mail=PROFILE_MAIL,
            person_id=participation.person_id,
            activity_id=asked.activity_id,
            participation_id=participation.id,
            invitation_id=invitation.id,
            about={"invitations": [invitation.id], "step": step.key, "rhythm": step.rhythm.value},
            needed_if=NeededIf.INVITATION_OPEN,
            due_at=leaves,
            now=now,
        )
        return True


async def _times_asked(session: AsyncSession, participation_id: str) -> int:
    query = select(func.max(Invitation.occurrence)).where(
        Invitation.participation_id == participation_id, Invitation.form == PROFILE_FORM
    )
    return await session.scalar(query) or 0
