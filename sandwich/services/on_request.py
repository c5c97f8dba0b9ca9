"""What a privacy officer does when somebody asks: give out what is kept of them, and erase them. Below the pages."""

from datetime import datetime

from models.rights import Right
from models.tables.network import Person
from sandwich.errors import BadInput, NotFound
from sandwich.privacy.export import as_zip, export_person
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.erase import Erasure, erase_person
from sandwich.services.login import Coordinator
from sandwich.services.register import find_person
from sandwich.store.scope import EVERYTHING, NotAllowed


async def look_up(runtime: Runtime, who: Coordinator, ref: str) -> tuple[str, str]:
    """Return id and name of somebody of the officer's region, by code or mail address; raises ``NotFound``."""
    _ensure(who, Right.EXPORT)
    async with runtime.narrowed(who.scope).store.read() as session:
        try:
            found = await find_person(session, ref)
        except BadInput:
            raise NotFound(what="person", name=ref) from None
        return found.id, full_name(found)


async def data_of(runtime: Runtime, who: Coordinator, person_id: str, now: datetime) -> bytes:
    """Return everything that is kept of somebody, in whichever region, as a file; raises ``NotFound``."""
    _ensure(who, Right.EXPORT)
    await _find(runtime, who, person_id)
    async with runtime.narrowed(EVERYTHING).store.read() as session:
        exported = await export_person(session, person_id, who.language, now)
    return as_zip(exported, runtime.settings, who.language)


async def erase_for(runtime: Runtime, who: Coordinator, person_id: str, now: datetime) -> Erasure:
    """Erase somebody of the officer's region, in whichever region something of them is kept; raises ``NotFound``."""
    _ensure(who, Right.ERASE)
    await _find(runtime, who, person_id)
    return await erase_person(runtime.narrowed(EVERYTHING), person_id, now=now, actor=who.person_id)


async def _find(runtime: Runtime, who: Coordinator, person_id: str) -> None:
    async with runtime.narrowed(who.scope).store.read() as session:
        if await session.get(Person, person_id) is None:
            raise NotFound(what="person", name=person_id)


def _ensure(who: Coordinator, right: Right) -> None:
    if right not in who.rights:
        raise NotAllowed
