"""The supervisor with real processes: ready, started again, stopped in order, and gone when it is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sandwich.errors import SandwichError
from sandwich.running import supervisor
from sandwich.running.supervisor import Part, PartFailed, PartSlow, Supervisor

READY = "from sandwich.running.ready import tell_ready; tell_ready()"


def a_part(name: str, code: str, folder: Path, **given: float) -> Part:
    """A part that writes what happens to it into a file."""
    start = f"""
    import os, signal, sys, time
    def note(word):
        with open({str(folder / "notes")!r}, "a") as file:
            file.write(f"{name} {{word}}\\n")
    def end(number, frame):
        note("ends")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    note(f"starts {{os.getpid()}}")
    """
    return Part(name, ("-c", textwrap.dedent(start) + code), output=folder / f"{name}.log", **given)


def notes(folder: Path) -> list[str]:
    """What the parts wrote, without their numbers."""
    path = folder / "notes"
    return [" ".join(line.split()[:2]) for line in path.read_text().splitlines()] if path.exists() else []


def pids(folder: Path) -> list[int]:
    return [int(line.split()[2]) for line in (folder / "notes").read_text().splitlines() if "starts" in line]


async def wait_for(condition: object, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not happen in time"
        await asyncio.sleep(0.05)


@pytest.mark.asyncio
async def test_all_parts_are_started_and_stopped_in_the_opposite_order(tmp_path: Path) -> None:
    wait = f"{READY}\nwhile True: time.sleep(0.1)"
    watched = Supervisor([a_part("first", wait, tmp_path), a_part("second", wait, tmp_path)])
    ready = asyncio.Event()
    running = asyncio.create_task(watched.run(ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    assert sorted(notes(tmp_path)) == ["first starts", "second starts"]
    watched.stop()
    await asyncio.wait_for(running, 60)
    assert notes(tmp_path)[2:] == ["second ends", "first ends"]


@pytest.mark.asyncio
async def test_a_part_that_dies_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.1)
    watched = Supervisor([a_part("only", f"{READY}\nwhile True: time.sleep(0.1)", tmp_path)])
    ready = asyncio.Event()
    running = asyncio.create_task(watched.run(ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    await wait_for(lambda: len(pids(tmp_path)) == 2)
    watched.stop()
    await asyncio.wait_for(running, 60)
    assert notes(tmp_path) == ["only starts", "only starts", "only ends"]


@pytest.mark.asyncio
async def test_a_part_that_cannot_start_stops_everything_and_is_named(tmp_path: Path) -> None:
    watched = Supervisor(
        [
            a_part("well", f"{READY}\nwhile True: time.sleep(0.1)", tmp_path),
            a_part("ill", "time.sleep(1); sys.exit(3)", tmp_path),
        ]
    )
    with pytest.raises(PartFailed) as raised:
        await asyncio.wait_for(watched.run(lambda: pytest.fail("not everything was ready")), 60)
    assert "ill" in str(raised.value)
    assert "exit code 3" in str(raised.value)
    assert notes(tmp_path)[-1] == "well ends"


@pytest.mark.asyncio
async def test_a_part_that_never_says_it_is_ready_is_not_waited_for_forever(tmp_path: Path) -> None:
    watched = Supervisor([a_part("slow", "while True: time.sleep(0.1)", tmp_path, start_seconds=1.0)])
    with pytest.raises(PartSlow):
        await asyncio.wait_for(watched.run(lambda: pytest.fail("it never said so")), 60)


@pytest.mark.asyncio
async def test_a_part_that_does_not_stop_by_itself_is_made_to(tmp_path: Path) -> None:
    deaf = f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{READY}\nwhile True: time.sleep(0.1)"
    watched = Supervisor([a_part("deaf", deaf, tmp_path, stop_seconds=0.5)])
    ready = asyncio.Event()
    running = asyncio.create_task(watched.run(ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    watched.stop()
    await asyncio.wait_for(running, 30)
    assert not _lives(pids(tmp_path)[0])


@pytest.mark.asyncio
async def test_readiness_can_be_asked_instead_of_told(tmp_path: Path) -> None:
    asked = 0

    async def answers() -> None:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise SandwichError

    part = a_part("asked", "while True: time.sleep(0.1)", tmp_path)
    watched = Supervisor([Part(part.name, part.arguments, answers=answers)])
    ready = asyncio.Event()
    running = asyncio.create_task(watched.run(ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    watched.stop()
    await asyncio.wait_for(running, 60)
    assert asked == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children with their parent")
def test_parts_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
    import asyncio, pathlib
    from tests.running.test_supervisor import READY, a_part
    from sandwich.running.supervisor import Supervisor
    folder = pathlib.Path({str(tmp_path)!r})
    part = a_part("orphan", READY + chr(10) + "while True: time.sleep(0.1)", folder)
    asyncio.run(Supervisor([part]).run(lambda: (folder / "ready").touch()))
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=Path(__file__).parents[2])
    try:
        asyncio.run(wait_for((tmp_path / "ready").exists))
    finally:
        process.kill()
        process.wait()
    asyncio.run(wait_for(lambda: not _lives(pids(tmp_path)[0])))
    assert notes(tmp_path) == ["orphan starts", "orphan ends"]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
