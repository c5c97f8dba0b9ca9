"""Whom a coordinator can choose from: the people and companies of the own region."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, Participation
from models.tables.network import Company, Person, School
from sandwich.rules.names import full_name


@dataclass(frozen=True)
class Choosable:
    """A person who can be chosen."""

    id: str
    name: str
    job: str | None


@dataclass(frozen=True)
class Group:
    """The people of one school or company; of a company that has nobody yet as well."""

    id: str
    name: str
    people: tuple[Choosable, ...]


@dataclass(frozen=True)
class Candidates:
    """Everybody in a region, by school and by company, its coordinators, and those who belong to neither.

    ``schools`` are the teachers, ``leaders`` the school leaders, ``timetablers`` whoever makes the timetable, ``staff``
    everybody at a school, ``independent`` whoever has no school and no company: a coach, for instance.
    """

    schools: tuple[Group, ...]
    staff: tuple[Group, ...]
    leaders: tuple[Group, ...]
    timetablers: tuple[Group, ...]
    companies: tuple[Group, ...]
    coordinators: tuple[Choosable, ...]
    independent: tuple[Choosable, ...]

    def ids(self) -> set[str]:
        """Return every person who may be chosen in this region."""
        groups = (*self.staff, *self.companies)
        alone = (*self.coordinators, *self.independent)
        return {person.id for group in groups for person in group.people} | {one.id for one in alone}


async def candidates(session: AsyncSession, region_id: str) -> Candidates:
    """Read whom a coordinator of a region can choose from."""
    schools = list(await session.scalars(select(School).where(School.region_id == region_id).order_by(School.name)))
    companies = list(
        await session.scalars(select(Company).where(Company.region_id == region_id).order_by(Company.name))
    )
    people = list(
        await session.scalars(
            select(Person)
            .where(
                Person.erased_on.is_(None),
                Person.group_name.is_(None),
                Person.adopted_at.is_(None),
                or_(
                    Person.school_id.in_([school.id for school in schools]),
                    Person.company_id.in_([company.id for company in companies]),
                    Person.is_coordinator,
                    _is_independent(region_id),
                ),
            )
            .order_by(Person.family_name, Person.given_name, Person.id)
        )
    )
    known_schools = {school.id for school in schools}
    teachers = [one for one in people if not (one.is_school_leader or one.is_timetabler or one.is_coordinator)]
    leaders = [one for one in people if one.is_school_leader]
    timetablers = [one for one in people if one.is_timetabler]
    return Candidates(
        schools=tuple(_group(school.id, school.name, teachers, "school_id") for school in schools),
        staff=tuple(_group(school.id, school.name, people, "school_id") for school in schools),
        leaders=tuple(_group(school.id, school.name, leaders, "school_id") for school in schools),
        timetablers=tuple(_group(school.id, school.name, timetablers, "school_id") for school in schools),
        companies=tuple(_group(company.id, company.name, people, "company_id") for company in companies),
        coordinators=tuple(
            _choosable(one)
            for one in people
            if one.is_coordinator and (one.school_id is None or one.school_id in known_schools)
        ),
        independent=tuple(
            _choosable(one)
            for one in people
            if one.school_id is None and one.company_id is None and not one.is_coordinator
        ),
    )


def _is_independent(region_id: str) -> ColumnElement[bool]:
    """Whether somebody works nowhere, and is of this region or known from it."""
    here = (
        exists()
        .where(Participation.person_id == Person.id, Participation.activity_id == Activity.id)
        .where(Activity.region_id == region_id)
        .correlate(Person)
    )
    return and_(Person.school_id.is_(None), Person.company_id.is_(None), or_(Person.region_id == region_id, here))


def _group(key: str, name: str, people: Sequence[Person], of: str) -> Group:
    return Group(key, name, tuple(_choosable(person) for person in people if getattr(person, of) == key))


def _choosable(person: Person) -> Choosable:
    return Choosable(person.id, full_name(person), person.job_title)
