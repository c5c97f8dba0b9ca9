"""Calendar files: the same event keeps its identifier for life, and every change has a higher number."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from sandwich.mail import clean


class Method(StrEnum):
    """What a calendar is to do with an event."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True)
class Invite:
    """A calendar file and what it asks."""

    method: Method
    data: bytes


@dataclass(frozen=True)
class Party:
    """Somebody in a calendar file: a name and an address."""

    name: str
    address: str


@dataclass(frozen=True)
class Meeting:
    """One contact moment of one person. ``number`` is that of the moment in its activity."""

    activity_id: str
    number: int
    person_id: str
    starts_at: datetime
    ends_at: datetime

    @property
    def identity(self) -> str:
        """What tells this entry apart from all others, also after it was moved."""
        return f"{self.activity_id}:{self.number}:{self.person_id}"


@dataclass(frozen=True)
class Entry:
    """Something in one person's calendar, by whatever tells it apart from all others for life.

    From a day to the day after its last, where it has no hours.
    """

    identity: str
    begins: datetime | date
    ends: datetime | date


@dataclass(frozen=True)
class Details:
    """What the event says. ``sequence`` rises with every change that people were told of; ``wants_answer`` lets a
    calendar say to the organiser what its owner chose.
    """

    title: str
    place: str | None
    description: str
    organiser: Party
    attendee: Party
    sequence: int
    wants_answer: bool = False


def uid_of(identity: str, domain: str) -> str:
    """Return the identifier of an event: the same through every change, and nothing to read in it."""
    return f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}@{domain}"


def invite(method: Method, meeting: Meeting, details: Details, *, domain: str, timezone: str, now: datetime) -> Invite:
    """Write the calendar file for one meeting of one person, in local time with the rules of its time zone."""
    one = Entry(meeting.identity, meeting.starts_at, meeting.ends_at)
    return entry(method, one, details, domain=domain, timezone=timezone, now=now)


def entry(method: Method, one: Entry, details: Details, *, domain: str, timezone: str, now: datetime) -> Invite:
    """Write the calendar file for one entry; a day of its own keeps nobody from being invited to anything else."""
    event = _event(one, domain=domain, timezone=timezone, now=now)
    _say(
        event,
        title=details.title,
        place=details.place,
        description=details.description,
        sequence=details.sequence,
    )
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("organizer", _party(details.organiser))
    attendee = _party(details.attendee)
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
    attendee.params["RSVP"] = vText("TRUE" if details.wants_answer and method is Method.REQUEST else "FALSE")
    event.add("attendee", attendee)
    return Invite(method, _written(method, [event], timezone, one.begins.year))


def published(
    meetings: Sequence[Meeting],
    *,
    title: str,
    place: str | None,
    description: str,
    sequence: int,
    domain: str,
    timezone: str,
    now: datetime,
) -> bytes:
    """Write one file with all these meetings, to be put into a calendar by its owner: nobody is asked for an answer.

    They are the same entries as those of the mails, so that a calendar which has them already keeps each once.
    """
    events = []
    for one in meetings:
        event = _event(Entry(one.identity, one.starts_at, one.ends_at), domain=domain, timezone=timezone, now=now)
        _say(event, title=title, place=place, description=description, sequence=sequence)
        event.add("status", "CONFIRMED")
        events.append(event)
    return _written(Method.PUBLISH, events, timezone, min(one.starts_at.year for one in meetings))


def _event(one: Entry, *, domain: str, timezone: str, now: datetime) -> Event:
    zone = ZoneInfo(timezone)
    event = Event()
    event.add("uid", uid_of(one.identity, domain))
    event.add("dtstamp", now)
    for name, at in (("dtstart", one.begins), ("dtend", one.ends)):
        event.add(name, at.astimezone(zone) if isinstance(at, datetime) else at)
    if not isinstance(one.begins, datetime):
        event.add("transp", "TRANSPARENT")
    return event


def _say(event: Event, *, title: str, place: str | None, description: str, sequence: int) -> None:
    event.add("sequence", sequence)
    event.add("summary", clean.one_line(title))
    if place:
        event.add("location", clean.one_line(place))
    if description:
        event.add("description", "\n".join(clean.lines(description)))


def _written(method: Method, events: Sequence[Event], timezone: str, year: int) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Sandwich//Learning outside the school//EN")
    calendar.add("method", method.value)
    for event in events:
        calendar.add_component(event)
    head, begin, rest = calendar.to_ical().partition(b"BEGIN:VEVENT")
    return bytes(head + _rules(timezone, year) + begin + rest)


def invites(
    method: Method, meetings: Sequence[Meeting], details: Details, *, domain: str, timezone: str, now: datetime
) -> tuple[Invite, ...]:
    """Write one calendar file for each meeting."""
    return tuple(invite(method, one, details, domain=domain, timezone=timezone, now=now) for one in meetings)


def _party(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.address}")
    address.params["CN"] = vText(clean.display_name(party.name).replace('"', ""))
    return address


@lru_cache(maxsize=16)
def _rules(timezone: str, year: int) -> bytes:
    """Return the rules of a time zone around a year; slow to find out and to write, so they are kept."""
    rules = Timezone.from_tzinfo(ZoneInfo(timezone), timezone, date(year - 1, 1, 1), date(year + 2, 1, 1))
    return bytes(rules.to_ical())
