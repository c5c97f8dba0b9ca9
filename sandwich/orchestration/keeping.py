"""Waker and repair as services: they go on for as long as their process does, whatever Prefect or the database say."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

import httpx
import structlog
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException

from sandwich.errors import SandwichError, loggable
from sandwich.orchestration.faults import place_of
from sandwich.orchestration.naming import WORK_POOL_TYPE
from sandwich.orchestration.nightly import plan_upkeep
from sandwich.orchestration.pressure import Pressure
from sandwich.orchestration.repair import Repair
from sandwich.orchestration.verdict import Patience
from sandwich.orchestration.waker import AT_ONCE, Doubts, Waker
from sandwich.runtime import Runtime

WAKE_SECONDS = 0.5
"""Pause between two looks at what is due: one small query to our own database, while little is due."""

WAKE_REST = 30
LONGEST_WAKE_SECONDS = 3.0
"""With thousands due a look takes longer; then the pause is so many times as long as the look, up to this."""

REPAIR_SECONDS = 20.0
"""Pause between two sweeps; with :data:`~sandwich.orchestration.verdict.DEAD_AFTER` well within two minutes."""

PLAN_SECONDS = 3600.0
"""Pause between two looks whether Prefect has the coming night's run of the upkeep."""

LONGEST_PAUSE_SECONDS = 30.0

log = structlog.get_logger(__name__)


async def keep_activities_moving(
    opened: Runtime,
    pressure: Pressure,
    on_due: Callable[[], None] | None = None,
    in_hand: Callable[[], Collection[UUID]] = tuple,
) -> None:
    """Wake what is due and repair what got lost, until cancelled.

    ``on_due`` is called when something has fallen due, and again when it was woken; ``in_hand`` gives the runs that a
    worker in this process carries; ``pressure`` tells how Prefect's server answers.
    """
    patience = Patience(in_hand, slow_workers=opened.settings.work_pool_type != WORK_POOL_TYPE)
    async with get_client() as client:
        doubts = Doubts()
        waker = Waker(opened, client, doubts, patience, lambda: pressure.room(time.monotonic(), AT_ONCE))
        repair = Repair(opened, client, doubts, patience)

        def woken(task: asyncio.Task[bool]) -> None:
            if task.cancelled():
                return
            if (error := task.exception()) is not None:  # it is still due, so the next look tries again
                log.warning("waking waits", **loggable(error), place=place_of(error))
            elif task.result() and on_due is not None:
                on_due()

        async def wake() -> None:
            began = time.monotonic()
            begun = await waker.look()
            took = time.monotonic() - began
            for task in begun:
                task.add_done_callback(woken)
            if begun and on_due is not None:
                on_due()  # Prefect starts by itself what was parked until now, but only when it is asked
            await asyncio.sleep(max(0.0, min(WAKE_REST * took, LONGEST_WAKE_SECONDS) - WAKE_SECONDS))

        async def mend() -> None:
            if put_right := await repair.sweep():
                log.warning("runs put right", count=put_right)

        async def plan() -> None:
            await plan_upkeep(client, opened.settings.timezone)

        try:
            async with asyncio.TaskGroup() as services:
                services.create_task(_repeat("waker", wake, WAKE_SECONDS))
                services.create_task(_repeat("repair", mend, REPAIR_SECONDS))
                services.create_task(_repeat("upkeep", plan, PLAN_SECONDS))
        finally:
            await waker.stop()


async def _repeat(name: str, work: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Do ``work`` again and again; after an error that time can heal, with growing pauses."""
    pause, silent = seconds, False
    while True:
        try:
            await work()
        except (httpx.HTTPError, PrefectException, SandwichError, OSError) as error:
            if not silent:
                log.warning("service waits", service=name, **loggable(error), place=place_of(error))
            pause, silent = min(2 * pause, LONGEST_PAUSE_SECONDS), True
        else:
            if silent:
                log.info("service works again", service=name)
            pause, silent = seconds, False
        await asyncio.sleep(pause)
