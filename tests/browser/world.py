"""The demo's region, told once, and a browser in it: pages are looked at in loops, as what costs is to begin."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import BrowserContext, Page
from sqlalchemy import select

from models.tables.activities import ACTIVE, Activity, Participation
from sandwich.demo.play import Demo, enter
from sandwich.running.own_secrets import settings_with_secrets
from sandwich.runtime import Runtime, open_runtime
from sandwich.settings import Settings
from tests.browser.axe import AXE, DESK, faults
from tests.support.copies import copy_of
from tests.support.databases import apart
from tests.support.linked import link_for
from tests.support.once import made_once
from tests.web.chromium import Served, served

DEMO = ".sandwich-demo"

COORDINATOR = "Kijk als Jolanda Meerdink"
"""The button of the demo's first page by which she signs in."""


def tell(folder: Path) -> Settings:
    """Tell the whole region, once for all files, as ``sandwich demo --region`` does; nothing in it may be changed.

    A file that is run without the others tells it in ``folder``.
    """

    def set_up(made: Path) -> None:
        demo = Demo(made / DEMO)
        settings = demo.prepare({}, 8000, 2525, 4200)
        apart(demo.set_up(settings, region=True, watching=lambda: nullcontext(lambda _done, _of: None)))

    environ: dict[str, str] = {}
    enter(environ, made_once("region", set_up, folder) / DEMO)
    return settings_with_secrets(environ)


def copied(settings: Settings, folder: Path) -> Settings:
    """Return the settings of a copy, in which anything may be done."""
    return copy_of(settings, folder, webhook_addresses="https://rooster.school.example/sandwich")


@dataclass
class World:
    """The region, served, with a browser. ``wrong`` gathers what is wrong, by what was looked at."""

    runtime: Runtime
    site: Served
    wrong: dict[str, list[str]]

    async def context(self, *, script: bool = True) -> BrowserContext:
        """Open a window of its own, in which nothing moves and every page can be looked at by axe."""
        context = await self.site.context(script=script, size=DESK)
        await context.add_init_script(path=AXE)
        return context

    async def look(self, page: Page, what: str) -> None:
        """Look at a page as it stands, and note what keeps somebody from using it."""
        found = await faults(page)
        if found:
            self.wrong[what] = found

    async def link(self, participation_id: str, invitation_id: str | None = None) -> str:
        """Return the address of a personal link, as a mail carries it."""
        now = await self.runtime.clock.now()
        async with self.runtime.store.change(now=now, actor="mail", stream="browser") as session:
            token = await link_for(session, self.runtime.settings, participation_id, invitation_id, now)
        return f"{self.site.address}/f/{token}"

    async def one_of_each_role(self) -> Sequence[Participation]:
        """Return one who takes part for each role of each kind of activity."""
        async with self.runtime.store.read() as session:
            rows = await session.execute(
                select(Activity.kind, Participation)
                .join(Activity, Activity.id == Participation.activity_id)
                .where(Participation.standing.in_(ACTIVE))
                .order_by(Participation.id.desc())
            )
            return list({(kind, one.role): one for kind, one in rows}.values())


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[World]:
    """Serve a region and open a browser on it."""
    runtime = open_runtime(settings)
    try:
        async with served(runtime) as site:
            yield World(runtime, site, {})
    finally:
        await runtime.close()


def told(wrong: dict[str, list[str]]) -> str:
    """Write down what is wrong, one page after the other."""
    return "\n".join(f"{what}\n    " + "\n    ".join(lines) for what, lines in sorted(wrong.items()))
