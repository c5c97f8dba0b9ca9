"""Whose rows somebody may see: those of some regions, or of one school in them, or all.

A region is an installation's tenant; within it, who coordinates for one school sees the activities in which that school
has a part, and those that they carry. A session of a narrowed store reads no other rows, whatever
it asks for. On PostgreSQL row-level security (step 0017) holds the same once more, also for what goes past the mapper.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    event,
    false,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.sql.visitors import InternalTraversal

from models.rights import COACHES
from models.tables.activities import Activity, ContactMoment, Participation, PlanStep, PlaybookVersion
from models.tables.agreements import Agreement, AgreementVersion, PartyWord
from models.tables.api import ApiOnce, ApiSecret, ApiToken
from models.tables.asking import Draft, FormVersion, Invitation, Link, Submission, Upload, UploadContent
from models.tables.base import Table
from models.tables.calendar import CalendarBlock
from models.tables.hooks import Hook, Notice
from models.tables.incoming import Incoming, IncomingContent
from models.tables.mail import Attempt, Call, Message
from models.tables.network import Company, Contact, Person, Region, School
from models.tables.offices import HeldOffice
from models.tables.pairing import Pair, RoundPlan
from models.tables.privacy import BackupMade, Confirmation, Erasure, Retention
from models.tables.replies import ReplyText
from models.tables.results import CompanyValue, Consent, Hours, ImpressionCard
from models.tables.running import ClockOffset, Installation, Lease, LoginCode, WebSession
from models.tables.texts import OwnText
from models.tables.truth import AuditEntry, PersonalValue
from models.tables.wall import CardView, CardWord
from sandwich.errors import SandwichError
from sandwich.store.chain import REGISTRY
from sandwich.store.engine import EVERYBODYS


class NoScope(RuntimeError):
    """Nobody said whose rows these are: narrow the store first, or say that it is for the whole installation."""


class NotAllowed(SandwichError):
    """You may not do this. Nothing was changed."""

    dutch = "Dit mag je niet. Er is niets veranderd."


@dataclass(frozen=True)
class Scope:
    """What may be seen: rows of these regions.

    With ``school_id`` only the activities of that school, and those that ``person_id`` coordinates; where that person
    ``coaches``, only those that they coach. ``activities`` are those of the school or the coach, once a session has
    begun. ``is_everything``: all there
    is. Who reads no words sees no row of :data:`WORDS`; who may not change anything reads only.
    """

    regions: frozenset[str] = frozenset()
    school_id: str | None = None
    person_id: str | None = None
    coaches: bool = False
    is_everything: bool = False
    activities: tuple[str, ...] = ()
    reads_words: bool = True
    may_change: bool = True

    @property
    def is_region(self) -> bool:
        """Whether all activities of its regions are seen."""
        return self.school_id is None and not self.coaches


EVERYTHING = Scope(is_everything=True)
"""For what works for the whole installation: the worker, delivery, the command line, a rehearsal, the demo."""


def of_region(region_id: str) -> Scope:
    """Return the scope of who may see a whole region."""
    return Scope(frozenset({region_id}))


LEFT_OUT: dict[type[Table], str] = {
    ClockOffset: "one row: how far the clock is ahead",
    Installation: "one row: whose database it is",
    Lease: "who does a job that one process may do at a time",
    PlaybookVersion: "how a kind goes, as it was: by its content, with nothing of anybody in it",
    FormVersion: "what is asked, as it was: by its content, with nothing of anybody in it",
    Erasure: "that somebody was erased, as a digest that tells nobody who",
    BackupMade: "which backups there are; each holds the whole database",
}
"""Tables that belong to no region, and why."""

Row = Any
"""Where a rule finds the columns of its table: the mapped class, or the columns of an alias of it."""


class Width(StrEnum):
    """How much of a region a scope leaves, and whether with the words of single people."""

    REGION = "region"
    SCHOOL = "school"
    COACH = "coach"
    REGION_WITHOUT_WORDS = "region-without-words"
    SCHOOL_WITHOUT_WORDS = "school-without-words"

    @property
    def is_region(self) -> bool:
        """Whether it is all of a region."""
        return self in (Width.REGION, Width.REGION_WITHOUT_WORDS)

    @property
    def has_words(self) -> bool:
        """Whether what single people wrote is in it."""
        return self in (Width.REGION, Width.SCHOOL, Width.COACH)

    @classmethod
    def of(cls, scope: Scope) -> "Width":
        """Return how much ``scope`` leaves."""
        if scope.coaches:
            return cls.COACH
        if scope.reads_words:
            return cls.REGION if scope.is_region else cls.SCHOOL
        return cls.REGION_WITHOUT_WORDS if scope.is_region else cls.SCHOOL_WITHOUT_WORDS


Rule = Callable[[Width, Row], ColumnElement[bool]]

_seen: ContextVar[Scope] = ContextVar("seen")
"""The scope of the statement that is executed now."""

# Their values are those of the scope at the moment of asking, and no part of a statement: it is prepared once for all.
_REGIONS: BindParameter[Any] = bindparam(
    "sandwich_regions", callable_=lambda: sorted(_seen.get().regions), expanding=True
)
_ACTIVITIES: BindParameter[Any] = bindparam(
    "sandwich_activities", callable_=lambda: list(_seen.get().activities), expanding=True
)
_PERSON: BindParameter[Any] = bindparam("sandwich_person", callable_=lambda: _seen.get().person_id)


def _there_is(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(1).select_from(table).where(*conditions).correlate_except(table).exists()


def _as(kind: type[Table], name: str) -> Any:
    return kind.__table__.alias(name)


def _mine(column: Any) -> ColumnElement[bool]:
    return column.in_(_REGIONS)  # type: ignore[no-any-return]


def _activity(width: Width, row: Row) -> ColumnElement[bool]:
    """Those of the region; or those in which the school has a part, or that the coach coaches, and those carried.

    What a card shares with the region stands on the walls of its schools. It opens nobody's activity.
    """
    mine = _mine(row.region_id)
    if width.is_region:
        return mine
    return and_(mine, or_(row.coordinator_id == _PERSON, row.id.in_(_ACTIVITIES)))


def of_school(school_id: str) -> Select[str]:
    """Return what finds the activities in which a school has a part.

    It is asked once for a session, whose statements then have the list: worked out for each row it took seconds.
    """
    part, person, host, activity = (kind.__table__ for kind in (Participation, Person, Company, Activity))
    taking_part = (
        select(part.c.activity_id)
        .select_from(part.join(person, person.c.id == part.c.person_id))
        .where(person.c.school_id == school_id)
    )
    receiving = (
        select(activity.c.id)
        .select_from(activity.join(host, host.c.id == activity.c.company_id))
        .where(host.c.school_id == school_id)
    )
    return select(union(taking_part, receiving).subquery().c[0])


COACHED = select(Participation.activity_id).where(Participation.role == COACHES, Participation.left_at.is_(None))
"""Activities that somebody coaches now."""


def of_coach(person_id: str) -> Select[str]:
    """Return what finds the activities that somebody coaches."""
    return COACHED.where(Participation.person_id == person_id)


def _sees_activity(width: Width, column: Any) -> ColumnElement[bool]:
    seen = _as(Activity, "s_activity")
    return _there_is(seen, seen.c.id == column, _activity(width, seen.c))


def _sees_person(width: Width, column: Any) -> ColumnElement[bool]:
    seen = _as(Person, "s_person")
    return _there_is(seen, seen.c.id == column, _person(width, seen.c))


def _person(width: Width, row: Row) -> ColumnElement[bool]:
    """People of the region, and whoever takes part in an activity that may be seen, wherever they are from."""
    school, company = _as(School, "s_school"), _as(Company, "s_company")
    part, carried = _as(Participation, "s_takes_part"), _as(Activity, "s_carried")
    return or_(
        _mine(row.region_id),
        _there_is(school, school.c.id == row.school_id, _mine(school.c.region_id)),
        _there_is(company, company.c.id == row.company_id, _mine(company.c.region_id)),
        _there_is(part, part.c.person_id == row.id, _sees_activity(width, part.c.activity_id)),
        _there_is(carried, carried.c.coordinator_id == row.id, _activity(width, carried.c)),
    )


def _school(width: Width, row: Row) -> ColumnElement[bool]:
    """Schools of the region, and those whose people take part in an activity that may be seen."""
    person, part = _as(Person, "s_pupil"), _as(Participation, "s_takes_part")
    takes_part = (
        select(1)
        .select_from(person.join(part, part.c.person_id == person.c.id))
        .where(person.c.school_id == row.id, _sees_activity(width, part.c.activity_id))
        .correlate_except(person, part)
        .exists()
    )
    return or_(_mine(row.region_id), takes_part)


def _company(width: Width, row: Row) -> ColumnElement[bool]:
    """Companies of the region, and those that receive in an activity that may be seen."""
    hosted = _as(Activity, "s_hosted")
    return or_(_mine(row.region_id), _there_is(hosted, hosted.c.company_id == row.id, _activity(width, hosted.c)))


def _of_activity(width: Width, row: Row) -> ColumnElement[bool]:
    return _sees_activity(width, row.activity_id)


def _of_activity_or_person(width: Width, row: Row) -> ColumnElement[bool]:
    """What is about an activity, else about a person; what is about neither is for the machine alone."""
    if width is Width.COACH:
        return _sees_activity(width, row.activity_id)
    return or_(
        _sees_activity(width, row.activity_id), and_(row.activity_id.is_(None), _sees_person(width, row.person_id))
    )


def _of_person(width: Width, row: Row) -> ColumnElement[bool]:
    return _sees_person(width, row.person_id)


def _of_stream(width: Width, row: Row) -> ColumnElement[bool]:
    """The log of an activity that may be seen. The registry's is one chain for all, of which each sees what was written
    of people of the own region: when they were written down stands there alone.

    Of other rows nothing, not even of those that are seen: to work that out for every table took PostgreSQL a quarter
    of a second for each look into a log.
    """
    of_people = and_(row.stream == REGISTRY, row.table == Person.__tablename__, row.row.in_(_people()))
    return or_(_sees_activity(width, row.stream), of_people)


def _people() -> Any:
    """People of the region itself, of its schools and of its companies."""
    person, school, company = (_as(kind, f"s_{kind.__tablename__}_of") for kind in (Person, School, Company))
    return select(person.c.id).where(
        or_(
            _mine(person.c.region_id),
            person.c.school_id.in_(select(school.c.id).where(_mine(school.c.region_id))),
            person.c.company_id.in_(select(company.c.id).where(_mine(company.c.region_id))),
        )
    )


def _values_of_stream(width: Width, row: Row) -> ColumnElement[bool]:
    """Values of such an activity, and of the registry those of people who may be seen."""
    if width is Width.COACH:
        return _sees_activity(width, row.stream)
    of_somebody = and_(row.stream == REGISTRY, _sees_person(width, row.person_id))
    return or_(_sees_activity(width, row.stream), of_somebody)


def _through(column: str, kind: type[Table], rule: Rule) -> Rule:
    """What hangs on a row of another table is seen with it."""

    def hangs(width: Width, row: Row) -> ColumnElement[bool]:
        parent = _as(kind, f"s_{kind.__tablename__}")
        return _there_is(parent, parent.c.id == getattr(row, column), rule(width, parent.c))

    return hangs


def _owner(width: Width, row: Row) -> ColumnElement[bool]:
    return or_(_mine(row.owner_id), row.owner_id.in_(_schools()))


def _word(width: Width, row: Row) -> ColumnElement[bool]:
    return or_(_mine(row.scope), row.scope.in_(_schools()))


def _schools() -> Any:
    school = _as(School, "s_school")
    return select(school.c.id).where(_mine(school.c.region_id))


def _block(width: Width, row: Row) -> ColumnElement[bool]:
    """Free days of the country and its three parts are everybody's, others those of a school or a company."""
    school, company = _as(School, "s_school"), _as(Company, "s_company")
    return or_(
        and_(row.school_id.is_(None), row.company_id.is_(None)),
        _there_is(school, school.c.id == row.school_id, _school(width, school.c)),
        _there_is(company, company.c.id == row.company_id, _company(width, company.c)),
    )


