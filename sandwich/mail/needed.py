"""Whether a mail is still wanted at the moment that it would leave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.roles import HOST_ROLES
from models.tables.activities import ACTIVE, ActivityStatus
from models.tables.asking import OPEN
from models.tables.mail import CallState
from models.tables.network import Channel
from sandwich.errors import SandwichError
from sandwich.mail.case import Case
from sandwich.mail.contexts.agreeing import duty_of
from sandwich.mail.mails import Mail, Travels
from sandwich.rules.slots import OFFICE
from sandwich.services.answers_of import read_answers_of
from sandwich.services.appointments import BRINGS, Appointment, appointment_of, awaiting, is_still_theirs, to_come
from sandwich.services.calls import goes_to_deputy_at
from sandwich.services.card import read_card
from sandwich.services.digests import NEW_CARD, news_for
from sandwich.services.loaded import load
from sandwich.services.outbox import NeededIf
from sandwich.services.week import week_of
from sandwich.services.weekly import key_of, works_on

LATER = timedelta(days=1)
"""How much later a mail of an activity that is on hold is looked at again."""

SOON = timedelta(minutes=5)
"""How much later, where it is about to be known whether another mail arrived."""

_FEEDBACK = frozenset({"M17", "M19"})
"""What a host can do without, by its own word."""

NO_ADDRESS = "no-address"
NO_ROOM = "no-room"
"""Why a mail does not leave that may not wait until its reader has room for one more."""

BY_HAND = {
    "phones": "by-phone",
    "no-mail": "by-phone",
    "messages": "by-app",
    NO_ADDRESS: "no-address",
    NO_ROOM: "no-room",
}
"""The call that a question becomes which does not leave by mail, by the reason."""


class ConditionUnknown(SandwichError):
    """The message is needed only if {condition}, which is no condition that is known."""

    dutch = "De mail is alleen nodig als {condition}, en dat is geen bekende voorwaarde."


@dataclass(frozen=True)
class Verdict:
    """Whether a mail goes. If not: the ``reason``, and how much ``later`` it is looked at again, if ever."""

    goes: bool
    reason: str | None = None
    later: timedelta | None = None
    fails: bool = False


GOES = Verdict(True)


async def verdict(case: Case, mail: Mail) -> Verdict:
    """Look at the person, then at what the message was queued for."""
    if case.person.erased_on is not None:
        return Verdict(False, "erased")
    if not mail.always:
        if case.person.no_mail:
            return Verdict(False, "no-mail")
        if case.person.channel is Channel.PHONE:
            return Verdict(False, "phones")
        if case.person.channel is Channel.APP:
            return Verdict(False, "messages")
    found = await _condition(case)
    if found.goes and case.message.mail == NEW_CARD and not await _can_be_read(case):
        return Verdict(False, "withdrawn")
    if found.goes and mail.code in _FEEDBACK and await _wants_none(case):
        return Verdict(False, "not-wanted")
    if found.goes and case.mailbox() is None:
        return Verdict(False, NO_ADDRESS, fails=True)
    if found.goes and mail.travels is Travels.REMINDS and (at := _back_at(case)) is not None:
        return Verdict(False, "away", later=at - case.now)
    return found


def _back_at(case: Case) -> datetime | None:
    """Return the morning on which a reader who is away is back (field rule 52): an automatic answer may have come after
    the reminder was written.
    """
    zone = ZoneInfo(case.settings.timezone)
    until = case.person.away_until
    if until is None or case.now.astimezone(zone).date() > until:
        return None
    return datetime.combine(until + timedelta(days=1), OFFICE[0], zone)


async def _can_be_read(case: Case) -> bool:
    """Whether there is still something on the card for the school of its reader."""
    card = await read_card(case.session, case.own_activity().id, school_id=case.person.school_id)
    return card is not None and not card.is_empty


async def _wants_none(case: Case) -> bool:
    """Whether a host said that it needs no feedback."""
    if case.activity is None or case.role not in HOST_ROLES:
        return False
    answers = await read_answers_of(case.session, case.activity.id)
    own = [item for item in answers.of_form("host-evaluation") if item.participation.person_id == case.person.id]
    return any(item.answers.get("feedback_want") == "none" for item in own)


async def _condition(case: Case) -> Verdict:
    condition = case.message.needed_if
    if condition is None:
        return GOES
    if condition == NeededIf.CALL_OPEN:
        call = case.reading.calls.get(str(case.about.get("call_id")))
        return GOES if call is not None and call.state is CallState.OPEN else Verdict(False, "done")
    if condition == NeededIf.WEEK_SAYS:
        return await _says_something(case)
    if condition == NeededIf.DIGEST_SAYS:
        return await _has_news(case)
    if condition == NeededIf.CALL_WAITS:
        return await _has_waited(case)
    if condition == NeededIf.GONE:
        return await _takes_back(case)
    if condition == NeededIf.ON_HOLD:
        return GOES if case.own_activity().status is ActivityStatus.ON_HOLD else Verdict(False, "resumed")
    if condition not in set(NeededIf):
        raise ConditionUnknown(condition=condition)
    if case.activity is not None and case.activity.status is ActivityStatus.CANCELLED:
        return Verdict(False, "cancelled")
    if case.activity is not None and case.activity.status is ActivityStatus.ON_HOLD:
        return Verdict(False, "on-hold", later=LATER)
    if condition == NeededIf.ACTIVITY_LIVE:
        return GOES
    if condition == NeededIf.DUTY_STANDS and not await _stands(case):
        return Verdict(False, "changed")
    if case.participation is not None and case.participation.standing not in ACTIVE:
        return Verdict(False, "left")
    if condition == NeededIf.INVITATION_OPEN and not _is_awaited(case):
        return Verdict(False, "answered")
    return await _puts_back(case) if condition == NeededIf.PUT_OFF else GOES


async def _says_something(case: Case) -> Verdict:
    """Whether the overview of a week has anything in it, its week goes on, and its reader works today."""
    zone = ZoneInfo(case.settings.timezone)
    today = case.now.astimezone(zone).date()
    if key_of(case.person.id, today) != case.message.key:
        return Verdict(False, "passed")
    if not await works_on(case.session, zone, case.person.id, today):
        return Verdict(False, "not-yet", later=LATER)
    found = await week_of(case.session, case.settings, case.person.id, case.now)
    return Verdict(False, "nothing") if found.is_empty else GOES


async def _has_news(case: Case) -> Verdict:
    """Whether there is anything new on the wall of the reader's school, and its people work today."""
    zone = ZoneInfo(case.settings.timezone)
    if not await works_on(case.session, zone, case.person.id, case.now.astimezone(zone).date()):
        return Verdict(False, "not-yet", later=LATER)
    found = await news_for(case.session, case.person, case.message.queued_at)
    return Verdict(False, "nothing") if found is None else GOES


