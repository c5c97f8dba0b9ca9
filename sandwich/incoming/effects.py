"""What follows from each kind of mail that came in. Nothing here answers anybody: the sender gets no mail from us.

``hand_over`` is the one place where what a person wrote goes on to be read.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.tables.incoming import Came
from models.tables.mail import Message, MessageState
from sandwich.incoming.bounces import Fate
from sandwich.incoming.case import Arrival
from sandwich.mail.outcome import follow, refused
from sandwich.mail.tags import Use, is_box
from sandwich.rules.calendar import Calendar
from sandwich.services.answer_by_mail import Taken, take_reply
from sandwich.services.calls import BOUNCED

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
    """A person wrote back: what they wrote was read (``hand_over``), or it is the coordinator's, beside the form."""
    if case.is_coordinators:
        return "own"
    if case.taken is not None:
        case.row.call_id = case.taken.call_id
        return case.taken.what or ("answered" if case.taken.answered else "nothing-said")
    if case.own_contact is None:
        await case.tell_coordinator(MAIL_ELSEWHERE)
        return "from-elsewhere"
    questions = await case.open_questions()
    asked = questions[0] if questions else None
    if case.letter.is_closed:
        await case.tell_coordinator(MAIL_CLOSED, asked)
        return "encrypted"
    await case.tell_coordinator(MAIL_REPLY, asked)
    return "expired" if case.is_expired else "not-read"


async def hand_over(case: Arrival) -> Taken | None:
    """Give what a person wrote to whoever reads answers: from the address asked, readable, about something that lasts.

    This is the one place. It works in transactions of its own, and the same mail again changes nothing. ``None`` where
    nobody is to read it but the coordinator.
    """
    is_readable = case.own_contact is not None and not case.letter.is_closed
    if case.message is None or case.activity is None or case.is_coordinators or case.is_expired or not is_readable:
        return None
    return await take_reply(
        case.runtime, message_id=case.message.id, text=case.letter.text, key=case.row.id, now=case.now
    )


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
