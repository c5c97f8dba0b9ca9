"""Which activities must be woken, and which Prefect run carries which activity."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE
from models.tables.activities import (
    ACTIVE,
    Activity,
    ActivityStatus,
    Participation,
    PlanStep,
    PlaybookVersion,
    StepState,
)
from models.tables.network import Person, School
from models.text import Text
from sandwich.clock import NOW, When, whether
from sandwich.errors import NotFound
from sandwich.runtime import Runtime

ACTOR = "waker"
_SLEEP = (ActivityStatus.ON_HOLD, ActivityStatus.CONCEPT)
_RESTS = (ActivityStatus.CANCELLED, ActivityStatus.ON_HOLD, ActivityStatus.CONCEPT)
_TO_COME = or_(PlanStep.state == StepState.PLANNED, PlanStep.shown_at.is_(None) & (PlanStep.state == StepState.DONE))
"""A step that is still to be carried out, or still to be shown."""

_COLUMNS = (Activity.id, Activity.kind, Activity.run_id, Activity.wake_at, Activity.run_number, Activity.status)
_RESTING = select(Activity.run_id).where(Activity.status.in_(_SLEEP), Activity.run_id.is_not(None))
_TAKES_PART = and_(Participation.standing.in_(ACTIVE), Participation.role.not_in(OUTSIDE))


@dataclass(frozen=True)
class Wake:
    """An activity and the run that carries it; all ids and codes."""

    activity_id: str
    playbook: str
    run_id: str | None
    wake_at: datetime | None
    run_number: int
    finished: bool = False


async def due_wakes(runtime: Runtime, limit: int = 200) -> list[Wake]:
    """Return the activities that have something to do now: the first of every school, then every second, and so on.

    Within a school the longest waiting come first, so a school with thousands hides nobody else's behind ``limit``.
    One that was cancelled wakes once more, so that its run finds that it is over and ends.
    """
    ahead = await runtime.clock.sees(_IS_DUE)
    if ahead is None:
        return []
    is_due = _is_due(runtime.clock.with_offset(ahead))
    async with runtime.store.read() as session:
        rows = (await session.execute(select(*_COLUMNS).where(*is_due).limit(2))).all()
        if len(rows) > 1:
            # Each school of an activity once, before they are ranked: of its people there are many.
            pairs = (
                select(Activity.id, Activity.wake_at, Person.school_id)
                .outerjoin(Participation, and_(Participation.activity_id == Activity.id, _TAKES_PART))
                .outerjoin(Person, Person.id == Participation.person_id)
                .where(*is_due)
                .distinct()
                .subquery()
            )
            place = func.row_number().over(partition_by=pairs.c.school_id, order_by=(pairs.c.wake_at, pairs.c.id))
            places = select(pairs.c.id, place.label("place")).subquery()
            first = select(places.c.id, func.min(places.c.place).label("place")).group_by(places.c.id).subquery()
            in_turn = (
                select(*_COLUMNS)
                .join(first, first.c.id == Activity.id)
                .order_by(first.c.place, Activity.wake_at, Activity.id)
                .limit(limit)
            )
            rows = (await session.execute(in_turn)).all()
        return [_wake(row) for row in rows]


def _is_due(now: When) -> tuple[ColumnElement[bool], ...]:
    return Activity.wake_at <= now, Activity.status.not_in(_SLEEP)


_IS_DUE = whether(select(Activity.id).where(*_is_due(NOW)).exists())


async def take_run(runtime: Runtime, activity_id: str, run_id: str, previous: str | None) -> bool:
    """Let ``run_id`` carry the activity instead of ``previous``; ``False`` when another run came first."""
    async with runtime.change(actor=ACTOR, stream=activity_id) as (session, _now):
        return let_carry(await _activity(session, activity_id), run_id, previous)


def let_carry(activity: Activity, run_id: str, previous: str | None) -> bool:
    """Note that ``run_id`` carries the activity from here on, in the caller's transaction; as :func:`take_run`."""
    if activity.run_id == run_id:
        return True
    if activity.run_id != previous:
        return False
    activity.run_id = run_id
    activity.run_number += 1
    return True


