"""Deliver what happened: claim, send, write down; what is not taken comes again, ever later, for a day.

Only addresses that are listed now are sent to, whoever asked for them and whenever; where they lead on to is not
followed, and what they answer is not read. A receiver knows a notice that comes twice by its id.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import delete, select

from models.tables.activities import Activity
from models.tables.hooks import Hook, Notice, NoticeState
from sandwich.clock import NOW, real_now, whether
from sandwich.errors import SandwichError, loggable
from sandwich.failpoints import failpoint
from sandwich.hooks.listed import is_listed
from sandwich.hooks.signing import headers_of
from sandwich.runtime import Runtime
from sandwich.services.login import Coordinator, coordinator_of

PAUSE = 2.0
"""Seconds between two looks."""

PAUSE_WHILE_DOWN = 30.0
AT_ONCE = 20
SECONDS = 15.0
"""How long one receiver may take, from the first byte to the last."""

LEASE = timedelta(minutes=2)
"""How long a notice is ours once we took it in hand; after a sudden death it comes again by then."""

KEPT = timedelta(days=30)

LATER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 360, 480))
"""How long after each try comes the next; after the last of them, a day later, it is given up."""

_IS_DUE = whether(select(Notice.id).where(Notice.state == NoticeState.WAITING, Notice.due_at <= NOW).exists())
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Claimed:
    id: str
    hook_id: str
    url: str
    body: dict[str, Any]
    attempts: int


@dataclass(frozen=True)
class _Result:
    """What the other side answered, or why it did not; ``for_good`` where trying again would be no use."""

    status: int | None = None
    why: str | None = None
    for_good: bool = False

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Deliver until ``stop`` is set."""
    while not stop.is_set():
        pause = PAUSE
        try:
            if await runtime.clock.sees(_IS_DUE) is not None and await deliver_notices(runtime):
                continue
        except (SandwichError, OSError) as error:
            _log.warning("webhooks wait", **loggable(error))
            pause = PAUSE_WHILE_DOWN
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def deliver_notices(runtime: Runtime) -> int:
    """Deliver what is due now; returns how many notices were tried."""
    async with _client(runtime) as client:  # first: what cannot even begin takes nothing in hand
        claimed = await _claim(runtime)
        if not claimed:
            return 0
        await failpoint("notice-claimed")
        results = await asyncio.gather(*(_send(runtime, client, one) for one in claimed))
    await failpoint("notice-answered")
    await _record(runtime, claimed, results)
    return len(claimed)


async def _claim(runtime: Runtime) -> list[_Claimed]:
    """Take what is due in hand, and give up what may not be told any more."""
    now = await runtime.clock.now()
    async with runtime.store.maintain() as session:
        await session.execute(delete(Notice).where(Notice.queued_at < now - KEPT))
        rows = (
            await session.execute(
                select(Notice, Hook)
                .join(Hook, Hook.id == Notice.hook_id)
                .where(Notice.state == NoticeState.WAITING, Notice.due_at <= now)
                .order_by(Notice.due_at, Notice.id)
                .limit(AT_ONCE)
                .with_for_update(of=Notice, skip_locked=True)
            )
        ).all()
        claimed = []
        for notice, hook in rows:
            who = await coordinator_of(session, hook.person_id)
            if hook.ended_at is not None or who is None or who.region_id != hook.region_id:
                notice.state, notice.why, notice.ended_at = NoticeState.GIVEN_UP, "ended", now
            elif not await _may_see(runtime, who, notice):
                await session.delete(notice)  # of another school: not even that it was
            elif not is_listed(runtime.settings, hook.url):
                notice.state, notice.why, notice.ended_at = NoticeState.GIVEN_UP, "not-listed", now
            else:
                notice.due_at, notice.attempts = now + LEASE, notice.attempts + 1
                claimed.append(_Claimed(notice.id, hook.id, hook.url, notice.body, notice.attempts))
    return claimed


async def _may_see(runtime: Runtime, who: Coordinator, notice: Notice) -> bool:
    """Whether a coordinator sees the activity that a notice is about; who coordinates for one school may not."""
    if who.scope.is_region:
        return True
    async with runtime.narrowed(who.scope).store.read() as session:
        found = await session.scalar(select(Activity.id).where(Activity.id == notice.body["data"]["activity_id"]))
    return found is not None


@asynccontextmanager
async def _client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    context = ssl.create_default_context(cafile=runtime.settings.webhook_ca or None)
    async with httpx.AsyncClient(
        verify=context, follow_redirects=False, trust_env=False, timeout=SECONDS, headers={"user-agent": "Sandwich"}
    ) as client:
        yield client


async def _send(runtime: Runtime, client: httpx.AsyncClient, notice: _Claimed) -> _Result:
    body = json.dumps(notice.body, separators=(",", ":")).encode()
    headers = headers_of(runtime.settings, notice.hook_id, notice.id, body, real_now())
    try:
        async with (
            asyncio.timeout(SECONDS),
            client.stream(
                "POST", notice.url, content=body, headers={"content-type": "application/json", **headers}
            ) as answer,
        ):
            status = answer.status_code
    except TimeoutError:
        return _Result(why="slow")
    except httpx.TimeoutException:
        return _Result(why="slow")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return _Result(why="tls" if _is_tls(error) else "unreachable")
    if 200 <= status < 300:
        return _Result(status)
    return _Result(status, "redirected" if 300 <= status < 400 else "refused", for_good=status == 410)


def _is_tls(error: BaseException) -> bool:
    return "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper()


async def _record(runtime: Runtime, claimed: Sequence[_Claimed], results: Sequence[_Result]) -> None:
    now = await runtime.clock.now()
    async with runtime.store.maintain() as session:
        for one, result in zip(claimed, results, strict=True):
            row = await session.get(Notice, one.id)
            if row is None or row.state is not NoticeState.WAITING:
                continue
            row.status, row.why = result.status, result.why
            later = _later(one.attempts, now)
            if result.is_taken:
                row.state, row.ended_at = NoticeState.TAKEN, now
            elif result.for_good or later is None:
                row.state, row.ended_at = NoticeState.GIVEN_UP, now
            else:
                row.due_at = later


def _later(attempts: int, now: datetime) -> datetime | None:
    return now + LATER[attempts - 1] if attempts <= len(LATER) else None
