"""What parked activities cost while nothing happens: processes, memory, and CPU of an idle minute.

The same worker, waker and repair, delivery, pages and Prefect's server on PostgreSQL, first without activities, then
with so many that are parked: asked for a date, the mail sent, waiting for the host. A few are made by the product
itself; the others are copies of their rows in both databases (see ``benchmarks/many.py``). Idle CPU is given in per
cent of one core: ours (worker with waker and repair, delivery, web; what starts them again when they die only sleeps)
and Prefect's server apart. The minute begins a minute after the start, so that the first look at everything is not in
it.
"""

import asyncio
import time
from collections.abc import Sequence

from benchmarks.machine import Cost, cost_of
from benchmarks.many import copy_activities
from benchmarks.place import Place
from benchmarks.scene import Scene, a_scene, goal
from tests.support.prefect import free_port

ORIGINALS = 4
SETTLE_SECONDS = 60
IDLE_SECONDS = 90
MOST_GROWN, MOST_OURS, MOST_MORE_OF_PREFECT = 5.0, 2.0, 1.0
"""Per cent of memory, per cent of a core, percentage points of a core."""


async def measure(place: Place, parked: Sequence[int] = (0, 1000, 10_000)) -> None:
    """Measure an idle time with each number of parked activities, the smallest first."""
    print(__doc__)
    async with a_scene(place) as scene:
        print(
            f"{'parked':>8}{'processes':>11}{'ours MB':>10}{'Prefect MB':>12}{'ours %':>9}{'Prefect %':>11}", flush=True
        )
        figures = []
        there: list[str] = []
        for wanted in parked:
            if wanted and not there:
                there = await scene.asked_the_host(ORIGINALS)
            began = time.monotonic()
            there += [key for key, _run in await copy_activities(place, there[:4], wanted - len(there))]
            if wanted:
                print(f"{'':8}copied in {time.monotonic() - began:.0f} s", flush=True)
            figures.append(await _idle(scene, wanted))
    _judge(figures)


async def _idle(scene: Scene, parked: int) -> tuple[Cost, Cost, float, float]:
    with scene.parts("worker", "deliver", "web", SANDWICH_PORT=str(free_port())) as parts:
        await asyncio.sleep(SETTLE_SECONDS)
        before = cost_of(*parts.values()), scene.place.cost_of_prefect()
        await asyncio.sleep(IDLE_SECONDS)
        ours, prefect = cost_of(*parts.values()), scene.place.cost_of_prefect()
    cpu, cpu_of_prefect = (
        100 * (then - earlier).cpu / IDLE_SECONDS for then, earlier in zip((ours, prefect), before, strict=True)
    )
    waiting = await scene.prefect.fetchval("SELECT count(*) FROM flow_run WHERE state_name = 'Waiting'")
    if waiting != parked:
        raise SystemExit(f"{waiting} runs wait instead of {parked}, so the figures mean nothing.")
    print(
        f"{parked:>8}{ours.processes:>11}{ours.resident / 2**20:>10.0f}{prefect.resident / 2**20:>12.0f}"
        f"{cpu:>9.1f}{cpu_of_prefect:>11.1f}",
        flush=True,
    )
    return ours, prefect, cpu, cpu_of_prefect


def _judge(figures: Sequence[tuple[Cost, Cost, float, float]]) -> None:
    first, last = figures[0], figures[-1]
    grown = 100 * (last[0].resident / first[0].resident - 1)
    of_prefect = 100 * (last[1].resident / first[1].resident - 1)
    more = last[3] - first[3]
    grew = last[0].processes - first[0].processes
    goal("processes more", str(grew), reached=not grew, wanted="0")
    goal("memory grown, ours", f"{grown:.1f} %", reached=grown <= MOST_GROWN, wanted=f"at most {MOST_GROWN:.0f} %")
    goal("memory grown, Prefect's", f"{of_prefect:.1f} %", reached=of_prefect <= MOST_GROWN, wanted="at most 5 %")
    goal("idle CPU, ours", f"{last[2]:.1f} %", reached=last[2] <= MOST_OURS, wanted=f"at most {MOST_OURS:.0f} %")
    goal(
        "idle CPU of Prefect's server, more than without",
        f"{more:.1f} points",
        reached=more <= MOST_MORE_OF_PREFECT,
        wanted="at most 1 point",
    )
