"""One activity with everything that its rules need, read in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.roles import HOST_ROLES, Role, Stage
from models.steps import Among, Capability, Step
from models.tables.activities import (
    ACTIVE,
    Activity,
    ContactMoment,
    Participation,
    PlanStep,
    Presence,
    Standing,
    StepState,
)
from models.tables.calendar import CalendarBlock
from models.tables.network import Company, Person, School
from models.tables.pairing import Pair, PairState
from sandwich.errors import NotFound
from sandwich.rules.calendar import Block, Calendar, calendar_of
from sandwich.rules.figures.rows import THERE
from sandwich.rules.moments import Calendars, Dates, due_at
from sandwich.rules.plan import PlannedStep, plan
from sandwich.rules.series import unrolled
from sandwich.rules.slots import Pace, leaves_at
from sandwich.services.versions import playbooks_of
from sandwich.store.rows import AMONG, rows_by

_IN_PAIRS = {Among.OFFERED: PairState.OFFERED, Among.PAIRED: PairState.MADE}
_PAIRS_PEOPLE = frozenset({Capability.PROPOSE_PAIRS, Capability.MAKE_MATCHES})


@dataclass
class Gathered:
    """An activity with its people and contact moments: what a page needs that plans nothing.

    The playbook is that of the start, written out for its contact moments.
    """

    activity: Activity
    playbook: Playbook
    moments: Sequence[ContactMoment]
    participations: Sequence[Participation]
    persons: Mapping[str, Person]
    schools: Mapping[str, School]
    company: Company | None
    zone: ZoneInfo
    pairs: Sequence[Pair]

    @property
    def starts_at(self) -> datetime:
        """Start of the first contact moment."""
        return min(moment.starts_at for moment in self.moments)

    @property
    def ends_at(self) -> datetime:
        """End of the last contact moment."""
        return max(moment.ends_at for moment in self.moments)

    @property
    def host(self) -> str | None:
        """The name of who receives: the company, or the school of the first contact person."""
        if self.company is not None:
            return self.company.name
        at = [self.persons[item.person_id].school_id for item in self.in_role(Role.HOST_CONTACT)]
        return next((self.schools[school].name for school in at if school), None)

    def in_role(self, role: Role, among: Among = Among.ACTIVE, moment: int | None = None) -> list[Participation]:
        """Return the people of a role who take part or still may.

        ``among`` present: who was there, at the contact moment of that number or else at all.
        """
        people = [item for item in self.participations if item.role is role and item.standing in ACTIVE]
        if among is Among.PRESENT:
            people = [item for item in people if self._was_there(item, moment)]
        if among is Among.REGISTERED:
            people = [item for item in people if item.standing is Standing.REGISTERED]
        if among in _IN_PAIRS:
            paired = {one for pair in self.pairs if pair.state is _IN_PAIRS[among] for one in pair.people}
            people = [item for item in people if item.id in paired]
        return people

    def asked_in(self, steps: Collection[str]) -> list[Participation]:
        """Return everybody whom some steps ask, or will ask."""
        roles = {ask.to for step in self.playbook.steps if step.key in steps for ask in step.asks}
        return [item for role in Role if role in roles for item in self.in_role(role)]

    def in_pairs(self, *states: PairState) -> list[Pair]:
        """Return the pairs in one of these states."""
        return [pair for pair in self.pairs if pair.state in states]

    def _was_there(self, item: Participation, number: int | None) -> bool:
        """Whether somebody was there; as long as attendance is not known, everybody who takes part is counted."""
        own = next((moment.absent for moment in self.moments if moment.number == number), None)
        if own is not None:
            return item.id not in own
        if item.role is not Role.TEACHER or any(moment.attendance_at is None for moment in self.moments):
            return item.presence is not Presence.ABSENT
        return item.presence in THERE

    def participation(self, key: str) -> Participation:
        """Return one participation of this activity; raises ``NotFound``."""
        for item in self.participations:
            if item.id == key:
                return item
        raise NotFound(what="participation", name=key)

    def registered(self) -> list[Participation]:
        """Return the teachers who said yes."""
        return [item for item in self.in_role(Role.TEACHER) if item.standing is Standing.REGISTERED]


@dataclass
class Loaded(Gathered):
    """The same with its steps and calendars: what its rules need."""

    steps: dict[str, PlanStep]
    blocks: tuple[Block, ...]
    calendars: Calendars = field(init=False)
    _own: dict[tuple[str | None, str | None], Calendar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refresh_calendars()

    def refresh_calendars(self) -> None:
        """Compute the calendars anew: who takes part decides whose holidays and closed days count."""
        self._own.clear()
        taking_part = {
            school
            for item in self.participations
            if item.role in {Role.TEACHER, Role.TRIP_LEADER} and item.standing in ACTIVE
            if (school := self.persons[item.person_id].school_id) is not None
        }
        pairs = [(key, self.schools[key].holiday_region) for key in sorted(taking_part)]
        self.calendars = Calendars(
            schools=calendar_of(self.blocks, self.zone, pairs),
            hosts=calendar_of(self.blocks, self.zone, companies=self.companies),
        )

    @property
    def companies(self) -> set[str]:
        """The companies whose closed days count: the one that receives, and those of everybody who is there for it."""
        there = (item for item in self.participations if item.role in HOST_ROLES and item.standing in ACTIVE)
        found = {self.activity.company_id, *(self.persons[item.person_id].company_id for item in there)}
        return {company for company in found if company is not None}

    def is_over(self, step: Step, now: datetime) -> bool:
        """Whether it is too late for a step of before: the activity has begun.

        A step that comes with the first contact moments, such as the plan that a team makes at its kick-off, is not
        meant.
        """
        return step.stage is Stage.BEFORE and now >= self.starts_at and not self.comes_with_it(step)

    def comes_with_it(self, step: Step) -> bool:
        """Whether a step is due when the first contact moment has begun, or later."""
        due = due_at(step, self.dates, self.calendars)
        return due is not None and due >= self.starts_at

    @property
    def dates(self) -> Dates:
        """The anchors that rules count from."""
        done = {key: step.done_at for key, step in self.steps.items() if step.done_at is not None}
        return Dates(tuple((moment.starts_at, moment.ends_at) for moment in self.moments), done)

    def dates_from(self, step: Step, asked_at: datetime) -> Dates:
        """Return the anchors, with ``step`` carried out when somebody was asked, where that was later."""
        dates = self.dates
        at = max(asked_at, dates.done.get(step.key, asked_at))
        return replace(dates, done={**dates.done, step.key: at})

    @property
    def states(self) -> dict[str, StepState]:
        """Where each step is."""
        return {key: step.state for key, step in self.steps.items()}

    def plan(self) -> tuple[PlannedStep, ...]:
        """Return every step with its moment."""
        return plan(self.playbook, self.dates, self.calendars)

    def calendar_of(self, participation: Participation) -> Calendar:
        """Return the calendar that one person lives by."""
        person, is_host = self.persons[participation.person_id], participation.role in HOST_ROLES
        school = None if is_host else person.school_id
        company = (person.company_id or self.activity.company_id) if is_host else None
        if (school, company) not in self._own:
            pairs = [(school, self.schools[school].holiday_region)] if school else []
            companies = [company] if company else []
            self._own[school, company] = calendar_of(self.blocks, self.zone, pairs, companies)
        return self._own[school, company]

    def leaves_at(
        self, pace: Pace, participation: Participation, now: datetime, deadline: datetime | None = None
    ) -> datetime:
        """Return when a mail to somebody may leave (field rule 50)."""
        reader = place_of(self.persons[participation.person_id])
        return leaves_at(pace, now, self.calendar_of(participation), reader, deadline)


def place_of(person: Person) -> str:
    """Return by what somebody has a place in a slot, the same in every activity: the code, or else the id."""
    return person.code or person.id


_RECEIVED = (
    select(Activity, Company).outerjoin(Company, Company.id == Activity.company_id).where(Activity.id.in_(AMONG))
)
_TAKING_PART = (
    select(Participation, Person)
    .join(Person, Person.id == Participation.person_id)
    .where(Participation.activity_id.in_(AMONG))
)
_BLOCKS = (
    select(CalendarBlock)
    .where(
        CalendarBlock.school_id.is_(None) | CalendarBlock.school_id.in_(bindparam("schools", expanding=True)),
        CalendarBlock.company_id.is_(None) | CalendarBlock.company_id.in_(bindparam("companies", expanding=True)),
    )
    .order_by(CalendarBlock.id)
)


async def load(session: AsyncSession, zone: str, activity_id: str) -> Loaded:
    """Read an activity; raises ``NotFound``."""
    [loaded] = await load_many(session, zone, [activity_id])
    return loaded


_STEPS = select(PlanStep.activity_id, PlanStep.step, PlanStep.state, PlanStep.due_at, PlanStep.done_at).where(
    PlanStep.activity_id.in_(AMONG)
)


async def load_many(
    session: AsyncSession, zone: str, activity_ids: Sequence[str], *, only_reads: bool = False
) -> list[Loaded]:
    """Read activities, in as many queries as one takes; raises ``NotFound``.

    For who ``only_reads`` many, steps are plain rows with state and moments: there are thirty to an activity, and to
    make an object of each takes longer than all that is asked of them.
    """
    gathered = await _gather(session, zone, activity_ids, with_schools=True)
    people = [person for one in gathered for person in one.persons.values()]
    company_ids = {one.activity.company_id for one in gathered} | {person.company_id for person in people}
    blocks = await read_blocks(
        session,
        {person.school_id for person in people if person.school_id},
        {company for company in company_ids if company},
    )
    steps: dict[str, dict[str, PlanStep]] = defaultdict(dict)
    if only_reads:
        for row in await session.execute(_STEPS, {"among": list(activity_ids)}):
            steps[row.activity_id][row.step] = cast(PlanStep, row)
    else:
        for step in await rows_by(session, PlanStep, PlanStep.activity_id, activity_ids):
            steps[step.activity_id][step.step] = step

    def loaded(one: Gathered) -> Loaded:
        at = {one.activity.company_id, *(person.company_id for person in one.persons.values())}
        own = tuple(block for block in blocks if block.school in {None, *one.schools} and block.company in {None, *at})
        return Loaded(**vars(one), steps=steps[one.activity.id], blocks=own)

    return [loaded(one) for one in gathered]


async def gather(session: AsyncSession, zone: str, activity_id: str) -> Gathered:
    """Read an activity without its steps and calendars; raises ``NotFound``.

    Schools are read where one may receive: else none is asked for.
    """
    [gathered] = await _gather(session, zone, [activity_id], with_schools=False)
    return gathered


async def _gather(
    session: AsyncSession, zone: str, activity_ids: Sequence[str], *, with_schools: bool
) -> list[Gathered]:
    activities: dict[str, Activity] = {}
    companies: dict[str, Company | None] = {}
    for activity, company in await session.execute(_RECEIVED, {"among": list(activity_ids)}):
        activities[activity.id], companies[activity.id] = activity, company
    for key in activity_ids:
        if key not in activities:
            raise NotFound(what="activity", name=key)
    playbooks = await playbooks_of(session, {item.playbook_digest for item in activities.values()})
    participations: dict[str, list[Participation]] = defaultdict(list)
    persons: dict[str, dict[str, Person]] = defaultdict(dict)
    for participation, person in await session.execute(_TAKING_PART, {"among": list(activity_ids)}):
        participations[participation.activity_id].append(participation)
        persons[participation.activity_id][person.id] = person
    school_ids: set[str] = set()
    if with_schools or None in companies.values():
        school_ids = {one.school_id for people in persons.values() for one in people.values() if one.school_id}
    schools = {school.id: school for school in await rows_by(session, School, School.id, school_ids)}
    moments: dict[str, list[ContactMoment]] = defaultdict(list)
    for moment in await rows_by(session, ContactMoment, ContactMoment.activity_id, activity_ids):
        moments[moment.activity_id].append(moment)
    pairs: dict[str, list[Pair]] = defaultdict(list)
    pairing = [key for key, activity in activities.items() if _makes_pairs(playbooks[activity.playbook_digest])]
    for pair in await rows_by(session, Pair, Pair.activity_id, pairing):
        pairs[pair.activity_id].append(pair)

    def gathered(activity: Activity) -> Gathered:
        own = {person.school_id for person in persons[activity.id].values() if person.school_id}
        return Gathered(
            activity=activity,
            playbook=unrolled(playbooks[activity.playbook_digest], len(moments[activity.id])),
            moments=sorted(moments[activity.id], key=lambda item: item.number),
            participations=sorted(participations[activity.id], key=lambda item: (item.added_at, item.id)),
            persons=persons[activity.id],
            schools={key: schools[key] for key in own if key in schools},
            company=companies[activity.id],
            zone=ZoneInfo(zone),
            pairs=sorted(pairs[activity.id], key=lambda item: item.number),
        )

    return [gathered(activities[key]) for key in activity_ids]


def _makes_pairs(playbook: Playbook) -> bool:
    return any(step.does in _PAIRS_PEOPLE for step in playbook.steps)


async def read_blocks(
    session: AsyncSession, schools: Iterable[str], companies: Iterable[str] = ()
) -> tuple[Block, ...]:
    """Return the free days of the country, of every region, of ``schools``, and those of ``companies``."""
    rows = await session.scalars(_BLOCKS, {"schools": list(set(schools)), "companies": list(set(companies))})
    return tuple(block_of(row) for row in rows)


def block_of(row: CalendarBlock) -> Block:
    """Return a run of free days as rules know it."""
    return Block(
        row.kind, row.first_on, row.last_on, row.holiday_region, row.school_id, row.name, company=row.company_id
    )
