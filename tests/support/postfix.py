"""Debian's Postfix in a folder of its own: a relay in front of us, and its own test programs behind that."""

import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandwich.running.ports import free_port

HOST = "127.0.0.1"
PATIENCE = 60.0
NOWHERE = 9
"""A port behind it for mail that is not meant to go on."""
MISSING = "Postfix is not installed, or this is not root. Type: apt install postfix"
_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_SETTINGS = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{behind}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
smtpd_client_message_rate_limit = 0
alias_maps =
"""


def is_here() -> bool:
    """Return whether a Postfix of our own can be started."""
    return os.geteuid() == 0 and shutil.which("postfix", path=_path()) is not None


def tool(name: str) -> str:
    """Return the path of a program of Postfix."""
    return shutil.which(name, path=_path()) or name


@dataclass
class Postfix:
    """A Postfix that hands everything on to one port of this machine."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it greets."""
        with (self.folder / "out").open("ab") as out:
            self.process = subprocess.Popen(
                [tool("postfix"), "-c", str(self.folder), "start-fg"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        _answers(self.port)

    def kill(self) -> None:
        """Kill every process of it at once, without a word."""
        until = time.monotonic() + PATIENCE
        while pids := self.pids():  # one that was just being started is found the second time
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > until:
                raise TimeoutError(f"Postfix lives on: {pids}")
            time.sleep(0.05)
        if self.process is not None:
            self.process.wait()

    def pids(self) -> list[int]:
        """Return the processes that were started with this folder as their configuration."""
        mark = f"MAIL_CONFIG={self.folder}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if mark in (entry / "environ").read_bytes() + b"\0":
                    found.append(int(entry.name))
        return [pid for pid in found if pid != os.getpid()]

    def waiting(self) -> int:
        """Return how many mails it has taken and not yet handed on.

        A mail that it was killed over before it said yes to it stays in the queue for a day and a half, without the
        mark (the owner's execute bit) of one that is whole: it is its sender's still, and does not count.
        """
        queues = ("incoming", "active", "deferred", "maildrop")
        files = (path for queue in queues for path in (self.folder / "spool" / queue).rglob("*"))
        return sum(_is_whole(path) for path in files)


@contextlib.contextmanager
def a_postfix(behind: int, **more: object) -> Iterator[Postfix]:
    """Run Postfix on a free port, with further settings of its own; what it takes goes to port ``behind``."""
    with tempfile.TemporaryDirectory(prefix="sandwich-postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # its parts run as users of their own
        for part in ("spool", "data"):
            (folder / part).mkdir()
        shutil.chown(folder / "data", "postfix")
        port = free_port(HOST)
        given = _SETTINGS.format(folder=folder, behind=behind).strip().splitlines()
        lines = [line for line in given if line.partition(" ")[0] not in more]
        lines += [f"{key} = {value}" for key, value in more.items()]
        (folder / "main.cf").write_text("\n".join(lines) + "\n")
        (folder / "master.cf").write_text(_SERVICES.format(port=port))
        running = Postfix(folder, port)
        try:
            running.start()
            yield running
        finally:
            running.kill()


@dataclass
class Sink:
    """Where everything ends, and where it is written down."""

    port: int
    pid: int
    kept: Path | None = None

    def arrived(self) -> dict[str, list[str]]:
        """Return by Message-ID the queue identifiers, in our Postfix, of the mails that came."""
        assert self.kept is not None
        came: dict[str, list[str]] = {}
        text = self.kept.read_text(errors="replace") if self.kept.exists() else ""
        for mail in text.split("X-Client-Addr:")[1:]:
            if key := re.search(r"^Message-ID: (\S+)", mail, re.MULTILINE):
                queue = re.search(r"by relay\.example.*? id (\w+)", mail, re.DOTALL)
                came.setdefault(key.group(1), []).append(queue.group(1) if queue else "")
        return came


@contextlib.contextmanager
def a_sink(kept: Path | None = None) -> Iterator[Sink]:
    """Run ``smtp-sink`` on a free port; with ``kept`` it writes down what comes."""
    port = free_port(HOST)
    keeps = ["-D", str(kept)] if kept else []
    user = ["-u", "root"] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [tool("smtp-sink"), "-4", *user, *keeps, f"{HOST}:{port}", "500"], start_new_session=True
    )
    try:
        _answers(port)
        yield Sink(port, process.pid, kept)
    finally:
        process.kill()
        process.wait()


def _is_whole(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):  # it moves from one queue to the next meanwhile
        mode = path.stat().st_mode
        return stat.S_ISREG(mode) and bool(mode & stat.S_IXUSR)
    return False


def _path() -> str:
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))


def _answers(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=PATIENCE) as line:
            if line.recv(3) == b"220":
                return
        if time.monotonic() > until:
            raise TimeoutError(f"no mail server at port {port}")
        time.sleep(0.05)