def _region(width: Width, row: Row) -> ColumnElement[bool]:
    return _mine(row.id)


def _of_region(width: Width, row: Row) -> ColumnElement[bool]:
    return _mine(row.region_id)


BELONGS: dict[type[Table], Rule] = {
    Region: _region,
    School: _school,
    Company: _company,
    Person: _person,
    Contact: _of_person,
    Activity: _activity,
    ContactMoment: _of_activity,
    Participation: _of_activity,
    PlanStep: _of_activity,
    Agreement: _of_activity,
    AgreementVersion: _of_activity,
    PartyWord: _of_activity,
    Invitation: _of_activity,
    Link: _of_activity,
    Submission: _of_activity,
    Draft: _through("invitation_id", Invitation, _of_activity),
    Upload: _of_activity,
    UploadContent: _through("upload_id", Upload, _of_activity),
    Message: _of_activity_or_person,
    Attempt: _of_activity_or_person,
    Call: _of_activity,
    ReplyText: _through("call_id", Call, _of_activity),
    Incoming: _of_activity_or_person,
    IncomingContent: _through("incoming_id", Incoming, _of_activity_or_person),
    Pair: _of_activity,
    RoundPlan: _of_activity,
    ImpressionCard: _of_activity,
    Consent: _of_activity_or_person,
    Hours: _of_activity,
    CompanyValue: _of_activity,
    CalendarBlock: _block,
    OwnText: _owner,
    CardView: _of_region,
    CardWord: _word,
    LoginCode: _of_person,
    WebSession: _of_person,
    HeldOffice: _of_person,
    Confirmation: _of_person,
    ApiToken: _of_person,
    ApiSecret: _through("token_id", ApiToken, _of_person),
    ApiOnce: _through("token_id", ApiToken, _of_person),
    Hook: _of_region,
    Notice: _through("hook_id", Hook, _of_region),
    Retention: _of_region,
    AuditEntry: _of_stream,
    PersonalValue: _values_of_stream,
}
"""How each table belongs to a region: which of its rows may be seen."""

