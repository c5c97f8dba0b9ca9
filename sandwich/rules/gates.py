"""Gates between the slices: what blocks, what warns (field rule 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.playbook import Gate, Gates
from models.roles import Stage
from models.tables.activities import ActivityStatus
from sandwich.rules.facts import Facts

CLOSING_ACTOR = "closing"
"""Who opens the gates of an activity that nobody ended."""


@dataclass(frozen=True)
class GateView:
    """A gate as it stands: open or not, by which hard conditions it is blocked, and what else is missing.

    One that was passed is open; what blocks it then is missing since.
    """

    stage: Stage
    gate: Gate
    is_open: bool
    is_overridden: bool
    is_passed: bool
    blocked_by: tuple[str, ...]
    warnings: tuple[str, ...]


def look(
    stage: Stage, gate: Gate, facts: Facts, overrides: Mapping[str, Any], passed: frozenset[Stage] = frozenset()
) -> GateView:
    """Look at one gate. An override opens it whatever is missing, and so does having been passed; that still shows."""
    blocked = tuple(name for name in gate.hard if not facts.holds(name))
    overridden = stage.value in overrides
    missing = tuple(name for name in gate.soft if not facts.holds(name))
    is_passed = stage in passed
    is_open = is_passed or not blocked or overridden
    return GateView(stage, gate, is_open, overridden and bool(blocked), is_passed, blocked, missing)


def closed_by_itself(overrides: Mapping[str, Any]) -> bool:
    """Return whether gates were opened because nobody ended the activity in time."""
    return any(isinstance(item, Mapping) and item.get("by") == CLOSING_ACTOR for item in overrides.values())


PASSED: Mapping[ActivityStatus | None, frozenset[Stage]] = {
    ActivityStatus.DURING: frozenset({Stage.BEFORE}),
    ActivityStatus.AFTER: frozenset({Stage.BEFORE, Stage.DURING}),
    ActivityStatus.FINISHED: frozenset(Stage),
}
"""The gates that an activity has behind it, by its status: what becomes missing later does not close them again."""


def with_gates(
    gates: Gates, facts: Facts, overrides: Mapping[str, Any], passed: frozenset[Stage] = frozenset()
) -> Facts:
    """Return the facts with those about the gates filled in; a later gate is never open before an earlier one.

    ``passed`` are gates that the activity went through before; they stay open.
    """
    is_open = True
    for stage in Stage:
        is_open = stage in passed or (is_open and look(stage, gates.behind(stage), facts, overrides).is_open)
        opened: dict[str, Any] = {f"gate_{stage}": is_open}
        facts = replace(facts, **opened)
    return facts
