"""What differs between two versions of an agreement, row by row.

A version is what was answered, by question; a table counts row by row. Each of its *terms*, a row of a table or the
answer to a question, has a name: ``tasks/tour``, ``max_group``. Two terms are the same when everything in them is, but
for the words of a row that stands in the form: those are in the language of whoever wrote last.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ADDED = "new-"
"""How the key of a row begins that somebody added (see ``sandwich.rules.form_fields``)."""

Terms = Mapping[str, Any]
"""A version of an agreement: answers by question, as a form gives them."""


class Change(StrEnum):
    """What became of a term from one version to the next."""

    KEPT = "kept"
    CHANGED = "changed"
    ADDED = "added"
    STRUCK = "struck"


@dataclass(frozen=True)
class Difference:
    """One term that two versions have differently; ``row`` is set for a row of a table."""

    question: str
    row: str | None
    before: Any
    after: Any

    @property
    def change(self) -> Change:
        """What became of the term."""
        if self.before is None:
            return Change.ADDED
        return Change.STRUCK if self.after is None else Change.CHANGED


def terms_of(terms: Terms) -> dict[str, Any]:
    """Return what a version says, by the name of each term; what is empty is no term."""
    found: dict[str, Any] = {}
    for question, value in terms.items():
        if _is_table(value):
            found |= {name_of(question, key): row for key, row in _rows(value).items() if _cells(row)}
        elif not _is_empty(value):
            found[question] = value
    return found


def name_of(question: str, row: str | None = None) -> str:
    """Return the name of a term."""
    return question if row is None else f"{question}/{row}"


def prints_of(terms: Terms) -> dict[str, str]:
    """Return the fingerprint of each term by its name: two terms are the same when their fingerprints are."""
    said = terms_of(terms).items()
    return {name: _print(_cells(value) if isinstance(value, dict) else value) for name, value in said}


def digest_of(terms: Terms) -> str:
    """Return the fingerprint of a whole version, in whatever order its terms stand."""
    return _print(prints_of(terms))


def differences_between(before: Terms, after: Terms) -> tuple[Difference, ...]:
    """Return what differs between two versions, row by row for tables."""
    old, new = terms_of(before), terms_of(after)
    had, has = prints_of(before), prints_of(after)
    return tuple(
        Difference(*_parted(name, before, after), old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if had.get(name) != has.get(name)
    )


def applied(before: Terms, differences: Iterable[Difference]) -> dict[str, Any]:
    """Return the version that ``differences`` make of the one before: what they do not name is kept."""
    after = dict(before)
    for one in differences:
        if one.row is None:
            if one.after is None:
                after.pop(one.question, None)
            else:
                after[one.question] = one.after
            continue
        held = after.get(one.question)
        rows = _rows(held if isinstance(held, list) else ())
        if one.after is None:
            rows.pop(one.row, None)
        else:
            rows[one.row] = one.after
        after[one.question] = list(rows.values())
    return {question: value for question, value in after.items() if not _is_empty(value)}


def adds_only(proposed: Terms, answered: Terms) -> bool:
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
        if not new or any(new.get(key) != value for key, value in old.items()):
            return False
    return True


def _parted(name: str, before: Terms, after: Terms) -> tuple[str, str | None]:
    """Return the question of a term, and its row where it is one."""
    question, parted, row = name.partition("/")
    is_row = parted and any(_is_table(terms.get(question)) for terms in (before, after))
    return (question, row) if is_row else (name, None)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def _rows(value: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(row.get("row")): row for row in value}


def _cells(row: dict[str, Any] | None) -> dict[str, Any]:
    """Return what counts in a row; its name only where somebody gave it that name."""
    cells = {key: cell for key, cell in (row or {}).items() if not _is_empty(cell)}
    if not str(cells.get("row", "")).startswith(ADDED):
        cells.pop("label", None)
    return cells if cells.keys() - {"row"} else {}


def _print(value: Any) -> str:
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()
