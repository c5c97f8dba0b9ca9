"""How many mails a school may send in an hour: a loop of ours, or an account in the wrong hands, is stopped before it
costs the school its good name. What is over waits in its place, and holds up no other school.

It is counted in the transaction that claims a mail. Where only a few are left a school is held until that transaction
ends, so that two processes send none too many; whoever cannot have it waits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sandwich.mail.case import Case
from sandwich.mail.mails import MAILS
from sandwich.services.quotas import HOUR_FULL, sender_of, sent
from sandwich.settings import Settings

FREE = frozenset(name for name, mail in MAILS.items() if mail.always)
"""What somebody asked for just now, to come in with; asking is limited by itself, and nothing holds it up."""

NEAR = 64
"""With fewer mails left than these a school is held: it is what eight lines to the mail server have in hand at once."""

_TAKE = text(
    "SELECT sender FROM unnest(cast(:senders AS text[])) sender "
    "WHERE pg_try_advisory_xact_lock(hashtextextended('mails-per-hour:' || sender, 0))"
)
_log = structlog.get_logger(__name__)


@dataclass
class Quota:
    """How many mails more those may send whose mails a transaction claims; others than in ``left`` any number.

    ``busy`` are those that another transaction has.
    """

    left: dict[str, int]
    busy: frozenset[str] = frozenset()

    @classmethod
    async def of(cls, session: AsyncSession, settings: Settings, cases: Sequence[Case], now: datetime) -> "Quota":
        """Count for the senders of ``cases``, with one query for all."""
        most = settings.mails_per_hour
        senders = {sender for case in cases if (sender := _sender(case))} if most else set()
        left = await _left(session, senders, most, now)
        near = {sender for sender, more in left.items() if 0 < more < NEAR}
        if not near or (await session.connection()).dialect.name != "postgresql":
            return cls(left)
        held = set(await session.scalars(_TAKE, {"senders": sorted(near)}))
        return cls(left | await _left(session, held, most, now), frozenset(near - held))

    def lets(self, case: Case) -> bool:
        """Whether a mail may leave now; one that waits for the hour says so."""
        sender = _sender(case)
        if sender in self.busy:
            return False
        if self.left.get(sender, 1) > 0:
            return True
        if case.message.reason != HOUR_FULL:
            case.message.reason = HOUR_FULL
            _log.warning("a school has sent as many mails as it may in an hour", message=case.message.id)
        return False

    def take(self, case: Case) -> str | None:
        """Count a mail that leaves; returns for whom it counts, if for anybody."""
        sender = _sender(case)
        if sender not in self.left:
            return None
        self.left[sender] -= 1
        return sender


def _sender(case: Case) -> str:
    if case.message.mail in FREE:
        return ""
    coordinator = case.reading.persons.get(case.activity.coordinator_id or "") if case.activity else None
    return sender_of(case.person, case.activity, coordinator)


async def _left(session: AsyncSession, senders: Collection[str], most: int, now: datetime) -> dict[str, int]:
    found = await sent(session, senders, now)
    return {sender: most - found.get(sender, 0) for sender in senders}