async def live_activities(runtime: Runtime, run_ids: Collection[str] | None = None) -> list[Wake]:
    """Return every activity that a run must carry: started, and with steps still to come; or those that some carry."""
    query = select(*_COLUMNS).where(_is_live()).order_by(Activity.id)
    async with runtime.store.read() as session:
        rows = await session.execute(query if run_ids is None else query.where(Activity.run_id.in_(run_ids)))
        return [_wake(row) for row in rows]


async def runs_needed(runtime: Runtime) -> int:
    """Return how many runs there must be: those of live activities, and of those that rest."""
    async with runtime.store.read() as session:
        carried = select(Activity.run_id).where(_is_live(), Activity.run_id.is_not(None))
        runs = union(carried, _RESTING).subquery()  # each by its own index, among however many that are over
        return await session.scalar(select(func.count()).select_from(runs)) or 0


def _is_live() -> ColumnElement[bool]:
    # From the few steps that are to come, not from all activities that there ever were.
    return and_(Activity.id.in_(select(PlanStep.activity_id).where(_TO_COME)), Activity.status.not_in(_RESTS))


async def kinds_left(runtime: Runtime) -> dict[str, Text]:
    """Return kinds, with their titles, whose playbook was taken away while activities still go on with it."""
    async with runtime.store.read() as session:
        unfinished = select(PlanStep.activity_id).where(_TO_COME)
        digests = select(Activity.playbook_digest).where(
            Activity.id.in_(unfinished), Activity.status != ActivityStatus.CANCELLED
        )
        versions = await session.scalars(
            select(PlaybookVersion)
            .where(PlaybookVersion.digest.in_(digests), PlaybookVersion.key.not_in(runtime.library.playbooks))
            .order_by(PlaybookVersion.version)
        )
        return {row.key: Text.model_validate(row.definition["title"]) for row in versions}


async def closed_activities(runtime: Runtime, activity_ids: Sequence[str], before: datetime) -> set[str]:
    """Return those of the activities that closed before a moment and whose run has nothing left to do, ever."""
    unfinished = select(PlanStep.id).where(PlanStep.activity_id == Activity.id, _TO_COME).exists()
    is_over = (Activity.status == ActivityStatus.CANCELLED) | (
        (Activity.status == ActivityStatus.FINISHED) & ~unfinished
    )
    async with runtime.store.read() as session:
        rows = await session.scalars(
            select(Activity.id).where(
                Activity.id.in_(activity_ids), is_over, Activity.finished_at < before, Activity.wake_at.is_(None)
            )
        )
        return set(rows)


async def resting_runs(runtime: Runtime) -> set[str]:
    """Return the runs of activities that rest, concepts and those on hold: nothing wakes them, and they may stay."""
    async with runtime.store.read() as session:
        return {run_id for run_id in await session.scalars(_RESTING) if run_id is not None}


async def schools_of(runtime: Runtime, activity_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the codes of the schools whose people take part, for each of the activities."""
    async with runtime.store.read() as session:
        rows = await session.execute(
            select(Participation.activity_id, School.code)
            .join(Person, Participation.person_id == Person.id)
            .join(School, Person.school_id == School.id)
            .where(Participation.activity_id.in_(activity_ids), _TAKES_PART)
            .distinct()
        )
        found: dict[str, set[str]] = {activity_id: set() for activity_id in activity_ids}
        for activity_id, code in rows:
            found[activity_id].add(code)
        return found


async def run_of(runtime: Runtime, activity_id: str) -> Wake:
    """Return the run that carries an activity; raises ``NotFound``."""
    async with runtime.store.read() as session:
        return _wake(await _activity(session, activity_id))


def _wake(activity: Activity | Row[str, str, str | None, datetime | None, int, ActivityStatus]) -> Wake:
    return Wake(
        activity_id=activity.id,
        playbook=activity.kind,
        run_id=activity.run_id,
        wake_at=activity.wake_at,
        run_number=activity.run_number,
        finished=activity.status is ActivityStatus.CANCELLED,
    )


async def _activity(session: AsyncSession, activity_id: str) -> Activity:
    activity = await session.get(Activity, activity_id)
    if activity is None:
        raise NotFound(what="activity", name=activity_id)
    return activity
