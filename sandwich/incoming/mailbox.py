"""The other way in: a mailbox of our own at a mail server, looked at by IMAP every minute.

What was kept is deleted there. What is not for us, or too large, stays and is marked as read, for a person to look at.
"""

import asyncio
import imaplib
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from sandwich.errors import SandwichError, loggable
from sandwich.incoming.keep import LARGEST, keep
from sandwich.incoming.letter import Letter, read_letter
from sandwich.mail.relay import shared_context
from sandwich.mail.tags import Tag, read_tag
from sandwich.runtime import Runtime
from sandwich.settings import Encryption, Settings

T = TypeVar("T")
POLL_SECONDS = 60.0
AT_ONCE = 50
PATIENCE = 30.0
"""Seconds that the server may take for one answer."""

_ENVELOPE = ("X-Original-To", "Envelope-To", "Delivered-To")
_HEADER = ("To", "Cc")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_log = structlog.get_logger(__name__)


class MailboxUnavailable(SandwichError):
    """The mailbox for mail that comes in cannot be read ({what}). Look at the settings SANDWICH_INCOMING_IMAP_…"""

    dutch = (
        "De mailbox voor binnenkomende mail is niet te lezen ({what}). Kijk naar de instellingen "
        "SANDWICH_INCOMING_IMAP_…"
    )


@dataclass(frozen=True)
class Looked:
    """What one look brought: how many mails were kept, and how many were left there."""

    kept: int = 0
    left: int = 0


async def take_mail(runtime: Runtime) -> Looked:
    """Take what is new in the mailbox; raises ``MailboxUnavailable`` where it cannot be read.

    A mail is deleted there only after it is committed here, so that one which is read again is known.
    """
    kept = left = 0
    try:
        async with _Box(runtime.settings) as box:
            for number in (await box.call(box.new))[:AT_ONCE]:
                if await _take(runtime, box, number):
                    kept += 1
                    await box.call(box.delete, number)
                else:
                    left += 1
                    await box.call(box.leave, number)
    except (imaplib.IMAP4.error, OSError, ssl.SSLError, TimeoutError) as error:
        raise MailboxUnavailable(what=type(error).__name__) from None
    return Looked(kept, left)


async def look_inside(settings: Settings) -> None:
    """Open the mailbox and close it again; raises ``MailboxUnavailable``."""
    try:
        async with _Box(settings):
            pass
    except (imaplib.IMAP4.error, OSError, TimeoutError) as error:
        raise MailboxUnavailable(what=type(error).__name__) from None


async def look(runtime: Runtime, stop: asyncio.Event, taken: Callable[[], None]) -> None:
    """Look every minute until ``stop``."""
    while not stop.is_set():
        try:
            found = await take_mail(runtime)
            if found.kept:
                taken()
            if found != Looked():
                _log.info("mailbox", kept=found.kept, left=found.left)
        except (SandwichError, OSError) as error:
            _log.warning("mailbox waits", **loggable(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL_SECONDS)


def tags_of(settings: Settings, letter: Letter) -> list[Tag]:
    """Return for which addresses of ours a mail was put into the mailbox: by whoever put it there, else by its head."""
    for names in (_ENVELOPE, _HEADER):
        found = [tag for one in letter.addresses(*names) if (tag := read_tag(settings, one)) is not None]
        if found:
            return list(dict.fromkeys(found))
    return []


def sender_of(letter: Letter) -> str:
    """Return the sender of the envelope, which the mail server has written down; else who it says it is from."""
    path = letter.header("Return-Path")
    if path:
        return "" if path.strip() == "<>" else path.strip("<> ")
    return letter.author or "unknown"


async def _take(runtime: Runtime, box: "_Box", number: bytes) -> bool:
    """Keep one mail; returns whether all of it was."""
    size, head = await box.call(box.head, number)
    tags = tags_of(runtime.settings, read_letter(head))
    if not tags:
        return False
    is_cut = size > LARGEST
    raw = head if is_cut else await box.call(box.whole, number)
    for tag in tags:
        await keep(runtime, tag, sender_of(read_letter(raw)), raw, size=size, is_cut=is_cut)
    return not is_cut


class _Box:
    """One connection to the mailbox. The library waits for its server, so each call runs in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._line: imaplib.IMAP4 | None = None

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._open)
        except BaseException:
            await asyncio.to_thread(self._close)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._close)

    async def call(self, does: Callable[..., T], *given: bytes) -> T:
        """Do something on the line."""
        return await asyncio.to_thread(does, *given)

    def new(self) -> list[bytes]:
        """Return the numbers of what nobody has looked at yet."""
        _, found = self._said("SEARCH", "UNSEEN", "UNDELETED")
        return found[0].split() if found and found[0] else []

    def head(self, number: bytes) -> tuple[int, bytes]:
        """Return how large a mail is, and its head."""
        _, found = self._said("FETCH", number, "(RFC822.SIZE BODY.PEEK[HEADER])")
        told = b" ".join(part if isinstance(part, bytes) else part[0] for part in found if part)
        size = _SIZE.search(told)
        return (int(size.group(1)) if size else 0), _bytes_in(found)

    def whole(self, number: bytes) -> bytes:
        """Return a mail."""
        return _bytes_in(self._said("FETCH", number, "(BODY.PEEK[])")[1])

    def delete(self, number: bytes) -> None:
        """Delete a mail for good."""
        self._said("STORE", number, "+FLAGS.SILENT", r"(\Deleted \Seen)")
        line = self._open_line()
        if "UIDPLUS" in line.capabilities:
            self._said("EXPUNGE", number)
        else:
            line.expunge()

    def leave(self, number: bytes) -> None:
        """Let a mail stand, and do not look at it again."""
        self._said("STORE", number, "+FLAGS.SILENT", r"(\Seen \Flagged)")

    def _said(self, command: str, *arguments: Any) -> tuple[str, list[Any]]:
        state, found = self._open_line().uid(command, *arguments)
        if state != "OK":
            raise imaplib.IMAP4.error(command)
        return state, found

    def _open_line(self) -> imaplib.IMAP4:
        assert self._line is not None
        return self._line

    def _open(self) -> None:
        settings = self._settings
        host, port, how = settings.incoming_imap_host, settings.incoming_imap_port, settings.incoming_imap_encryption
        if how is Encryption.TLS:
            line: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=shared_context(), timeout=PATIENCE)
        else:
            line = imaplib.IMAP4(host, port, timeout=PATIENCE)
        self._line = line
        if how is Encryption.STARTTLS:
            line.starttls(shared_context())
        line.login(settings.incoming_imap_user, settings.incoming_imap_password.get_secret_value())
        if line.select(f'"{settings.incoming_imap_folder}"')[0] != "OK":
            raise imaplib.IMAP4.error("SELECT")

    def _close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                line.logout()


def _bytes_in(found: list[bytes | tuple[bytes, bytes]]) -> bytes:
    return next((part[1] for part in found if isinstance(part, tuple)), b"")
