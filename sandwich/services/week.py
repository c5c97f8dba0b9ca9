"""The week of one coordinator over all activities: what needs a hand, what comes, what leaves, and who is silent."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.reminders import Ending
from models.roles import HOST_ROLES, Stage
from models.steps import Step
from models.tables.activities import Activity, ActivityStatus, StepState
from models.tables.asking import OPEN, Invitation
from models.tables.mail import Call, CallState
from models.text import Text
from sandwich.rules.calendar import Calendar
from sandwich.rules.dots import DotState
from sandwich.rules.names import full_name
from sandwich.rules.plan import slice_open
from sandwich.rules.reminders import Rung
from sandwich.rules.slots import monday_of
from sandwich.services.call_lines import CallLine
from sandwich.services.invite import ask_of, rung_of
from sandwich.services.loaded import Loaded
from sandwich.services.overview import GOES_ON, Known, one
from sandwich.services.waits import Waiting, unanswered
from sandwich.settings import Settings

AHEAD = timedelta(days=14)
"""How far ahead free days of schools are named."""

_RESTING = (ActivityStatus.CONCEPT, ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED)
_REMINDER = Text(nl="herinnering, {title}", en="reminder, {title}")


@dataclass(frozen=True)
class Meeting:
    """A contact moment of this week."""

    title: str
    starts_at: datetime
    ends_at: datetime
    host: str | None
    place: str | None
    teachers: int
    is_fixed: bool


@dataclass(frozen=True)
class Leaving:
    """Mails that leave this week: of which activity, when, what, and to how many people where that is known."""

    title: str
    at: datetime
    what: Text
    people: int | None = None


@dataclass(frozen=True)
class Silence:
    """People who were asked the same and did not answer yet, and by when they were to."""

    title: str
    what: Text
    names: tuple[str, ...]
    deadline_at: datetime | None
    is_late: bool


@dataclass(frozen=True)
class Week:
    """What a coordinator reads on Monday. ``hands`` are activities that wait for the coordinator without a call.

    ``complete`` of ``activities`` are those with all four demands met; ``free`` are runs of free days of schools
    that take part.
    """

    first: date
    calls: tuple[CallLine, ...]
    hands: tuple[tuple[str, Waiting], ...]
    meetings: tuple[Meeting, ...]
    leaving: tuple[Leaving, ...]
    silent: tuple[Silence, ...]
    free: tuple[tuple[date, date], ...]
    stages: dict[ActivityStatus, int]
    complete: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: free days and figures alone are no reason for a mail."""
        return not (self.calls or self.hands or self.meetings or self.leaving or self.silent)


async def week_of(session: AsyncSession, settings: Settings, person_id: str, now: datetime) -> Week:
    """Return the rest of this week as it looks at ``now``, over all activities that somebody coordinates."""
    has_calls = select(Call.id).where(Call.activity_id == Activity.id, Call.state == CallState.OPEN).exists()
    keys = await session.scalars(
        select(Activity.id)
        .where(Activity.coordinator_id == person_id, or_(Activity.status.in_(GOES_ON), has_calls))
        .order_by(Activity.started_at, Activity.id)
    )
    known = [await one(session, settings, key, now) for key in keys]
    moving = [item for item in known if item.line.status in GOES_ON and item.line.status not in _RESTING]
    zone = ZoneInfo(settings.timezone)
    today = now.astimezone(zone).date()
    monday = monday_of(today)
    end = datetime.combine(monday + timedelta(days=7), time(0), zone)
    calls = sorted((call for item in known for call in item.calls), key=lambda call: (call.since, call.id))
    silent = [one for item in moving for one in _silent(item, now)]
    late = {one.title for one in silent if one.is_late}
    return Week(
        first=monday,
        calls=tuple(calls),
        hands=tuple(
            (item.line.title, item.line.waiting)
            for item in moving
            if item.line.waiting.is_late and not item.calls and item.line.title not in late
        ),
        meetings=tuple(
            sorted((one for item in moving for one in _meetings(item, now, end)), key=lambda one: one.starts_at)
        ),
        leaving=tuple(sorted((one for item in moving for one in _leaving(item, now, end)), key=lambda one: one.at)),
        silent=tuple(sorted(silent, key=lambda one: (not one.is_late, one.deadline_at or end))),
        free=tuple(_free(today, [item.loaded.calendars.schools for item in moving])),
        stages=dict(Counter(item.line.status for item in known if item.line.status in GOES_ON)),
        complete=sum(all(state is DotState.DONE for state in item.line.dots.values()) for item in moving),
    )


