"""A PostgreSQL server of our own, from the binaries that Debian installs, for as long as the tests run."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MISSING = "PostgreSQL's initdb is neither in PATH nor in /usr/lib/postgresql: apt-get install postgresql"


@dataclass(eq=False)
class Server:
    """A running server, reached through a socket in ``folder``; ``user`` needs no password. It can be broken."""

    folder: Path
    user: str
    command: Sequence[str | Path] = ()
    account: dict[str, Any] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str) -> str:
        """Return the address of a database on this server."""
        return f"postgresql+asyncpg://{self.user}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start it, also after it was killed, and wait until it takes connections."""
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, **self.account)
        _wait_for(self.folder, self.process)

    def stop(self, number: signal.Signals) -> None:
        """Signal the postmaster and wait until it is gone: SIGQUIT is ``pg_ctl stop -m immediate``."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            self.process.kill()
            self.process.wait()


def find_binaries() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres``; ``None`` when PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextmanager
def running(binaries: Path, *, durable: bool = False, address: str = "") -> Iterator[Server]:
    """Start a server that forgets everything at the end; nothing outside this machine can reach it, or, with an
    ``address`` of it, only who has a password.

    ``durable`` makes it write every commit through to the disk, as a real one does; tests need no such patience.
    """
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="sandwich-pg-"))
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    as_account: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}}
    if account:
        as_account |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    command = [binaries / "postgres", "-D", folder / "data", "-k", folder, "-c", f"listen_addresses={address}"]
    server = Server(folder, "sandwich", [*command, *(_DURABLE if durable else _QUICK)], as_account)
    try:
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "sandwich", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            timeout=500,
            **as_account,
        )
        if address:
            with (folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
                rules.write("host all all samenet scram-sha-256\n")
        server.start()
        yield server
    finally:
        server.stop(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _options(*settings: str) -> list[str]:
    return [part for setting in settings for part in ("-c", setting)]


_QUICK = _options(
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=150",
    "shared_buffers=32MB",
    "autovacuum=off",
    "max_wal_senders=0",
    "wal_level=minimal",
)
_DURABLE = _options("max_connections=120", "shared_buffers=256MB", "max_wal_size=4GB")


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then another account does it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("there is no account postgres or nobody that PostgreSQL could run as")


def _wait_for(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while "ready to accept connections" not in (folder / "log").read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")
        time.sleep(0.05)
