"""Whether the time of an answer tells what the answer does not: ``make timing``.

An installation is served by a process of its own, over TCP, without the limits on how often somebody asks. A question
is asked of what is there and of what is not, in random order, as many of each; Welch's test says how often chance alone
would make a difference as large as the one that is seen. A difference (p below 0.01) ends with 1.

``addresses``: signing in with the address of a coordinator, and with one that nobody has. ``tokens``: opening a link
that was revoked, and one that never was. ``ids``: posting to the page of a link that was revoked, and of one that never
was, in a browser that opened neither. ``halves``: a token that begins as a real one does, and one that does not.
"""

import argparse
import asyncio
import math
import random
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from sqlalchemy import select

from models.tables.activities import Participation
from sandwich.demo.region import load_region
from sandwich.running.logs import silent
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.links import Links, revoke_links
from sandwich.settings import Settings, read_settings
from sandwich.store.migrate import upgrade
from sandwich.web.app import make_app
from sandwich.web.rate import Window
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.prefect import free_port
from tests.support.stages import NOW, SECRET

KEPT = Path(__file__).parents[2] / "docs" / "timing.txt"
LEAST = 0.01
"""Chance alone makes a difference as large as seen at least so often, or it is one."""

BESIDE = {"addresses": 8}
"""How many ask at the same time: an answer about an address takes as long as a floor, most of which is waiting."""

_KEY = re.compile(r'name="_key" value="([^"]+)"')

Ask = Callable[[httpx.AsyncClient], Awaitable[int]]


@dataclass(frozen=True)
class Compared:
    """How long answers took, in seconds, about what is there and about what is not."""

    name: str
    there: Sequence[float]
    not_there: Sequence[float]

    @property
    def chance(self) -> float:
        """How often chance alone makes a difference as large, by Welch's test; of so many, t is as good as normal."""
        spread = sum(statistics.variance(times) / len(times) for times in (self.there, self.not_there))
        difference = statistics.fmean(self.there) - statistics.fmean(self.not_there)
        return math.erfc(abs(difference) / math.sqrt(spread) / math.sqrt(2))

    def line(self) -> str:
        """Say it in one line, in milliseconds."""
        means = [1000 * statistics.fmean(times) for times in (self.there, self.not_there)]
        medians = [1000 * statistics.median(times) for times in (self.there, self.not_there)]
        return (
            f"{self.name:10} {len(self.there):6} {means[0]:10.3f} {means[1]:10.3f} {medians[0]:10.3f} "
            f"{medians[1]:10.3f} {self.chance:8.3f}"
        )


async def compare(
    name: str, base: str, there: Sequence[Ask], not_there: Ask, number: int, draw: random.Random
) -> Compared:
    """Ask ``number`` times about what is there and as often about what is not, in random order."""
    order = [True, False] * number
    draw.shuffle(order)
    times: dict[bool, list[float]] = {True: [], False: []}
    statuses: dict[bool, set[int]] = {True: set(), False: set()}

    async def work() -> None:
        async with httpx.AsyncClient(base_url=base, headers={"origin": base}) as client:
            while order:
                is_there = order.pop()
                ask = draw.choice(there) if is_there else not_there
                began = time.perf_counter()
                status = await ask(client)
                times[is_there].append(time.perf_counter() - began)
                statuses[is_there].add(status)

    await asyncio.gather(*(work() for _ in range(BESIDE.get(name, 1))))
    if any(len(found) != 1 for found in statuses.values()) or statuses[True] & {429, 500}:
        raise SystemExit(f"{name}: answers of {statuses}, so the times mean nothing.")
    return Compared(name, times[True], times[False])


def serve(settings: Settings) -> None:
    """Serve an installation to whoever asks as often as they want."""
    silent()
    app = make_app(open_runtime(settings))
    any_number = Window(10**9, 1)
    keeper, turnstile = app.state.doorkeeper, app.state.turnstile
    keeper.addresses = keeper.clients = keeper.schools = any_number
    turnstile.links = turnstile.misses = any_number
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False)


async def prepare(settings: Settings) -> tuple[list[str], list[str], list[str]]:
    """Make an installation; return the addresses of coordinators, and tokens and ids of links that were revoked."""
    await upgrade(settings.store_url)
    runtime = open_runtime(settings)
    try:
        await runtime.clock.set(NOW)
        await load_region(runtime, NOW)
        cast = await Cast.read(runtime)
        play = await Play.begin(runtime, cast)
        tokens, ids = await _revoked(runtime, play)
        return [cast.mail(code) for code in ("C1", "C2")], tokens, ids
    finally:
        await runtime.close()


