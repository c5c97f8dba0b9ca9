"""From a worded mail to the bytes that go to the mail server, looked at before and read back after."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from models.text import Language
from sandwich.mail import clean, dkim
from sandwich.mail.address import address_spec, domain_of
from sandwich.mail.assemble import address_line, body, text_line
from sandwich.mail.headers import Asked, guard, verify
from sandwich.mail.ics import Invite
from sandwich.mail.render import Rendered
from sandwich.settings import Settings

MOST_REFERENCES = 20
"""How many earlier mails of a thread are named; the first always."""

LONGEST_LINK = 160
"""Characters of a link that still stands on one line of a header."""


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

    kind, content = body(words, invites, hashlib.sha256(own.encode()).hexdigest()[:24])
    head = [
        address_line(name, guard(name, clean.display_name(one.name)), addresses[name]) for name, one in people.items()
    ]
    head += [text_line(name, guard(name, value)) for name, value in values.items()]
    data = f"{''.join(head)}MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n".encode("ascii") + content
    verify(data, Asked(values, addresses))
    if pem := settings.dkim_key.get_secret_value():
        domain, key = own_domain(settings), dkim.read_key(pem)
        data = dkim.signed(data, key, domain=domain, selector=settings.dkim_selector, now=envelope.now)
    return Composed(addresses["From"], addresses["To"], own, data)
