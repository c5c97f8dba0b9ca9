"""What is printed at the end: what happened in each world, and one table of all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.faults.check import NAMES, Report
from tests.faults.nemesis import FAULTS
from tests.faults.people import WAYS
from tests.faults.tiers import Numbers
from tests.faults.world import World


@dataclass
class Result:
    """What came of one world; ``end`` is what it broke off with."""

    world: World
    report: Report
    end: BaseException | None
    numbers: Numbers

    @cached_property
    def missing(self) -> list[str]:
        """What was to be broken and was not, without a reason."""
        done, skipped = self.world.done, {why.partition(":")[0] for why in self.world.skipped}
        return self.world.unfinished + [
            f"{name} {done[name]} of {count} times"
            for name, count in self.numbers.faults.items()
            if FAULTS[name].on in {"", self.world.name} and done[name] < count and name not in skipped
        ]

    @property
    def is_red(self) -> bool:
        """Whether it did not get to its end, or something is wrong, or was not tried."""
        return self.end is not None or not self.report.is_green or bool(self.missing)

    def lines(self) -> list[str]:
        """Return what happened, for whoever looks for a cause."""
        world, name = self.world, self.world.name
        starts = " ".join(f"{part.name}:{part.starts}" for part in world.parts.values())
        times = " ".join(f"{what.replace(' ', '-')}={seconds:.0f}s" for what, seconds in world.times.items())
        lines = [
            f"{name}: season={self.numbers.seasons[name]} ways={','.join(WAYS)}",
            f"{name}: starts {starts}",
            f"{name}: times {times}",
            *(f"{name}: {told}" for told in world.told),
            *(f"{name}: not tried: {why}" for why in sorted(world.skipped)),
            *(f"{name}: NOT DONE: {what}" for what in self.missing),
        ]
        if self.end is not None:
            lines.append(f"{name}: did not get to its end: {type(self.end).__name__} {self.end}")
        return [*lines, *filter(None, [self.report.details()])]

    def figures(self) -> dict[str, str]:
        """Return the figures of the table."""
        world = self.world
        world.postbox.follow()
        faults = {name: f"{world.done[name]}/{count}" for name, count in self.numbers.faults.items()}
        others = {name: str(count) for name, count in world.done.items() if name not in faults}
        return {
            "activities": str(self.numbers.activities),
            "answers acknowledged": str(sum(1 for _ in world.journal.read("told"))),
            "mails arrived": str(world.postbox.mails),
            **faults,
            **dict(sorted(others.items())),
            **{name: str(len(self.report.found[name])) for name in NAMES},
        }


def table(results: Sequence[Result]) -> list[str]:
    """Return the figures of all worlds side by side."""
    columns = [result.figures() for result in results]
    names = list(dict.fromkeys(name for column in columns for name in column if name not in NAMES)) + list(NAMES)
    width = max(map(len, names))
    head = f"{'':{width}}" + "".join(f"{result.world.name:>12}" for result in results)
    return [head, *(f"{name:{width}}" + "".join(f"{one.get(name, '0'):>12}" for one in columns) for name in names)]


def without_places(line: str, folder: Path) -> str:
    """Return a line without the folders of this machine."""
    return re.sub(r"/(?:tmp|root|home|work|usr|var)/[^\s'\":,)]*", "…", line.replace(str(folder), "…"))
