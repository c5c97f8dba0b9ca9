"""Mail servers for tests: a real one that keeps what arrives, and one that answers by a script."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult


@dataclass(frozen=True)
class Arrived:
    """A mail as it arrived: the envelope, and the bytes."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        parsed = message_from_bytes(self.data, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        """The subject, on one line."""
        return " ".join(str(self.message["Subject"]).split())

    def body(self, kind: str) -> str:
        """The text (``plain``) or HTML (``html``) part."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass
class Box:
    """A real mail server's mailbox; ``refuses`` has what is said to mail for an address."""

    port: int = 0
    mails: list[Arrived] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    first: asyncio.Event = field(default_factory=asyncio.Event)
    """Set from the first mail on."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        if (said := self.refuses.get(envelope.rcpt_tos[0])) is not None:
            return said
        self.mails.append(Arrived(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content))
        self.first.set()
        return "250 kept"


@asynccontextmanager
async def a_mailbox(
    tls: ssl.SSLContext | None = None,
    *,
    implicit: bool = False,
    account: tuple[str, str] | None = None,
    address: tuple[str, int] = ("127.0.0.1", 0),
) -> AsyncIterator[Box]:
    """Run aiosmtpd, on a free port where none is given; with ``tls`` by STARTTLS, which it then demands, or from the
    first byte; with an ``account`` (name and password) for who signs in alone.
    """
    box = Box()

    def signed_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=account == (given.login.decode(), given.password.decode()))

    def server() -> SMTP:
        return SMTP(
            box,
            hostname="peer.example",
            tls_context=None if implicit else tls,
            require_starttls=tls is not None and not implicit,
            authenticator=signed_in if account else None,
            auth_required=account is not None,
        )

    listening = await asyncio.get_running_loop().create_server(server, *address, ssl=tls if implicit else None)
    box.port = listening.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        listening.close()
        await listening.wait_closed()


DROP = "drop"
HANG = "hang"
ORDINARY = {
    "EHLO": "250-peer.example\r\n250-AUTH PLAIN\r\n250 SIZE 1000000",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
}
"""What a scripted server says at a stage, unless its script has something else."""


@dataclass
class Script:
    """A mail server that says what its script says: a line, ``DROP`` or ``HANG``, by the stage that asks.

    Stages: ``connect``, ``EHLO``, ``AUTH``, ``MAIL``, ``RCPT``, ``DATA``, ``dot`` (behind the final dot). What stands
    in ``once`` is said the next time only.
    """

    says: Mapping[str, str]
    port: int = 0
    heard: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    once: dict[str, str] = field(default_factory=dict)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one client."""
        self.connections += 1
        try:
            if not await self._say(writer, "connect", "220 peer.example ready"):
                return
            while line := await reader.readline():
                command = line.decode("ascii").rstrip("\r\n")
                self.heard.append(command)
                verb = command.split(" ")[0].upper()
                if verb == "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                ordinary = ORDINARY.get(verb, "250 fine")
                if not await self._say(writer, verb, ordinary):
                    return
                if verb == "DATA" and self.says.get("DATA", "354").startswith("354"):
                    self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                    if not await self._say(writer, "dot", "250 kept"):
                        return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, stage: str, ordinary: str) -> bool:
        said = self.once.pop(stage, None) or self.says.get(stage, ordinary)
        if said == DROP:
            return False
        if said == HANG:
            await asyncio.sleep(3600)
        writer.write(said.encode() + b"\r\n")
        await writer.drain()
        return not said.startswith("421")


@asynccontextmanager
async def a_script(tls: ssl.SSLContext | None = None, **says: str) -> AsyncIterator[Script]:
    """Run a scripted server on a free port, with ``tls`` from the first byte."""
    script = Script(says)
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None
        talks.add(own)
        await script.serve(reader, writer)

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    script.port = listening.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        listening.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await listening.wait_closed()
