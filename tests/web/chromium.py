"""A real Chromium on a real server, for what only a browser can show."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

from sandwich.runtime import Runtime
from sandwich.web.app import make_app
from tests.support.need import need

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 360, "height": 740}
OWN = ("chrome://", "chrome-extension://")
"""Parts of Chromium itself, which it opens to show a PDF: they come from no host."""


def need_chromium() -> None:
    """Skip where there is no Chromium; where ``CI=true`` that is a failure."""
    need(CHROMIUM.exists(), "no Chromium at /usr/bin/chromium: apt-get install chromium")


@dataclass
class Served:
    """A server and a browser.

    ``requests`` are all addresses that any page asked for, ``opened`` those that were opened as a page; ``complaints``
    is what the browser had to say of what it was given.
    """

    address: str
    browser: Browser
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    async def context(self, *, script: bool = True, size: dict[str, int] | None = None) -> BrowserContext:
        """Open a window of its own: other cookies than every other window."""
        width = size or PHONE
        context = await self.browser.new_context(
            viewport={"width": width["width"], "height": width["height"]},
            java_script_enabled=script,
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
        )
        context.on("request", self._asked)
        context.on("console", self._said)
        return context

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(OWN):
            self.requests.append(request.url)
        if request.is_navigation_request():
            self.opened.add(request.url)

    def _said(self, said: ConsoleMessage) -> None:
        # The status of a page is for whoever opens it; that of what belongs to a page is a complaint.
        about = said.location.get("url", "")
        if not (said.text.startswith("Failed to load resource") and about in self.opened):
            self.complaints.append(f"{said.text} ({about})")

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
            yield Served(address, browser)
            await browser.close()
    finally:
        server.should_exit = True
        await running
