"""What a calendar says for its owner: accepted, declined, perhaps, or another time (iTIP, RFC 5546)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from icalendar import Calendar, Component

from sandwich.incoming.letter import Letter, content_of

_LARGEST = 200_000


class Choice(StrEnum):
    """What was chosen."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    COUNTER = "countered"


@dataclass(frozen=True)
class CalendarReply:
    """An answer about one entry. ``uid`` and ``sequence`` are those that we sent; ``attendee`` is the address that it
    answers for, in small letters; ``starts`` and ``ends`` are the other time that is proposed.
    """

    choice: Choice
    uid: str
    attendee: str
    sequence: int
    starts: datetime | date | None = None
    ends: datetime | date | None = None
    comment: str = ""


_CHOICES = {"ACCEPTED": Choice.ACCEPTED, "DECLINED": Choice.DECLINED, "TENTATIVE": Choice.TENTATIVE}
_KINDS = frozenset({"text/calendar", "application/ics"})


def is_calendar(letter: Letter) -> bool:
    """Whether a mail carries an answer of a calendar, readable or not."""
    return (
        any(
            part.get_content_type() == "text/calendar"
            and str(part.get_param("method", "")).upper() in {"REPLY", "COUNTER"}
            for part in letter.parts()
        )
        or reply_in(letter) is not None
    )


def reply_in(letter: Letter) -> CalendarReply | None:
    """Return the one answer that a mail carries; ``None`` where there is none, or more than one thing is answered."""
    for part in letter.parts():
        if part.get_content_type() in _KINDS:
            found = read_reply(content_of(part)[:_LARGEST])
            if found is not None:
                return found
    return None


def read_reply(text: str) -> CalendarReply | None:
    """Read a calendar file; ``None`` for what is no answer about exactly one entry by exactly one person."""
    try:
        calendar = Calendar.from_ical(text)
        method = str(calendar.get("METHOD", "")).upper()
        events = list(calendar.walk("VEVENT"))
        if method not in {"REPLY", "COUNTER"} or len({str(one.get("UID", "")) for one in events}) != 1:
            return None
        return _read(method, events[0])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None


def _read(method: str, event: Component) -> CalendarReply | None:
    attendees = event.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    if len(attendees) != 1 or not str(event.get("UID", "")):
        return None
    chosen = _CHOICES.get(str(attendees[0].params.get("PARTSTAT", "")).upper())
    if method == "REPLY" and chosen is None:
        return None
    counters = method == "COUNTER"
    return CalendarReply(
        choice=Choice.COUNTER if counters or chosen is None else chosen,
        uid=str(event["UID"]).strip(),
        attendee=str(attendees[0]).lower().removeprefix("mailto:").strip(),
        sequence=int(event.get("SEQUENCE", 0)),
        starts=_moment(event, "DTSTART") if counters else None,
        ends=_moment(event, "DTEND") if counters else None,
        comment=" ".join(str(event.get("COMMENT", "")).split())[:500],
    )


def _moment(event: Component, name: str) -> datetime | date | None:
    if name not in event:
        return None
    found = event.decoded(name)
    if isinstance(found, datetime):
        return found.astimezone(UTC) if found.tzinfo else None
    return found if isinstance(found, date) else None