WORDS = (Submission, Draft, UploadContent, ReplyText, IncomingContent, PersonalValue)
"""Tables with what single people wrote, for whoever may read that."""


class _Criterion(LoaderCriteriaOption):
    """The rule of one table, written out for each place in which a statement reads it: an alias has columns of its own,
    and SQLAlchemy does not put these into what stands at a join.
    """

    def __init__(self, kind: type[Table], width: Width) -> None:
        super().__init__(kind, self._rule(kind, width)(width, kind), include_aliases=True)
        self._kind, self._width = kind, width

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        self.where_criteria = self._rule(self._kind, self._width)(self._width, ext_info.entity)
        return super()._resolve_where_criteria(ext_info)

    @staticmethod
    def _rule(kind: type[Table], width: Width) -> Rule:
        return BELONGS[kind] if width.has_words or kind not in WORDS else _nothing


def _nothing(_width: Width, _row: Row) -> ColumnElement[bool]:
    return false()


@cache
def _criteria(width: Width) -> Sequence[LoaderCriteriaOption]:
    return tuple(_Criterion(kind, width) for kind in BELONGS)


class Narrowing(CriteriaOption):
    """What a session within a scope adds to each statement: all its criteria as one option, whose part in the key of a
    statement that is kept is one word.
    """

    _traverse_internals: Any = (("width", InternalTraversal.dp_string),)
    propagate_to_loaders = True

    def __init__(self, width: Width) -> None:
        """Leave ``width``."""
        self.width = width

    def process_compile_state(self, compile_state: Any) -> None:
        """Add the criteria of all tables; those of tables that a statement does not read add nothing."""
        for criterion in _criteria(self.width):
            criterion.process_compile_state(compile_state)

    def process_compile_state_replaced_entities(self, compile_state: Any, mapper_entities: Any) -> None:
        """Do the same where a statement was made from another."""
        self.process_compile_state(compile_state)


