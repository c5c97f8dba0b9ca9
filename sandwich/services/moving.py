"""The date of an activity and what hangs on it: fix it, or move it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role, Stage
from models.tables.activities import ACTIVE, ActivityStatus, Approval, Participation, Presence, StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from sandwich.definitions.library import Library
from sandwich.errors import BadInput, Unconfirmed
from sandwich.rules.calendar import Span
from sandwich.rules.moments import due_at
from sandwich.runtime import Runtime
from sandwich.services.dates import check_spans, fix, set_moments
from sandwich.services.invite import ask_of
from sandwich.services.invite import set_moments as set_invitation_moments
from sandwich.services.loaded import Loaded
from sandwich.services.polls import ask_anew, date_is_known
from sandwich.services.steering import refuse_ended, steering, tell_all
from sandwich.services.watches import look_again

DATE_BOUND = frozenset({"approval", "practical-information"})
"""Forms whose answers hang on the date: after a move they are asked again (field rule 15)."""

GOALS = "goals"
LONG = timedelta(weeks=3)
"""A move later by more than this asks everybody once whether the goals still fit."""


# The new date is a free day, and nobody said that it is meant.
class InHoliday(Unconfirmed):
    """{sentence}"""

    dutch = "{zin}"


async def fix_date(runtime: Runtime, activity_id: str, number: int, *, now: datetime, actor: str) -> None:
    """Fix the proposed date with this number (from 0), for instance after a phone call."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        if loaded.activity.date_fixed_at is not None:
            raise BadInput(
                "The date was fixed already. Move the activity to change it.",
                "De datum staat al vast. Verplaats de activiteit om hem te veranderen.",
            )
        fix(loaded, number, now)
        check_spans([(moment.starts_at, moment.ends_at) for moment in loaded.moments], now)
        await date_is_known(session, loaded, now, done_by=actor)


