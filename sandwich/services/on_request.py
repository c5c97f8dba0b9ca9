"""What a privacy officer does when somebody asks: give out what is kept of them, and erase them. Below the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.rights import Right
from models.tables.activities import Activity
from models.tables.mail import Call, CallState
from models.tables.network import Person
from models.text import Text
from sandwich.errors import BadInput, NotFound
from sandwich.privacy.export import as_zip, export_person
from sandwich.rules.answer_values import options_of
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.call_words import CALL_OF_PRIVACY
from sandwich.services.erase import Erasure, erase_person
from sandwich.services.login import Coordinator
from sandwich.services.own_data import object_to_reports
from sandwich.services.register import find_person
from sandwich.services.told import PRIVACY
from sandwich.store.scope import EVERYTHING, NotAllowed


@dataclass(frozen=True)
class OpenRequest:
    """What somebody asked with the form for privacy and nobody has said is done: who, what, and since when."""

    person_id: str
    name: str
    asked: Text
    since: datetime


async def open_requests(runtime: Runtime, who: Coordinator) -> Sequence[OpenRequest]:
    """Return what people of the officer's region asked and nobody has said is done, the oldest first."""
    _ensure(who, Right.EXPORT)
    asked = {option.key: option.label for option in options_of(runtime.library.form(PRIVACY).question("kind"))}
    calls = (
        select(Call, Person)
        .join(Person, Person.id == Call.person_id)
        .join(Activity, Activity.id == Call.activity_id)
        .where(
            Activity.region_id == who.region_id,
            Call.what.startswith(CALL_OF_PRIVACY),
            Call.state == CallState.OPEN,
            Person.erased_on.is_(None),
        )
        .order_by(Call.due_at, Call.id)
    )
    async with runtime.for_region(who.region_id).store.read() as session:
        return [
            OpenRequest(person.id, full_name(person), asked.get(what, Text(nl=what, en=what)), call.due_at)
            for call, person in (await session.execute(calls)).all()
            for what in [call.what.removeprefix(CALL_OF_PRIVACY)]
        ]


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


async def object_for(runtime: Runtime, who: Coordinator, person_id: str, now: datetime) -> None:
    """Take the objection of somebody of the officer's region to the use of their results; raises ``NotFound``.

    Raises ``BadInput`` for somebody of whom nothing is in any report.
    """
    _ensure(who, Right.ERASE)
    await _find(runtime, who, person_id)
    await object_to_reports(runtime.narrowed(EVERYTHING), person_id, now=now, actor=who.person_id)


async def _find(runtime: Runtime, who: Coordinator, person_id: str) -> None:
    async with runtime.narrowed(who.scope).store.read() as session:
        if await session.get(Person, person_id) is None:
            raise NotFound(what="person", name=person_id)


def _ensure(who: Coordinator, right: Right) -> None:
    if right not in who.rights:
        raise NotAllowed
