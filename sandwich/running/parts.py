"""What each part of an installation does when it runs: pages, deliveries, activities, Prefect's server."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog

from sandwich.errors import SandwichError, loggable
from sandwich.orchestration.faults import place_of
from sandwich.orchestration.server import Prefect, PrefectUnreachable
from sandwich.running.garbage import leave_alone_what_stays
from sandwich.running.handles import need_handles
from sandwich.running.ports import need_free
from sandwich.running.ready import tell_ready
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.card_index import index_missing
from sandwich.services.profiles import ask_profiles
from sandwich.services.remind import handle_due
from sandwich.services.weekly import plan_overviews
from sandwich.settings import PREFIX, Settings
from sandwich.store.migrate import ensure_current

DUE_SECONDS = 1.0
"""Pause between two looks at what is due for single people: the clock, and one small query."""

RARELY_SECONDS = 5.0
"""Pause between two looks at what comes once a week or once a year: overviews, and the profiles of companies."""

LONGEST_PAUSE_SECONDS = 30.0
FINISH_SECONDS = 15.0
"""How long a part that was told to stop may go on with what it has in hand."""

PREFECT_SECONDS = 300.0
"""How long the worker waits for Prefect before it gives up."""

BEHIND = 5
"""How far Prefect's server and our worker stand behind pages and deliveries (see nice(2), sched(7))."""

log = structlog.get_logger(__name__)


class NothingComesIn(SandwichError):
    """No mail comes in: set SANDWICH_INCOMING_LISTEN or SANDWICH_INCOMING_IMAP_HOST (docs/running.md)."""

    dutch = "Er komt geen mail binnen: zet SANDWICH_INCOMING_LISTEN of SANDWICH_INCOMING_IMAP_HOST (docs/running.md)."


def stand_behind() -> None:
    """Let this process wait for those that people wait for. A wake may take a minute longer, a page or a mail not."""
    if hasattr(os, "nice"):
        os.nice(BEHIND)
    # Linux shares the processors out among sessions first, and has a number of its own for each of them.
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(BEHIND), encoding="ascii")


def become_prefect(settings: Settings) -> None:
    """Turn this process into Prefect's server; never returns."""
    need_free(settings.prefect_host, settings.prefect_port, f"{PREFIX}PREFECT_PORT")
    prefect = Prefect.of(settings)
    prefect.folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **prefect.server_environment()}
    stand_behind()
    where = ("--host", settings.prefect_host, "--port", str(settings.prefect_port))
    os.execve(sys.executable, [sys.executable, "-m", "prefect", "server", "start", *where], environment)  # noqa: S606 - no shell


def serve_pages(settings: Settings) -> None:
    """Serve the web pages until SIGTERM or SIGINT."""
    import uvicorn

    from sandwich.web.app import make_app
    from sandwich.web.board.live import Lines
    from sandwich.web.patience import Patient

    need_handles()
    need_free(settings.host, settings.port, f"{PREFIX}PORT")

    class Server(uvicorn.Server):
        """Tells when it listens."""

        def __init__(self, config: uvicorn.Config, lines: Lines) -> None:
            super().__init__(config)
            self.lines = lines

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            """Listen, and say so."""
            await super().startup(sockets)
            if self.started:
                tell_ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            """Close what would stay open, then wait for what is in hand."""
            self.lines.close()
            await super().shutdown(sockets)

    async def serve() -> None:
        runtime = open_runtime(settings)
        try:
            await runtime.ensure_own()
            app = make_app(runtime)
            leave_alone_what_stays()
            config = uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                http=Patient,
                ws="none",  # pages are told of changes over plain HTTP
                proxy_headers=False,  # the application looks itself whose they are: SANDWICH_TRUSTED_PROXIES
                timeout_graceful_shutdown=10,
            )
            await Server(config, app.state.lines).serve()
        finally:
            await runtime.close()

    asyncio.run(serve())


