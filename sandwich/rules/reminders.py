"""The ladder of reminders: when the next rung is climbed, and what happens there (field rules 9 and 52)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.moments import Unit
from models.reminders import Ending, ReminderProfile
from sandwich.rules.calendar import Calendar
from sandwich.rules.moments import ROUTINE_TIME


class Rung(StrEnum):
    """What a rung of the ladder is."""

    REMIND = "remind"
    CALL = "call"
    CLOSE = "close"


@dataclass(frozen=True)
class NextRung:
    """The next thing that happens to an unanswered invitation."""

    at: datetime
    what: Rung


@dataclass(frozen=True)
class Away:
    """Days on which somebody is not there, by their own automatic answer."""

    first: date
    last: date


def next_rung(
    profile: ReminderProfile,
    climbed: int,
    asked_at: datetime,
    calendar: Calendar,
    *,
    start_at: datetime | None = None,
    hard_deadline_at: datetime | None = None,
    deadline_at: datetime | None = None,
    away: Away | None = None,
) -> NextRung | None:
    """Return the rung after ``climbed`` rungs, or ``None`` at the top.

    Counted from ``start_at`` where a ladder begins later than the asking, in the calendar of the person asked: days
    in a holiday do not count, every rung falls on a working day, and no two on the same. ``hard_deadline_at`` can
    bring the last rung forward, never before the rungs below it. Days ``away`` do not count either; but who is still
    away when the deadline is near is not reminded any more, and the coordinator is called.
    """
    ladder = calendar.without(away.first, away.last) if away else calendar
    near = None
    if away is not None:
        usual = next_rung(
            profile, len(profile.reminders), asked_at, calendar, start_at=start_at, hard_deadline_at=hard_deadline_at
        )
        near = _near(profile, calendar, usual, hard_deadline_at, deadline_at)
    is_away_then = away is not None and near is not None and away.first <= near <= away.last
    below = first_day = calendar.day_of(max(asked_at, start_at) if start_at else asked_at)
    for number, amount in enumerate(profile.reminders):
        below = max(_count(profile, first_day, amount, ladder), ladder.count(below, 1))
        if is_away_then and near is not None and below > near and climbed <= number:
            return NextRung(calendar.at(near, ROUTINE_TIME), Rung.CALL)
        if number == climbed:
            return NextRung(calendar.at(below, ROUTINE_TIME), Rung.REMIND)
    if climbed > len(profile.reminders) or profile.ends is None:
        return None
    earliest = ladder.count(below, 1)
    day = max(_count(profile, first_day, profile.ends, ladder), earliest)
    if hard_deadline_at is not None and profile.before_hard_deadline is not None:
        latest = calendar.count(calendar.day_of(hard_deadline_at), -profile.before_hard_deadline)
        day = min(day, max(latest, earliest))
    if is_away_then and near is not None:
        day = min(day, near)
    what = Rung.CALL if profile.ending is Ending.CALL else Rung.CLOSE
    return NextRung(calendar.at(day, ROUTINE_TIME), what)


def _near(
    profile: ReminderProfile,
    calendar: Calendar,
    usual: NextRung | None,
    hard_deadline_at: datetime | None,
    deadline_at: datetime | None,
) -> date | None:
    """Return the day on which the coordinator is called at the latest about somebody who is away.

    As near to a hard deadline as the ladder says; for any other not before the day on which it ``usual``ly would be.
    ``None`` where nobody is ever called, or nothing is late.
    """
    if usual is None or usual.what is not Rung.CALL:
        return None
    if hard_deadline_at is not None and profile.before_hard_deadline is not None:
        return calendar.count(calendar.day_of(hard_deadline_at), -profile.before_hard_deadline)
    if deadline_at is None:
        return None
    return max(calendar.count(calendar.day_of(deadline_at), -1), calendar.day_of(usual.at))


def _count(profile: ReminderProfile, day: date, amount: int, calendar: Calendar) -> date:
    if profile.unit is Unit.WORKING_DAYS:
        return calendar.count(day, amount)
    return calendar.next_working(calendar.count_free(day, amount))
