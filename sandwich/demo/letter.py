"""A received mail taken apart for reading, by people and by scripts."""

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

from sandwich.demo.mailbox import Received

_LINE, _PER_LINE, _AROUND = 75, 34, 240
"""Letters on a line of a letter, pixels that a line takes, and pixels above, below and between."""

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class Letter:
    """What stands in a mail. ``to`` and ``sender`` as in its headers; ``envelope`` is where it was really brought."""

    id: int
    envelope: tuple[str, ...]
    to: str
    sender: str
    reply_to: str
    subject: str
    date: str
    received_at: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    language: str
    text: str
    html: str
    links: tuple[str, ...]
    attachments: tuple[str, ...]
    calendar: str
    headers: tuple[tuple[str, str], ...]

    @property
    def buttons(self) -> tuple[tuple[str, str], ...]:
        """What its buttons lead to, and what stands on them."""
        found = _Anchors()
        found.feed(self.html)
        return tuple(found.buttons)

    @property
    def height(self) -> int:
        """How many pixels it takes to show all of it, by the length of its text: a frame cannot measure itself."""
        written = (line for line in self.text.splitlines() if line and not _ADDRESS.fullmatch(line))
        lines = sum(1 + len(line) // _LINE for line in written)
        return _AROUND + _PER_LINE * lines

    @property
    def moment(self) -> datetime:
        """When it says that it was sent, or when it came in where it does not say."""
        try:
            said = parsedate_to_datetime(self.date)
        except ValueError:
            said = datetime.fromisoformat(self.received_at)
        return said if said.tzinfo else said.replace(tzinfo=UTC)

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON; ``from`` is the sender, as in the mail."""
        return {"from" if key == "sender" else key: value for key, value in asdict(self).items()}


def read_letter(received: Received) -> Letter:
    """Take a mail apart."""
    message = message_from_bytes(received.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)  # what this policy makes
    text = _content(message.get_body(("plain",)))
    html = _content(message.get_body(("html",)))
    calendars = [part for part in message.walk() if part.get_content_type() == "text/calendar"]

    def header(name: str) -> str:
        return str(message.get(name, ""))

    return Letter(
        id=received.id,
        envelope=received.recipients,
        to=header("To"),
        sender=header("From"),
        reply_to=header("Reply-To"),
        subject=header("Subject"),
        date=header("Date"),
        received_at=received.received_at.isoformat(),
        message_id=header("Message-ID"),
        in_reply_to=header("In-Reply-To"),
        references=tuple(header("References").split()),
        language=header("Content-Language"),
        text=text,
        html=html,
        links=_links(html, text),
        attachments=tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments()),
        calendar=_content(calendars[0]) if calendars else "",
        headers=tuple((name, str(value)) for name, value in message.items()),
    )


def _content(part: Any) -> str:
    if part is None:
        return ""
    content = part.get_content()
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)


class _Anchors(HTMLParser):
    """Finds links; one in a table of the class ``press`` is a button."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.buttons: list[tuple[str, str]] = []
        self._tables: list[bool] = []
        self._in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        href = given.get("href")
        if tag == "table":
            self._tables.append("press" in (given.get("class") or "").split())
        if tag == "a" and href and href.startswith(("http://", "https://")):
            self.found.append(href)
            self._in_button = any(self._tables[-1:])
            if self._in_button:
                self.buttons.append((href, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._tables:
            self._tables.pop()
        if tag == "a":
            self._in_button = False

    def handle_data(self, data: str) -> None:
        if self._in_button:
            href, words = self.buttons[-1]
            self.buttons[-1] = (href, words + data)


def _links(html: str, text: str) -> tuple[str, ...]:
    anchors = _Anchors()
    anchors.feed(html)
    typed = [match.rstrip(".,;:)") for match in _ADDRESS.findall(text)]
    return tuple(dict.fromkeys([*anchors.found, *typed]))
