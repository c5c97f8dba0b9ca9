"""Playbooks as they were when activities started with them, and forms as they were when they were asked."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.playbook import Playbook
from models.tables.activities import PlaybookVersion
from models.tables.asking import FormVersion
from sandwich.errors import NotFound

Definition = TypeVar("Definition", bound=BaseModel)
_MOST_KEPT = 64
_playbooks: dict[str, Playbook] = {}
_forms: dict[str, Form] = {}
"""A version never changes: its digest is over its content. Reading one takes milliseconds, so it is done once."""


async def playbooks_of(session: AsyncSession, digests: Collection[str]) -> Mapping[str, Playbook]:
    """Return the playbooks with these digests; raises ``NotFound``."""
    return await _versions(session, PlaybookVersion, Playbook, _playbooks, digests)


async def forms_of(session: AsyncSession, digests: Collection[str]) -> Mapping[str, Form]:
    """Return the forms with these digests; raises ``NotFound``."""
    return await _versions(session, FormVersion, Form, _forms, digests)


async def _versions(
    session: AsyncSession,
    table: type[PlaybookVersion | FormVersion],
    kind: type[Definition],
    kept: dict[str, Definition],
    digests: Collection[str],
) -> Mapping[str, Definition]:
    missing = set(digests) - kept.keys()
    if missing:
        if len(kept) + len(missing) > _MOST_KEPT:
            kept.clear()
            missing = set(digests)
        for digest, definition in await session.execute(
            select(table.digest, table.definition).where(table.digest.in_(missing))
        ):
            kept[digest] = kind.model_validate(definition)
    try:
        return {digest: kept[digest] for digest in digests}
    except KeyError as error:
        raise NotFound(what=kind.__name__.lower(), name=error.args[0]) from None
