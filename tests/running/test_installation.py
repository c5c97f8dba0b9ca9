"""`sandwich up` as a whole: real processes, the doctor finds nothing wrong, what is killed comes back."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandwich.running.parts import BEHIND
from sandwich.running.ports import free_port
from tests.cli.conftest import EMPTY, SECRET

HOST = "127.0.0.1"
PATIENCE = 400.0

MAIL_SERVER = """
import asyncio, sys
from pathlib import Path
from sandwich.demo.mailbox import Mailbox, serve_mailbox
async def serve():
    async with serve_mailbox(Mailbox(Path(sys.argv[1])), "127.0.0.1", int(sys.argv[2])):
        await asyncio.Event().wait()
asyncio.run(serve())
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    port = free_port(HOST)
    return EMPTY | {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_LANGUAGE": "en",
        "SANDWICH_DATA": str(tmp_path / "data"),
        "SANDWICH_SECRET_KEY": SECRET,
        "SANDWICH_PORT": str(port),
        "SANDWICH_BASE_URL": f"http://{HOST}:{port}",
        "SANDWICH_PREFECT_PORT": str(free_port(HOST)),
        "SANDWICH_SMTP_PORT": str(free_port(HOST)),
        "SANDWICH_SMTP_ENCRYPTION": "none",
        "SANDWICH_REPLY_ADDRESS": "antwoord@post.school.example",
        "SANDWICH_INCOMING_LISTEN": f"{HOST}:{free_port(HOST)}",
    }


@pytest.fixture
def mail_server(environ: dict[str, str], tmp_path: Path) -> Iterator[None]:
    arguments = [sys.executable, "-c", MAIL_SERVER, str(tmp_path / "mailbox.db"), environ["SANDWICH_SMTP_PORT"]]
    process = subprocess.Popen(arguments)
    yield
    process.terminate()
    process.wait()


@pytest.mark.timeout(1200)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
@pytest.mark.usefixtures("mail_server")
def test_up_brings_everything_up_keeps_it_up_and_takes_it_down(environ: dict[str, str], tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "sandwich", "up"], cwd=tmp_path, env=environ, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: "Sandwich is running" in said(tmp_path), up)
        parts = children(up.pid)
        assert set(parts) == {"prefect", "web", "deliver", "receive", "worker"}
        own = os.getpriority(os.PRIO_PROCESS, 0)
        behind = {name: os.getpriority(os.PRIO_PROCESS, pid) - own for name, pid in parts.items()}
        assert behind == {"prefect": BEHIND, "web": 0, "deliver": 0, "receive": 0, "worker": BEHIND}
        groups = {name: Path(f"/proc/{pid}/autogroup") for name, pid in parts.items()}
        if all(group.exists() for group in groups.values()):  # not every kernel has it
            assert {name: int(group.read_text().split()[-1]) for name, group in groups.items()} == behind
        command = [sys.executable, "-m", "sandwich"]
        region = str(Path(__file__).parents[2] / "examples" / "region.yaml")
        subprocess.run([*command, "new-region", region], cwd=tmp_path, env=environ, check=True, timeout=200)
        doctor = subprocess.run(
            [*command, "doctor"],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert (doctor.returncode, doctor.stderr) == (0, ""), doctor.stdout
        assert all(line.startswith("ok  ") for line in doctor.stdout.splitlines())
        with sqlite3.connect(tmp_path / "data" / "sandwich.db") as database:
            (free,) = database.execute("SELECT count(*) FROM calendar_block WHERE kind = 'holiday'").fetchone()
        assert free > 0, "the holidays came with it"
        killed = ("deliver", "receive", "worker", "web")
        for name in killed:
            os.kill(parts[name], signal.SIGKILL)
        wait_for(lambda: children(up.pid).keys() == parts.keys(), up)
        wait_for(lambda: said(tmp_path).count('"part is ready"') == 9, up)
        assert all(children(up.pid)[name] != parts[name] for name in killed)
        up.send_signal(signal.SIGTERM)
        assert up.wait(120) == 0
    finally:
        up.kill()
        up.wait()
    assert not [pid for pid in parts.values() if Path(f"/proc/{pid}").exists()]
    events = [json.loads(line) for line in said(tmp_path).splitlines() if line.startswith("{")]
    assert {"up", "web", "worker"} <= {event["part"] for event in events} <= {"up", *parts}
    assert not [event for event in events if event["level"] in {"error", "critical"}]


def said(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8", errors="replace")


def children(pid: int) -> dict[str, int]:
    """The parts that a supervisor has, by name."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
        if "-m" in words:
            found["prefect" if "prefect" in words else words[words.index("-m") + 2]] = int(child)
    return found


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.2)
