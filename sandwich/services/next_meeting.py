"""The next meeting of a pair: the day that its log names becomes the day of that contact moment (field rule 47)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ActivityStatus, ContactMoment
from models.text import Text
from sandwich.rules.calendar import Span
from sandwich.rules.series import on_working_day
from sandwich.services.dates import note_move, set_moments
from sandwich.services.loaded import Loaded
from sandwich.services.moving import come_back_to_steps, held_of
from sandwich.services.reconfirm import follow_the_date
from sandwich.services.steering import MOVED, tell_all
from sandwich.services.watches import look_again

QUESTION = "next_date"
FARTHEST = timedelta(days=365)
_PAIR = (Role.TEACHER, Role.PROFESSIONAL)

_PAST = Text(
    nl="Deze dag is al geweest. Kies een dag die nog komt, of laat het leeg.",
    en="This day has passed. Choose a day that is still to come, or leave it blank.",
)
_FAR = Text(
    nl="Deze dag is meer dan een jaar weg. Kijk het jaartal na.",
    en="This day is more than a year away. Check the year.",
)


def refusal(loaded: Loaded, answers: Mapping[str, Any], now: datetime) -> dict[str, Text]:
    """Return why the day that a log names cannot be; nothing where it can, or where no meeting is to come."""
    day, following = _named(answers), _following(loaded, now)
    if day is None or following is None:
        return {}
    start, _ = _on(loaded, following, day)
    if start <= now:
        return {QUESTION: _PAST}
    return {QUESTION: _FAR} if start > now + FARTHEST else {}


async def agree_next(
    session: AsyncSession, loaded: Loaded, answers: Mapping[str, Any], now: datetime, actor: str
) -> None:
    """Put the next meeting on the day that a log names, at its usual time; both get it for their calendar.

    Meetings after it stay where they are, unless they would come before it: then all of them move along.
    """
    day, following, activity = _named(answers), _following(loaded, now), loaded.activity
    if day is None or following is None or activity.status is ActivityStatus.ON_HOLD:
        return
    old = [(moment.starts_at, moment.ends_at) for moment in loaded.moments]
    spans = _moved(loaded, old, following, day)
    if spans == old:
        return
    held = held_of(loaded, now)
    set_moments(loaded, spans)
    note_move(activity, (old[0][0], max(end for _, end in old)), "", now, actor)
    activity.closing_reason = None
    await session.flush()
    about = {"old": [[start.isoformat(), end.isoformat()] for start, end in old]}
    await tell_all(session, loaded, MOVED, now, about, roles=_PAIR)
    await come_back_to_steps(session, loaded, now, held)
    await look_again(session, loaded, now)
    await follow_the_date(session, loaded, now, again=frozenset())


def _named(answers: Mapping[str, Any]) -> date | None:
    said = answers.get(QUESTION)
    return date.fromisoformat(said) if isinstance(said, str) and said else None


def _following(loaded: Loaded, now: datetime) -> ContactMoment | None:
    """Return the first contact moment that is still to come."""
    return next((moment for moment in loaded.moments if moment.starts_at > now), None)


def _on(loaded: Loaded, moment: ContactMoment, day: date) -> Span:
    """Return the times of a contact moment on another day."""
    calendar = loaded.calendars.schools
    start, end = (at.astimezone(calendar.zone) for at in (moment.starts_at, moment.ends_at))
    return calendar.at(day, start.time()), calendar.at(day + (end.date() - start.date()), end.time())


def _moved(loaded: Loaded, old: list[Span], following: ContactMoment, day: date) -> list[Span]:
    place, calendar = loaded.moments.index(following), loaded.calendars.together
    new, rest = _on(loaded, following, day), old[place + 1 :]
    if rest and rest[0][0] < new[1]:
        days = day - calendar.day_of(following.starts_at)
        rest = [on_working_day(span, days, calendar) for span in rest]
    return [*old[:place], new, *rest]
