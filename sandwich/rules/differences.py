"""What differs between two versions of an agreement, row by row."""

from dataclasses import dataclass
from typing import Any

ADDED = "new-"
"""How the key of a row begins that somebody added (see ``sandwich.rules.form_fields``)."""


@dataclass(frozen=True)
class Difference:
    """One term that two versions have differently; ``row`` is set for a row of a table."""

    question: str
    row: str | None
    before: Any
    after: Any


def differences_between(before: dict[str, Any], after: dict[str, Any]) -> tuple[Difference, ...]:
    """Return what differs between two versions, row by row for tables."""
    found: list[Difference] = []
    for question in dict.fromkeys([*before, *after]):
        old, new = before.get(question), after.get(question)
        if _is_table(old) or _is_table(new):
            old_rows, new_rows = _rows(old), _rows(new)
            found += [
                Difference(question, row, old_rows.get(row), new_rows.get(row))
                for row in dict.fromkeys([*old_rows, *new_rows])
                if _cells(old_rows.get(row)) != _cells(new_rows.get(row))
            ]
        elif old != new:
            found.append(Difference(question, None, old, new))
    return tuple(found)


def adds_only(proposed: dict[str, Any], answered: dict[str, Any]) -> bool:
    """Whether an answer leaves everything that was proposed as it is; what was still empty may be filled in.

    A row that somebody added to a proposed table is no filling in: it may be work for the other side.
    """
    for difference in differences_between(proposed, answered):
        if difference.row is None:
            if difference.before is None:
                continue
            return False
        if difference.row.startswith(ADDED) and proposed.get(difference.question):
            return False
        old, new = _cells(difference.before), _cells(difference.after)
        if new is None or any(new.get(key) != value for key, value in (old or {}).items()):
            return False
    return True


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _rows(value: Any) -> dict[str, dict[str, Any]]:
    return {str(row.get("row")): row for row in value or [] if isinstance(row, dict)}


def _cells(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return (
        None if row is None else {key: cell for key, cell in row.items() if key != "label" and cell not in (None, "")}
    )