async def move(
    runtime: Runtime,
    activity_id: str,
    spans: Sequence[Span],
    reason: str,
    *,
    now: datetime,
    actor: str,
    in_holiday: bool = False,
    agreed: bool = False,
) -> None:
    """Move an activity to other dates; everybody hears of it, and what hangs on the date is asked again.

    Before the host chose a date nothing is fixed by it: ``spans`` take the place of the days that were proposed, and
    the host is asked about them. With ``agreed`` the host has said yes already, and the date is fixed. Raises
    ``BadInput`` for dates that cannot be, and ``InHoliday`` unless ``in_holiday`` says that it is meant.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await put_on(session, runtime.library, loaded, spans, reason, now, actor, in_holiday=in_holiday, agreed=agreed)


async def put_on(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    spans: Sequence[Span],
    reason: str,
    now: datetime,
    actor: str,
    *,
    in_holiday: bool,
    agreed: bool,
) -> None:
    """Do what ``move`` does in a transaction that is open already."""
    refuse_ended(loaded)
    activity, old = loaded.activity, (loaded.starts_at, loaded.ends_at)
    was_fixed = activity.date_fixed_at is not None
    proposes = not was_fixed and not agreed
    _refuse_impossible(loaded, spans, now, in_holiday=in_holiday, in_order=not proposes)
    if proposes:
        set_moments(loaded, spans[: len(loaded.moments)])
        activity.proposed = [[start.isoformat(), end.isoformat()] for start, end in spans]
    else:
        set_moments(loaded, spans)
        activity.date_fixed_at = activity.date_fixed_at or now
    activity.calendar_sequence += 1
    activity.moves = [
        *activity.moves,
        {"from": [moment.isoformat() for moment in old], "at": now.isoformat(), "by": actor, "reason": reason},
    ]
    activity.closing_reason = reason or activity.closing_reason
    await session.flush()
    if was_fixed:
        await tell_all(session, loaded, "moved", now, {"old_start": old[0].isoformat(), "old_end": old[1].isoformat()})
    if proposes:
        await ask_anew(session, library, loaded, now, actor)
    else:
        await date_is_known(session, loaded, now, done_by=actor)
    await _come_back_to_steps(session, loaded, now)
    await look_again(session, loaded, now)
    again = DATE_BOUND | {GOALS} if loaded.starts_at - old[0] > LONG else DATE_BOUND
    await follow_the_date(session, loaded, now, again=again if was_fixed else frozenset())


async def follow_the_date(session: AsyncSession, loaded: Loaded, now: datetime, *, again: frozenset[str]) -> None:
    """Compute deadlines and ladders anew, and ask once more what was answered to the forms ``again``."""
    for invitation in await session.scalars(select(Invitation).where(Invitation.activity_id == loaded.activity.id)):
        participation = loaded.participation(invitation.participation_id)
        found = ask_of(loaded.playbook, invitation, participation.role)
        if found is None or participation.standing not in ACTIVE:
            continue
        if invitation.form in again and invitation.state in {InvitationState.ANSWERED, InvitationState.PHONED}:
            invitation.state, invitation.reconfirm = InvitationState.SENT, True
            invitation.rung, invitation.asked_at = 0, now
            if invitation.form == "approval":
                _ask_release_again(loaded, participation)
            if invitation.form == GOALS:
                # The goals still count as they are, so nobody is reminded or phoned.
                invitation.rung = len(loaded.playbook.profile(invitation.profile).reminders) + 1
        if invitation.state in OPEN:
            set_invitation_moments(invitation, found[1], found[0], loaded, participation)


def free_days(loaded: Loaded, spans: Sequence[Span]) -> list[tuple[date, str]]:
    """Return which days of ``spans`` are free at a school that takes part, and what the free days are called."""
    calendar = loaded.calendars.schools
    schools = taking_part(loaded)
    regions = {loaded.schools[school].holiday_region for school in schools}
    found = []
    for day in sorted({calendar.day_of(start) for start, _ in spans}):
        if day in calendar.holidays or day in calendar.days:
            names = [
                block.name
                for block in loaded.blocks
                if block.first <= day <= block.last
                and block.name
                and (block.school in schools or (block.school is None and block.region in {None, *regions}))
            ]
            found.append((day, names[0] if names else "?"))
    return found


def taking_part(loaded: Loaded) -> set[str]:
    """Return the schools of which a teacher takes part or still may."""
    schools = {loaded.persons[item.person_id].school_id for item in loaded.in_role(Role.TEACHER)}
    return {school for school in schools if school is not None}


def refuse_free_days(days: Sequence[tuple[date, str]]) -> None:
    """Raise ``InHoliday`` for the first of some free days."""
    for day, name in days:
        raise InHoliday(
            f"{day:%d-%m-%Y} is a free day ({name}). Choose another day, or confirm that it is meant.",
            f"{day:%d-%m-%Y} is een vrije dag ({name}). Kies een andere dag, of bevestig dat je het zo bedoelt.",
        )


def _refuse_impossible(
    loaded: Loaded, spans: Sequence[Span], now: datetime, *, in_holiday: bool, in_order: bool
) -> None:
    check_spans(spans, now)
    if in_order and any(later[0] < earlier[0] for earlier, later in pairwise(spans)):
        raise BadInput(
            "A meeting would come before the one that precedes it. Give the dates in their order.",
            "Een ontmoeting zou vóór de vorige komen. Geef de datums in hun volgorde.",
        )
    if _has_been(loaded, now):
        raise BadInput(
            "This activity has taken place; it cannot be moved any more.",
            "Deze activiteit is al geweest; verplaatsen kan niet meer.",
        )
    if not in_holiday:
        refuse_free_days(free_days(loaded, spans))


def _has_been(loaded: Loaded, now: datetime) -> bool:
    """Whether the activity took place: its day came while it was ready to go. On hold it did not."""
    status = loaded.activity.status_before_hold or loaded.activity.status
    if status is ActivityStatus.AFTER:
        return True
    on_hold = loaded.activity.status is ActivityStatus.ON_HOLD
    return status is ActivityStatus.DURING and not on_hold and now >= loaded.starts_at


async def _come_back_to_steps(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Plan again what belongs to the day itself: what the old date made pass or was told for it, comes once more."""
    activity = loaded.activity
    if ActivityStatus.DURING in {activity.status, activity.status_before_hold}:
        on_hold = activity.status is ActivityStatus.ON_HOLD
        activity.status = ActivityStatus.ON_HOLD if on_hold else ActivityStatus.BEFORE
        activity.status_before_hold = ActivityStatus.BEFORE if on_hold else None
    for moment in loaded.moments:
        moment.attendance_at, moment.attendance_presumed, moment.absent = None, False, None
    for participation in loaded.participations:
        participation.presence = Presence.UNKNOWN
    opened = {key for step in loaded.playbook.steps for key in step.opens}
    for step in loaded.playbook.steps:
        row, due = loaded.steps.get(step.key), due_at(step, loaded.dates, loaded.calendars)
        if row is not None and row.state is StepState.PLANNED and step.key in opened:
            await _take_back(session, loaded, step.key)
        if row is None or row.state is StepState.PLANNED or due is None or due <= now:
            continue
        if row.state is StepState.SKIPPED or step.stage is not Stage.BEFORE or (step.tells and not step.asks):
            row.state, row.done_at, row.skip_reason = StepState.PLANNED, None, None
            await _take_back(session, loaded, step.key)


async def _take_back(session: AsyncSession, loaded: Loaded, step: str) -> None:
    """Let what a step asked fall away: it asks again."""
    for invitation in await session.scalars(
        select(Invitation).where(Invitation.activity_id == loaded.activity.id, Invitation.step == step)
    ):
        if invitation.state in (*OPEN, InvitationState.ANSWERED, InvitationState.PHONED, InvitationState.CLOSED):
            invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None


def _ask_release_again(loaded: Loaded, leader: Participation) -> None:
    """Who was released for the old date, or refused because of it, needs release for the new one."""
    school = loaded.persons[leader.person_id].school_id
    for item in loaded.in_role(Role.TEACHER):
        if loaded.persons[item.person_id].school_id == school and item.approval is not Approval.NOT_NEEDED:
            item.approval = Approval.OPEN
