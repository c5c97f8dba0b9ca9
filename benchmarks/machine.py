"""What processes cost: CPU seconds, memory and number, read from the system itself."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cost:
    """CPU seconds since they began (with the children that ended), resident bytes, and how many there are."""

    cpu: float
    resident: int
    processes: int

    def __sub__(self, before: "Cost") -> "Cost":
        """Return what was added; memory and number are differences too."""
        return Cost(self.cpu - before.cpu, self.resident - before.resident, self.processes - before.processes)


def cost_of(*roots: int) -> Cost:
    """Return what the processes ``roots`` and everything below them cost until now."""
    found = _statistics()
    below: dict[int, list[int]] = {}
    for pid, fields in found.items():
        below.setdefault(int(fields[1]), []).append(pid)
    cpu, resident, processes = 0.0, 0, 0
    line = [root for root in roots if root in found]
    while line:
        pid = line.pop()
        fields = found[pid]
        # User and system time of itself, and of the children that it has waited for.
        cpu += sum(int(fields[at]) for at in (11, 12, 13, 14)) / _TICKS
        resident += int(fields[21]) * _PAGE
        processes += 1
        line += below.get(pid, [])
    return Cost(cpu, resident, processes)


def pid_in(file: Path) -> int:
    """Return the number in the first line of a pid file, as PostgreSQL keeps one."""
    return int(file.read_text(encoding="ascii").split()[0])


def _statistics() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended meanwhile
        # The name stands in brackets and may hold anything; what follows it begins with the state.
        found[int(entry.name)] = line.rpartition(")")[2].split()
    return found
