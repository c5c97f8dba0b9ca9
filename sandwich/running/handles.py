"""File handles of this process: whether it may open as many files and connections as a part of ours needs."""

import os
import resource
from pathlib import Path

from sandwich.errors import SandwichError

NEEDED = 32
"""What a part opens at least when it works: its database, its pages or its mail, and what Python needs itself."""


class FewHandles(SandwichError):
    """This process may open {limit} files and connections, and {open} are open; it needs {needed} more to begin. Raise
    the limit: `ulimit -n 1024`, or LimitNOFILE= in systemd.
    """

    dutch = (
        "Dit proces mag {limit} bestanden en verbindingen openen en heeft er al {open} open; om te beginnen zijn er "
        "nog {needed} nodig. Verhoog de grens: `ulimit -n 1024`, of LimitNOFILE= in systemd."
    )


def need_handles(needed: int = NEEDED) -> None:
    """Return when so many more files can be opened; raises ``FewHandles`` otherwise."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return
    if _open_now(limit) + needed > limit:
        raise FewHandles(limit=limit, open=_open_now(limit), needed=needed)


def _open_now(limit: int) -> int:
    for folder in (Path("/proc/self/fd"), Path("/dev/fd")):
        try:
            return sum(1 for _ in folder.iterdir())
        except OSError:
            continue
    return sum(_is_open(number) for number in range(min(limit, 4096)))


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
