"""The date of an activity and what hangs on it: fix it, or move it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role, Stage
from models.tables.activities import ActivityStatus, ContactMoment, Presence, Standing, StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from sandwich.definitions.library import Library
from sandwich.errors import BadInput, Unconfirmed
from sandwich.rules.calendar import Span
from sandwich.rules.moments import due_at
from sandwich.runtime import Runtime
from sandwich.services.catch_up import catch_up
from sandwich.services.dates import check_spans, fix, note_move, set_moments
from sandwich.services.loaded import Loaded
from sandwich.services.near import is_near, phone_round
from sandwich.services.people import add_school_people
from sandwich.services.polls import ask_anew, date_is_known
from sandwich.services.reconfirm import asked_again, follow_the_date
from sandwich.services.steering import MOVED, refuse_ended, steering, tell_all
from sandwich.services.watches import look_again


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
    again: frozenset[str] | None = None,
) -> None:
    """Do what ``move`` does in a transaction that is open already; ``again`` are the forms that are asked once more."""
    refuse_ended(loaded)
    activity, old = loaded.activity, [(moment.starts_at, moment.ends_at) for moment in loaded.moments]
    first, last = loaded.starts_at, loaded.ends_at
    was_fixed, was_near = activity.date_fixed_at is not None, is_near(loaded, now)
    proposes, held = not was_fixed and not agreed, held_of(loaded, now)
    _refuse_impossible(loaded, spans, now, in_holiday=in_holiday, in_order=not proposes)
    if proposes:
        set_moments(loaded, spans[: len(loaded.moments)])
        activity.proposed = [[start.isoformat(), end.isoformat()] for start, end in spans]
    else:
        set_moments(loaded, spans)
        activity.date_fixed_at = activity.date_fixed_at or now
    note_move(activity, (first, last), reason, now, actor)
    activity.closing_reason = reason or activity.closing_reason
    back = [item for item in loaded.participations if item.standing is Standing.UNANSWERED]
    for item in back:  # the other date may be what they waited for
        item.standing, item.left_at = Standing.INVITED, None
    loaded.refresh_calendars()
    await session.flush()
    if was_fixed:
        about = {"old": [[start.isoformat(), end.isoformat()] for start, end in old]}
        await tell_all(session, loaded, MOVED, now, about)
        if was_near or is_near(loaded, now):
            await phone_round(session, loaded, now)
    if proposes:
        await ask_anew(session, library, loaded, now, actor)
    else:
        await date_is_known(session, loaded, now, done_by=actor)
    await come_back_to_steps(session, loaded, now, held)
    await look_again(session, loaded, now)
    if again is None:
        again = asked_again(first, loaded.starts_at)
    await follow_the_date(session, loaded, now, again=again if was_fixed else frozenset())
    beside = await add_school_people(session, loaded, now) if back else ()
    for item in (*beside, *back):
        await catch_up(session, library, loaded, item, now)


def free_days(loaded: Loaded, spans: Sequence[Span]) -> list[tuple[date, str]]:
    """Return which days of ``spans`` are free at a school that takes part or a company that receives, and what the
    free days are called.
    """
    calendar = loaded.calendars.together
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
                and block.school in {None, *schools}
                and block.company in {None, *loaded.companies}
                and block.region in {None, *regions}
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
    held = [(moment.starts_at, moment.ends_at) for moment in held_of(loaded, now)]
    if held and list(spans[: len(held)]) != held:
        raise BadInput(
            "What has been cannot be moved any more. Leave the dates of the meetings that have been as they are.",
            "Wat geweest is, is niet meer te verplaatsen. Laat de datums van de ontmoetingen die geweest zijn staan.",
        )
    check_spans(spans[len(held) :], now)
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
    """Whether the activity took place: its day came while it was ready to go. On hold it did not.

    A series has been when its last contact moment has begun.
    """
    status = loaded.activity.status_before_hold or loaded.activity.status
    if status is ActivityStatus.AFTER:
        return True
    on_hold = loaded.activity.status is ActivityStatus.ON_HOLD
    begun = now >= max(moment.starts_at for moment in loaded.moments)
    return status is ActivityStatus.DURING and not on_hold and begun


def held_of(loaded: Loaded, now: datetime) -> list[ContactMoment]:
    """Return the contact moments of a series that have begun; on hold those at which it is known who was there."""
    if len(loaded.moments) == 1:
        return []
    on_hold = loaded.activity.status is ActivityStatus.ON_HOLD
    begun = [moment for moment in loaded.moments if moment.starts_at <= now]
    return [moment for moment in begun if moment.attendance_at is not None or not on_hold]


async def come_back_to_steps(
    session: AsyncSession, loaded: Loaded, now: datetime, held: Sequence[ContactMoment]
) -> None:
    """Plan again what belongs to the day itself: what the old date made pass or was told for it, comes once more.

    Of a series the contact moments that were ``held`` stay what they were.
    """
    activity = loaded.activity
    if not held and ActivityStatus.DURING in {activity.status, activity.status_before_hold}:
        on_hold = activity.status is ActivityStatus.ON_HOLD
        activity.status = ActivityStatus.ON_HOLD if on_hold else ActivityStatus.BEFORE
        activity.status_before_hold = ActivityStatus.BEFORE if on_hold else None
    for moment in loaded.moments:
        if moment not in held:
            moment.attendance_at, moment.attendance_presumed, moment.absent = None, False, None
    for participation in loaded.participations if not held else ():
        participation.presence = Presence.UNKNOWN
    opened = {key for step in loaded.playbook.steps for key in step.opens}
    for step in loaded.playbook.steps:
        row, due = loaded.steps.get(step.key), due_at(step, loaded.dates, loaded.calendars)
        if row is not None and row.state is StepState.PLANNED and step.key in opened:
            await take_back_asked(session, loaded, step.key)
        if row is None or row.state is StepState.PLANNED or due is None or due <= now:
            continue
        if row.state is StepState.SKIPPED or step.stage is not Stage.BEFORE or (step.tells and not step.asks):
            row.state, row.done_at, row.skip_reason = StepState.PLANNED, None, None
            await take_back_asked(session, loaded, step.key)


async def take_back_asked(
    session: AsyncSession, loaded: Loaded, step: str, forms: Collection[str] | None = None
) -> None:
    """Let what a step asked fall away, or only these ``forms``: it asks again."""
    for invitation in await session.scalars(
        select(Invitation).where(Invitation.activity_id == loaded.activity.id, Invitation.step == step)
    ):
        if forms is not None and invitation.form not in forms:
            continue
        if invitation.state in (*OPEN, InvitationState.ANSWERED, InvitationState.PHONED, InvitationState.CLOSED):
            invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
