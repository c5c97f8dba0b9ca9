"""A door for a mail server on this machine: it hands over what comes to our addresses, by LMTP or by SMTP.

Nothing else may reach it: it listens on this machine alone, and knows no address that it did not make itself.
"""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import AnyStr

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandwich.errors import SandwichError, loggable
from sandwich.incoming.keep import LARGEST, keep
from sandwich.incoming.limits import PER_ADDRESS, PER_SENDER, Limits
from sandwich.mail.tags import read_tag
from sandwich.runtime import Runtime
from sandwich.settings import LOOPBACK

MOST_RECIPIENTS = 50
TAKEN = "250 2.0.0 taken"
UNKNOWN = "550 5.1.1 no such address"
OFTEN = "451 4.7.1 too many for now, come back later"
LATER = "451 4.3.0 cannot be taken now, come back later"
MANY = "452 4.5.3 too many recipients"
LARGE = f"552 5.3.4 larger than {LARGEST // 1_000_000} MB"
WIDE = "500 5.5.2 a line of more than a thousand bytes"

_OF_A_WHOLE_MAIL = {"552 Error: Too much mail data": LARGE, "500 Line too long": WIDE}
"""How aiosmtpd refuses a mail of which it has read everything, and how we do."""

_log = structlog.get_logger(__name__)


class _Door(SMTP):
    """Speaks SMTP, and LMTP with whoever begins with LHLO: then each recipient gets an answer of its own."""

    is_lmtp = False

    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd looks for this name
        self.is_lmtp = True
        await self.smtp_EHLO(hostname)

    async def push(self, status: AnyStr) -> None:
        """Answer; that a mail as a whole is refused is said for each of several recipients, or a mail server waits."""
        if isinstance(status, str):
            for theirs, ours in _OF_A_WHOLE_MAIL.items():
                if status.startswith(theirs):
                    number = len(self.envelope.rcpt_tos) if self.is_lmtp and self.envelope else 1
                    await super().push("\r\n".join([ours] * max(1, number)))
                    return
        await super().push(status)


class _Keeper:
    """What is done with what is brought."""

    def __init__(self, runtime: Runtime, limits: Limits, taken: Callable[[], None]) -> None:
        self.runtime, self.limits, self.taken = runtime, limits, taken

    # aiosmtpd looks for these names.
    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Look whether an address is one of ours, before anything is read."""
        tag = read_tag(self.runtime.settings, address)
        if tag is None:
            return UNKNOWN
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return MANY
        sender = (envelope.mail_from or "").lower()
        if sender and not self.limits.allows(f"from {sender}", PER_SENDER):
            return OFTEN
        if not self.limits.allows(f"to {tag.use}{tag.id}", PER_ADDRESS):
            return OFTEN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: _Door, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail for each of its recipients, and say *taken* only of what is committed."""
        raw = envelope.original_content or b""
        said = [await self._keep(address, envelope.mail_from or "", raw) for address in envelope.rcpt_tos]
        if any(one == TAKEN for one in said):
            self.taken()
        if server.is_lmtp:
            return "\r\n".join(said)
        return next((one for one in said if one != TAKEN), TAKEN)  # brought again, it is known for those who have it

    async def _keep(self, address: str, sender: str, raw: bytes) -> str:
        tag = read_tag(self.runtime.settings, address)
        assert tag is not None  # it was looked at with RCPT
        try:
            key = await keep(self.runtime, tag, sender, raw)
        except (SandwichError, OSError) as error:
            _log.warning("mail not taken", **loggable(error))
            return LATER
        except Exception as error:  # whatever it was, the mail must not be lost by it
            _log.error("mail not taken", error=type(error).__name__)
            return LATER
        if key is None:
            _log.info("mail known already")
        return TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """Say *later* to whatever goes wrong: the mail server keeps the mail."""
        _log.error("line with the mail server", error=type(error).__name__)
        return LATER


@asynccontextmanager
async def listening(runtime: Runtime, taken: Callable[[], None] = lambda: None) -> AsyncIterator[str]:
    """Take mail as long as the block runs; gives where it listens. ``taken`` is called when something came in.

    For port 0 it is a free one. Raises ``OSError`` where it cannot listen.
    """
    where = runtime.settings.incoming_listen
    loop, keeper = asyncio.get_running_loop(), _Keeper(runtime, Limits(), taken)

    def door() -> _Door:
        return _Door(
            keeper, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="sandwich", ident="Sandwich", loop=loop
        )

    if where.startswith("/"):
        _clear(Path(where))
        server = await loop.create_unix_server(door, where)
        os.chmod(where, 0o660)
    else:
        host, _, port = where.rpartition(":")
        host = host.strip("[]")
        if host not in LOOPBACK:
            raise ValueError("mail is taken from this machine only")
        server = await loop.create_server(door, host, int(port))
        where = f"{host}:{server.sockets[0].getsockname()[1]}"
    try:
        yield where
    finally:
        server.close()
        if where.startswith("/"):
            _clear(Path(where))


def _clear(path: Path) -> None:
    """Remove the socket that an earlier process left behind, and nothing else."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
