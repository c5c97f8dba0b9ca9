"""Faults of the network and of the clock: cut, swallowed and slow lines, a clock that jumps (N3, N6)."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from tests.faults.nemesis import fault
from tests.faults.world import World
from tests.support.proxy import End


@fault("cut", (1, 8))
@asynccontextmanager
async def cut(world: World, chance: random.Random) -> AsyncIterator[str]:
    """Cut, swallow, slow or reset the line to the mail server, to Prefect or to the database."""
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("mail", {"after_pattern": rb"\r\n\.\r\n"}),
        ("mail", {"after_bytes": chance.randint(50, 4000), "end": End.RESET}),
        ("mail", {"swallows": True}),
        ("mail", {"delay": 0.2, "bytes_per_second": 20_000.0}),
        ("prefect", {"refuses": True}),
        ("prefect", {"after_bytes": chance.randint(500, 20_000), "end": End.RESET}),
    ]
    if "database" in world.proxies:
        kinds += [("database", {"refuses": True}), ("database", {"after_bytes": 3000, "end": End.BLACK_HOLE})]
    line, weather = chance.choice(kinds)
    proxy = world.proxies[line]
    proxy.set(**weather)
    if "delay" not in weather:
        proxy.cut(weather.get("end", End.RESET))
    try:
        yield f"{line} {'/'.join(sorted(weather))}"
    finally:
        proxy.set()
        proxy.cut()  # what hangs is noticed when the line comes back
        if line == "database":
            await world.until_works(
                lambda: end_sessions(world), "ending sessions"
            )  # as an operator would, where the server does not know that the line is dead


async def end_sessions(world: World) -> None:
    """Let PostgreSQL end every session but our own."""
    async with world.runtime.store.engine.connect() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        )


@fault("clock", (4, 8))
@asynccontextmanager
async def clock(world: World, chance: random.Random) -> AsyncIterator[str]:
    """Let the clock of the activities jump a day back, or a day ahead, and be put right a while later."""
    days = chance.choice((-1, 1))
    jump = timedelta(days=days)

    async def turn(by: timedelta) -> None:
        await world.runtime.clock.set(await world.runtime.clock.now() + by)

    await world.until_works(lambda: turn(jump), "turning the clock")
    try:
        yield f"{days:+d} d"
    finally:
        await world.until_works(lambda: turn(-jump), "turning the clock back")
