"""A backup that was made while everything was being broken is put back elsewhere: nothing leaves twice (N13)."""

import asyncio
import sys
from pathlib import Path

from tests.faults.check import Report
from tests.faults.journal import parsed
from tests.faults.parts import Part, kept
from tests.faults.world import World

WATCH_SECONDS = 6.0
"""How long deliveries run, before and after the outbox is released."""


async def command(environ: dict[str, str], *words: str) -> str:
    """Run our command line; raises what it says where it fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandwich", *words),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode()
    if process.returncode:
        raise OSError(f"sandwich {' '.join(words)}: {said[-800:]}")
    return said


async def back_up(world: World) -> None:
    """Make a backup in the middle of everything, until that works."""

    async def work() -> None:
        archive(world).unlink(missing_ok=True)
        await command(world.environ, "backup", str(archive(world)))

    with world.timed("backup"):
        await world.until_works(work, "backup")
    world.mails_at_backup = world.sink.path.stat().st_size if world.sink.path.exists() else 0


def archive(world: World) -> Path:
    """Return where the backup stands."""
    return world.folder / "middle.sandwich"


async def put_back(world: World, database_url: str, report: Report) -> None:
    """Put the backup back as another machine would, and watch what leaves."""
    environ = {**world.environ, "SANDWICH_DATABASE_URL": database_url, "SANDWICH_DATA": str(world.folder / "elsewhere")}
    with world.timed("restore"):
        await command(environ, "restore", str(archive(world)), "--yes")
        since = _kinds(world, world.mails_at_backup)
        there = world.sink.path.stat().st_size
        await _deliver(world, environ)
        if left := _kinds(world, there):
            report.add("dup_unexplained", f"{len(left)} mails left a restored copy that nobody released")
        await command(environ, "outbox", "release", "--discard-until", "now", "--anyway", "--yes")
        there = world.sink.path.stat().st_size
        await _deliver(world, environ)
        for to, subject in sorted(set(_kinds(world, there)) & set(since)):
            report.add("dup_unexplained", f"a restored copy sent {subject!r} to {to} again")
        await command(environ, "audit", "verify")


async def _deliver(world: World, environ: dict[str, str]) -> None:
    part = Part("deliver", ("-m", "sandwich", "deliver"), environ, world.folder / "logs" / "restored.log")
    async with kept([part]):
        await part.wait_started()
        await asyncio.sleep(WATCH_SECONDS)


def _kinds(world: World, since: int) -> list[tuple[str, str]]:
    """Return to whom and about what the mails were that arrived since the log had this many bytes."""
    skipped = world.sink.path.read_bytes()[:since].count(b"\n")
    entries = list(world.sink.read("mail"))[skipped:]
    return [(entry["to"], " ".join(str(parsed(entry)["Subject"]).split())) for entry in entries]
