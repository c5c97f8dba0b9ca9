"""Two versions of a playbook beside each other: what a running activity keeps of the plan that it had."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.playbook import Playbook
from models.steps import Step, Watch


@dataclass(frozen=True)
class Counts:
    """How much of what was still to come stays as it was, moves, comes anew and falls away."""

    kept: int
    moved: int
    new: int
    dropped: int


def count(before: Mapping[Hashable, datetime | None], after: Mapping[Hashable, datetime | None]) -> Counts:
    """Count what became of things with a moment (``None``: not known yet), by their keys."""
    both = before.keys() & after.keys()
    kept = sum(before[key] == after[key] for key in both)
    return Counts(kept, len(both) - kept, len(after.keys() - both), len(before.keys() - both))


def mails_of(step: Step) -> frozenset[str]:
    """Return the kinds of mail that a step sends."""
    return frozenset(ask.mail for ask in step.asks) | {tell.mail for tell in step.tells}


def sends(playbook: Playbook) -> frozenset[tuple[str, str]]:
    """Return every step with every kind of mail that it sends."""
    return frozenset((step.key, mail) for step in playbook.steps for mail in mails_of(step))


def watches(playbook: Playbook) -> dict[str, tuple[Step | None, Watch]]:
    """Return every watch, by its key, with the step that it belongs to."""
    return {watch.key: (step, watch) for step, watch in playbook.watched()}


def looks_alike(old: tuple[Step | None, Watch], new: tuple[Step | None, Watch]) -> bool:
    """Whether a watch still looks for the same, of the same step, to do the same."""
    (step, watch), (new_step, new_watch) = old, new
    of, new_of = step.key if step else None, new_step.key if new_step else None
    return (of, watch.unless, watch.call, watch.does) == (new_of, new_watch.unless, new_watch.call, new_watch.does)


def asks_more(old: Step, new: Step) -> bool:
    """Whether the new version of a step asks or tells somebody something that the old one did not."""
    asked = {(ask.to, form) for ask in old.asks for form in (ask.form, *ask.with_forms)}
    told = {(role, tell.mail) for tell in old.tells for role in tell.to}
    return any((ask.to, form) not in asked for ask in new.asks for form in (ask.form, *ask.with_forms)) or any(
        (role, tell.mail) not in told for tell in new.tells for role in tell.to
    )
