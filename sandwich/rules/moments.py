"""From the rules in a playbook to moments: offsets, holidays, and the time of day at which mail leaves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models.moments import Moment, Rhythm, Unit
from models.roles import HOST_ROLES, Role, Stage
from models.steps import Step
from sandwich.rules.calendar import Calendar

REQUEST_TIME = time(10, 0)
ROUTINE_TIME = time(8, 0)
AT_NIGHT = time(3, 0)
"""When something is erased: rewriting the file of the database then hinders nobody."""

MIDWEEK = frozenset({1, 2, 3})
"""Tuesday to Thursday, when first mails are read best."""

AT_MOST_LATER = 2
"""How many days a first mail may wait for such a day."""


@dataclass(frozen=True)
class Dates:
    """The anchors of an activity: start and end of its contact moments, in their order, and when steps were done."""

    moments: tuple[tuple[datetime, datetime], ...]
    done: Mapping[str, datetime]

    @property
    def starts_at(self) -> datetime:
        """Start of the first contact moment."""
        return self.moments[0][0]

    @property
    def ends_at(self) -> datetime:
        """End of the last contact moment."""
        return max(end for _, end in self.moments)

    def of(self, anchor: str) -> datetime | None:
        """Return the moment that an anchor stands for; ``None`` for a step that was not carried out yet."""
        if anchor == "H":
            return self._halfway()
        if not (meeting := _MEETING.fullmatch(anchor)):
            return self.done.get(anchor)
        if not meeting[2]:
            return self.starts_at if is_start(anchor) else self.ends_at
        return self.moments[min(int(meeting[2]), len(self.moments)) - 1][0 if is_start(anchor) else 1]

    def _halfway(self) -> datetime:
        """Return the end of the middle contact moment, or the middle of the only one."""
        if len(self.moments) > 1:
            return self.moments[(len(self.moments) + 1) // 2 - 1][1]
        return self.starts_at + (self.ends_at - self.starts_at) / 2


_MEETING = re.compile(r"([TE])(\d{0,2})")


@dataclass(frozen=True)
class Calendars:
    """The calendars of an activity: of all its schools together, and of its host."""

    schools: Calendar
    hosts: Calendar

    def of(self, role: Role) -> Calendar:
        """Return the calendar that people of a role live by."""
        return self.hosts if role in HOST_ROLES else self.schools

    @property
    def together(self) -> Calendar:
        """The calendar of schools and host together: days on which all of them can meet."""
        return self.schools.with_days_of(self.hosts)

    def moving(self, step: Step) -> Calendar:
        """Return the calendar whose free days move a step.

        Before the day those are the holidays of any school, and the closed days of a host who is asked or told;
        afterwards only those of the people whom it is for.
        """
        hosts = {role in HOST_ROLES for role in _roles(step)}
        if step.stage is Stage.BEFORE:
            return self.together if True in hosts else self.schools
        return self.hosts if hosts == {True} else self.schools


def _roles(step: Step) -> list[Role]:
    """Return whom a step asks or tells."""
    return [ask.to for ask in step.asks] + [role for tell in step.tells for role in tell.to]


def offset_day(moment: Moment, dates: Dates, calendar: Calendar) -> date | None:
    """Return the day that a rule points at, before holidays move it; ``None`` while its anchor is not known."""
    anchor = dates.of(moment.anchor)
    if anchor is None:
        return None
    day = calendar.day_of(anchor)
    if moment.unit is Unit.WORKING_DAYS:
        return calendar.count(day, moment.offset)
    return day + timedelta(days=moment.offset * (7 if moment.unit is Unit.WEEKS else 1))


def due_at(step: Step, dates: Dates, calendars: Calendars) -> datetime | None:
    """Return when a step is due (field rules 6 to 8); ``None`` while its anchor is not known."""
    calendar = calendars.moving(step)
    counting = calendars.hosts if {role in HOST_ROLES for role in _roles(step)} == {True} else calendars.schools
    day = offset_day(step.at, dates, counting)
    if day is None:
        return None
    if step.rhythm is Rhythm.EXACT:
        return _exact(step.at, day, dates, calendar)
    day = calendar.back(day) if step.stage is Stage.BEFORE else calendar.forward(day)
    if step.rhythm is Rhythm.ROUTINE:
        return calendar.at(day, step.at.at or ROUTINE_TIME)
    return calendar.at(request_day(day, calendar), step.at.at or REQUEST_TIME)


def _exact(moment: Moment, day: date, dates: Dates, calendar: Calendar) -> datetime:
    anchor = dates.of(moment.anchor)
    assert anchor is not None  # offset_day found a day from it
    if moment.at is None:
        return anchor if not moment.offset else calendar.at(day, anchor.astimezone(calendar.zone).time())
    at = calendar.at(day, moment.at)
    # "E 16:30" is never before the end itself; "T 08:00" never after the start.
    if is_end(moment.anchor) and not moment.offset:
        return max(at, anchor)
    return min(at, anchor) if is_start(moment.anchor) and not moment.offset else at


def is_start(anchor: str) -> bool:
    """Return whether an anchor is the start of a contact moment."""
    return _MEETING.fullmatch(anchor) is not None and anchor[0] == "T"


def is_end(anchor: str) -> bool:
    """Return whether an anchor is the end of a contact moment."""
    return _MEETING.fullmatch(anchor) is not None and anchor[0] == "E"


def request_day(day: date, calendar: Calendar) -> date:
    """Prefer Tuesday to Thursday: a Monday becomes Tuesday, a Friday stays (Tuesday is too far away)."""
    for later in range(AT_MOST_LATER + 1):
        candidate = day + timedelta(days=later)
        if candidate.weekday() in MIDWEEK and calendar.is_working(candidate):
            return candidate
    return day


def deadline_at(moment: Moment, dates: Dates, calendar: Calendar, *, before: bool) -> datetime | None:
    """Return a deadline: the local midnight at which its day begins (people read "vóór donderdag 22 oktober").

    It never falls on a free day of those who are asked: it moves back before the activity, forward after it.
    """
    day = offset_day(moment, dates, calendar)
    if day is None:
        return None
    return calendar.at(calendar.back(day) if before else calendar.forward(day), time(0, 0))


def fair_deadline(deadline: datetime, asked_at: datetime, calendar: Calendar, latest: datetime | None) -> datetime:
    """Return ``deadline``, or later where somebody was asked too late for it: two working days, the first included.

    ``latest`` is the moment that it must not pass.
    """
    day = calendar.day_of(asked_at)
    first = day if calendar.is_working(day) else calendar.next_working(day)
    fair = calendar.at(calendar.count(first, 2), time(0, 0))
    if deadline >= fair:
        return deadline
    return min(fair, max(latest, deadline)) if latest is not None else fair


def watch_at(moment: Moment, dates: Dates, calendars: Calendars, stage: Stage) -> datetime | None:
    """Return when a watch looks: in the morning of a day on which the coordinator works."""
    day = offset_day(moment, dates, calendars.schools)
    if day is None:
        return None
    day = calendars.schools.back(day) if stage is Stage.BEFORE else calendars.schools.next_working(day)
    return calendars.schools.at(day, moment.at or ROUTINE_TIME)
