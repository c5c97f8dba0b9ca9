"""Terms at work: what is over, who said that it may go, and the daily run. Nothing goes unseen the first time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.data_kinds import DataKind
from models.tables.activities import Activity
from models.tables.network import Person, Region
from models.tables.privacy import Retention
from sandwich.errors import BadInput, StoreUnavailable
from sandwich.privacy.due import At, due
from sandwich.privacy.kinds import KEPT, Goes, Kept, kept
from sandwich.privacy.removing import ACTOR, remove, remove_sign_ins
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime

MOST = 200
"""How many people or activities of one kind go in one night; the others follow the next."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Due:
    """One kind of one region: how much is over its term, and who has seen it and said what when.

    ``goes`` is how much the next run removes of it.
    """

    kept: Kept
    region_id: str
    region: str
    count: int
    goes: int
    shown_at: datetime | None
    approved_at: datetime | None
    approved_by: str | None
    ran_at: datetime | None
    removed: int

    @property
    def waits(self) -> bool:
        """Whether somebody has to look before it goes."""
        return self.kept.asks_first and self.count > self.goes


@dataclass(frozen=True)
class Item:
    """One of what is over its term, as people would call it."""

    id: str
    name: str
    is_person: bool


@dataclass(frozen=True)
class Ran:
    """What a run did: how much it removed, and how much now waits for a yes."""

    removed: int
    waiting: int


async def look(session: AsyncSession, runtime: Runtime, region: Region, now: datetime) -> tuple[Due, ...]:
    """Return what is over its term in a region, kind by kind; changes nothing."""
    at = At(region.id, runtime.settings, now)
    known = {row.kind: row for row in await session.scalars(select(Retention).where(Retention.region_id == region.id))}
    found = []
    for one in KEPT:
        row = known.get(one.kind)
        ids = await due(session, one.kind, at)
        found.append(
            Due(
                one,
                region.id,
                region.name,
                len(ids),
                len(await _going(session, one, row, at, ids)),
                row.shown_at if row else None,
                row.approved_at if row else None,
                row.approved_by if row else None,
                row.ran_at if row else None,
                row.removed if row else 0,
            )
        )
    return tuple(found)


async def waits_for_a_yes(session: AsyncSession, region_id: str) -> bool:
    """Whether a run of the night has shown something of a region that nobody has said yes to."""
    shown = select(Retention.kind).where(
        Retention.region_id == region_id, Retention.shown_at.is_not(None), Retention.approved_at.is_(None)
    )
    return await session.scalar(shown.limit(1)) is not None


async def items(session: AsyncSession, kind: DataKind, at: At) -> tuple[Item, ...]:
    """Return what of a kind is over its term, by name, for whoever has to say yes."""
    ids = await due(session, kind, at)
    if kind is DataKind.CONTACTS:
        people = {one.id: one for one in await session.scalars(select(Person).where(Person.id.in_(ids)))}
        return tuple(Item(key, full_name(people[key]) or key, True) for key in ids)
    titles = dict((await session.execute(select(Activity.id, Activity.title).where(Activity.id.in_(ids)))).all())
    return tuple(Item(key, titles[key], False) for key in ids)


async def approve(
    runtime: Runtime,
    region_id: str,
    kind: DataKind,
    *,
    now: datetime,
    actor: str,
    stays: Collection[str] = (),
) -> int:
    """Say yes to what is over its term now: it goes with the next run, and what becomes so later goes by itself.

    Of contacts each yes is for those who are on the list now, less those who are to stay. Returns how much will go.
    Raises ``BadInput`` where nothing of the kind waits for a yes.
    """
    if not kept(kind).asks_first:
        raise BadInput(
            "This goes by itself, or with what it belongs to. There is nothing to say yes to.",
            "Dit gaat vanzelf weg, of met wat het bij hoort. Er is niets om ja op te zeggen.",
        )
    at = At(region_id, runtime.settings, now)
    async with runtime.store.change(now=now, actor=actor) as session:
        ids = await due(session, kind, at)
        if not ids:
            raise BadInput(
                "Nothing of this kind is over its term, so there is nothing to see and say yes to yet.",
                "Van deze soort is nog niets over zijn termijn, dus er is nog niets te zien om ja op te zeggen.",
            )
        people = [key for key in ids if key in set(stays)] if kind is DataKind.CONTACTS else []
        for key in people:
            (await session.get_one(Person, key)).kept_on = at.today
        row = await _row(session, region_id, kind)
        row.shown_at, row.shown = row.shown_at or now, row.shown or len(ids)
        row.approved_at, row.approved_by = now, actor
    return len(ids) - len(people)


