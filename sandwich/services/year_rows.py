"""Read what figures are counted from: the rows of a region, in a query for each table and none for each activity."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE
from models.tables.activities import Activity, ActivityStatus, ContactMoment, Participation, Standing
from models.tables.asking import Invitation, Submission, Upload
from models.tables.network import Person
from models.tables.results import Hours
from sandwich.rules.calendar import Calendar, Span
from sandwich.rules.figures.results import REACTION, READ
from sandwich.rules.figures.rows import Answer, Asked, Made, OneActivity, Reaction, Rows, TakingPart
from sandwich.rules.school_years import Period
from sandwich.rules.series import unrolled
from sandwich.services.demands import read_deciding
from sandwich.services.told import objectors
from sandwich.services.versions import playbooks_of
from sandwich.store.rows import AMONG, in_lots

_MATERIALS = "materials"


async def read_rows(session: AsyncSession, region_id: str, zone: ZoneInfo, first: Period, last: Period) -> Rows:
    """Return everything of a region that belongs to the periods from ``first`` to ``last``."""
    begins, ends = (datetime.combine(day, time(0, 0), zone) for day in (first.begins_on, last.next_begins_on))
    rows = await _activities(session, region_id, begins, ends)
    wanted = [row.id for row in rows]
    spans = await _spans(session, wanted)
    people = await _people(session, wanted)
    by_activity: dict[str, list[TakingPart]] = defaultdict(list)
    for person in people.values():
        by_activity[person.activity_id].append(person)
    asked = await _asked(session, wanted, people)
    playbooks = await playbooks_of(session, {row.playbook_digest for row in rows})
    parts: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.part_of_id is not None and row.status is not ActivityStatus.CANCELLED:
            parts[row.part_of_id].append(row.id)
    written = {(digest, n): unrolled(playbooks[digest], n) for digest, n in _numbers(rows, spans)}
    deciding = await read_deciding(
        session,
        wanted,
        {row.id: written[row.playbook_digest, len(spans[row.id])] for row in rows},
        by_activity,
        asked,
        parts,
        {row.id for row in rows if row.shared_at is not None},
    )
    return Rows(
        calendar=Calendar(zone),
        activities=[
            OneActivity(
                id=row.id,
                kind=row.kind,
                status=row.status,
                started_at=row.started_at,
                finished_at=row.finished_at,
                spans=tuple(spans[row.id]),
                company_id=row.company_id,
                moved=sum("from" in move for move in row.moves),
                follows=row.follows_id is not None,
                is_shared=row.shared_at is not None,
                met=deciding.met_by(row.id),
            )
            for row in rows
            if row.status is not ActivityStatus.CONCEPT and row.started_at < ends and spans[row.id]
        ],
        people=list(people.values()),
        asked=[
            Asked(
                *(row.activity_id, row.form, person, row.state, row.asked_at),
                *(row.deadline_at, row.answered_at, row.rung),
            )
            for rows_of_one in asked.values()
            for row, person in rows_of_one
        ],
        answers=await _answers(session, wanted, asked),
        hours=await _hours(session, wanted),
        reactions=await _reactions(session, region_id, begins, ends),
        materials=await _materials(session, wanted),
        silent=await objectors(session),
    )


async def _activities(session: AsyncSession, region_id: str, begins: datetime, ends: datetime) -> list[Any]:
    """Activities that had begun by the end, with a contact moment from the beginning on, and the parts of these."""
    columns = select(
        *(Activity.id, Activity.kind, Activity.status, Activity.started_at, Activity.finished_at),
        *(Activity.company_id, Activity.moves, Activity.follows_id, Activity.part_of_id, Activity.shared_at),
        Activity.playbook_digest,
    )
    late = select(ContactMoment.id).where(ContactMoment.activity_id == Activity.id, ContactMoment.ends_at >= begins)
    own = await session.execute(
        columns.where(
            Activity.region_id == region_id,
            Activity.status != ActivityStatus.CONCEPT,
            Activity.started_at < ends,
            late.exists(),
        )
    )
    found = {row.id: row for row in own}
    parts = await in_lots(session, columns.where(Activity.part_of_id.in_(AMONG)), found)
    return list({**found, **{row.id: row for row in parts}}.values())


async def _spans(session: AsyncSession, wanted: Sequence[str]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    query = (
        select(ContactMoment.activity_id, ContactMoment.starts_at, ContactMoment.ends_at)
        .where(ContactMoment.activity_id.in_(AMONG))
        .order_by(ContactMoment.number)
    )
    for key, start, end in await in_lots(session, query, wanted):
        found[key].append((start, end))
    return found


async def _people(session: AsyncSession, wanted: Sequence[str]) -> dict[str, TakingPart]:
    query = (
        select(
            *(Participation.activity_id, Participation.id, Participation.person_id, Participation.role),
            *(Participation.standing, Participation.presence, Person.school_id, Person.company_id),
        )
        .join(Person, Person.id == Participation.person_id)
        .where(Participation.activity_id.in_(AMONG))
    )
    return {row.id: TakingPart(*row) for row in await in_lots(session, query, wanted)}


async def _asked(
    session: AsyncSession, wanted: Sequence[str], people: Mapping[str, TakingPart]
) -> dict[str, list[tuple[Any, TakingPart]]]:
    found: dict[str, list[tuple[Any, TakingPart]]] = defaultdict(list)
    query = select(
        *(Invitation.id, Invitation.activity_id, Invitation.participation_id, Invitation.step, Invitation.form),
        *(Invitation.state, Invitation.asked_at, Invitation.deadline_at, Invitation.answered_at, Invitation.rung),
    ).where(Invitation.activity_id.in_(AMONG))
    for row in await in_lots(session, query, wanted):
        person = people[row.participation_id]
        if person.role not in OUTSIDE:
            found[row.activity_id].append((row, person))
    return found


async def _answers(
    session: AsyncSession, wanted: Sequence[str], asked: Mapping[str, Sequence[tuple[Any, TakingPart]]]
) -> list[Answer]:
    """Return the last answer to each invitation of the forms that are looked into, but of those who were replaced."""
    of = {row.id: person for rows in asked.values() for row, person in rows}
    newest: dict[str, Answer] = {}
    query = (
        select(Submission.activity_id, Submission.invitation_id, Submission.form, Submission.answers)
        .where(Submission.activity_id.in_(AMONG), Submission.form.in_(READ))
        .order_by(Submission.number)
    )
    for row in await in_lots(session, query, wanted):
        person = of.get(row.invitation_id)
        if person is not None and person.standing is not Standing.REPLACED and isinstance(row.answers, dict):
            newest[row.invitation_id] = Answer(row.activity_id, row.form, person, row.answers)
    return list(newest.values())


async def _hours(session: AsyncSession, wanted: Sequence[str]) -> list[Made]:
    query = (
        select(Hours.activity_id, Hours.kind, Hours.person_id, Person.school_id, Hours.hours, Hours.is_confirmed)
        .join(Person, Person.id == Hours.person_id)
        .where(Hours.activity_id.in_(AMONG))
    )
    return [Made(*row) for row in await in_lots(session, query, wanted)]


async def _reactions(session: AsyncSession, region_id: str, begins: datetime, ends: datetime) -> list[Reaction]:
    rows = await session.execute(
        select(Submission.submitted_at, Submission.answers)
        .join(Activity, Activity.id == Submission.activity_id)
        .where(
            Activity.region_id == region_id,
            Submission.form == REACTION,
            Submission.submitted_at >= begins,
            Submission.submitted_at < ends,
        )
    )
    return [Reaction(at, said) for at, said in rows if isinstance(said, dict)]


async def _materials(session: AsyncSession, wanted: Sequence[str]) -> dict[str, int]:
    query = (
        select(Upload.activity_id, func.count())
        .where(Upload.activity_id.in_(AMONG), Upload.question == _MATERIALS)
        .group_by(Upload.activity_id)
    )
    return {row[0]: row[1] for row in await in_lots(session, query, wanted)}


def _numbers(rows: Sequence[Any], spans: Mapping[str, Sequence[Span]]) -> set[tuple[str, int]]:
    return {(row.playbook_digest, len(spans[row.id])) for row in rows}
