"""Run all tests in two halves at once: those that work in one process beside those that start servers and browsers.

Two cores are used in this way without a test having to share a database, a server or a port with another.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

QUIET = ("definitions", "docs", "mail", "rules", "services", "store")
"""Folders whose tests start no processes of ours. Every other folder, also a new one, is in the other half."""


def main() -> int:
    """Run both halves, print what each says, and return the worse exit code."""
    folders = sorted(path.name for path in TESTS.iterdir() if any(path.glob("test_*.py")))
    quiet = [f"tests/{name}" for name in folders if name in QUIET]
    busy = [f"tests/{name}" for name in folders if name not in QUIET]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        beside = subprocess.Popen(_command(quiet), stdout=said, stderr=subprocess.STDOUT)
        try:
            code = subprocess.run(_command(busy), check=False).returncode
            other = beside.wait()
        finally:
            beside.terminate()
        said.seek(0)
        sys.stdout.write(said.read())
    return code or other


def _command(folders: list[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", *folders]


if __name__ == "__main__":
    sys.exit(main())
