"""Requests of programs that count once: who sends one again, because no answer came, gets the answer of the first.

Only what was done is kept, and nothing of it but ids: what is refused, or only looked at, may be sent again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from models.tables.api import ApiOnce
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime

KEPT = timedelta(hours=24)
LONGEST_KEY = 64


class OnceOtherwise(SandwichError):
    """This Idempotency-Key came with another request before. Take a new key for each thing that you want done."""

    dutch = "Deze Idempotency-Key kwam al met een ander verzoek. Neem voor alles wat je wilt doen een nieuwe sleutel."


class OnceUnderway(SandwichError):
    """A request with this Idempotency-Key is being handled, or broke off. Look whether it was done before you take a
    new key.
    """

    dutch = (
        "Een verzoek met deze Idempotency-Key wordt nog afgehandeld, of brak af. Kijk of het gedaan is voor je een "
        "nieuwe sleutel neemt."
    )


@dataclass(frozen=True)
class Before:
    """What was answered to the same request before."""

    status: int
    response: dict[str, Any]


def hash_of(method: str, path: str, body: bytes) -> str:
    """Return what tells one request from another."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


async def begin_once(runtime: Runtime, token_id: str, key: str, request_hash: str, *, real: datetime) -> Before | None:
    """Note that a request begins, or return what was answered to it. Raises :class:`OnceOtherwise` where the key was
    another request's, and :class:`OnceUnderway` where no answer was kept.
    """
    async with runtime.store.maintain() as session:
        await session.execute(delete(ApiOnce).where(ApiOnce.made_at < real - KEPT))
        row = await session.get(ApiOnce, (token_id, key))
        if row is None:
            session.add(ApiOnce(token_id=token_id, key=key, request_hash=request_hash, made_at=real))
            try:
                await session.flush()
            except IntegrityError:
                raise OnceUnderway from None  # two at the same moment
            return None
        if row.request_hash != request_hash:
            raise OnceOtherwise
        if row.status is None:
            raise OnceUnderway
        return Before(row.status, row.response or {})


async def end_once(
    runtime: Runtime, token_id: str, key: str, status: int | None = None, response: dict[str, Any] | None = None
) -> None:
    """Keep what was answered; without a ``status`` nothing was done, and the request may come again."""
    async with runtime.store.maintain() as session:
        row = await session.get(ApiOnce, (token_id, key))
        if row is None:
            return
        if status is None:
            await session.delete(row)
        else:
            row.status, row.response = status, response