def _meetings(known: Known, now: datetime, end: datetime) -> Iterable[Meeting]:
    line, activity = known.line, known.loaded.activity
    for starts_at, ends_at in line.moments:
        if now <= ends_at and starts_at < end:
            place, fixed = activity.meets_at, line.is_date_fixed
            yield Meeting(line.title, starts_at, ends_at, line.company, place, line.teachers, fixed)


def _leaving(known: Known, now: datetime, end: datetime) -> Iterable[Leaving]:
    """Yield the steps of this week that ask or tell and wait for nothing else, and the reminders that come if nobody
    answers.
    """
    loaded = known.loaded
    for item in loaded.plan():
        step, due_at = item.step, item.due_at
        mails = loaded.states.get(step.key) is StepState.PLANNED and bool(step.asks or step.tells)
        if mails and due_at is not None and now <= due_at < end and not _is_held(known, step, due_at):
            yield Leaving(known.line.title, due_at, step.title)
    reminded: dict[tuple[str, datetime], set[str]] = {}
    for invitation in known.invitations:
        if _is_reminded(loaded, invitation, now, end) and invitation.next_at is not None:
            reminded.setdefault((invitation.step, invitation.next_at), set()).add(invitation.participation_id)
    for (key, at), people in reminded.items():
        title = loaded.playbook.step(key).title
        yield Leaving(known.line.title, at, _REMINDER.filled(title=title), len(people))


def _is_held(known: Known, step: Step, due_at: datetime) -> bool:
    """Whether a step waits for something that nobody has said yet. What the clock alone brings is not waited for."""
    facts = known.facts
    if step.stage is Stage.AFTER and not facts.gate_during and due_at >= known.loaded.ends_at:
        return not facts.gate_before
    return not (facts.all_hold(step.needs) and slice_open(step.stage, facts))


def _is_reminded(loaded: Loaded, invitation: Invitation, now: datetime, end: datetime) -> bool:
    if invitation.state not in OPEN or invitation.next_at is None or not now <= invitation.next_at < end:
        return False
    participation = loaded.participation(invitation.participation_id)
    found = ask_of(loaded.playbook, invitation, participation.role)
    rung = rung_of(invitation, found[1], loaded, loaded.calendar_of(participation)) if found else None
    return rung is not None and rung.what is Rung.REMIND


def _silent(known: Known, now: datetime) -> Iterable[Silence]:
    loaded = known.loaded
    groups: dict[tuple[str, bool], list[Invitation]] = {}
    for invitation in unanswered(known.situation, now):
        is_host = loaded.participation(invitation.participation_id).role in HOST_ROLES
        groups.setdefault((invitation.step, is_host), []).append(invitation)
    for (step, _), group in groups.items():
        people = dict.fromkeys(loaded.participation(one.participation_id).person_id for one in group)
        deadline = min((one.deadline_at for one in group if one.deadline_at is not None), default=None)
        is_quiet = all(loaded.playbook.profile(one.profile).ending is Ending.CLOSE for one in group)
        yield Silence(
            title=known.line.title,
            what=loaded.playbook.step(step).title,
            names=tuple(full_name(loaded.persons[key]) for key in people),
            deadline_at=deadline,
            is_late=not is_quiet and deadline is not None and deadline <= now,
        )


def _free(today: date, calendars: Sequence[Calendar]) -> list[tuple[date, date]]:
    """Return runs of days in the next two weeks on which a school that takes part is free; weekends only inside one."""
    found: list[tuple[date, date]] = []
    for number in range(AHEAD.days):
        day = today + timedelta(days=number)
        if day.weekday() > 4 or all(calendar.is_working(day) for calendar in calendars):
            continue
        back = timedelta(days=3 if day.weekday() == 0 else 1)
        if found and found[-1][1] == day - back:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
