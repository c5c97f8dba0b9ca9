"""What is kept of one person: to be seen by them, and an objection on their behalf (field rule 41)."""

from datetime import datetime
from typing import Any

from sqlalchemy import inspect, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ACTIVE, Participation
from models.tables.asking import Via
from models.tables.base import Table
from models.tables.network import Person
from sandwich.errors import BadInput, NotFound
from sandwich.runtime import Runtime
from sandwich.services.collect import report_change
from sandwich.services.overview import to_json
from sandwich.services.told import PRIVACY
from sandwich.store.personal import marked

OBJECT = "object-reports"
_PERSON = "person_id"


async def own_data(session: AsyncSession, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, by table: what they are, where they took part, what they said and were sent.

    Rows that are only the machine's, such as links and sign-in codes, are not among them. Raises ``NotFound``.
    """
    if await session.get(Person, person_id) is None:
        raise NotFound(what="person", name=person_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for mapper in sorted(Table.registry.mappers, key=lambda one: one.local_table.name):  # type: ignore[attr-defined]
        kind: Any = mapper.class_
        columns = [column.key for column in inspect(kind).column_attrs]
        owners = {owner for owner in marked(kind.__tablename__).values() if owner}
        owners |= {_PERSON} & set(columns)
        if not kind.audited or not owners:
            continue
        rows = await session.scalars(select(kind).where(or_(*(getattr(kind, name) == person_id for name in owners))))
        lines = [{name: to_json(getattr(row, name)) for name in columns} for row in rows]
        if lines:
            found[kind.__tablename__] = lines
    return found


async def object_to_reports(runtime: Runtime, person_id: str, *, now: datetime, actor: str) -> None:
    """Take somebody's objection to the use of their results, said on the phone. A second time changes nothing.

    Raises ``BadInput`` for somebody who took part in nothing: there is nothing of theirs in any report.
    """
    async with runtime.store.read() as session:
        parts = list(
            await session.scalars(
                select(Participation)
                .where(Participation.person_id == person_id)
                .order_by(Participation.added_at.desc(), Participation.id)
            )
        )
    if not parts:
        raise BadInput(
            "This person took part in nothing, so nothing of theirs is in any report.",
            "Deze persoon deed nergens aan mee, dus er staat niets van die persoon in een rapport.",
        )
    part = next((one for one in parts if one.standing in ACTIVE), parts[0])
    posted = {"kind": [OBJECT], "about": ["own-activities"], "reply": ["phone"]}
    await report_change(runtime, part.id, PRIVACY, posted, now=now, key=OBJECT, via=Via.PHONE, actor=actor)
