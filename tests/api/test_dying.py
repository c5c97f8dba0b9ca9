"""A process that dies while a program is told something, or served: nothing is lost, and nothing is done twice."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.tables.activities import Activity
from models.tables.hooks import Notice, NoticeState
from sandwich import failpoints
from sandwich.hooks.deliver import LEASE, deliver_notices
from sandwich.runtime import Runtime
from tests.api.conftest import Program
from tests.api.test_doing import draft
from tests.api.test_hooks import hold, hooked, receiver, told_at
from tests.support.receiver import Receiver
from tests.web.visit import Visit

__all__ = ["receiver"]

pytestmark = pytest.mark.asyncio


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let what comes to a place stand still there."""
    monkeypatch.setenv("SANDWICH_ENVIRONMENT", "development")
    yield lambda place: failpoints.arm(f"{place}=hang" if place else "")
    failpoints.arm("")


async def dies(work: Coroutine[Any, Any, Any], capfd: pytest.CaptureFixture[str], place: str) -> None:
    """Let something begin, and end where it came to a place: it never goes on."""
    task = asyncio.ensure_future(work)
    async with asyncio.timeout(20):
        while f"failpoint {place}" not in capfd.readouterr().err:
            assert not task.done(), task
            await asyncio.sleep(0.02)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("place", ["notice-claimed", "notice-answered"])
async def test_a_notice_comes_once_more_under_the_same_id(
    runtime: Runtime,
    visit: Visit,
    receiver: Receiver,
    at: Callable[[str], None],
    capfd: pytest.CaptureFixture[str],
    place: str,
) -> None:
    listed = told_at(runtime, receiver.address)
    await hooked(listed, visit.cast, receiver.address)
    await hold(visit)
    at(place)
    await dies(deliver_notices(listed), capfd, place)
    at("")
    assert await deliver_notices(listed) == 0, "somebody may still have it in hand"

    await runtime.clock.set(await runtime.clock.now() + LEASE + timedelta(seconds=1))
    assert await deliver_notices(listed) == 1

    async with runtime.store.read() as session:
        [notice] = await session.scalars(select(Notice))
    assert notice.state is NoticeState.TAKEN
    assert {came.headers["webhook-id"] for came in receiver.came} == {notice.id}
    assert len(receiver.came) == (1 if place == "notice-claimed" else 2)


async def test_a_request_that_broke_off_is_not_done_twice(
    jolanda: Program, runtime: Runtime, visit: Visit, at: Callable[[str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    ask: Callable[[], Awaitable[Any]] = lambda: jolanda.ask(  # noqa: E731
        "POST", "/activities", draft(visit), idempotency_key="once"
    )
    at("request-carried-out")
    await dies(ask(), capfd, "request-carried-out")  # type: ignore[arg-type]
    at("")
    again = await ask()
    assert (again.status_code, again.json()["type"]) == (409, "urn:sandwich:problem:underway")
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Activity)) == 2