_NARROWINGS = {width: Narrowing(width) for width in Width}

SCOPE = "scope"
"""Key in a session's ``info`` of its :class:`Scope`."""


class ScopedSession(Session):
    """A session that reads the rows of its scope, whatever it is asked."""


@event.listens_for(ScopedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    scope: Scope = state.session.info[SCOPE]
    if scope.is_everything or state.is_insert:
        return
    if not state.is_orm_statement:
        raise NoScope("a statement that names no mapped class would read all rows, whoever asks")
    _seen.set(scope)
    state.statement = state.statement.options(_NARROWINGS[Width.of(scope)])


_SET = text(
    "SELECT set_config('sandwich.regions', :regions, true), set_config('sandwich.school', :school, true), "
    "set_config('sandwich.coach', :coach, true), "
    "set_config('sandwich.person', :person, true), set_config('sandwich.words', :words, true)"
)


def tell(connection: Connection, scope: Scope) -> None:
    """Let PostgreSQL's policies know the scope of a transaction that has begun."""
    connection.execute(
        _SET,
        {
            "regions": EVERYBODYS if scope.is_everything else ",".join(sorted(scope.regions)),
            "school": scope.school_id or "",
            "coach": (scope.person_id or "") if scope.coaches else "",
            "person": scope.person_id or "",
            "words": "" if scope.reads_words else "hidden",
        },
    )


@asynccontextmanager
async def of_the_region(session: AsyncSession) -> AsyncIterator[None]:
    """Let a session see the whole region within the block, though its scope is one school or one coach of it.

    For what counts across schools: how often a company was asked, when somebody is elsewhere. What is found there is
    counted or dated; its words are shown to nobody who does not see it without this (:func:`hidden_from`).
    """
    async with _lifted(session, school_id=None, coaches=False):
        yield


@asynccontextmanager
async def with_words(session: AsyncSession) -> AsyncIterator[None]:
    """Let a session see what single people wrote within the block, though its scope has no words.

    For what comes of them as a yes or no, a number, or what they released themselves: facts and figures.
    """
    async with _lifted(session, reads_words=True):
        yield


@asynccontextmanager
async def _lifted(session: AsyncSession, **widened: Any) -> AsyncIterator[None]:
    scope: Scope = session.info.get(SCOPE, EVERYTHING)
    wider = replace(scope, **widened)
    if wider == scope or scope.is_everything:
        yield
        return
    await _within(session, wider)
    try:
        yield
    finally:
        await _within(session, scope)


async def hidden_from(session: AsyncSession, activities: Collection[str]) -> set[str]:
    """Return which of these activities the session does not see."""
    if session.info[SCOPE].is_region:
        return set()
    return set(activities) - set(await session.scalars(select(Activity.id).where(Activity.id.in_(activities))))


HIDDEN = "…"
"""What stands in the place of a title that is not shown."""


async def _within(session: AsyncSession, scope: Scope) -> None:
    session.info[SCOPE] = scope
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.run_sync(tell, scope)
