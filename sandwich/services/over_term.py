"""What is over its term, for who may see it, and the yes of who may say it: a coordinator or the privacy officer.

A privacy officer sees one person at a time; what a night would remove, by name, is the exception.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from models.data_kinds import DataKind
from models.rights import Right
from models.tables.network import Region
from sandwich.privacy import retention
from sandwich.privacy.due import At
from sandwich.runtime import Runtime
from sandwich.services.login import Coordinator
from sandwich.store.scope import NotAllowed


@dataclass(frozen=True)
class OverTerm:
    """The terms of a region, and of one kind what is over it, by name."""

    lines: tuple[retention.Due, ...]
    items: tuple[retention.Item, ...] = ()


async def look(runtime: Runtime, who: Coordinator, now: datetime, kind: DataKind | None = None) -> OverTerm:
    """Return every kind with its term, and with ``kind`` what of that is over it; changes nothing."""
    seen = _theirs(runtime, who)
    async with seen.store.read() as session:
        region = await session.get_one(Region, who.region_id)
        lines = await retention.look(session, seen, region, now)
        at = At(who.region_id, runtime.settings, now)
        return OverTerm(lines, await retention.items(session, kind, at) if kind else ())


async def waits(runtime: Runtime, who: Coordinator) -> bool:
    """Whether a run of the night has shown something that waits for somebody like this person."""
    if Right.CLEAR not in who.rights:
        return False
    async with _theirs(runtime, who).store.read() as session:
        return await retention.waits_for_a_yes(session, who.region_id)


async def say_yes(runtime: Runtime, who: Coordinator, kind: DataKind, now: datetime, stays: Collection[str]) -> None:
    """Let go what is over its term now, less the people who are to stay; raises ``BadInput`` where nothing waits."""
    _ensure(who)
    await retention.approve(_theirs(runtime, who), who.region_id, kind, now=now, actor=who.person_id, stays=stays)


async def take_back(runtime: Runtime, who: Coordinator, kind: DataKind, now: datetime) -> None:
    """Take a yes back; raises ``BadInput`` without one."""
    _ensure(who)
    await retention.stop(_theirs(runtime, who), who.region_id, kind, now=now, actor=who.person_id)


def _ensure(who: Coordinator) -> None:
    if not who.decides_terms:
        raise NotAllowed


def _theirs(runtime: Runtime, who: Coordinator) -> Runtime:
    """Return the parts with which somebody sees this: the whole region for who decides, else what they see anyway."""
    if Right.CLEAR not in who.rights:
        raise NotAllowed
    return runtime.for_region(who.region_id) if who.decides_terms else runtime.narrowed(who.scope)
