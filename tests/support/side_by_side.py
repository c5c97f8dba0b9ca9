"""Run all tests in parts, several at once: each part is a process with a database server and ports of its own.

The parts wait in one line, the longest first, so that no core is idle before the last part begins.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.once import TOGETHER as SHARED

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"

TEST_BY_TEST = ("e2e",)
"""Folders of which every test starts an installation of its own: each test is a part."""

TOGETHER = (("orchestration", "flows"), ("definitions", "docs", "rules"))
"""Folders that share what is expensive (Prefect's server), or that are over before another process has started."""

APART = ("browser",)
"""Folders with a command of their own: `make check-web`."""

LONGEST_FIRST = (
    "e2e",
    "services",
    "cli",
    "orchestration",
    "mail",
    "hostile",
    "life",
    "rehearsal",
    "web",
    "board",
    "store",
    "faults",
    "demo",
)
"""The order of the line. A folder that is not named here comes after these."""

BESIDE = 1
"""Parts more than there are cores: a part waits now and then, for a clock, a server or a disk."""

SPACE = 4 * 1024**3
"""So many bytes must be free in memory for what tests write; a disk that must not forget is much slower."""


def main() -> int:
    """Run all parts, print what each says, how long it took and how much it worked, and return the worst exit code.

    ``--keep FILE`` writes what came of each part there too; ``--files FOLDER`` runs that folder alone, file by file.
    """
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--keep", type=Path, metavar="FILE")
    given.add_argument("--files", metavar="FOLDER")
    told = given.parse_args()
    keep = told.keep
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs behind it ignore this
    with _folder() as folder:
        line, running, took, worst = list(_files(told.files) if told.files else _parts()), [], [], 0
        try:
            while line or running:
                while line and len(running) < (os.cpu_count() or 1) + BESIDE:
                    running.append(_Part(line.pop(0), folder))
                for part in [part for part in running if part.is_over()]:
                    running.remove(part)
                    took.append(part.told())
                    worst = max(worst, abs(part.process.returncode))
                time.sleep(0.2)
        finally:
            for part in running:
                part.process.send_signal(signal.SIGINT)  # so that it stops the servers that it started
            for part in running:
                part.process.wait()
    came = "\n".join((*took, f"{time.monotonic() - began:7.0f} s  all together"))
    _say(f"\n{came}")
    if keep is not None:
        keep.write_text(f"{came}\n", encoding="utf-8")
    return worst


class _Part:
    """A part that runs."""

    def __init__(self, wanted: tuple[str, ...], folder: Path) -> None:
        self._wanted, self._began = wanted, time.monotonic()
        self._said = folder / f"{time.monotonic_ns()}.txt"
        command = [sys.executable, "-m", "pytest", "-q", *wanted]
        environ = {**os.environ, "TMPDIR": str(folder), SHARED: str(folder)}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)  # some set it, and then each process reads every file anew
        with self._said.open("w") as said:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=said, stderr=subprocess.STDOUT)
        self._worked = 0.0

    def is_over(self) -> bool:
        """Whether it has ended. It is asked in this way for what it and the processes that it waited for worked."""
        ended, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if ended:
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self._worked = usage.ru_utime + usage.ru_stime
        return bool(ended)

    def told(self) -> str:
        """Print what it said, and return how long it took and what came of it."""
        said = self._said.read_text(errors="replace").rstrip()
        _say(f"\n== {' '.join(self._wanted)}\n{said}")
        ended = "" if self.process.returncode == 0 else f"  FAILED ({self.process.returncode})"
        counts = said.rpartition("\n")[2].partition(" in ")[0].strip("= ")
        took = f"{time.monotonic() - self._began:7.0f} s {self._worked:6.0f} s of a core"
        return f"{took}  {' '.join(self._wanted)}: {counts}{ended}"


def _parts() -> Iterator[tuple[str, ...]]:
    folders = sorted(
        (path.name for path in TESTS.iterdir() if any(path.glob("test_*.py")) and path.name not in APART),
        key=lambda name: (LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST), name),
    )
    while folders:
        name = folders.pop(0)
        group = next((group for group in TOGETHER if name in group), (name,))
        folders = [other for other in folders if other not in group]
        if name in TEST_BY_TEST:
            yield from ((test,) for test in _tests_of(name))
        else:
            yield tuple(f"tests/{one}" for one in group if (TESTS / one).is_dir())


def _files(folder: str) -> Iterator[tuple[str, ...]]:
    """Return the files of a folder, the largest first."""
    for path in sorted((TESTS / folder).glob("test_*.py"), key=lambda path: -path.stat().st_size):
        yield (f"tests/{folder}/{path.name}",)


def _tests_of(folder: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", f"tests/{folder}"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found = [line for line in said.splitlines() if "::" in line and not line.startswith("ERROR")]
    return found or [f"tests/{folder}"]  # where they cannot even be collected, running them says why


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder for everything that tests write, in memory where there is room."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= SPACE
    with tempfile.TemporaryDirectory(prefix="sandwich-tests-", dir=memory if roomy else None) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as an account of its own and must get through
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
