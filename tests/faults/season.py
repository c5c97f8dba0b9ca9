"""What people do in a world while it is being broken: a season in which every activity goes its own way."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from tests.faults import restored
from tests.faults.check import Report
from tests.faults.people import Person, earliest
from tests.faults.world import World

AT_ONCE = 4
"""People who press a button at the same moment."""

CLOSE = timedelta(milliseconds=50)
"""How near to the deadline, before or after it, late answers are sent."""

DAYS = ("2026-10-27", "2026-10-28", "2026-10-29", "2026-10-30", "2026-11-02", "2026-11-03", "2026-11-04")


async def live_through(world: World, people: list[Person], broken: Callable[[], bool], *, to_the_end: bool) -> None:
    """Ask, date, invite, remind, race, and cancel; days go by for as long as ``broken`` says that more is to come."""
    with world.timed("ready"):
        await world.ready()
    await _all(world, people, "begin", lambda one: one.begin())
    await world.to("2026-09-25 11:00")
    await _all(world, people, "the host chooses", lambda one: one.host_chooses())
    await world.to("2026-10-02 11:00")
    await _all(world, people, "first answers", lambda one: one.first_answers())
    await restored.back_up(world)
    await world.settle("first answers")
    await _close_to(world, people, "raced", "next_at")
    await _close_to(world, people, "late", "deadline_at")
    await world.to("2026-10-09 11:00")
    await _all(world, people, "second answers", lambda one: one.second_answers())
    for day in ("2026-10-13", "2026-10-26"):  # past the night in which the clock changes
        await world.to(f"{day} 11:00")
    for day in DAYS:
        if not broken():
            break
        await world.to(f"{day} 11:00")
    if to_the_end:
        await world.to("2026-11-06 18:00")  # the day itself has passed


async def cancel_all(world: World, people: list[Person]) -> None:
    """Let every activity come to its end."""
    await _all(world, people, "cancel", lambda one: one.cancel())
    await world.settle("cancelled")


async def somebody_answers(world: World, people: list[Person]) -> int:
    """Let somebody who registered add something to it, and return the status that they were told; 0 for nobody."""
    world.done["asked while broken"] += 1
    number = world.done["asked while broken"]
    one = people[number % len(people)]
    return await one.send_other_words("T2", "registration", f"En ook nog dit ({number})")


async def be_calm(world: World, report: Report) -> None:
    """Wait until everything that was due has happened, with nothing broken any more."""
    with world.timed("calm"):
        if not await world.settle("calm"):
            report.add("asleep", "not everything that was due happened in the time given")


async def _close_to(world: World, people: list[Person], way: str, of: str) -> None:
    """Let those who go this way answer within 50 ms of a moment, each at another one, with the clock running there."""
    moment = await earliest(people, way, "T3", "registration", of)
    if moment is None:
        return
    chosen = [one for one in people if one.way == way]
    for one in chosen:
        one.send_at = moment + CLOSE * random.Random(f"{world.name} {one.number}").uniform(-1, 1)
    await world.put(moment - timedelta(seconds=4 + 0.4 * len(chosen)))  # they open the page first
    await _all(world, chosen, f"close to {of}", lambda one: one.in_time_or_late(), at_once=len(chosen))
    for one in chosen:
        one.send_at = None
    await world.settle(f"close to {of}")


async def _all(
    world: World,
    people: list[Person],
    what: str,
    deed: Callable[[Person], Awaitable[None]],
    at_once: int = AT_ONCE,
) -> None:
    """Let everybody do something, some at once, each until it worked."""
    room = asyncio.Semaphore(at_once)

    async def do(one: Person) -> None:
        async def in_turn() -> None:
            async with room:
                await deed(one)

        await world.until_works(in_turn, f"{what}: {one.title}")

    with world.timed(what):
        await asyncio.gather(*(do(one) for one in people))
