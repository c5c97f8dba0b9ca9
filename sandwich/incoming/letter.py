"""One mail as it came in, read so that nothing in it can break anything: what cannot be read is empty."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

from sandwich.mail.address import AddressRefused, address_spec
from sandwich.mail.replies.plain import from_html

MOST_HEADERS = 400
LONGEST_HEAD = 200_000
"""A mail with more headers, or with so many bytes before its text, is not read any further."""

LONGEST_TEXT = 200_000
"""Characters of its text that are looked at."""

MOST_PARTS = 100

_GAP = re.compile(rb"\r?\n\r?\n")
_CLOSED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})


@dataclass(frozen=True)
class Letter:
    """A mail that came in. ``sender`` is that of its envelope, empty for what mail servers write."""

    message: Message
    sender: str
    is_flood: bool = False

    def header(self, name: str) -> str:
        """Return the first header of a name in words, on one line; empty where there is none."""
        return next((_words(value) for value in self._values(name)), "")

    def addresses(self, *names: str) -> list[str]:
        """Return the addresses in these headers, each as it goes on the wire; what is none is left out."""
        values = [value for name in names for value in self._values(name)]
        return [spec for _, address in getaddresses(values) if (spec := _spec(address))]

    def _values(self, name: str) -> list[str]:
        """Return the headers of a name as they stand; letters beyond ASCII are meant as UTF-8 (RFC 6532)."""
        return [
            value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            for key, value in self.message.raw_items()
            if key.lower() == name.lower() and isinstance(value, str)
        ]

    @property
    def author(self) -> str:
        """The one address that it says it is from; empty where it names none, or several."""
        found = self.addresses("From")
        return found[0] if len(found) == 1 else ""

    @property
    def subject(self) -> str:
        """What stands above it."""
        return self.header("Subject")

    @property
    def is_closed(self) -> bool:
        """Whether it is encrypted, so that nobody here can read it."""
        return any(_is_closed(part) for part in self.parts()) or "-----BEGIN PGP MESSAGE-----" in self.text[:2000]

    @property
    def text(self) -> str:
        """Its words: the text part, or those of the HTML part; attachments are left out."""
        if self.is_flood:
            return ""
        for kind, read in (("text/plain", str), ("text/html", from_html)):
            for part in self.parts():
                if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                    words = read(content_of(part))
                    if words.strip():
                        return words[:LONGEST_TEXT]
        return ""

    def parts(self) -> Iterator[Message]:
        """Go through its parts, but not into mails that it carries."""
        left = [] if self.is_flood else [self.message]
        seen = 0
        while left and seen < MOST_PARTS:
            part = left.pop(0)
            seen += 1
            yield part
            if part.get_content_maintype() == "multipart":
                left = inside_of(part) + left


def read_letter(raw: bytes, sender: str = "") -> Letter:
    """Read a mail; nothing that can stand in one raises."""
    gap = _GAP.search(raw)
    head = raw[: gap.start()] if gap else raw
    if len(head) > LONGEST_HEAD or head.count(b"\n") > 4 * MOST_HEADERS:
        return Letter(message_from_bytes(head[:20_000], policy=compat32), sender, is_flood=True)
    try:
        message = message_from_bytes(raw, policy=compat32)
    except (RecursionError, ValueError, LookupError, AssertionError):
        return Letter(message_from_bytes(head, policy=compat32), sender, is_flood=True)
    return Letter(message, sender, is_flood=len(message) > MOST_HEADERS)


def inside_of(part: Message) -> list[Message]:
    """Return the parts within one; what is no list is not even read, for a charset that cannot be would raise."""
    inside = part.get_payload() if part.is_multipart() else []
    return [one for one in inside if isinstance(one, Message)]


def content_of(part: Message) -> str:
    """Return the text of one part in whatever letters it is written; what is none becomes a question mark."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload[: 4 * LONGEST_TEXT].decode(charset, "replace").replace("\r\n", "\n").replace("\0", "")
    except (LookupError, ValueError):
        return payload[: 4 * LONGEST_TEXT].decode("latin-1").replace("\r\n", "\n").replace("\0", "")


def _is_closed(part: Message) -> bool:
    kind = part.get_content_type()
    signed_only = str(part.get_param("smime-type", "")).lower() == "signed-data"
    return kind in _CLOSED and not signed_only


def _words(value: str) -> str:
    """Return a header in words: encoded words decoded, control characters gone, on one line."""
    try:
        parts = decode_header(value)
        text = "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part for part, charset in parts
        )
    except (LookupError, ValueError, AttributeError):
        text = value
    except Exception:  # the library has errors of its own for broken encoded words
        text = value
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:5000]).split())


def _spec(address: str) -> str:
    try:
        return address_spec(address.strip())
    except AddressRefused:
        return ""
