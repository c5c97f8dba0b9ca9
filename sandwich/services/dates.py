"""The date of an activity: fixed from what was proposed, or moved."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from models.tables.activities import Activity, ContactMoment
from sandwich.errors import BadInput
from sandwich.rules.calendar import Calendar, Span
from sandwich.rules.series import on_working_day
from sandwich.services.loaded import Loaded


def fix(loaded: Loaded, number: int, now: datetime) -> None:
    """Fix the proposed date with this number (from 0) as the date of the first contact moment."""
    proposed = loaded.activity.proposed
    if not 0 <= number < len(proposed):
        raise BadInput(
            f"There is no proposed date {number + 1}; there are {len(proposed)}.",
            f"Er is geen voorgestelde datum {number + 1}; het zijn er {len(proposed)}.",
        )
    start, end = (datetime.fromisoformat(moment) for moment in proposed[number])
    later = moved_along(loaded.moments, start, loaded.calendars.together)
    set_moments(loaded, [(start, end), *later])
    loaded.activity.date_fixed_at = now


def moved_along(moments: Sequence[ContactMoment], start: datetime, calendar: Calendar) -> list[Span]:
    """Return the contact moments after the first for a series that begins at ``start``: they keep their distance.

    One that would come on a free day comes on the next working day.
    """
    spans = [(item.starts_at, item.ends_at) for item in moments]
    days = calendar.day_of(start) - calendar.day_of(spans[0][0])
    return [on_working_day(span, days, calendar) if days else span for span in spans[1:]]


def suiting(loaded: Loaded, answers: Mapping[str, str | None], now: datetime) -> int | None:
    """Return the number of the first proposed date, still to come, that suits; ``answers`` by row of the date poll."""
    for number, (start, _) in enumerate(loaded.activity.proposed):
        if answers.get(f"date-{number + 1}") == "suits" and datetime.fromisoformat(start) > now:
            return number
    return None


def fixed_number(loaded: Loaded) -> int | None:
    """Return the number of the proposed date that the activity is on; ``None`` when it is on another."""
    for number, (start, _) in enumerate(loaded.activity.proposed):
        if datetime.fromisoformat(start) == loaded.starts_at:
            return number
    return None


def note_move(activity: Activity, span: Span, reason: str, now: datetime, actor: str, **more: object) -> None:
    """Keep that an activity is not any more what it was on ``span``, and let the next calendar file count as newer.

    ``more`` says what else there is to it than another moment.
    """
    start, end = span
    activity.calendar_sequence += 1
    activity.moves = [
        *activity.moves,
        {
            "from": [start.isoformat(), end.isoformat()],
            "at": now.isoformat(),
            "by": actor,
            "reason": reason,
            **more,
        },
    ]


def set_moments(loaded: Loaded, spans: Sequence[Span]) -> None:
    """Put the contact moments on other times; their number stays. What is erased after them moves along."""
    if len(spans) != len(loaded.moments):
        raise BadInput(
            f"This activity has {len(loaded.moments)} contact moments; give as many dates.",
            f"Deze activiteit heeft {len(loaded.moments)} ontmoetingen; geef evenveel datums.",
        )
    ended_at = loaded.ends_at
    for moment, (start, end) in zip(loaded.moments, sorted(spans), strict=True):
        moment.starts_at, moment.ends_at = start, end
    if loaded.activity.forget_at is not None:
        loaded.activity.forget_at += loaded.ends_at - ended_at


def check_spans(spans: Sequence[Span], now: datetime) -> None:
    """Refuse dates that are past, that end before they begin, or that overlap."""
    for start, end in spans:
        if end <= start:
            raise BadInput(
                "The end must be later than the start. Check the times.",
                "Het einde moet later zijn dan het begin. Kijk de tijden na.",
            )
        if start <= now:
            raise BadInput(
                f"The date {start:%d-%m-%Y} has passed. Choose a day that is still to come.",
                f"De datum {start:%d-%m-%Y} is al voorbij. Kies een dag die nog komt.",
            )
    ordered = sorted(spans)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise BadInput("Two dates overlap. Check the times.", "Twee datums overlappen. Kijk de tijden na.")