async def _revoked(runtime: Runtime, play: Play) -> tuple[list[str], list[str]]:
    async with runtime.store.change(now=NOW, actor="timing", stream=play.activity_id) as session:
        parts = list(await session.scalars(select(Participation).where(Participation.activity_id == play.activity_id)))
        links = await Links.of(session, runtime.settings, [one.id for one in parts])
        tokens = [links.token(one, None, NOW) for one in parts]
        await session.flush()
        for one in parts:
            await revoke_links(session, one.id, NOW)
        return tokens, [link.id for found in links.found.values() for link in found]


def opens(path: str) -> Ask:
    """Return what opens a page."""

    async def ask(client: httpx.AsyncClient) -> int:
        return (await client.get(path)).status_code

    return ask


def posts(path: str, **fields: str) -> Ask:
    """Return what sends a form."""

    async def ask(client: httpx.AsyncClient) -> int:
        return (await client.post(path, data=fields)).status_code

    return ask


async def measure(
    base: str, known: Sequence[str], tokens: Sequence[str], ids: Sequence[str], number: int
) -> list[Compared]:
    """Ask everything ``number`` times about what is there, and as often about what is not."""
    draw = random.Random(7)
    async with httpx.AsyncClient(base_url=base) as client:
        await _answers(client)
        found = _KEY.search((await client.get("/login")).text)
        assert found is not None
        key = found.group(1)

    async def ask_unknown(client: httpx.AsyncClient) -> int:
        name, _, domain = known[0].partition("@")
        return await posts("/login", _key=key, address=f"{secrets.token_hex(20)[: len(name)]}@{domain}")(client)

    async def open_unknown(client: httpx.AsyncClient) -> int:
        return await opens(f"/f/{secrets.token_urlsafe(32)[: len(tokens[0])]}")(client)

    async def post_unknown(client: httpx.AsyncClient) -> int:
        return await posts(f"/f/{secrets.token_hex(12)}", goal="x")(client)

    async def open_half(client: httpx.AsyncClient) -> int:
        token = draw.choice(tokens)
        half = token[: len(token) // 2]
        return await opens(f"/f/{half}{secrets.token_urlsafe(32)[: len(token) - len(half)]}")(client)

    plan: list[tuple[str, list[Ask], Ask]] = [
        ("addresses", [posts("/login", _key=key, address=one) for one in known], ask_unknown),
        ("tokens", [opens(f"/f/{one}") for one in tokens], open_unknown),
        ("ids", [posts(f"/f/{one}", goal="x") for one in ids], post_unknown),
        ("halves", [open_half], open_unknown),
    ]
    return [await compare(name, base, there, not_there, number, draw) for name, there, not_there in plan]


async def _answers(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.2)


async def main() -> int:
    """Measure, say it, and with ``--keep`` write it to docs."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--number", type=int, default=1000, help="how often each question is asked of each kind")
    arguments.add_argument("--keep", action="store_true", help="write what was found to docs/timing.txt")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="sandwich-timing-") as folder:
        settings = installation(Path(folder), free_port())
        known, tokens, ids = await prepare(settings)
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.hostile.timing", "--serve", folder, str(settings.port)
        )
        try:
            found = await measure(settings.base_url, known, tokens, ids, given.number)
        finally:
            server.terminate()
            await server.wait()
    said = [
        "Written by `make timing`: milliseconds until an answer about what is there and about what is not, in random",
        f"order; p: how often chance alone makes a difference as large (Welch's test; below {LEAST} it is one).",
        "",
        "asked           of each   mean there        not med. there        not        p",
        *(one.line() for one in found),
    ]
    sys.stdout.write("\n".join(said) + "\n")
    if given.keep:
        KEPT.write_text("\n".join(said) + "\n", encoding="utf-8")
    return 0 if all(one.chance > LEAST for one in found) else 1


def installation(folder: Path, port: int) -> Settings:
    """Return the settings of the installation in a folder."""
    return read_settings(
        {},
        environment="development",
        data=folder,
        port=port,
        base_url=f"http://127.0.0.1:{port}",
        secret_key=SECRET,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(installation(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        sys.exit(asyncio.run(main()))
