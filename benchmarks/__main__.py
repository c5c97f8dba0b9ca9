"""Measure on this machine, in one run, ours beside what it is compared with.

``python -m benchmarks [NAME...]``: all, or the named ones. Each prints its own table.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks import chain, mails, pairing, parts, rows, sending
from benchmarks.place import a_place
from sandwich.running.logs import silent
from tests.support.prefect import talk_to


async def _wakes() -> None:
    async with a_place() as place:
        talk_to(place.prefect)
        from benchmarks import wakes

        await wakes.measure(place, ours=300, stock=24)


async def _servers() -> None:
    async with a_place() as place:
        talk_to(place.prefect)
        from benchmarks import servers

        await servers.measure(place)


async def _rows() -> None:
    async with a_place(with_prefect=False) as place:
        await rows.measure(place)


async def _mails() -> None:
    async with a_place(with_prefect=False) as place:
        await mails.measure(place)


async def _sending() -> None:
    async with a_place(with_prefect=False) as place:
        await sending.measure(place)


async def _chain() -> None:
    async with a_place(with_prefect=False) as place:
        await chain.measure(place)


def _large(name: str) -> Callable[[], Awaitable[None]]:
    """One of the measures with thousands of activities."""

    async def work() -> None:
        async with a_place() as place:
            talk_to(place.prefect)
            from benchmarks import lateness, morning, parked, restart

            await {"parked": parked, "restart": restart, "morning": morning, "lateness": lateness}[name].measure(place)

    return work


async def _parts() -> None:
    await parts.main(30)


async def _pairing() -> None:
    pairing.measure()


MEASURES: dict[str, Callable[[], Awaitable[None]]] = {
    "parts": _parts,
    "pairing": _pairing,
    "rows": _rows,
    "mails": _mails,
    "sending": _sending,
    "wakes": _wakes,
    "servers": _servers,
    "parked": _large("parked"),
    "restart": _large("restart"),
    "morning": _large("morning"),
    "lateness": _large("lateness"),
    "chain": _chain,
}


def main(names: list[str]) -> int:
    """Run the named measures, or all."""
    silent()
    for name in names or list(MEASURES):
        if name not in MEASURES:
            sys.stderr.write(f"There is no measure {name!r}; there are: {', '.join(MEASURES)}.\n")
            return 2
        asyncio.run(MEASURES[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
