"""A real Chromium on a real server, for what only a browser can show."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from sandwich.runtime import Runtime
from sandwich.web.app import make_app
from tests.support.need import need

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 360, "height": 740}


def need_chromium() -> None:
    """Skip where there is no Chromium; where ``CI=true`` that is a failure."""
    need(CHROMIUM.exists(), "no Chromium at /usr/bin/chromium: apt-get install chromium")


@dataclass
class Served:
    """A server and a browser. ``requests`` are all addresses that any page asked for."""

    address: str
    browser: Browser
    requests: list[str]
    complaints: list[str]

    async def context(self, *, script: bool = True, size: dict[str, int] | None = None) -> BrowserContext:
        """Open a window of its own: other cookies than every other window."""
        width = size or PHONE
        context = await self.browser.new_context(
            viewport={"width": width["width"], "height": width["height"]},
            java_script_enabled=script,
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
        )
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", lambda said: self.complaints.append(said.text))
        return context

    async def page(self, path: str, *, script: bool = True, size: dict[str, int] | None = None) -> Page:
        """Open a page in a window of its own."""
        page = await (await self.context(script=script, size=size)).new_page()
        await page.goto(self.address + path)
        return page


@asynccontextmanager
async def served(runtime: Runtime) -> AsyncIterator[Served]:
    """Serve the application on a free port of this machine and start Chromium."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = runtime.settings.model_copy(update={"base_url": address})
    app = make_app(replace(runtime, settings=settings))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve())
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
            yield Served(address, browser, [], [])
            await browser.close()
    finally:
        server.should_exit = True
        await running
