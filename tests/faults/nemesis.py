"""What breaks a world: one fault after the other, in an order that the seed decides, each mended after a while."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from sandwich.clock import real_now
from tests.faults.world import TRANSIENT, Happened, World

Break = Callable[[World, random.Random], AbstractAsyncContextManager[str]]


class NotHere(Exception):
    """This machine, or this kind of database, cannot have the fault; says why."""


@dataclass(frozen=True)
class Fault:
    """One way to break something. Entering ``breaks`` does it, leaving mends it; it gives what is to be noted."""

    name: str
    breaks: Break
    seconds: tuple[float, float]
    lane: int = 0  # faults of one lane come one after the other, those of two at the same time
    says: str = ""  # a pattern that some log must have, soon, where anybody was refused because of it
    on: str = ""  # the only kind of database that can have it


FAULTS: dict[str, Fault] = {}
AFTER = {0: "ready", 1: "first answers", 2: "the host chooses", 3: "begin"}
"""The point of the season from which on each lane breaks things."""


def fault(
    name: str, seconds: tuple[float, float] = (0, 0), *, lane: int = 0, says: str = "", on: str = ""
) -> Callable[[Break], Break]:
    """Add a fault to the list."""

    def add(breaks: Break) -> Break:
        FAULTS[name] = Fault(name, breaks, seconds, lane, says, on)
        return breaks

    return add


@dataclass
class Nemesis:
    """Works through its faults while ``run`` is not cancelled; ``left`` are those that are still to come."""

    world: World
    chance: random.Random
    numbers: Mapping[str, int]
    pause: tuple[float, float]
    somebody_answers: Callable[[], Awaitable[int]]  # and is told a status, or nothing (0)
    left: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, count in self.numbers.items():
            found = FAULTS[name]
            if found.on in {"", self.world.name}:
                self.left += [found] * count
        self.chance.shuffle(self.left)

    def has_more(self) -> bool:
        """Return whether something is still to be broken."""
        return bool(self.left)

    async def run(self) -> None:
        """Break everything, every lane beside the others, each from its own point of the season on."""
        await asyncio.gather(*(self._lane(lane) for lane in sorted({one.lane for one in self.left})))

    async def _lane(self, lane: int) -> None:
        chance = random.Random(f"{self.chance.random()} {lane}")
        while AFTER[lane] not in self.world.times:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.2)
        for one in [one for one in self.left if one.lane == lane]:
            await asyncio.sleep(chance.uniform(*self.pause))
            try:
                await self._do(one, chance)
            except NotHere as why:
                self.world.skipped.add(f"{one.name}: {why}")
            except Exception as error:
                raise RuntimeError(f"{one.name} could not be made: {type(error).__name__} {error}") from error
            self.left.remove(one)

    async def _do(self, one: Fault, chance: random.Random) -> None:
        world, began, seconds = self.world, real_now(), chance.uniform(*one.seconds)
        told: list[int] = []
        async with one.breaks(world, chance) as what:
            world.note(f"{one.name} begins" if seconds else one.name, how=what)
            asking = asyncio.create_task(self._ask(told)) if one.says else None
            await asyncio.sleep(seconds)
            if asking is not None:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
        refused = sum(status >= 500 for status in told)
        if seconds:
            after = f"{(real_now() - began).total_seconds():.1f}s"
            world.note(f"{one.name} ends", after=after, **({"told": told} if one.says else {}))
        world.done[one.name] += 1
        if one.says:
            world.done[f"{one.name}-noticed"] += bool(refused)
        world.happened.append(Happened(f"{one.name} {what}", began, real_now(), one.says if refused else ""))

    async def _ask(self, told: list[int]) -> None:
        """Let somebody answer again and again while something is broken, and keep what they are told."""
        while True:
            with contextlib.suppress(*TRANSIENT):
                told.append(await self.somebody_answers())
            await asyncio.sleep(0.3)


async def mend(world: World) -> None:
    """Let everything be well again, whatever was broken off in the middle."""
    for proxy in world.proxies.values():
        proxy.set()
        proxy.cut()
    for ballast in world.ballast:
        with contextlib.suppress(*TRANSIENT):
            ballast.unlink(missing_ok=True)
