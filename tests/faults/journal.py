"""What simulated people sent and were told, and what the mail server of the tests took: lines that survive us."""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

Entry = dict[str, Any]


@dataclass(frozen=True)
class Journal:
    """A file of JSON lines; a line is there as soon as ``write`` returns, whoever dies then."""

    path: Path

    def write(self, what: str, **more: Any) -> None:
        """Add a line."""
        line = json.dumps({"what": what, "at": time.time(), **more}, ensure_ascii=False) + "\n"
        number = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(number, line.encode())
        finally:
            os.close(number)

    def read(self, *whats: str) -> Iterator[Entry]:
        """Return the lines of these kinds, or all."""
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            entry: Entry = json.loads(line)
            if not whats or entry["what"] in whats:
                yield entry

    def has(self, what: str, **more: Any) -> bool:
        """Return whether there is such a line."""
        return any(more.items() <= entry.items() for entry in self.read(what))


@dataclass
class Sink:
    """A mail server that writes down every mail before it answers; ``codes`` are said to a recipient, then used up."""

    journal: Journal
    port: int = 0
    refuse: Path | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail, or refuse it where the file ``refuse`` names the recipient."""
        text = envelope.original_content.decode("utf-8", "replace")
        found = re.search(r"(?im)^message-id:\s*(\S+)", text)
        code = "250 kept"
        if self.refuse is not None and self.refuse.exists() and self.refuse.read_text() == envelope.rcpt_tos[0]:
            code = "554 5.7.1 not here"
        self.journal.write("mail", id=found[1] if found else "", to=envelope.rcpt_tos[0], code=int(code[:3]), text=text)
        return code


@asynccontextmanager
async def a_sink(
    journal: Journal, port: int = 0, refuse: Path | None = None, sink: Sink | None = None
) -> AsyncIterator[Sink]:
    """Run the mail server on ``port``, or on a free one."""
    sink = sink or Sink(journal, port, refuse)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink.example"), "127.0.0.1", port)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


def parsed(entry: Entry) -> EmailMessage:
    """Return a mail of the sink as a message."""
    found = message_from_string(entry["text"], policy=default)
    assert isinstance(found, EmailMessage)
    return found


def part(mail: EmailMessage, kind: str) -> str:
    """Return the ``plain`` or ``html`` part of a mail, empty where it has none."""
    body = mail.get_body((kind,))
    return str(body.get_content()) if body is not None else ""


def own_link(mail: EmailMessage) -> str | None:
    """Return the token of the first link in a mail that leads to what it asks, not to the pages at its foot."""
    words = part(mail, "plain").split()
    links = [word.partition("/f/")[2].strip(".>)") for word in words if "/f/" in word]
    return next((one for one in links if "/" not in one), None)


def tokens(entry: Entry) -> set[str]:
    """Return the tokens of the personal links in a mail."""
    return set(re.findall(r"/f/([A-Za-z0-9_-]{24,})", part(parsed(entry), "plain")))
