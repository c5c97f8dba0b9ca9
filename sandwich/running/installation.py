"""Everything that one school needs on one machine, kept going by one supervisor."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandwich.orchestration.server import Prefect
from sandwich.running.ports import need_free
from sandwich.running.supervisor import Part, Supervisor
from sandwich.runtime import open_runtime
from sandwich.services.free_days import renew_holidays
from sandwich.settings import PREFIX, Settings
from sandwich.store.migrate import current, ensure_current, upgrade

LOG_LIMIT = 10_000_000
"""A log file of more bytes than this is set aside at the next start; one older one is kept."""


def parts_of(settings: Settings, logs: Path | None = None) -> list[Part]:
    """Return the parts of an installation, each after those that it needs until it has stopped.

    Prefect's server writes to ``server.log`` in its own folder, the others where we do, or to files in ``logs``.
    """

    def own(name: str, log: Path | None = None, **given: Any) -> Part:
        log = log or (logs / f"{name}.log" if logs else None)
        return Part(name, ("-m", "sandwich", name), output=_log_file(log) if log else None, **given)

    prefect, parts = Prefect.of(settings), []
    if not settings.prefect_api_url:  # otherwise somebody else runs it
        parts.append(own("prefect", prefect.folder / "server.log", answers=prefect.answers))
    parts += [own("web"), own("deliver")]
    if settings.takes_mail:
        parts.append(own("receive"))
    return [*parts, own("worker", start_seconds=180.0, stop_seconds=40.0)]


async def run_installation(settings: Settings, on_ready: Callable[[], None]) -> None:
    """Run an installation until SIGTERM or SIGINT. A database that was never made is made; an old one, or
    somebody else's, is refused. Holidays that came with this version are written into it.
    """
    need_free(settings.host, settings.port, f"{PREFIX}PORT")
    if not settings.prefect_api_url:
        need_free(settings.prefect_host, settings.prefect_port, f"{PREFIX}PREFECT_PORT")
    if await current(settings.store_url) is None:
        await upgrade(settings.store_url)
    await ensure_current(settings.store_url)
    runtime = open_runtime(settings)
    try:
        await runtime.ensure_own()
        await renew_holidays(runtime, await runtime.clock.now())
    finally:
        await runtime.close()
    await keep_going(Supervisor(parts_of(settings)), on_ready)


async def keep_going(supervisor: Supervisor, on_ready: Callable[[], None]) -> None:
    """Run a supervisor until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, supervisor.stop)
    await supervisor.run(on_ready)


def _log_file(path: Path) -> Path:
    """Return ``path``, after setting aside a file there that has grown large."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return path
