"""Play an activity and count how often its flow wakes, as ``docs/wakes.md`` tells it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.driver import Play, told

PAGE = Path(__file__).parents[2] / "docs" / "wakes.md"


@dataclass
class Counted(Play):
    """A play whose flow runs only when it is woken, and then until nothing is due, as the worker lets it."""

    wakes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    async def carry(self) -> int:
        """Carry out what is due, if anything wakes the flow."""
        if not await self.is_woken():
            return 0
        now, begun = await self.now(), len(self.steps)
        while await super().carry():
            pass
        steps = tuple(step for _, step in self.steps[begun:])
        self.wakes.append((told(now), steps))
        return len(steps)


def counts_told() -> dict[str, tuple[int, int]]:
    """Return how many wakes and steps the page tells of every kind, and of every variant that differs."""
    rows = re.findall(r"^\| `([a-z -]+)` \| (\d+) \| (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {kind: (int(wakes), int(steps)) for kind, wakes, steps in rows}


async def assert_counted(play: Play) -> None:
    """Assert that an activity woke as often as the page tells of its kind, or of its kind and variant."""
    assert isinstance(play, Counted)
    playbook, known = (await play.loaded()).playbook, counts_told()
    name = f"{playbook.key} {playbook.variant}" if playbook.variant else playbook.key
    assert known.get(name, known.get(playbook.key)) == (len(play.wakes), len(play.steps)), (name, play.wakes)