async def _has_waited(case: Case) -> Verdict:
    """Whether nobody has taken a call in hand for so long that the deputy must hear of it."""
    call = case.reading.calls.get(str(case.about.get("call_id")))
    if call is None or call.state is not CallState.OPEN or call.opened_at is None:
        return Verdict(False, "done")
    deputy = case.own_participation()
    if deputy.standing not in ACTIVE:
        return Verdict(False, "left")
    loaded = await load(case.session, case.settings.timezone, case.own_activity().id)
    at = goes_to_deputy_at(call.opened_at, loaded.calendar_of(deputy))
    return GOES if at <= case.now else Verdict(False, "not-yet", later=at - case.now)


async def _stands(case: Case) -> bool:
    """Whether what somebody took on is still agreed like that."""
    loaded = await load(case.session, case.settings.timezone, case.own_activity().id)
    return await duty_of(case, loaded) is not None


async def _takes_back(case: Case) -> Verdict:
    """Whether there is an appointment to take out of the calendar of somebody who left."""
    activity = case.own_activity()
    if case.own_participation().standing in ACTIVE or await is_still_theirs(case.session, activity.id, case.person.id):
        return Verdict(False, "back")
    if not await to_come(case.session, activity, case.now):
        return Verdict(False, "passed")
    found = await appointment_of(case.session, activity.id, case.person.id, but=case.message.id)
    if found is Appointment.IN_HAND:
        return Verdict(False, "in-hand", later=SOON)
    return GOES if found is Appointment.STANDS else Verdict(False, "no-appointment")


async def _puts_back(case: Case) -> Verdict:
    """Whether an appointment is to come back that a hold took out of the calendar of its reader."""
    activity = case.own_activity()
    if not await to_come(case.session, activity, case.now):
        return Verdict(False, "passed")
    found = await appointment_of(case.session, activity.id, case.person.id, but=case.message.id)
    if found is Appointment.IN_HAND:
        return Verdict(False, "in-hand", later=SOON)
    others = await awaiting(case.session, activity.id, BRINGS, but=case.message.id)
    return GOES if found is Appointment.PUT_OFF and case.person.id not in others else Verdict(False, "stands")


def _is_awaited(case: Case) -> bool:
    return any(invitation.state in OPEN for invitation in case.invitations())
