"""What follows from each kind of mail that came in. Nothing here answers anybody: the sender gets no mail from us.

``handle_reply`` is the one place where what a person wrote goes on to be read.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.tables.incoming import Came
from models.tables.mail import Message, MessageState
from sandwich.incoming.bounces import Fate
from sandwich.incoming.case import Arrival
from sandwich.mail.outcome import BOUNCED, follow, refused
from sandwich.mail.tags import Use, is_box
from sandwich.rules.calendar import Calendar

BOUNCES_FOR = timedelta(days=30)
"""How long after a mail was sent it may still come back: mail servers give up within a week."""

DAYS_AWAY = 5
"""Working days for which somebody is away who does not say until when (field rule 52)."""

MAIL_REPLY, MAIL_ELSEWHERE, MAIL_CLOSED = "mail-reply", "mail-elsewhere", "mail-closed"
MAIL_TOO_LARGE, MAIL_UNREADABLE = "mail-too-large", "mail-unreadable"
"""The calls that a mail which came in can cause."""


async def bounced(case: Arrival) -> str:
    """A mail of ours will not arrive. Only an address that we made for it counts, and only once."""
    if case.tag.use is not Use.BOUNCE:
        return "not-by-its-address"
    message = case.message
    if message is None:
        return "no-such-mail"
    if message.sent_at is not None and case.now > message.sent_at + BOUNCES_FOR:
        return "expired"
    contact = next((one for one in case.contacts if is_box(case.runtime.settings, case.tag, one.address)), None)
    if contact is None:
        return "address-changed"
    if message.state not in {MessageState.SENT, MessageState.UNKNOWN}:
        return "counted-before"
    carried = await case.session.scalars(
        select(Message).where(Message.carrier_id == message.id, Message.state != MessageState.FAILED)
    )
    messages = [message, *carried]
    is_dead = case.found.fate is Fate.DEAD
    call = await refused(
        case.session,
        messages,
        contact.address,
        case.now,
        is_box_dead=is_dead,
        is_known=is_dead and not contact.is_valid,
    )
    case.row.call_id = call.id if call else None
    await follow(case.runtime, case.session, messages, case.now)
    return BOUNCED if is_dead else Fate.FAILED.value


async def away(case: Arrival) -> str:
    """Somebody is not there: their reminders wait until they are back (field rule 52)."""
    contact, person = case.own_contact, case.person
    if person is None or contact is None or contact.is_shared:
        return "not-their-own-box"
    today, until = case.today, case.found.until
    if until is None:
        until = Calendar(ZoneInfo(case.runtime.settings.timezone)).count(today, DAYS_AWAY)
    if person.away_from is None or person.away_until is None or person.away_until < today - timedelta(days=3):
        person.away_from = today
    person.away_until = until
    return f"away-until {until}"


async def nothing(case: Arrival) -> str:
    """Nothing follows: it is kept to be looked at."""
    return ""


async def handle_reply(case: Arrival) -> str:
    """A person wrote back. Here, and nowhere else, what they wrote goes on to be read.

    Until somebody reads it, it is the coordinator's: beside the form, never silently into it.
    """
    if case.is_coordinators:
        return "own"
    questions = await case.open_questions()
    asked = questions[0] if questions else None
    if case.own_contact is None:
        await case.tell_coordinator(MAIL_ELSEWHERE)
        return "from-elsewhere"
    if case.letter.is_closed:
        await case.tell_coordinator(MAIL_CLOSED, asked)
        return "encrypted"
    if case.is_expired:
        await case.tell_coordinator(MAIL_REPLY)
        return "expired"
    await case.tell_coordinator(MAIL_REPLY, asked)
    return "asked" if asked else "nothing-asked"


Effect = Callable[[Arrival], Awaitable[str]]

EFFECTS: Mapping[Came, Effect] = {
    Came.BOUNCE: bounced,
    Came.DELAYED: nothing,
    Came.AUTOMATIC: nothing,
    Came.AWAY: away,
    Came.REPLY: handle_reply,
    Came.JUNK: nothing,
}
"""Class of mail, and what follows from it; what calendars answer stands in ``chosen.py``."""
