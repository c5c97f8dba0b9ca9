"""Playbooks as they were when activities started with them."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.tables.activities import PlaybookVersion
from sandwich.errors import NotFound

_MOST_KEPT = 64
_read: dict[str, Playbook] = {}
"""A version never changes: its digest is over its content. Reading one takes milliseconds, so it is done once."""


async def playbooks_of(session: AsyncSession, digests: Collection[str]) -> Mapping[str, Playbook]:
    """Return the playbooks with these digests; raises ``NotFound``."""
    missing = set(digests) - _read.keys()
    if missing:
        if len(_read) + len(missing) > _MOST_KEPT:
            _read.clear()
            missing = set(digests)
        for stored in await session.scalars(select(PlaybookVersion).where(PlaybookVersion.digest.in_(missing))):
            _read[stored.digest] = Playbook.model_validate(stored.definition)
    try:
        return {digest: _read[digest] for digest in digests}
    except KeyError as error:
        raise NotFound(what="playbook", name=error.args[0]) from None
