"""What follows from the answer of a calendar (field rule 53): *yes* is remembered; *no*, and another time, come to the
coordinator. A proposal is the same as the one in the form for changes, and so is the *no* of a host.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from pydantic import JsonValue
from sqlalchemy import select

from models.roles import HOST_ROLES
from models.tables.activities import ACTIVE, ActivityStatus, ContactMoment, Participation
from models.text import Text
from sandwich.incoming.calendars import CalendarReply, Choice
from sandwich.incoming.case import Arrival
from sandwich.mail.compose import own_domain
from sandwich.mail.ics import Meeting, uid_of
from sandwich.rules.answers import as_fields

CALENDAR_NO, CALENDAR_UNCLEAR = "calendar-declined", "calendar-unclear"
"""The calls that the answer of a calendar can cause by itself."""

FORM = "change"
_PROPOSED = Text(nl="Voorstel uit de agenda: {when}", en="Proposed by the calendar: {when}")
_DECLINED = Text(
    nl="De afspraak van {when} is in de agenda afgewezen", en="The appointment of {when} was declined in the calendar"
)


@dataclass(frozen=True)
class Proposal:
    """What is filled in on the form for changes, for whom."""

    participation_id: str
    posted: dict[str, list[str]]


@dataclass(frozen=True)
class _About:
    """An answer that can be believed: who gave it, about which meeting."""

    reply: CalendarReply
    participation: Participation
    moment: ContactMoment


async def proposal_of(case: Arrival) -> Proposal | None:
    """Return what an answer proposes that can be read without a doubt; ``None`` where it proposes nothing."""
    about = await _about(case)
    if about is None or case.activity is None or case.activity.status is ActivityStatus.CANCELLED:
        return None
    choice, starts = about.reply.choice, about.reply.starts
    says_no = choice is Choice.DECLINED and about.participation.role in HOST_ROLES
    if not says_no and not (choice is Choice.COUNTER and starts is not None):
        return None
    settings = case.runtime.settings
    if says_no or starts is None:
        said, when = _DECLINED, _span(about.moment.starts_at, about.moment.ends_at, settings.timezone)
    else:
        said, when = _PROPOSED, _span(starts, about.reply.ends, settings.timezone)
    answers: dict[str, JsonValue] = {
        "what": "other-date",
        "tell_others": False,
        "help": said.filled(when=when).to(settings.language),
    }
    if about.reply.comment:
        answers["remark"] = about.reply.comment
    form = case.runtime.library.resolved(FORM)
    return Proposal(about.participation.id, as_fields(form, answers, {}, settings.language))


async def chosen(case: Arrival, proposed: bool) -> str:
    """Say what a calendar answered, as a code, and let the coordinator know where a hand is needed.

    ``proposed``: it was filled in on the form already.
    """
    if proposed:
        return "proposed"
    reply = case.found.reply
    about = await _about(case)
    if about is None or reply is None:
        if reply is not None and case.own_contact is not None and reply.choice in {Choice.ACCEPTED, Choice.TENTATIVE}:
            return "other-entry"  # a duty, or one that was replaced: nothing depends on it
        if not case.is_coordinators and not case.is_expired:
            await case.tell_coordinator(CALENDAR_UNCLEAR)
        return "unclear"
    if case.activity is not None and reply.sequence < case.activity.calendar_sequence:
        return f"outdated {reply.choice}"
    if reply.choice in {Choice.DECLINED, Choice.COUNTER}:
        await case.tell_coordinator(CALENDAR_NO if reply.choice is Choice.DECLINED else CALENDAR_UNCLEAR)
    return f"{reply.choice} {about.moment.number}"


async def _about(case: Arrival) -> _About | None:
    """Return what an answer is about, where it comes from the address that was asked and names one of our entries.

    The identifier of an entry belongs to one person, and nobody else was told it.
    """
    reply, activity, person = case.found.reply, case.activity, case.person
    contact = case.own_contact
    if reply is None or activity is None or person is None or contact is None or case.is_expired:
        return None
    if reply.attendee and reply.attendee not in {one.address.casefold() for one in case.contacts}:
        return None
    query = select(ContactMoment).where(ContactMoment.activity_id == activity.id)
    domain = own_domain(case.runtime.settings)
    for moment in await case.session.scalars(query.order_by(ContactMoment.number)):
        one = Meeting(activity.id, moment.number, person.id, moment.starts_at, moment.ends_at)
        if reply.uid == uid_of(one.identity, domain):
            parts = await case.session.scalars(
                select(Participation)
                .where(
                    Participation.activity_id == activity.id,
                    Participation.person_id == person.id,
                    Participation.standing.in_(ACTIVE),
                )
                .order_by(Participation.added_at, Participation.id)
            )
            part = next(iter(parts), None)
            return _About(reply, part, moment) if part else None
    return None


def _span(starts: datetime | date, ends: datetime | date | None, timezone: str) -> str:
    """Return a day and its hours in few words, in local time."""
    if not isinstance(starts, datetime):
        return format_date(starts, "d-M-y", locale="nl")
    zone = ZoneInfo(timezone)
    begins = starts.astimezone(zone)
    hours = f"{begins:%H:%M}"
    if isinstance(ends, datetime) and ends.astimezone(zone).date() == begins.date():
        hours += f"–{ends.astimezone(zone):%H:%M}"
    return f"{format_date(begins.date(), 'd-M-y', locale='nl')}, {hours}"
