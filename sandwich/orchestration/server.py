"""Prefect's own server as a child process, on loopback, with its own database file and its own login.

Imports nothing of Prefect's, which would cost the caller seconds: it starts processes and asks over http.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from sandwich.errors import SandwichError
from sandwich.settings import Settings

START_SECONDS = 300.0
"""A first start makes the database, which takes a slow machine a while."""

STOP_SECONDS = 15.0


class PrefectUnreachable(SandwichError):
    """Prefect does not answer at {address} ({detail}). Answers are kept, but nothing new is sent until it does."""

    dutch = (
        "Prefect antwoordt niet op {address} ({detail}). Antwoorden blijven bewaard, "
        "maar er gaat niets nieuws uit tot het er weer is."
    )


@dataclass(frozen=True)
class Prefect:
    """Where Prefect is, how to log in there, and where it keeps its things."""

    folder: Path
    port: int
    secret: str
    url: str = ""
    host: str = "127.0.0.1"
    keep_days: int = 30

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the Prefect that an installation uses."""
        return cls(
            folder=settings.data.resolve() / "prefect",
            port=settings.prefect_port,
            secret=settings.prefect_secret.get_secret_value(),
            url=settings.prefect_url,
            host=settings.prefect_host,
            keep_days=settings.keep_runs_days,
        )

    @property
    def api_url(self) -> str:
        """The address of its API."""
        return self.url or f"http://{self.host}:{self.port}/api"

    @property
    def login(self) -> str:
        """What is sent as user and password; empty for a Prefect without login."""
        return f"sandwich:{self.secret}" if self.secret else ""

    def environment(self) -> dict[str, str]:
        """Return the variables that every process needs that talks to Prefect: worker, `prefect` command, command line.

        They hold the secret: hand them on as an environment, never as arguments.
        """
        return {
            "PREFECT_HOME": str(self.folder),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_API_AUTH_STRING": self.login,
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_CLI_PROMPT": "false",
            # Due runs are taken from line at once, and never before their moment.
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_WORKER_PREFETCH_SECONDS": "0",
        }

    def server_environment(self) -> dict[str, str]:
        """Return what the server itself needs besides."""
        origin = f"http://{self.host}:{self.port}"
        return self.environment() | {
            "PREFECT_SERVER_API_HOST": self.host,
            "PREFECT_SERVER_API_PORT": str(self.port),
            "PREFECT_SERVER_API_AUTH_STRING": self.login,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{self.folder / 'prefect.db'}",
            "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origin,
            "PREFECT_UI_API_URL": f"{origin}/api",
            # Out of the box every event of a task run is a transaction, a quarter of what the server does for a wake.
            # Together they are written within a second.
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
            # Out of the box a run is marked late after fifteen seconds, by a transition of its own: in a morning of
            # thousands that is most of them. Late is what we promise not to be.
            "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "900",
            # Events go by age, whatever became of their run; out of the box after seven days.
            "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{self.keep_days}D",
            # And PostgreSQL: five connections are kept, and each forgets statements before it needs them again.
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "15",
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "5",
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_PREPARED_STATEMENT_CACHE_SIZE": "500",
        }

    async def answers(self) -> None:
        """Return when Prefect answers and accepts our login; raises ``PrefectUnreachable`` when it does not."""
        login = httpx.BasicAuth(*self.login.split(":", 1)) if self.login else None
        try:
            async with httpx.AsyncClient(auth=login, timeout=5) as client:
                (await client.get(f"{self.api_url}/admin/version")).raise_for_status()
        except httpx.HTTPStatusError as error:
            detail = "it refuses our secret" if error.response.status_code == 401 else str(error.response.status_code)
            raise PrefectUnreachable(address=self.api_url, detail=detail) from None
        except (httpx.HTTPError, OSError) as error:
            raise PrefectUnreachable(address=self.api_url, detail=type(error).__name__) from None


class PrefectServer:
    """A running server of ours."""

    def __init__(self, prefect: Prefect, process: asyncio.subprocess.Process) -> None:
        self.prefect = prefect
        self.process = process

    @classmethod
    async def start(cls, prefect: Prefect, environ: Mapping[str, str] | None = None) -> Self:
        """Start the server and wait until it answers. Its log is ``server.log`` in Prefect's folder.

        Raises ``PrefectUnreachable`` when it ends by itself or does not answer in time, and when something else
        already listens at its port.
        """
        if await _is_taken(prefect.port):
            raise PrefectUnreachable(address=prefect.api_url, detail=f"port {prefect.port} is in use already")
        prefect.folder.mkdir(parents=True, exist_ok=True)
        arguments = ("-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(prefect.port))
        with (prefect.folder / "server.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                env={**(os.environ if environ is None else environ), **prefect.server_environment()},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal reaches us alone; we stop the server last
            )
        server = cls(prefect, process)
        try:
            await server._wait_until_ready()
        except BaseException:
            await server.stop()
            raise
        return server

    async def stop(self) -> None:
        """Stop the server; it gets some time to finish what it is writing."""
        if self.process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    async def _wait_until_ready(self) -> None:
        ended = asyncio.create_task(self.process.wait())
        try:
            async with asyncio.timeout(START_SECONDS):
                while not ended.done():
                    try:
                        return await self.prefect.answers()
                    except PrefectUnreachable:
                        await asyncio.wait([ended], timeout=0.2)
        except TimeoutError:
            detail = f"it did not come up within {START_SECONDS:.0f} seconds"
            raise PrefectUnreachable(address=self.prefect.api_url, detail=detail) from None
        finally:
            ended.cancel()
        detail = f"it stopped while starting; see {self.prefect.folder.name}/server.log"
        raise PrefectUnreachable(address=self.prefect.api_url, detail=detail)


async def _is_taken(port: int) -> bool:
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
