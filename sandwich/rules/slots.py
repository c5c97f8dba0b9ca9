"""The right moment: when a mail may leave, and what counts for the two of a week (field rules 50 and 51).

A mail has a *pace*; pace, calendar and reader give its moment. Readers are spread over a slot by their ids, so that not
everybody's mail leaves in one minute, and one reader's mails of a morning do.
"""

import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from models.moments import Rhythm
from sandwich.rules.calendar import Calendar
from sandwich.rules.moments import REQUEST_TIME, ROUTINE_TIME, request_day

OFFICE = (time(8, 0), time(18, 0))
"""Between these local times mail leaves that waits for no slot; outside them are the quiet hours."""

SLOT = timedelta(minutes=90)
"""How long a slot is, over which readers are spread: first requests from ten, everything else from eight."""


APART = timedelta(minutes=5)
"""How far apart the places in a slot are."""


class Pace(StrEnum):
    """How soon a mail leaves."""

    AT_ONCE = "at-once"  # at any hour: it was asked for just now, or is about an hour that is near
    PROMPT = "prompt"  # at once, in office hours; outside them only where it would come too late otherwise
    OFFICE = "office"  # at once, in office hours
    FIRST = "first"  # what somebody is asked for the first time: from ten, Tuesday to Thursday where one is near
    ROUTINE = "routine"  # any working day from eight


_AT_ONCE = frozenset(
    {
        "day-reminder",
        "attendance",
        "field-note",
        "moved",
        "online",
        "fewer",
        "cancelled",
        "meeting-off",
        "left",
        "on-hold",
        "resumed",
        "login-code",
        "own-link",
        "privacy-code",
        "privacy-received",
    }
)
"""M09, F32 and M10, which are about an hour; M21 and M22; a code to sign in with, a link asked for, and M25."""

_PROMPT = frozenset({"practical-info", "rounds", "thank-you"})
"""M08 and M11."""

_SAME_DAY = frozenset({"counter-proposal", "new-version", "agreed", "refused", "call"})
"""M06 and M23: they follow from what somebody did, and the next move waits for them."""

_TOOLS = frozenset({"counter-proposal", "call"})
"""What a coordinator works with. It is no request to somebody with other work, and is not counted."""


def pace_of(mail: str, rhythm: Rhythm = Rhythm.ROUTINE, *, is_urgent: bool = False) -> Pace:
    """Return the pace of a mail, by its name and the rhythm of the step that it belongs to.

    ``is_urgent`` is what a step asks in the last days before the activity: it waits for no slot.
    """
    if mail in _AT_ONCE or (rhythm is Rhythm.EXACT and mail not in _PROMPT):
        return Pace.AT_ONCE
    if mail in _PROMPT:
        return Pace.PROMPT
    if mail in _SAME_DAY or is_urgent:
        return Pace.OFFICE
    return Pace.FIRST if rhythm is Rhythm.REQUEST else Pace.ROUTINE


def counts(mail: str, *, is_exact: bool = False) -> bool:
    """Whether a mail counts for the two in a week; ``is_exact`` is what a step asks or tells at a stated hour."""
    return not (is_exact or mail in _AT_ONCE or mail in _PROMPT or mail in _TOOLS)


def leaves_at(pace: Pace, now: datetime, calendar: Calendar, reader: str, deadline: datetime | None = None) -> datetime:
    """Return the first moment from ``now`` on at which a mail may leave to ``reader`` (an id), in ``calendar``.

    A slot never lies after the ``deadline``: then it is the routine slot before it, or at once in office hours. Only
    what is prompt leaves outside them too, rather than too late.
    """
    if pace is Pace.AT_ONCE:
        return now
    opening = opens_at(now, calendar)
    if pace is Pace.PROMPT:
        return opening if deadline is None or opening < deadline else now
    if pace is Pace.OFFICE:
        return opening
    for kind in (Pace.FIRST, Pace.ROUTINE) if pace is Pace.FIRST else (Pace.ROUTINE,):
        slot = _next_slot(kind, now, calendar, reader)
        if deadline is None or slot < deadline:
            return slot
    return opening


def digest_at(now: datetime, calendar: Calendar, reader: str, weeks: int) -> datetime:
    """Return the first moment after ``now`` at which ``reader`` hears of everything new, once in so many ``weeks``.

    The weeks are counted through all years. It is a Tuesday, or the first working day after it.
    """
    monday = monday_of(calendar.day_of(now))
    while True:
        if monday.toordinal() // 7 % weeks == 0:
            start = calendar.at(monday + timedelta(days=1), time(0, 0))
            at = leaves_at(Pace.ROUTINE, start, calendar, reader)
            if at > now:
                return at
        monday += timedelta(days=7)


def opens_at(now: datetime, calendar: Calendar) -> datetime:
    """Return ``now`` in office hours, else the moment at which they begin."""
    day, local = calendar.day_of(now), now.astimezone(calendar.zone).time()
    if calendar.is_working(day) and local < OFFICE[1]:
        return max(now, calendar.at(day, OFFICE[0]))
    return calendar.at(calendar.next_working(day + timedelta(days=1)), OFFICE[0])


def is_quiet(now: datetime, calendar: Calendar) -> bool:
    """Whether it is outside office hours, or no working day."""
    return opens_at(now, calendar) > now


def slot_around(moment: datetime, calendar: Calendar) -> tuple[datetime, datetime] | None:
    """Return begin and end of the slot that a moment lies in, the end not included; ``None`` outside the slots."""
    day = calendar.day_of(moment)
    for clock in (ROUTINE_TIME, REQUEST_TIME):
        begin = calendar.at(day, clock)
        if begin <= moment < begin + SLOT:
            return begin, begin + SLOT
    return None


def _next_slot(pace: Pace, now: datetime, calendar: Calendar, reader: str) -> datetime:
    clock = REQUEST_TIME if pace is Pace.FIRST else ROUTINE_TIME
    day = calendar.day_of(now)
    if now >= calendar.at(day, clock) + SLOT:
        day += timedelta(days=1)
    day = calendar.next_working(day)
    if pace is Pace.FIRST:
        day = request_day(day, calendar)
    return max(now, calendar.at(day, clock) + _place(reader))


def _place(reader: str) -> timedelta:
    """Return where in a slot somebody's mail leaves: always at the same minute."""
    return zlib.crc32(reader.encode()) % (SLOT // APART) * APART


class Wait(StrEnum):
    """Why a mail waits for another day."""

    DAY = "one-a-day"  # its reader got one today
    WEEK = "week-full"  # its reader got as many this week as somebody can be expected to read


DAYS = 7
"""Whoever may get more mails in a week than it has days gets several on one."""


def waits(today: date, counted: Sequence[date], most: int) -> Wait | None:
    """Return why a mail that counts must wait today, if it must; ``counted`` are the days of mails that counted."""
    monday = monday_of(today)
    if sum(monday <= day <= today for day in counted) >= most:
        return Wait.WEEK
    return Wait.DAY if today in counted and most <= DAYS else None


def next_try(wait: Wait, pace: Pace, today: date, calendar: Calendar, reader: str) -> datetime:
    """Return the first slot of the next day or the next week."""
    day = today + timedelta(days=1) if wait is Wait.DAY else monday_of(today) + timedelta(days=7)
    return leaves_at(pace, calendar.at(day, time(0, 0)), calendar, reader)


def monday_of(day: date) -> date:
    """Return the day on which the week of ``day`` begins."""
    return day - timedelta(days=day.weekday())
