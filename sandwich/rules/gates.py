"""Gates between the slices: what blocks, what warns (field rule 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.playbook import Gate, Gates, Stage
from models.tables.activities import ActivityStatus
from sandwich.rules.facts import Facts


@dataclass(frozen=True)
class GateView:
    """A gate as it stands: open or not, by which hard conditions it is blocked, and what else is missing."""

    stage: Stage
    gate: Gate
    is_open: bool
    is_overridden: bool
    blocked_by: tuple[str, ...]
    warnings: tuple[str, ...]


def look(stage: Stage, gate: Gate, facts: Facts, overrides: Mapping[str, Any]) -> GateView:
    """Look at one gate. An override opens it whatever is missing; what is missing still shows."""
    blocked = tuple(name for name in gate.hard if not facts.holds(name))
    overridden = stage.value in overrides
    missing = tuple(name for name in gate.soft if not facts.holds(name))
    return GateView(stage, gate, not blocked or overridden, overridden and bool(blocked), blocked, missing)


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
        facts = replace(facts, **{f"gate_{stage}": is_open})
    return facts
