"""What a school year came to, for a region or one of its schools: counts and hours, and nobody's name. Reads only.

An activity belongs to the year of its last contact moment, hours to that in which they were made (field rule 38). Who
objected to the use of their results is in no figure about people; a person who was erased stays counted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Activity, ActivityStatus, ContactMoment, Participation
from models.tables.asking import ANSWERED
from models.tables.network import Region
from models.tables.results import Hours
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.facts import Facts
from sandwich.rules.school_years import SchoolYear, share_made_in
from sandwich.services.answers_of import Answers, read_answers
from sandwich.services.facts import COMPANY_HOURS, gather_many
from sandwich.services.loaded import THERE, Loaded, load_many
from sandwich.services.overview import NOT_ASKED
from sandwich.services.register import find_school
from sandwich.services.told import objectors

_AT_ONCE = 50
_TOOK_PLACE = (ActivityStatus.AFTER, ActivityStatus.FINISHED)


@dataclass(frozen=True)
class Response:
    """How many were asked a form, and how many answered."""

    answered: int
    asked: int

    @property
    def percentage(self) -> int:
        """Out of a hundred; 0 where nobody was asked."""
        return round(100 * self.answered / self.asked) if self.asked else 0


@dataclass(frozen=True)
class YearFigures:
    """A school year in figures.

    ``held`` counts by kind the activities whose end fell in it, ``complete`` those of them with all four dots,
    ``goes_on`` those that had begun by its end and ended, or will end, after it. ``responses`` are by form.
    ``left_out`` are teachers who were there and objected: they are in no other figure. Of a school the hours of the
    companies are its share, by how many of the teachers who were there are its own.
    """

    year: SchoolYear
    held: Mapping[str, int]
    complete: int
    goes_on: int
    cancelled: int
    teachers: int
    left_out: int
    teacher_hours: float
    company_hours_confirmed: float
    company_hours_estimated: float
    responses: Mapping[str, Response]


async def year_figures(
    session: AsyncSession,
    region_id: str,
    year: SchoolYear,
    now: datetime,
    *,
    zone: str,
    school_id: str | None = None,
) -> YearFigures:
    """Return the figures of a school year for a region, or for one of its schools."""
    counted = _Counted(year, school_id)
    ids = await _activities_of(session, region_id, year, ZoneInfo(zone))
    for start in range(0, len(ids), _AT_ONCE):
        loaded = await load_many(session, zone, ids[start : start + _AT_ONCE])
        mine = [one for one in loaded if school_id is None or school_id in _schools(one)]
        held = [one for one in mine if counted.was_held(one)]
        facts = await gather_many(session, held, now) if held else {}
        answers = await read_answers(session, [one.activity.id for one in held])
        silent = await objectors(session, {item.person_id for one in mine for item in one.participations})
        hours = await _hours(session, [one.activity.id for one in mine])
        for one in mine:
            counted.add_hours(one, hours[one.activity.id], silent)
            if one.activity.id in facts:
                counted.add_held(one, facts[one.activity.id], answers[one.activity.id], silent)
            else:
                counted.add_other(one)
    return counted.figures()


async def figures_of(
    session: AsyncSession, year: SchoolYear, now: datetime, *, zone: str, school: str | None = None
) -> list[tuple[str, YearFigures]]:
    """Return the figures of every region by its name, or of one school by its code or name; raises ``BadInput``."""
    if school is not None:
        one = await find_school(session, school)
        return [(one.name, await year_figures(session, one.region_id, year, now, zone=zone, school_id=one.id))]
    regions = (await session.scalars(select(Region).order_by(Region.code))).all()
    return [(region.name, await year_figures(session, region.id, year, now, zone=zone)) for region in regions]


async def _activities_of(session: AsyncSession, region_id: str, year: SchoolYear, zone: ZoneInfo) -> Sequence[str]:
    """Return the activities that had begun by the end of a year, with a contact moment in it or later."""
    begins, ends = (datetime.combine(day, time(0, 0), zone) for day in (year.begins_on, year.next_begins_on))
    rows = await session.scalars(
        select(Activity.id)
        .join(ContactMoment, ContactMoment.activity_id == Activity.id)
        .where(Activity.region_id == region_id, Activity.status != ActivityStatus.CONCEPT, Activity.started_at < ends)
        .group_by(Activity.id)
        .having(func.max(ContactMoment.ends_at) >= begins)
        .order_by(Activity.id)
    )
    return list(rows)


async def _hours(session: AsyncSession, activity_ids: Collection[str]) -> Mapping[str, Sequence[Hours]]:
    found: dict[str, list[Hours]] = defaultdict(list)
    for row in await session.scalars(select(Hours).where(Hours.activity_id.in_(activity_ids))):
        found[row.activity_id].append(row)
    return found


def _schools(loaded: Loaded) -> set[str]:
    people = [*loaded.in_role(Role.TEACHER), *_who_was_there(loaded)]
    schools = (loaded.persons[item.person_id].school_id for item in people)
    return {school for school in schools if school is not None}


def _who_was_there(loaded: Loaded) -> list[Participation]:
    """Return the teachers who were there, those too who were erased since."""
    return [item for item in loaded.participations if item.role is Role.TEACHER and item.presence in THERE]


@dataclass
class _Counted:
    """What was counted so far."""

    year: SchoolYear
    school_id: str | None
    held: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    teachers: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    complete: int = 0
    goes_on: int = 0
    cancelled: int = 0
    teacher_hours: float = 0.0
    company_hours: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})

    def was_held(self, one: Loaded) -> bool:
        """Whether an activity took place and ended in this year."""
        return one.activity.status in _TOOK_PLACE and one.calendars.schools.day_of(one.ends_at) in self.year

    def is_own(self, one: Loaded, person_id: str) -> bool:
        """Whether somebody belongs to the school that is asked about; everybody does where none is."""
        return self.school_id is None or one.persons[person_id].school_id == self.school_id

    def add_held(self, one: Loaded, facts: Facts, answers: Answers, silent: Collection[str]) -> None:
        """Count an activity that ended in this year, its people and what they answered."""
        self.held[one.activity.kind] += 1
        self.complete += set(four_dots(facts).values()) == {DotState.DONE}
        for item in _who_was_there(one):
            if self.is_own(one, item.person_id):
                (self.left_out if item.person_id in silent else self.teachers).add(item.person_id)
        for invitation, participation in answers.invitations:
            is_counted = invitation.state not in NOT_ASKED and participation.person_id not in silent
            if is_counted and self.is_own(one, participation.person_id):
                self.asked[invitation.form] += 1
                self.answered[invitation.form] += invitation.state in ANSWERED

    def add_other(self, one: Loaded) -> None:
        """Count an activity that was called off in this year, or goes on after it."""
        day_of, activity = one.calendars.schools.day_of, one.activity
        if activity.status is ActivityStatus.CANCELLED:
            self.cancelled += activity.finished_at is not None and day_of(activity.finished_at) in self.year
        else:
            self.goes_on += day_of(one.ends_at) >= self.year.next_begins_on

    def add_hours(self, one: Loaded, rows: Sequence[Hours], silent: Collection[str]) -> None:
        """Count the hours that were made in this year, whenever the activity ends and whether it came off."""
        spans = [(moment.starts_at, moment.ends_at) for moment in one.moments]
        for row in rows:
            made = row.hours * share_made_in(self.year, row.kind, spans, one.calendars.schools)
            if row.kind in COMPANY_HOURS:
                self.company_hours[row.is_confirmed] += made * self._own_share(one)
            elif row.person_id not in silent and self.is_own(one, row.person_id):
                self.teacher_hours += made

    def _own_share(self, one: Loaded) -> float:
        there = _who_was_there(one) or one.in_role(Role.TEACHER)
        return sum(self.is_own(one, item.person_id) for item in there) / len(there) if there else 1.0

    def figures(self) -> YearFigures:
        """Return what was counted; hours to one decimal."""
        return YearFigures(
            year=self.year,
            held=dict(sorted(self.held.items())),
            complete=self.complete,
            goes_on=self.goes_on,
            cancelled=self.cancelled,
            teachers=len(self.teachers),
            left_out=len(self.left_out),
            teacher_hours=round(self.teacher_hours, 1),
            company_hours_confirmed=round(self.company_hours[True], 1),
            company_hours_estimated=round(self.company_hours[False], 1),
            responses={form: Response(self.answered[form], asked) for form, asked in sorted(self.asked.items())},
        )
