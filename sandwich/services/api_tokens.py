"""Tokens with which a coordinator's own programs come in: made, shown once, used, revoked. Here on real time.

Only the hash of a token is kept. Its 32 bytes come from the machine's own source of chance, so that a plain hash cannot
be guessed back; its beginning says what it is to whoever finds one where it should not be.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.scopes import ApiScope
from models.tables.api import ApiSecret, ApiToken
from models.tables.base import new_id
from models.tables.network import Person
from sandwich.errors import BadInput, NotFound
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.login import TOUCH, Coordinator, coordinator_of

PREFIX = "swt_"
SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
"""What a token looks like."""

MOST_DAYS = 366
"""How long a token can be used at most; then a new one is made."""

MOST = 20
"""How many tokens one coordinator has at most that can be used."""

LONGEST_NAME = 80


@dataclass(frozen=True)
class Made:
    """A new token; this is the only time that it can be read."""

    id: str
    token: str


@dataclass(frozen=True)
class TokenLine:
    """One token as a list shows it; ``is_open`` is whether it opens anything."""

    id: str
    name: str
    scope: ApiScope
    holder: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    is_open: bool


@dataclass(frozen=True)
class Holder:
    """Whose token came in, and what it may do."""

    token_id: str
    scope: ApiScope
    who: Coordinator


async def make_token(
    runtime: Runtime,
    person_id: str,
    name: str,
    scope: ApiScope,
    days: int,
    *,
    now: datetime,
    real: datetime,
    actor: str,
) -> Made:
    """Make a token for a coordinator. Raises ``BadInput`` for a name or a time that cannot be, and for anybody else."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(
            f"Give the token a name of at most {LONGEST_NAME} characters: what it is for.",
            f"Geef de sleutel een naam van hoogstens {LONGEST_NAME} tekens: waar hij voor is.",
        )
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"A token is for 1 to {MOST_DAYS} days.", f"Een sleutel is voor 1 tot {MOST_DAYS} dagen.")
    token = PREFIX + secrets.token_urlsafe(32)
    async with runtime.store.change(now=now, actor=actor) as session:
        if await coordinator_of(session, person_id) is None:
            raise BadInput("Only coordinators have tokens.", "Alleen coördinatoren hebben sleutels.")
        if sum(line.is_open for line in await tokens_of(session, person_id, real=real)) >= MOST:
            raise BadInput(
                f"There are {MOST} tokens already. Revoke one first.",
                f"Er zijn al {MOST} sleutels. Trek er eerst een in.",
            )
        row = ApiToken(
            id=new_id(),
            person_id=person_id,
            name=name,
            scope=scope,
            made_at=real,
            expires_at=real + timedelta(days=days),
        )
        session.add(row)
        await session.flush()
        session.add(ApiSecret(token_id=row.id, token_hash=_hash(token)))
    return Made(row.id, token)


async def tokens_of(session: AsyncSession, person_id: str | None = None, *, real: datetime) -> Sequence[TokenLine]:
    """Return the tokens of one coordinator, or of all; the newest first."""
    query = (
        select(ApiToken, ApiSecret, Person)
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(ApiSecret, ApiSecret.token_id == ApiToken.id)
        .order_by(ApiToken.made_at.desc(), ApiToken.id)
    )
    if person_id is not None:
        query = query.where(ApiToken.person_id == person_id)
    return [
        TokenLine(
            id=row.id,
            name=row.name,
            scope=row.scope,
            holder=full_name(person),
            made_at=row.made_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            used_at=secret.used_at if secret else None,
            is_open=secret is not None and person.is_coordinator and _is_open(row, real),
        )
        for row, secret, person in await session.execute(query)
    ]


async def revoke_token(
    runtime: Runtime, token_id: str, *, person_id: str | None = None, now: datetime, real: datetime, actor: str
) -> None:
    """Let a token open nothing from now on; a second time changes nothing. Raises ``NotFound``, also for a token that
    is not ``person_id``'s.
    """
    async with runtime.store.change(now=now, actor=actor) as session:
        row = await session.get(ApiToken, token_id)
        if row is None or person_id not in {None, row.person_id}:
            raise NotFound(what="token", name=token_id)
        if row.revoked_at is None:
            row.revoked_at = real


async def holder_of(runtime: Runtime, token: str, *, real: datetime) -> Holder | None:
    """Return whose token this is; ``None`` for one that ended, and when its person is no coordinator now."""
    if not SHAPE.fullmatch(token):
        return None
    async with runtime.store.read() as session:
        found = (
            await session.execute(
                select(ApiToken, ApiSecret)
                .join(ApiSecret, ApiSecret.token_id == ApiToken.id)
                .where(ApiSecret.token_hash == _hash(token))
            )
        ).one_or_none()
        if found is None or not _is_open(found[0], real):
            return None
        row, secret = found
        who = await coordinator_of(session, row.person_id)
    if who is None:
        return None
    if secret.used_at is None or real - secret.used_at > TOUCH:
        async with runtime.store.maintain() as session:
            kept = await session.get(ApiSecret, row.id)
            if kept is not None and (kept.used_at is None or kept.used_at < real):
                kept.used_at = real
    return Holder(row.id, row.scope, who)


def _is_open(row: ApiToken, real: datetime) -> bool:
    return row.revoked_at is None and real < row.expires_at


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
