"""Erase again whoever was erased and came back, with a backup or in any other way."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from models.tables.network import Person
from sandwich.privacy.ledger import digest_of_person, known_erasures, read_ledger, spread
from sandwich.runtime import Runtime
from sandwich.services.erase import erase_person

ACTOR = "list of erasures"
"""Who did it, in the audit log."""


async def erase_again(runtime: Runtime, erased: Mapping[str, datetime], now: datetime) -> int:
    """Erase once more whoever is on a list and is there all the same; returns how many. Safe to repeat."""
    if not erased:
        return 0
    async with runtime.store.read() as session:
        people = list(await session.scalars(select(Person.id).where(Person.erased_on.is_(None)).order_by(Person.id)))
    back = [key for key in people if digest_of_person(key) in erased]
    for person_id in back:
        await erase_person(runtime, person_id, now=now, actor=ACTOR, although_coordinates=True)
    return len(back)


async def keep_erasures(runtime: Runtime, now: datetime) -> int:
    """Erase who came back in any way, and see to it that the list stands everywhere; returns how many were erased."""
    async with runtime.store.read() as session:
        own = await known_erasures(session)
    again = await erase_again(runtime, {**read_ledger(runtime.settings.ledger), **own}, now)
    await spread(runtime)
    return again
