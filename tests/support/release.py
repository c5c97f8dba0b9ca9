"""Make the database of a release, with activities half done in every state that one can wait in.

``python -m tests.support.release FILE.sqlite.xz`` writes it with the code that is checked out. It is made once, when a
version is released, and kept (``tests/store/releases/``): every later version must be able to go on with it.
"""

import asyncio
import lzma
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandwich.clock import Clock
from sandwich.demo.region import load_region
from sandwich.runtime import Runtime, open_library
from sandwich.services import start, steer
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.store.migrate import upgrade
from tests.support.cast import Cast
from tests.support.chorus import Chorus
from tests.support.driver import Play, local
from tests.support.stages import SECRET

BEGINS = "2026-09-24 10:00"
AT = "2026-12-15 14:00"
"""The moment that the database is from."""


def visit(title: str, day: str, **changes: Any) -> dict[str, Any]:
    """Return what a small visit on that afternoon differs in from A1."""
    return {
        "title": title,
        "dates": [{"start": f"{day} 13:30", "end": f"{day} 16:30"}],
        "teachers": ["T2", "T3"],
        "place": "Spantlaan 12, Wilgendam",
    } | changes


async def make(url: str) -> None:
    """Fill an empty database up to ``AT``."""
    await upgrade(url)
    store = Store(url)
    settings = read_settings({}, environment="development", database_url=url, secret_key=SECRET)
    runtime = Runtime(settings, store, Clock(store), open_library(settings))
    try:
        await runtime.ensure_own()
        await runtime.clock.set(local(BEGINS))
        await load_region(runtime, local(BEGINS))
        await _tell(runtime, Chorus(runtime, await Cast.read(runtime)))
    finally:
        await store.close()


async def _tell(runtime: Runtime, chorus: Chorus) -> None:
    cast = chorus.cast

    async def begin(title: str, day: str, **changes: Any) -> Play:
        play = await chorus.add(await Play.begin(runtime, cast, **visit(title, day, **changes)))
        await chorus.turn()
        return play

    await begin("Afgerond", "2026-11-05")
    await chorus.to("2026-10-26 12:00", answering=True)
    for title, day in (("Kaart bij het bedrijf", "2026-12-03"), ("Evaluatie open", "2026-12-10")):
        await begin(title, day)
    await begin("Tijdens", "2026-12-15")
    await chorus.to("2026-12-03 18:00", answering=True)

    # From here on people answer what the state needs that an activity is to wait in, and nothing more.
    asked = {}
    for title, day in (
        ("Tegenvoorstel", "2027-01-07"),
        ("Wacht op vrijroosteren", "2027-01-07"),
        ("Uitgesteld", "2027-01-07"),
        ("Geannuleerd", "2027-01-07"),
        ("Gevraagd mee te doen", "2027-01-14"),
        ("Datum vast", "2027-01-21"),
        ("Bedrijf gevraagd", "2027-01-21"),
    ):
        asked[title] = await begin(title, day)
        if title not in {"Datum vast", "Bedrijf gevraagd"}:
            await asked[title].answer("P3", "date-poll", turn=False)
        await chorus.turn()
    await chorus.to("2026-12-08 12:00")
    for code in ("T2", "T3"):
        await chorus.plays["Kaart bij het bedrijf"].answer(code, "impressions", turn=False)
    await chorus.to("2026-12-10 17:00")
    await chorus.plays["Evaluatie open"].answer("T2", "attendance", turn=False)
    released = asked["Wacht op vrijroosteren"]
    await released.answer("T2", "registration", turn=False, attend="yes")
    await released.answer("T2", "goals", turn=False)
    await released.answer("P3", "task-division", turn=False, agree="agreed", hours_plan="10")
    await asked["Tegenvoorstel"].answer(
        "P3", "task-division", turn=False, agree="changes", max_group="8", counter="Acht mensen", hours_plan="10"
    )
    await chorus.to("2026-12-11 12:00")
    await asked["Datum vast"].answer("P3", "date-poll", turn=False)
    await asked["Uitgesteld"].answer("T3", "registration", turn=False, attend="yes")
    now = await runtime.clock.now()
    await steer.hold(runtime, asked["Uitgesteld"].activity_id, "Ander bedrijf", now=now, actor=cast.id("C1"))
    await start.make_concept(
        runtime, "company-visit", "S1", "B3", "C1", [local("2027-02-04 13:30").date()], "trends", 8
    )
    await chorus.to(AT)
    now = await runtime.clock.now() + timedelta(minutes=1)
    await steer.cancel(runtime, asked["Geannuleerd"].activity_id, "Bedrijf stopt", now=now, actor=cast.id("C1"))


def main(path: Path) -> None:
    """Write the database, compressed, to ``path``."""
    with tempfile.TemporaryDirectory() as folder:
        file, small = Path(folder, "full.db"), Path(folder, "small.db")
        asyncio.run(make(f"sqlite+aiosqlite:///{file}"))
        with closing(sqlite3.connect(file)) as database:
            database.execute("VACUUM INTO ?", (str(small),))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lzma.compress(small.read_bytes(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
