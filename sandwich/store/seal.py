"""The seal of the audit log: one number over the last entry of every stream, as the log stood at a moment.

Whoever was mailed it can tell later whether the log still says what it said then. Whoever can write the database could
make the log anew, with a chain that holds: this number they cannot take back out of a mailbox.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.truth import AuditEntry

_MOST_KNOWN = 8
_known: dict[tuple[str, datetime], "Seal"] = {}
"""Those that were made last, by database and moment: on a Monday morning every overview has the same one, and a log of
a million entries is looked through for it.
"""

LETTERS = 32
"""How much of the digest is shown: 128 bits, which nobody brings about twice."""


@dataclass(frozen=True)
class Seal:
    """How many entries there were, and the number over them, in groups of four."""

    entries: int
    number: str


async def known_seal(session: AsyncSession, moment: datetime) -> Seal:
    """Return what :func:`seal_before` does, made once for everybody."""
    key = (session.get_bind().engine.url.render_as_string(), moment)
    if key not in _known:
        found = await seal_before(session, moment)
        while len(_known) >= _MOST_KNOWN:
            del _known[next(iter(_known))]
        _known[key] = found
    return _known[key]


async def seal_before(session: AsyncSession, moment: datetime) -> Seal:
    """Return the seal of everything that was entered before ``moment``, which must be over by some time."""
    last = (
        select(AuditEntry.stream, func.max(AuditEntry.number).label("number"), func.count().label("entries"))
        .where(AuditEntry.at < moment)
        .group_by(AuditEntry.stream)
        .subquery()
    )
    rows = await session.execute(
        select(AuditEntry.stream, AuditEntry.number, AuditEntry.hash, last.c.entries)
        .join(last, and_(last.c.stream == AuditEntry.stream, last.c.number == AuditEntry.number))
        .order_by(AuditEntry.stream)
    )
    entries, digest = 0, hashlib.sha256()
    for stream, number, own, among in sorted(tuple(row) for row in rows):  # one order, whatever the database sorts by
        digest.update(f"{stream} {number} {own}\n".encode())
        entries += among
    shown = digest.hexdigest()[:LETTERS]
    return Seal(entries, " ".join(shown[place : place + 4] for place in range(0, LETTERS, 4)))
