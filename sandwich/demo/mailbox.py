"""The demo's mailbox: a real SMTP server on this machine only, and the mails that it received.

Every mail is kept byte for byte as it came over the line, in a small SQLite file of its own.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandwich.clock import real_now
from sandwich.settings import LOOPBACK, Settings

MAX_BYTES = 20_000_000
"""The largest mail that is taken, in bytes."""

_TABLES = """
CREATE TABLE IF NOT EXISTS recipient (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, sender TEXT NOT NULL, raw BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS delivery (
    mail_id INTEGER NOT NULL REFERENCES mail(id), recipient_id INTEGER NOT NULL REFERENCES recipient(id),
    PRIMARY KEY (mail_id, recipient_id)
);
"""


@dataclass(frozen=True)
class Received:
    """One mail as it came in; ``recipients`` are those of the envelope, ``received_at`` is real time."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True)
class Recipient:
    """Somebody who got mail, with the number that stands for the address in links."""

    id: int
    address: str
    mails: int


class Mailbox:
    """The file with all mails. Any process may read it while the server writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the mailbox of a demo installation, a file beside its database."""
        return cls(settings.data / "mailbox.db")

    def add(self, sender: str, recipients: list[str], raw: bytes, received_at: datetime) -> int:
        """Keep a mail and return its number."""
        return self.add_all([(sender, recipients, raw, received_at)])

    def add_all(self, mails: Iterable[tuple[str, list[str], bytes, datetime]]) -> int:
        """Keep several mails, all or none, and return the number of the last; each is as for :meth:`add`."""
        number = 0
        with self._open() as connection:
            for sender, recipients, raw, received_at in mails:
                cursor = connection.execute(
                    "INSERT INTO mail (received_at, sender, raw) VALUES (?, ?, ?)",
                    (received_at.isoformat(), sender, raw),
                )
                number = int(cursor.lastrowid or 0)
                for address in dict.fromkeys(recipients):
                    connection.execute("INSERT OR IGNORE INTO recipient (address) VALUES (?)", (address,))
                    connection.execute(
                        "INSERT INTO delivery SELECT ?, id FROM recipient WHERE address = ?", (number, address)
                    )
        return number

    def mails(self, *, since: int = 0, recipient_id: int | None = None) -> list[Received]:
        """Return the mails after number ``since``, oldest first; of one recipient where one is named."""
        with self._open() as connection:
            if recipient_id is None:
                rows = connection.execute(
                    "SELECT id, received_at, sender, raw FROM mail WHERE id > ? ORDER BY id", (since,)
                ).fetchall()
            else:
                rows = connection.execute(
                    "SELECT mail.id, received_at, sender, raw FROM mail JOIN delivery ON mail_id = mail.id"
                    " WHERE mail.id > ? AND recipient_id = ? ORDER BY mail.id",
                    (since, recipient_id),
                ).fetchall()
            return [self._received(connection, row) for row in rows]

    def newest(self) -> int:
        """Return the number of the newest mail; 0 where there is none."""
        with self._open() as connection:
            return int(connection.execute("SELECT COALESCE(MAX(id), 0) FROM mail").fetchone()[0])

    def mail(self, number: int) -> Received | None:
        """Return one mail."""
        with self._open() as connection:
            row = connection.execute("SELECT id, received_at, sender, raw FROM mail WHERE id = ?", (number,)).fetchone()
            return self._received(connection, row) if row else None

    def recipients(self) -> list[Recipient]:
        """Return everybody who got mail, by address."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT recipient.id, address, COUNT(*) FROM recipient JOIN delivery ON recipient_id = recipient.id"
                " GROUP BY recipient.id ORDER BY address"
            ).fetchall()
        return [Recipient(*row) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=15)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_TABLES)
            with connection:
                yield connection
        finally:
            connection.close()

    @staticmethod
    def _received(connection: sqlite3.Connection, row: tuple[int, str, str, bytes]) -> Received:
        addresses = connection.execute(
            "SELECT address FROM recipient JOIN delivery ON recipient_id = recipient.id WHERE mail_id = ? ORDER BY id",
            (row[0],),
        ).fetchall()
        at = datetime.fromisoformat(row[1]).astimezone(UTC)
        return Received(row[0], at, row[2], tuple(address for (address,) in addresses), bytes(row[3]))


class _Keeper:
    """What the SMTP server does with a mail: keep it, and say so only after it is on disk."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    # aiosmtpd looks for this name.
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        number = await asyncio.to_thread(
            self.mailbox.add, envelope.mail_from or "", list(envelope.rcpt_tos), raw, real_now()
        )
        return f"250 2.0.0 kept as {number}"


@asynccontextmanager
async def serve_mailbox(mailbox: Mailbox, host: str, port: int) -> AsyncIterator[int]:
    """Receive mail over SMTP as long as the block runs; gives the port, which is a free one for ``port`` 0."""
    if host not in LOOPBACK:
        raise ValueError("the demo's mailbox listens on this machine only")
    loop = asyncio.get_running_loop()
    keeper = _Keeper(mailbox)

    def session() -> SMTP:
        return SMTP(
            keeper,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname="mailbox.example",
            ident="Sandwich mailbox",
            loop=loop,
        )

    server = await loop.create_server(session, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
