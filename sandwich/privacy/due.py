"""What is over its term, by kind and region: ids of people or of activities, the longest over first. Reads only."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.data_kinds import DataKind
from models.roles import Role
from models.tables.activities import Activity, ActivityStatus, ContactMoment, Participation
from models.tables.asking import Draft, Invitation, Upload
from models.tables.base import ERASED
from models.tables.mail import ON_ITS_WAY, Message
from models.tables.network import Company, Person, School
from models.tables.offices import HeldOffice
from models.tables.results import CardState, Consent, Hours, ImpressionCard
from models.tables.truth import AuditEntry
from sandwich.rules.school_years import SchoolYear
from sandwich.services.uploads import PHOTO
from sandwich.settings import Settings
from sandwich.store.chain import REGISTRY

ENDED = (ActivityStatus.FINISHED, ActivityStatus.CANCELLED)
STAYS_NAMED = (Role.COORDINATOR, Role.DEPUTY, Role.COLLEAGUES)
"""Roles whose people are named in an activity also when its participants are not any more."""


@dataclass(frozen=True)
class At:
    """Where and when: a region, the terms of the installation, and a moment."""

    region_id: str
    settings: Settings
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin."""
        return ZoneInfo(self.settings.timezone)

    @property
    def today(self) -> date:
        """The day there."""
        return self.now.astimezone(self.zone).date()

    def begin_of(self, day: date) -> datetime:
        """Return the moment at which a day begins there."""
        return datetime.combine(day, time(0, 0), self.zone)

    def before_months(self, months: int) -> datetime:
        """Return the beginning of the day so many months ago."""
        year, month = divmod(self.today.year * 12 + self.today.month - 1 - months, 12)
        return self.begin_of(date(year, month + 1, min(self.today.day, 28)))


async def due(session: AsyncSession, kind: DataKind, at: At) -> list[str]:
    """Return what of a kind is over its term; nothing for a kind that goes in another way."""
    return await _DUE[kind](session, at) if kind in _DUE else []


def last_day() -> ColumnElement[datetime]:
    """Return the end of an activity: of its last contact moment, else when it was closed."""
    ends = select(func.max(ContactMoment.ends_at)).where(ContactMoment.activity_id == Activity.id).scalar_subquery()
    return func.coalesce(ends, Activity.finished_at, Activity.started_at)


def _over(at: At, before: datetime, *which: ColumnElement[bool]) -> Select[str]:
    return (
        select(Activity.id)
        .where(Activity.region_id == at.region_id, Activity.status.in_(ENDED), last_day() < before, *which)
        .order_by(last_day(), Activity.id)
    )


