"""What is too dear to be made by every process of a run of all tests: the first makes it, the others wait for it."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

TOGETHER = "TESTS_TOGETHER"
"""The folder that all processes of one run share; ``tests.support.side_by_side`` names it."""


def made_once(name: str, make: Callable[[Path], object], alone: Path) -> Path:
    """Return the folder that ``make`` fills; without other processes it stands in the folder ``alone``."""
    folder = Path(os.environ.get(TOGETHER, alone)) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = folder / "whole"
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)  # somebody was interrupted
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder
