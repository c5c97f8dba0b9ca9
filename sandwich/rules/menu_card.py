"""A company's menu card: what it offers, how often in a year, in which months and for how many people.

It is part of what the company said of itself (``Company.profile``), in the rows of the form that asks for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OFFERS = "offers"
"""The question of the company profile that is the menu card."""

COLUMNS = ("offered", "per_year", "months", "max_people")
"""The columns of one line."""


@dataclass(frozen=True)
class Offer:
    """One line: ``key`` is an option of the list of offers, ``None`` is what the company did not say."""

    key: str
    offered: bool
    per_year: int | None
    months: str | None
    max_people: int | None


def menu_card(profile: Mapping[str, Any] | None) -> tuple[Offer, ...]:
    """Return the lines that a company said yes or no to."""
    return tuple(
        Offer(
            key=str(row["row"]),
            offered=bool(row["offered"]),
            per_year=row.get("per_year"),
            months=row.get("months") or None,
            max_people=row.get("max_people"),
        )
        for row in _rows(profile)
        if row.get("offered") is not None
    )


def said_of_offer(profile: Mapping[str, Any] | None, key: str) -> Mapping[str, Any]:
    """Return one line as it is kept; empty where nothing was said."""
    return next((row for row in _rows(profile) if row["row"] == key), {})


def with_offer(profile: Mapping[str, Any] | None, key: str, **said: Any) -> dict[str, Any]:
    """Return a profile in which one line says this as well; what is ``None`` is not said any more."""
    line = {"row": key, **said_of_offer(profile, key), **said}
    line = {name: value for name, value in line.items() if value is not None}
    others = list(_rows(profile))
    place = next((number for number, row in enumerate(others) if row["row"] == key), len(others))
    return {**(profile or {}), OFFERS: [*others[:place], line, *others[place + 1 :]]}


def _rows(profile: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    # Whoever was erased can have emptied the profile: its lists are then empty, its texts a single word.
    rows = (profile or {}).get(OFFERS)
    return [row for row in rows if isinstance(row, Mapping) and row.get("row")] if isinstance(rows, list) else []