async def keep_person(runtime: Runtime, person_id: str, *, now: datetime, actor: str) -> None:
    """Write down that somebody stays known, although they took part in nothing for long."""
    async with runtime.store.change(now=now, actor=actor) as session:
        person = await session.get_one(Person, person_id)
        person.kept_on = At("", runtime.settings, now).today


async def stop(runtime: Runtime, region_id: str, kind: DataKind, *, now: datetime, actor: str) -> None:
    """Take a yes back: nothing of the kind goes before somebody says yes again. Raises ``BadInput`` without one."""
    async with runtime.store.change(now=now, actor=actor) as session:
        row = await session.get(Retention, (region_id, kind.value))
        if row is None or row.approved_at is None:
            raise BadInput("Nobody said yes to this.", "Hier heeft niemand ja op gezegd.")
        row.approved_at = row.approved_by = None


async def run(runtime: Runtime, now: datetime) -> Ran:
    """Remove what is over its term and somebody said yes to, and mark what is shown from now on for the first time.

    Safe to repeat. What is wrong with one kind holds up no other.
    """
    async with runtime.store.read() as session:
        regions = list(await session.scalars(select(Region).order_by(Region.code)))
    removed, waiting = 0, 0
    removed += await remove_sign_ins(runtime, runtime.settings.keep_signins_days)
    for region in regions:
        at = At(region.id, runtime.settings, now)
        for one in KEPT:
            if not one.asks_first:
                continue
            try:
                gone, left = await _run_one(runtime, one, at)
            except StoreUnavailable:
                raise
            except Exception as error:  # the others must not be kept for longer because of it
                _log.error("a term was not kept", kind=one.kind.value, error=type(error).__name__)
                continue
            removed, waiting = removed + gone, waiting + left
    if removed:
        try:
            await runtime.store.scrub()
        except StoreUnavailable:  # what was emptied is overwritten anyway; the next time rewrites the file too
            _log.warning("the file of the database was not rewritten")
    return Ran(removed, waiting)


async def _run_one(runtime: Runtime, one: Kept, at: At) -> tuple[int, int]:
    async with runtime.store.read() as session:
        row = await session.get(Retention, (at.region_id, one.kind.value))
        ids = await due(session, one.kind, at)
        going = await _going(session, one, row, at, ids)
    if not ids:
        return 0, 0
    gone = await remove(runtime, one.kind, going[:MOST], at) if going else 0
    if gone or row is None or row.shown_at is None:
        async with runtime.store.change(now=at.now, actor=ACTOR) as session:
            row = await _row(session, at.region_id, one.kind)
            if row.shown_at is None:
                row.shown_at, row.shown = at.now, len(ids)
            if gone:
                row.ran_at, row.removed = at.now, row.removed + gone
    return gone, len(ids) - len(going)


async def _going(session: AsyncSession, one: Kept, row: Retention | None, at: At, ids: Sequence[str]) -> list[str]:
    """Return what of ``ids`` may go: nothing without a yes, and of contacts only who was over the term when it came."""
    if row is None or row.approved_at is None or not one.asks_first:
        return []
    if one.goes is Goes.AFTER_A_YES:
        return list(ids)
    seen = set(await due(session, one.kind, At(at.region_id, at.settings, min(row.approved_at, at.now))))
    return [key for key in ids if key in seen]


async def _row(session: AsyncSession, region_id: str, kind: DataKind) -> Retention:
    row = await session.get(Retention, (region_id, kind.value))
    if row is None:
        row = Retention(region_id=region_id, kind=kind.value, shown=0, removed=0)
        session.add(row)
    return row
