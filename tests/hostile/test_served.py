"""The web server as ``sandwich web`` starts it: two gigabytes are never held, and who is slow holds up nobody."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandwich.store.migrate import upgrade
from sandwich.web.limits import DRAINED_BYTES, PAUSE_SECONDS
from sandwich.web.patience import HEAD_SECONDS
from tests.support.databases import apart
from tests.support.prefect import free_port

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory of a process from /proc"),
]

ROOT = Path(__file__).resolve().parents[2]
SECRET = "HUNTER2-a-key-for-tests-only-32-long"
TWO_GIGABYTES = 2 * 1024**3
ROOM = 60 * 1024
"""Kilobytes that the process may grow by, whatever is sent."""

CALM = 3.0
"""Seconds within which others are answered meanwhile, also on a machine with other work."""

SLOW = 12


@dataclass
class Served:
    """The process, its port, and where it writes its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def peak(self) -> int:
        """The most memory that it ever had, in kilobytes."""
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii"))
        assert found is not None
        return int(found[1])

    def line(self) -> socket.socket:
        """Open a line to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def post(self, *headers: str) -> socket.socket:
        """Begin to send something to the page where anybody may send."""
        line = self.line()
        head = ("POST /login HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers)
        line.sendall("\r\n".join((*head, "Content-Type: application/x-www-form-urlencoded", "", "")).encode())
        return line

    def status(self, line: socket.socket) -> int:
        """Return the status that comes back; 0 where the line is closed without one."""
        with contextlib.suppress(ConnectionError):
            said = line.recv(200)
            return int(said.split()[1]) if said else 0
        return 0

    def answers(self) -> float:
        """Return how long it takes to answer somebody else."""
        began = time.monotonic()
        with self.line() as line:
            line.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            assert self.status(line) == 200
        return time.monotonic() - began


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    apart(upgrade(f"sqlite+aiosqlite:///{folder}/sandwich.db"))
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(folder),
        "SANDWICH_SECRET_KEY": SECRET,
        "SANDWICH_PREFECT_SECRET": "a secret for tests only",
        "SANDWICH_PORT": str(port),
        "SANDWICH_BASE_URL": f"http://127.0.0.1:{port}",
        "SANDWICH_LOG_FORMAT": "json",
    }
    log = folder / "web.log"
    with log.open("wb") as said:
        command = [sys.executable, "-m", "sandwich", "web"]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=said, stderr=subprocess.STDOUT)
    found = Served(process, port, log)
    until = time.monotonic() + 300
    while True:
        with contextlib.suppress(OSError):
            found.answers()
            break
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)
    yield found
    process.terminate()
    process.wait(timeout=60)


def test_control_18_two_gigabytes_are_refused_and_never_held(served: Served) -> None:
    """Announced or not: what a form may bring is known before it is read, and the rest is thrown away."""
    before, piece = served.peak, b"x" * 1024 * 1024
    for announced in (f"Content-Length: {TWO_GIGABYTES}", "Transfer-Encoding: chunked"):
        sent = 0
        with served.post(announced) as line:
            framed = b"%x\r\n%s\r\n" % (len(piece), piece) if "chunked" in announced else piece
            with contextlib.suppress(ConnectionError):
                while sent < TWO_GIGABYTES:
                    line.sendall(framed)
                    sent += len(piece)
            assert sent < 4 * DRAINED_BYTES, f"{announced}: {sent} bytes were taken"  # what is on its way counts too
            assert served.status(line) in {413, 0}
    with served.post("Content-Length: 100000") as line:  # and one that a browser sends and waits for
        line.sendall(b"x" * 100_000)
        assert served.status(line) == 413
    assert served.peak - before < ROOM
    assert served.answers() < CALM


def test_control_18_who_is_slow_is_let_go_and_holds_up_nobody(served: Served) -> None:
    """A head letter by letter, and a body byte by byte, from many lines at once."""
    began = time.monotonic()
    heads = [served.line() for _ in range(SLOW)]
    bodies = [served.post("Content-Length: 1000") for _ in range(SLOW)]
    for line in heads:
        line.sendall(b"GET /login HTTP/1.1\r\nHost: 127.0")
    longest = 0.0
    while time.monotonic() - began < max(HEAD_SECONDS, PAUSE_SECONDS) + 2:
        for line in (*heads, *bodies):
            with contextlib.suppress(OSError):
                line.sendall(b"a")
        longest = max(longest, served.answers())
        time.sleep(1)
    assert longest < CALM
    for line in heads:
        assert served.status(line) == 0
    assert {served.status(line) for line in bodies} <= {408, 0}
    for line in (*heads, *bodies):
        line.close()


def test_nothing_but_http_is_spoken(served: Served) -> None:
    with served.line() as line:
        upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA=="
        line.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n{upgrade}\r\n\r\n".encode())
        assert served.status(line) == 200


def test_control_23_the_secret_stands_in_no_log_and_on_no_command_line(served: Served) -> None:
    for raw in (b"GET /\xff HTTP/1.1", b"GET / HTTP/1.1\r\nHost: evil.example", b"\x16\x03\x01nonsense"):
        with served.line() as line:
            line.sendall(raw + b"\r\n\r\n")
            assert served.status(line) in {0, 400}
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "HUNTER2" not in shown
    assert "HUNTER2" not in served.log.read_text()
