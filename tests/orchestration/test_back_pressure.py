"""How much the worker has in hand: never more than allowed, less while Prefect says "not now", and when it is told to
stop what it has and nothing new. Nothing is lost or repeated.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from sandwich.orchestration.park import WAITING
from tests.support.carried import Carried, Installation
from tests.support.prefect import Worker, eventually, our_worker
from tests.support.refusing import Refusing, a_refusing_proxy

pytestmark = pytest.mark.asyncio

AT_ONCE = 4
"""The limit of an installation in tests."""

MANY = 40

OVER = {"SCHEDULED", "FAILED", "CRASHED"}
"""States that a run of ours leaves the worker with."""


class Hand:
    """What a worker has in hand, from what it asks of Prefect: begun when it claims a run, over when it parks it."""

    def __init__(self) -> None:
        self.runs = set[str]()
        self.begun = 0
        self.ended = 0
        self.most = 0
        self.peak = 0

    def hear(self, path: str, body: bytes, refused: bool) -> None:
        """Hear one request of the worker, which Prefect gets unless it is refused."""
        found = re.fullmatch(r"/api/flow_runs/([0-9a-f-]{36})/set_state", path)
        if found is None:
            return
        kind = json.loads(body)["state"]["type"]
        if kind == "PENDING":
            self.begun += found[1] not in self.runs
            self.runs.add(found[1])
        elif kind in OVER and not refused and found[1] in self.runs:
            self.runs.remove(found[1])
            self.ended += 1
        self.most = max(self.most, len(self.runs))
        self.peak = max(self.peak, len(self.runs))

    def holds(self, number: int) -> Callable[[], Coroutine[Any, Any, bool]]:
        """Return a question: whether so many are in hand now."""

        async def asked() -> bool:
            return len(self.runs) == number

        return asked

    async def most_until(self, ended: int) -> int:
        """Return the most that was in hand from now until so many more have ended."""
        self.most, goal = len(self.runs), self.ended + ended

        async def reached() -> bool:
            return self.ended >= goal

        await eventually(reached)
        return self.most


async def test_less_in_hand_while_prefect_refuses_nothing_lost_and_grown_back(
    carried: Carried, installation: Installation, folder: Path
) -> None:
    activities = [await carried.start(f"Visit {number}") for number in range(MANY)]
    await carried.make_due(activities)
    hand = Hand()
    async with a_refusing_proxy(("127.0.0.1", installation.prefect.port), hand.hear) as proxy:
        environ = installation.environ | {"PREFECT_API_URL": f"http://127.0.0.1:{proxy.port}/api"}
        with our_worker(folder / "worker.log", environ) as worker:
            await eventually(hand.holds(AT_ONCE), worker=worker)

            proxy.share = 0.35
            await eventually(hand.holds(1), worker=worker)
            assert await hand.most_until(ended=2) <= AT_ONCE / 2
            assert proxy.refused > 0

            proxy.share = 0.0
            await eventually(hand.holds(AT_ONCE), worker=worker)
            assert hand.ended + AT_ONCE <= MANY, "there was enough to do all the time"

            await stops_in_good_order(carried, proxy, hand, worker)
        with our_worker(folder / "worker.log", environ) as worker:
            for activity_id in activities:
                await carried.until_parked(activity_id, worker)
            assert await asyncio.to_thread(worker.stop) == 0, worker.said()[-2000:]
    assert hand.peak == AT_ONCE, "never more than allowed, and no less than that"
    for activity_id in activities:
        assert await carried.shown(activity_id) == Counter(["request"])
        mails = await carried.mails(activity_id)
        assert len(mails) == len(set(mails)) > 0


async def stops_in_good_order(carried: Carried, proxy: Refusing, hand: Hand, worker: Worker) -> None:
    """Told to stop with runs in hand it lets them park, begins nothing new, and goes."""
    proxy.open.clear()  # nothing can end or begin now
    in_hand, begun = set(hand.runs), hand.begun
    assert in_hand
    stopping = asyncio.create_task(asyncio.to_thread(worker.stop))
    await asyncio.sleep(1)
    assert not stopping.done(), "it does not go while it has runs in hand"
    proxy.open.set()
    assert await stopping == 0, worker.said()[-2000:]
    assert "Traceback" not in worker.said(), worker.said()[-3000:]
    states = [(await carried.client.read_flow_run(UUID(run_id))).state for run_id in in_hand]
    assert {state.name for state in states if state is not None} == {WAITING}
    assert (hand.runs, hand.begun) == (set(), begun)
