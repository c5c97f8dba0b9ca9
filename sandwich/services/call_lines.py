"""What needs a hand in one activity: each call in words, with what was said, whom to phone, and what can be done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import HOST_ROLES, Role
from models.tables.activities import ACTIVE, Participation, Standing
from models.tables.asking import Invitation, Submission
from models.tables.mail import Call, CallState
from models.tables.network import Contact, ContactKind
from models.tables.pairing import PairState
from models.tables.replies import ReplyText
from models.text import Text
from sandwich.labels import RECEIVER
from sandwich.rules.deciding_words import quoted
from sandwich.rules.moments import deadline_at
from sandwich.rules.names import full_name
from sandwich.services.call_words import NOT_REGISTERED, CallAction, words_of
from sandwich.services.calls import NO_ANSWER
from sandwich.services.contacts import OtherContact, others_at
from sandwich.services.invite import ask_of
from sandwich.services.links import is_formal
from sandwich.services.loaded import Loaded
from sandwich.services.near import PHONE_ROUND, PHONED
from sandwich.services.new_date import WANTS, wishes_of
from sandwich.services.other_companies import OtherCompany, others_like
from sandwich.services.people import PASSED_ON
from sandwich.services.presence import missed_the_last
from sandwich.services.receiver import received_by
from sandwich.services.versions import forms_of
from sandwich.services.waits import short_day
from sandwich.settings import Settings

DECLINED = "host-declined"
"""What a call is about when the host cannot take part."""

CANNOT = frozenset({DECLINED, "change-cannot", "change-stop"})
"""The same, also where the host had said yes before."""

MISSED_TWO = "nobody_missed_two"
"""The fact whose lack is about people: those who were not there, and the coach."""

OFF_SCHEDULE = "off-schedule"
"""What a call is about when minutes say that a team is late: its coach helps."""

LOST = frozenset({"bounced", "no-address", "contact-left", "change-other-contact", "change-stop"})
"""What a call is about when somebody cannot be reached any more, or is not the one any more."""


TELL_MATCH = "tell-match"
"""What a call is about when somebody who is not mailed is to hear who said yes too."""


@dataclass(frozen=True)
class Reach:
    """Somebody to phone, or somebody who ``said`` something; ``phone`` is ``None`` where no number is known."""

    name: str
    phone: str | None = None
    said: Text | None = None


@dataclass(frozen=True)
class CallLine:
    """Something that the coordinator must do, with the phone number (and whose it is) and the way to do it.

    ``quote`` are the deciding words of the answer behind it: what was asked, and what was said. ``seat`` is the
    participation that can be taken over by somebody else, ``receiver`` who receives; ``says_since`` whether the reason
    says since when it is. ``hard_deadline_at`` is when it is too late, and ``others`` are companies to phone instead of
    one that declined. ``people`` are all whom the call is about, where it is not one, and ``instead`` others
    of the same company where the person cannot be reached or stops.
    """

    id: str
    activity_id: str
    activity_title: str
    what: str
    heading: Text
    reason: Text
    since: datetime
    says_since: bool
    person: str | None
    phone: str | None
    phone_of: str | None
    invitation_id: str | None
    submission_id: str | None
    quote: tuple[tuple[Text, Text], ...]
    seat: str | None
    action: CallAction
    receiver: Text
    hard_deadline_at: datetime | None = None
    others: tuple[OtherCompany, ...] = ()
    people: tuple[Reach, ...] = ()
    instead: tuple[OtherContact, ...] = ()


async def call_lines(
    session: AsyncSession, settings: Settings, loaded: Loaded, invitations: Sequence[Invitation], now: datetime
) -> list[CallLine]:
    """Return the open calls of an activity, the oldest first."""
    return (await call_lines_of(session, settings, [loaded], invitations, now))[loaded.activity.id]


async def call_lines_of(
    session: AsyncSession,
    settings: Settings,
    all_loaded: Sequence[Loaded],
    invitations: Sequence[Invitation],
    now: datetime,
) -> dict[str, list[CallLine]]:
    """Return the same of several activities, by id; ``invitations`` are those of all of them."""
    found: dict[str, list[CallLine]] = {one.activity.id: [] for one in all_loaded}
    rows = list(
        await session.scalars(
            select(Call)
            .where(Call.activity_id.in_(found), Call.state == CallState.OPEN)
            .order_by(Call.opened_at, Call.id)
        )
    )
    if not rows:
        return found
    asked = {item.id: item for item in invitations}
    numbers = await phones(session, {person for one in all_loaded for person in one.persons})
    quotes = await _quotes(session, all_loaded, rows)
    by_id = {one.activity.id: one for one in all_loaded}
    for call in rows:
        loaded = by_id[call.activity_id]
        line = _line(call, loaded, asked, numbers, quotes.get(call.id, ()))
        if loaded.company is not None and line.what in CANNOT and _is_host(loaded, call.person_id):
            line = replace(line, others=await others_like(session, settings, loaded.company, now))
        if line.what == PHONE_ROUND:
            line = replace(line, people=_to_phone(loaded, numbers))
        if call.unless == MISSED_TWO:
            line = replace(line, phone=None, phone_of=None, people=_missing(loaded, numbers))
        if line.what == OFF_SCHEDULE:
            line = replace(line, phone=None, phone_of=None, people=_coaches(loaded, numbers))
        if line.what == TELL_MATCH:
            line = replace(line, people=_matched(loaded, call.person_id, numbers))
        if line.what == WANTS:
            line = replace(line, people=await _wishes(session, loaded))
        if line.what in LOST and line.seat is not None:
            person = loaded.persons[loaded.participation(line.seat).person_id]
            line = replace(line, instead=await others_at(session, person))
        found[call.activity_id].append(line)
    return found


def _is_host(loaded: Loaded, person_id: str | None) -> bool:
    return any(item.person_id == person_id and item.role in HOST_ROLES for item in loaded.participations)


def _to_phone(loaded: Loaded, numbers: Mapping[str, str]) -> tuple[Reach, ...]:
    """Return everybody who would travel or wait for nothing, each once, teachers first."""
    people = dict.fromkeys(item.person_id for role in PHONED for item in loaded.in_role(role))
    return tuple(Reach(full_name(loaded.persons[key]), numbers.get(key)) for key in people)


def _missing(loaded: Loaded, numbers: Mapping[str, str]) -> tuple[Reach, ...]:
    """Return who was not there twice in a row, and the coach who phones them."""
    missed = set(missed_the_last(loaded.moments, loaded.in_role(Role.TEACHER), 2))
    away = [item.person_id for item in loaded.in_role(Role.TEACHER) if item.id in missed]
    return tuple(Reach(full_name(loaded.persons[key]), numbers.get(key)) for key in away) + _coaches(loaded, numbers)


def _coaches(loaded: Loaded, numbers: Mapping[str, str]) -> tuple[Reach, ...]:
    coaches = [item.person_id for item in loaded.in_role(Role.COACH)]
    return tuple(Reach(f"{full_name(loaded.persons[key])}, coach", numbers.get(key)) for key in coaches)


def _matched(loaded: Loaded, person_id: str | None, numbers: Mapping[str, str]) -> tuple[Reach, ...]:
    """Return with whom somebody is a pair, by the pairs as they are now."""
    own = {item.id for item in loaded.participations if item.person_id == person_id}
    others = [
        loaded.participation(key).person_id
        for pair in loaded.in_pairs(PairState.MADE)
        if own.intersection(pair.people)
        for key in pair.people
        if key not in own
    ]
    return tuple(Reach(full_name(loaded.persons[key]), numbers.get(key)) for key in dict.fromkeys(others))


async def _wishes(session: AsyncSession, loaded: Loaded) -> tuple[Reach, ...]:
    """Return who said whether they want a new date, the yeses first."""
    wishes = await wishes_of(session, loaded.activity.id)
    said = [
        Reach(full_name(loaded.persons[key]), said=_YES if wants else _NO)
        for key, wants in sorted(wishes.items(), key=lambda pair: not pair[1])
        if key in loaded.persons
    ]
    return tuple(said)


_YES, _NO = Text(nl="ja", en="yes"), Text(nl="nee", en="no")


async def phones(session: AsyncSession, people: Collection[str]) -> dict[str, str]:
    """Return the first phone number that works of each person that has one."""
    query = (
        select(Contact)
        .where(Contact.person_id.in_(people), Contact.kind == ContactKind.PHONE, Contact.is_valid)
        .order_by(Contact.position.desc())
    )
    return {contact.person_id: contact.address for contact in await session.scalars(query)}


_BY_MAIL = Text(nl="Per mail", en="By mail")


async def _quotes(
    session: AsyncSession, all_loaded: Sequence[Loaded], calls: Sequence[Call]
) -> dict[str, tuple[tuple[Text, Text], ...]]:
    """Return the deciding words of the answers that made the calls."""
    rows = await session.execute(
        select(Call, Submission)
        .join(Submission, Submission.id == Call.submission_id)
        .where(Call.id.in_([call.id for call in calls]))
    )
    said = [(call, submission) for call, submission in rows]
    letters = await session.scalars(select(ReplyText).where(ReplyText.call_id.in_([call.id for call in calls])))
    written = {one.call_id: ((_BY_MAIL, Text(nl=one.words, en=one.words)),) for one in letters if one.words}
    forms = await forms_of(session, {submission.form_digest for _, submission in said})
    formal = {
        (one.activity.id, item.person_id) for one in all_loaded for item in one.participations if is_formal(item.role)
    }
    return written | {
        call.id: quoted(
            call.what,
            forms[submission.form_digest],
            submission.answers or {},
            (call.activity_id, submission.person_id) in formal,
        )
        for call, submission in said
    }


def _line(
    call: Call,
    loaded: Loaded,
    asked: Mapping[str, Invitation],
    numbers: Mapping[str, str],
    quote: tuple[tuple[Text, Text], ...],
) -> CallLine:
    invitation = asked.get(call.invitation_id or "")
    person_id = call.person_id
    if person_id is None and invitation is not None:
        person_id = loaded.participation(invitation.participation_id).person_id
    person = loaded.persons.get(person_id or "")
    step_key = call.step or (invitation.step if invitation else None)
    step = next((item for item in loaded.playbook.steps if item.key == step_key), None)
    watch = next(
        (item for item in (step.watches if step else ()) if call.what in (item.call, item.key)),
        None,
    )
    words = words_of(_about(call, loaded, invitation), person is not None, watch.title if watch else None)
    opened = call.opened_at or call.due_at
    asked_on = invitation.asked_at if invitation and call.what == "no-answer" else opened
    who = full_name(person) if person else ""
    title = step.title if step else loaded.playbook.title
    reached = (person_id if person else _host(loaded, numbers)) or ""
    seat = _seat(loaded, person_id)
    receiver = RECEIVER[received_by(loaded.playbook, loaded.company)]
    return CallLine(
        id=call.id,
        activity_id=loaded.activity.id,
        activity_title=loaded.activity.title,
        what=call.what,
        heading=words.heading_for(who=who),
        reason=words.reason_for(title, short_day(asked_on, loaded.zone), receiver, who=who),
        since=opened,
        says_since=words.says_since,
        person=who or None,
        phone=numbers.get(reached),
        phone_of=full_name(loaded.persons[reached]) if reached in numbers and person is None else None,
        invitation_id=call.invitation_id,
        submission_id=call.submission_id,
        quote=quote,
        seat=seat,
        action=_possible(words.action, call, seat, loaded),
        receiver=receiver,
        hard_deadline_at=_too_late(loaded, invitation) if invitation else None,
    )


def _about(call: Call, loaded: Loaded, invitation: Invitation | None) -> str:
    """Return what a call is about: who is not counted on any more is more than who did not answer."""
    if call.what != NO_ANSWER or invitation is None:
        return call.what
    seat = loaded.participation(invitation.participation_id)
    return NOT_REGISTERED if seat.standing is Standing.UNANSWERED else call.what


def _too_late(loaded: Loaded, invitation: Invitation) -> datetime | None:
    participation = loaded.participation(invitation.participation_id)
    found = ask_of(loaded.playbook, invitation, participation.role)
    if found is None or found[1].hard_deadline is None:
        return None
    return deadline_at(found[1].hard_deadline, loaded.dates, loaded.calendar_of(participation), before=True)


def _possible(action: CallAction, call: Call, seat: str | None, loaded: Loaded) -> CallAction:
    if (action is CallAction.PHONE_IN and not call.invitation_id) or (action is CallAction.PAIR and not loaded.pairs):
        return CallAction.LOOK
    if action is CallAction.REPLACE and seat is None:
        return CallAction.PEOPLE
    return action


def _seat(loaded: Loaded, person_id: str | None) -> str | None:
    """Return the place of somebody that can be taken over; the lead of a trip goes along with a teacher's."""
    lead = set(PASSED_ON.values())
    mine = [
        item for item in loaded.participations if item.person_id == person_id and item.standing is not Standing.REPLACED
    ]
    mine.sort(key=lambda item: (item.standing not in ACTIVE, item.role in lead))
    return mine[0].id if mine else None


def _host(loaded: Loaded, numbers: Mapping[str, str]) -> str | None:
    """Return the host's contact who has a number: whom a call without a person is settled with."""
    hosts: list[Participation] = [
        item for item in loaded.participations if item.role is Role.HOST_CONTACT and item.standing in ACTIVE
    ]
    return next((item.person_id for item in hosts if item.person_id in numbers), None)
