"""From a worded mail to the bytes that go to the mail server, looked at before and read back after."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from models.text import Language
from sandwich.mail import clean
from sandwich.mail.address import address_spec, domain_of
from sandwich.mail.headers import POLICY, Asked, guard, verify
from sandwich.mail.ics import Invite
from sandwich.mail.render import Rendered
from sandwich.settings import Settings

MOST_REFERENCES = 20
"""How many earlier mails of a thread are named; the first always."""

LONGEST_LINK = 160
"""Characters of a link that still stands on one line of a header."""

# Wide enough for a subject on one line: folded right behind its name, some programs show it with a space before it.
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=200, header_factory=POLICY.header_factory)


@dataclass(frozen=True)
class Correspondent:
    """A name and one address, as they stand in a header."""

    name: str
    address: str


@dataclass(frozen=True)
class Envelope:
    """Everything about a mail that is not its words. ``earlier`` are the Message-IDs of its thread, oldest first.

    ``no_mail`` is the page on which its reader says that they want no more mail.
    """

    key: str
    recipient: Correspondent
    reply_to: Correspondent | None
    language: Language
    now: datetime
    thread: str | None = None
    earlier: Sequence[str] = ()
    no_mail: str | None = None


@dataclass(frozen=True)
class Composed:
    """A finished mail: the two addresses of its SMTP envelope, its Message-ID and its bytes."""

    sender: str
    recipient: str
    message_id: str
    data: bytes


def message_id(settings: Settings, key: str) -> str:
    """Return the Message-ID that belongs to a message's key: the same at every try, with nothing readable in it."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{digest}@{own_domain(settings)}>"


def own_domain(settings: Settings) -> str:
    """Return the domain that our mail comes from."""
    return domain_of(address_spec(settings.mail_from))


def compose(settings: Settings, envelope: Envelope, words: Rendered, invites: Sequence[Invite] = ()) -> Composed:
    """Build a mail; raises an error of the address or header guard where something is not as it must be."""
    sender = Correspondent(settings.mail_from_name, settings.mail_from)
    people = {"From": sender, "To": envelope.recipient}
    if envelope.reply_to is not None:
        people["Reply-To"] = envelope.reply_to
    addresses = {name: address_spec(one.address) for name, one in people.items()}
    own = message_id(settings, envelope.key)
    values = {
        "Subject": words.subject,
        "Date": format_datetime(envelope.now.astimezone(ZoneInfo(settings.timezone))),
        "Message-ID": own,
        "Auto-Submitted": "auto-generated",
        "Content-Language": envelope.language.value,
    }
    if envelope.thread:
        values["List-Id"] = f"<{envelope.thread}.sandwich.{own_domain(settings)}>"
    if envelope.no_mail and len(envelope.no_mail) <= LONGEST_LINK:
        # A page, and none that acts by itself (RFC 8058): nobody leaves because a program opened a link.
        values["List-Unsubscribe"] = f"<{envelope.no_mail}>"
    if envelope.earlier:
        kept = (envelope.earlier[0], *envelope.earlier[1:][-(MOST_REFERENCES - 1) :])
        values["In-Reply-To"] = kept[-1]
        values["References"] = " ".join(kept)

    message = EmailMessage(policy=_POLICY)
    _fill(message, words, invites)  # first: making it multipart would move a Content-Language into the first part
    for name, one in people.items():
        local, _, domain = addresses[name].rpartition("@")
        message[name] = Address(guard(name, clean.display_name(one.name)), local, domain)
    for name, value in values.items():
        message[name] = guard(name, value)
    data = message.as_bytes(policy=_POLICY)
    verify(message, data, Asked(values, {name: [address] for name, address in addresses.items()}))
    return Composed(addresses["From"], addresses["To"], own, data)


def _fill(message: EmailMessage, words: Rendered, invites: Sequence[Invite]) -> None:
    """Put the parts in: text first, then HTML, then the calendar, which is also attached as a file."""
    message.set_content(words.text, subtype="plain", charset="utf-8", cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", charset="utf-8", cte="quoted-printable")
    if len(invites) == 1:
        _add_calendar(message, invites[0])
    for number, invite in enumerate(invites, start=1):
        name = "invite.ics" if len(invites) == 1 else f"invite-{number}.ics"
        message.add_attachment(invite.data, maintype="application", subtype="ics", filename=name, cte="base64")


def _add_calendar(message: EmailMessage, invite: Invite) -> None:
    text = invite.data.decode("utf-8")
    message.add_alternative(text, subtype="calendar", charset="utf-8", cte="base64")
    part = message.get_payload(-1)
    assert isinstance(part, EmailMessage)
    part.set_param("method", invite.method.value)
