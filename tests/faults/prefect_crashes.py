"""Tier 1 where Prefect is: one activity, killed at each place between us and Prefect, repaired, then the checkers.

Run with the environment of an installation; forks a child for every life from one process with everything imported.
"""

import asyncio
import json
import signal
import sys
from datetime import timedelta
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.context import AsyncClientContext
from prefect.exceptions import Pause
from prefect.states import Paused
from prefect.utilities.engine import propose_state
from sqlalchemy import select

import flows.activity
from models.tables.asking import Invitation
from sandwich import failpoints
from sandwich.clock import Clock, real_now
from sandwich.orchestration import carrying
from sandwich.orchestration.in_process import carry_flow_run
from sandwich.orchestration.repair import Repair
from sandwich.orchestration.verdict import DEAD_AFTER
from sandwich.orchestration.waker import Doubts, Waker
from sandwich.runtime import Runtime, open_library
from sandwich.services import waking
from sandwich.settings import Settings, read_settings
from sandwich.store import Store
from tests.faults.check import Evidence, Report, check
from tests.faults.crashes import forked, tell
from tests.faults.journal import Journal
from tests.faults.prefect_check import check_prefect
from tests.faults.story import ELSEWHERE
from tests.support.carried import Carried

LONG = DEAD_AFTER + timedelta(seconds=5)
NO_MORE = 40


async def settle(carried: Carried, activity_id: str, rounds: int = NO_MORE) -> None:
    """Do what worker, waker and repair do, until nothing of the activity is due and its run is parked."""
    opened, client = carried.runtime, carried.client
    repair, waker = Repair(opened, client, Doubts(0)), Waker(opened, client, Doubts(0))
    for _ in range(2):
        await repair.sweep(real_now() + LONG)
    for _ in range(rounds):
        waker._look_again.clear()
        await waker.wake_due()
        for entry in await client.get_scheduled_flow_runs_for_work_pool(
            work_pool_name=opened.settings.work_pool, scheduled_before=real_now()
        ):
            await carry_flow_run(entry.flow_run)
        if await carried.parked(activity_id) is not None:
            return
    raise AssertionError("the activity does not come to rest")


async def tell_story(carried: Carried, folder: Path) -> None:
    """Start an activity, let it be asked, let the host choose a date."""
    known = [wake.activity_id for wake in await waking.live_activities(carried.runtime)]
    known += [wake.activity_id for wake in await waking.due_wakes(carried.runtime)]
    activity_id = known[0] if known else await carried.start()
    await settle(carried, activity_id)
    if not (folder / "answered").exists():
        Journal(folder / "journal").write("try", id="date", invitation=await date_poll(carried, activity_id))
        await carried.agree_date(activity_id)
        (folder / "answered").touch()
        await settle(carried, activity_id)


async def date_poll(carried: Carried, activity_id: str) -> str:
    """Return the id of the question to the host."""
    async with carried.runtime.store.read() as session:
        found = await session.scalar(
            select(Invitation.id).where(Invitation.activity_id == activity_id, Invitation.form == "date-poll")
        )
    assert found is not None
    return found


async def opened(settings: Settings, runtime: Runtime) -> Carried:
    """Return the installation, in the loop of one life."""
    store = Store(settings.store_url)
    return Carried(Runtime(settings, store, Clock(store), runtime.library), get_client())


def live(settings: Settings, library: Runtime, folder: Path, armed: str, *, pauses: bool = False) -> str:
    """Let a child live; returns the place where it died, or nothing."""

    async def life() -> None:
        async with AsyncClientContext():
            carried = await opened(settings, library)
            async with carried.client:
                if pauses:
                    await settle(carried, await carried.start("Nog een bezoek"), rounds=2)
                else:
                    await tell_story(carried, folder)

    async def with_timeout(run_id: object, _until: object) -> None:
        async with get_client() as client:
            paused: State[None] = Paused(timeout_seconds=30 * 86400)
            raise Pause(state=await propose_state(client, paused, flow_run_id=run_id))  # type: ignore[arg-type]

    def child() -> None:
        if pauses:
            carrying.park = with_timeout  # type: ignore[assignment]
        failpoints.arm(armed)
        asyncio.run(life())

    code = forked(child, folder / "log")
    said = (folder / "log").read_text(errors="replace")
    if code == -signal.SIGKILL and "failpoint " in said:
        return said.rpartition("failpoint ")[2].partition(":")[0]
    if code and not pauses:
        raise AssertionError(f"a life ended with {code}:\n{said[-4000:]}")
    return ""


def checked(settings: Settings, folder: Path) -> Report:
    """Let a child run the checkers."""

    async def look() -> Report:
        store = Store(settings.store_url)
        journal, sink = Journal(folder / "journal"), Journal(folder / "nobody delivers here")
        report = await check(store, Evidence(journal, sink, rested=False))
        async with store.read() as session, get_client() as client:
            await check_prefect(session, client, report)
        await store.close()
        return report

    def child() -> None:
        (folder / "report").write_text(json.dumps(asyncio.run(look()).found))

    assert forked(child, folder / "check.log") == 0, (folder / "check.log").read_text()[-3000:]
    return Report(json.loads((folder / "report").read_text()))


def main() -> int:
    """Kill at every place; then park with a timeout and see that it shows."""
    settings = read_settings()
    assert flows.activity.activity is not None
    folder = settings.data
    library = Runtime(settings, Store(settings.store_url), Clock(Store(settings.store_url)), open_library(settings))
    left = set(ELSEWHERE)
    for _ in range(len(ELSEWHERE) + 2):
        place = live(settings, library, folder, ",".join(f"{one}=kill" for one in sorted(left)))
        if not place:
            break
        left.discard(place)
        tell(killed_at=place)
    tell(plan="crashes", never_met=sorted(left), found=checked(settings, folder).found)
    live(settings, library, folder, "", pauses=True)
    tell(plan="pause_timeout_set", red=checked(settings, folder).red)
    return 0


if __name__ == "__main__":
    sys.exit(main())
