"""One database belongs to one installation: the one that has the secret key with which it was first opened.

With another key every personal link that was sent is dead, and whoever holds that key works for somebody else.
"""

import hashlib
import hmac

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.tables.base import new_id
from models.tables.running import Installation
from sandwich.errors import SandwichError
from sandwich.store.store import Store

ONLY = 1
"""The key of the one row."""


class OtherInstallation(SandwichError):
    """The database belongs to another installation: it was made with another secret key. Nothing was changed. Set
    SANDWICH_SECRET_KEY to the key of that installation, or SANDWICH_DATABASE_URL to a database of your own. If the key
    is lost: `sandwich db new-key`.
    """

    dutch = (
        "De database hoort bij een andere installatie: ze is met een andere geheime sleutel gemaakt. Er is niets "
        "veranderd. Zet in SANDWICH_SECRET_KEY de sleutel van die installatie, of in SANDWICH_DATABASE_URL een eigen "
        "database. Is de sleutel kwijt: `sandwich db new-key`."
    )


def mark(identity: str, secret: str) -> str:
    """Return what the database keeps of the secret key: enough to know it again, nothing to find it by."""
    return hmac.new(secret.encode(), f"installation:{identity}".encode(), hashlib.sha256).hexdigest()


async def ensure_own(store: Store, secret: str) -> None:
    """Return when the database belongs to whoever has ``secret``; one that was never opened does from now on.

    Raises ``OtherInstallation``, and then nothing was changed.
    """
    async with store.read() as session:
        found = await session.get(Installation, ONLY)
    if found is None:
        identity = new_id()
        try:
            async with store.maintain() as session:
                session.add(Installation(id=ONLY, identity=identity, key_mark=mark(identity, secret)))
            return
        except IntegrityError:  # another process was first
            async with store.read() as session:
                found = await session.get_one(Installation, ONLY)
    if not hmac.compare_digest(found.key_mark, mark(found.identity, secret)):
        raise OtherInstallation


async def identity_of(store: Store) -> Installation | None:
    """Return the row, ``None`` where the database was never opened."""
    async with store.read() as session:
        found: Installation | None = await session.scalar(select(Installation))
        return found


async def take_over(store: Store, secret: str) -> None:
    """Let the database belong to whoever has ``secret``, whoever had it before."""
    async with store.maintain() as session:
        found = await session.get(Installation, ONLY)
        if found is None:
            found = Installation(id=ONLY, identity=new_id())
            session.add(found)
        found.key_mark = mark(found.identity, secret)
