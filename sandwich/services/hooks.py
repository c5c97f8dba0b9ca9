"""Which addresses a coordinator wants to be told at what happens, and what became of what was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.happenings import Happening
from models.tables.base import new_id
from models.tables.hooks import Hook, Notice, NoticeState
from sandwich.errors import BadInput, NotFound
from sandwich.hooks.listed import is_listed
from sandwich.hooks.signing import secret_of
from sandwich.runtime import Runtime
from sandwich.services.login import Coordinator

MOST = 20
"""How many hooks one coordinator has at most."""

LONGEST_URL = 500

SHOWN = 100
"""How many notices of a hook are shown: the newest."""


@dataclass(frozen=True)
class MadeHook:
    """A new hook; this is the only time that its secret is told."""

    id: str
    secret: str


@dataclass(frozen=True)
class HookLine:
    """One hook: what it is told, and how much of that waits or was given up."""

    id: str
    url: str
    events: tuple[Happening, ...]
    made_at: datetime
    waiting: int
    given_up: int
    is_listed: bool


@dataclass(frozen=True)
class NoticeLine:
    """One thing that was told, or is to be."""

    id: str
    event: Happening
    queued_at: datetime
    state: NoticeState
    attempts: int
    status: int | None
    why: str | None
    due_at: datetime


async def make_hook(
    runtime: Runtime, who: Coordinator, url: str, events: Sequence[Happening], *, now: datetime
) -> MadeHook:
    """Let an address be told what happens in the coordinator's region. Raises ``BadInput`` where it is not listed."""
    if not is_listed(runtime.settings, url):
        raise BadInput(
            "This address is not listed. An administrator lists it in SANDWICH_WEBHOOK_ADDRESSES.",
            "Dit adres staat niet op de lijst. Een beheerder zet het erop met SANDWICH_WEBHOOK_ADDRESSES.",
        )
    async with runtime.store.change(now=now, actor=who.person_id) as session:
        if len(await _open_hooks(session, who.person_id)) >= MOST:
            raise BadInput(
                f"There are {MOST} already. End one first.", f"Het zijn er al {MOST}. Beëindig er eerst een."
            )
        row = Hook(
            id=new_id(),
            person_id=who.person_id,
            region_id=who.region_id,
            url=url,
            events=sorted({event.value for event in events}),
            made_at=now,
        )
        session.add(row)
    return MadeHook(row.id, secret_of(runtime.settings, row.id))


async def hooks_of(session: AsyncSession, runtime: Runtime, person_id: str) -> list[HookLine]:
    """Return the hooks of a coordinator, the newest first."""
    rows = await _open_hooks(session, person_id)
    counts = dict[tuple[str, NoticeState], int]()
    for hook_id, state, count in await session.execute(
        select(Notice.hook_id, Notice.state, func.count())
        .where(Notice.hook_id.in_([row.id for row in rows]))
        .group_by(Notice.hook_id, Notice.state)
    ):
        counts[hook_id, state] = count
    return [
        HookLine(
            id=row.id,
            url=row.url,
            events=tuple(Happening(event) for event in row.events),
            made_at=row.made_at,
            waiting=counts.get((row.id, NoticeState.WAITING), 0),
            given_up=counts.get((row.id, NoticeState.GIVEN_UP), 0),
            is_listed=is_listed(runtime.settings, row.url),
        )
        for row in rows
    ]


async def notices_of(session: AsyncSession, hook_id: str, person_id: str) -> list[NoticeLine]:
    """Return the newest notices of a hook; raises ``NotFound``, also for somebody else's hook."""
    row = await session.get(Hook, hook_id)
    if row is None or row.person_id != person_id:
        raise NotFound(what="hook", name=hook_id)
    found = await session.scalars(
        select(Notice).where(Notice.hook_id == hook_id).order_by(Notice.queued_at.desc(), Notice.id).limit(SHOWN)
    )
    return [
        NoticeLine(one.id, one.event, one.queued_at, one.state, one.attempts, one.status, one.why, one.due_at)
        for one in found
    ]


async def end_hook(runtime: Runtime, hook_id: str, person_id: str, *, now: datetime) -> None:
    """Tell an address nothing any more; a second time changes nothing. Raises ``NotFound``."""
    async with runtime.store.change(now=now, actor=person_id) as session:
        row = await session.get(Hook, hook_id)
        if row is None or row.person_id != person_id:
            raise NotFound(what="hook", name=hook_id)
        if row.ended_at is None:
            row.ended_at = now


async def _open_hooks(session: AsyncSession, person_id: str) -> list[Hook]:
    query = select(Hook).where(Hook.person_id == person_id, Hook.ended_at.is_(None))
    return list(await session.scalars(query.order_by(Hook.made_at.desc(), Hook.id)))