async def _contacts(session: AsyncSession, at: At) -> list[str]:
    """Whoever took part in nothing for long, has no role in the region and was not said to stay."""
    before = at.before_months(at.settings.keep_contacts_months)
    took_part = (
        select(Activity.id)
        .join(Participation, Participation.activity_id == Activity.id)
        .where(Participation.person_id == Person.id)
        .correlate(Person)
    )
    lately = took_part.where(or_(Activity.status.not_in(ENDED), last_day() >= before))
    # When somebody was written down stands in the log alone.
    known = (
        select(AuditEntry.row, func.min(AuditEntry.at).label("at"))
        .where(
            AuditEntry.stream == REGISTRY,
            AuditEntry.table == Person.__tablename__,
            AuditEntry.action == "insert",
        )
        .group_by(AuditEntry.row)
        .subquery()
    )
    belongs = or_(
        Person.region_id == at.region_id,
        Person.school_id.in_(select(School.id).where(School.region_id == at.region_id)),
        Person.company_id.in_(select(Company.id).where(Company.region_id == at.region_id)),
        and_(
            Person.school_id.is_(None),
            Person.company_id.is_(None),
            Person.region_id.is_(None),
            took_part.where(Activity.region_id == at.region_id).exists(),
        ),
    )
    rows = await session.scalars(
        select(Person.id)
        .join(known, known.c.row == Person.id)
        .where(
            belongs,
            Person.erased_on.is_(None),
            Person.group_name.is_(None),
            Person.adopted_at.is_(None),
            ~(Person.is_coordinator | Person.is_school_leader | Person.is_timetabler),
            ~exists().where(Company.owner_id == Person.id),
            ~exists().where(HeldOffice.person_id == Person.id, HeldOffice.ended_at.is_(None)),
            or_(Person.kept_on.is_(None), Person.kept_on < before.astimezone(at.zone).date()),
            ~lately.exists(),
            known.c.at < before,
        )
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    return list(rows)


async def _drafts(session: AsyncSession, at: At) -> list[str]:
    before = at.now - timedelta(days=at.settings.keep_drafts_days)
    typed = (
        select(Draft.invitation_id)
        .join(Invitation, Invitation.id == Draft.invitation_id)
        .where(Invitation.activity_id == Activity.id, Draft.saved_at < before)
    )
    closed = func.coalesce(Activity.finished_at, last_day())
    rows = await session.scalars(
        select(Activity.id)
        .where(Activity.region_id == at.region_id, Activity.status.in_(ENDED), closed < before, typed.exists())
        .order_by(closed, Activity.id)
    )
    return list(rows)


async def _answers(session: AsyncSession, at: At) -> list[str]:
    """Activities in which somebody still stands by name, so many school years after theirs."""
    before = at.begin_of(SchoolYear(SchoolYear.of(at.today).first - at.settings.keep_answers_years).begins_on)
    named = (
        select(Participation.id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Participation.activity_id == Activity.id,
            Participation.role.not_in(STAYS_NAMED),
            Person.erased_on.is_(None),
            Person.group_name.is_(None),
            or_(Activity.coordinator_id.is_(None), Person.id != Activity.coordinator_id),
        )
    )
    return list(await session.scalars(_over(at, before, named.exists())))


async def _cards(session: AsyncSession, at: At) -> list[str]:
    before = at.before_months(12 * at.settings.keep_cards_years)
    rows = await session.scalars(
        select(Activity.id)
        .join(ImpressionCard, ImpressionCard.activity_id == Activity.id)
        .where(
            Activity.region_id == at.region_id,
            ImpressionCard.state == CardState.PUBLISHED,
            ImpressionCard.published_at < before,
        )
        .order_by(ImpressionCard.published_at, Activity.id)
    )
    return list(rows)


async def _consents(session: AsyncSession, at: At) -> list[str]:
    """Activities without a photo, in which the last that happened to one was long ago."""
    before = at.before_months(12 * at.settings.keep_consents_years)
    photos = exists().where(Upload.activity_id == Activity.id, Upload.question == PHOTO)
    said = exists().where(Consent.activity_id == Activity.id)
    lately = exists().where(Consent.activity_id == Activity.id, Consent.said_at >= before)
    # When photos went is written in the log alone.
    gone = exists().where(
        AuditEntry.stream == Activity.id,
        AuditEntry.table == Upload.__tablename__,
        AuditEntry.action == "delete",
        AuditEntry.at >= before,
    )
    return list(await session.scalars(_over(at, before, said, ~photos, ~lately, ~gone)))


async def _hours(session: AsyncSession, at: At) -> list[str]:
    before = at.begin_of(date(at.today.year - at.settings.keep_hours_years, 1, 1))
    named = exists().where(
        Hours.activity_id == Activity.id, Hours.confirmed_by.is_not(None), Hours.confirmed_by != ERASED
    )
    return list(await session.scalars(_over(at, before, named)))


async def _mail(session: AsyncSession, at: At) -> list[str]:
    before = at.before_months(at.settings.keep_mail_months)
    sent = exists().where(
        Message.activity_id == Activity.id,
        Message.state.not_in(ON_ITS_WAY),
        func.coalesce(Message.sent_at, Message.queued_at) < before,
    )
    rows = await session.scalars(
        select(Activity.id)
        .where(Activity.region_id == at.region_id, Activity.status.in_(ENDED), sent)
        .order_by(Activity.started_at, Activity.id)
    )
    return list(rows)


_DUE: Mapping[DataKind, Callable[[AsyncSession, At], Awaitable[list[str]]]] = {
    DataKind.CONTACTS: _contacts,
    DataKind.DRAFTS: _drafts,
    DataKind.ANSWERS: _answers,
    DataKind.CARDS: _cards,
    DataKind.CONSENTS: _consents,
    DataKind.HOURS: _hours,
    DataKind.MAIL: _mail,
}