def deliver(settings: Settings) -> None:
    """Handle what is due for single people and deliver the outbox until SIGTERM or SIGINT."""
    need_handles()

    async def work() -> None:
        from sandwich.hooks import deliver as hooks
        from sandwich.mail.deliver import run

        runtime = open_runtime(settings)
        try:
            await runtime.ensure_own()
            leave_alone_what_stays()
            tell_ready()
            services = [lambda stop: handle_due_rows(runtime, stop), lambda stop: run(runtime, stop)]
            if settings.webhook_addresses:
                services.append(lambda stop: hooks.run(runtime, stop))
            await _until_told_to_stop(*services)
        finally:
            await runtime.close()

    asyncio.run(work())


def receive(settings: Settings) -> None:
    """Take mail that comes in and handle it until SIGTERM or SIGINT; raises ``NothingComesIn`` where none can."""
    if not settings.takes_mail:
        raise NothingComesIn
    need_handles()

    async def work() -> None:
        from sandwich.incoming import handle, mailbox
        from sandwich.incoming.listen import listening

        runtime = open_runtime(settings)
        came = asyncio.Event()
        try:
            await runtime.ensure_own()
            async with contextlib.AsyncExitStack() as stack:
                services = [lambda stop: handle.run(runtime, stop, came)]
                if settings.incoming_listen:
                    await stack.enter_async_context(listening(runtime, came.set))
                if settings.incoming_imap_host:
                    services.append(lambda stop: mailbox.look(runtime, stop, came.set))
                leave_alone_what_stays()
                tell_ready()
                await _until_told_to_stop(*services)
        finally:
            await runtime.close()

    asyncio.run(work())


def carry_activities(settings: Settings) -> None:
    """Register the playbooks with Prefect and carry activities until SIGTERM or SIGINT."""
    need_handles()
    stand_behind()
    asyncio.run(_database_is_ours(settings))  # without it there is nothing to wait for Prefect for
    prefect = Prefect.of(settings)
    # Prefect reads its settings once, when it is imported, which happens below.
    os.environ.update(prefect.environment())

    async def register() -> None:
        # Importing takes seconds, in which a server that starts at the same time gets on with it.
        from prefect.client.orchestration import get_client

        from sandwich.orchestration.deployments import register_playbooks

        await _prefect_answers(prefect)
        runtime = open_runtime(settings)
        try:
            async with get_client() as client:
                names = await register_playbooks(runtime, client)
        finally:
            await runtime.close()
        log.info("playbooks registered", playbooks=names)

    asyncio.run(register())
    from sandwich.orchestration.work import work

    leave_alone_what_stays()
    tell_ready()
    asyncio.run(work())


async def handle_due_rows(runtime: Runtime, stop: asyncio.Event) -> None:
    """Handle reminders, calls and watches as they become due, until ``stop``; after an error with growing pauses."""
    pause, looked_at = DUE_SECONDS, -RARELY_SECONDS
    while not stop.is_set():
        try:
            if await handle_due(runtime):
                continue
            if time.monotonic() - looked_at >= RARELY_SECONDS:
                if await ask_profiles(runtime) + await plan_overviews(runtime) + await index_missing(runtime):
                    continue
                looked_at = time.monotonic()
            pause = DUE_SECONDS
        except (SandwichError, OSError) as error:
            log.warning("what is due waits", **loggable(error), place=place_of(error))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _database_is_ours(settings: Settings) -> None:
    await ensure_current(settings.store_url)
    runtime = open_runtime(settings)
    try:
        await runtime.ensure_own()
    finally:
        await runtime.close()


async def _until_told_to_stop(*services: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run ``services`` until a signal asks to stop; they get some time to finish what they have in hand."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = [asyncio.create_task(service(stop)) for service in services]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await asyncio.wait(running, timeout=FINISH_SECONDS)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    for task in running:
        if not task.cancelled():
            task.result()  # raises what it ended with


async def _prefect_answers(prefect: Prefect) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + PREFECT_SECONDS
    while True:
        try:
            return await prefect.answers()
        except PrefectUnreachable:
            if loop.time() >= until:
                raise
        await asyncio.sleep(0.5)
