"""What differs between two versions of a task division, and what is only filled in."""

from typing import Any

import pytest

from sandwich.rules.differences import Difference, adds_only, differences_between

PROPOSED: dict[str, Any] = {
    "tasks": [{"row": "tour", "who": "host"}, {"row": "photos", "who": "school"}],
    "max_group": 12,
}


def changed(**terms: Any) -> dict[str, Any]:
    """Return the proposal with other terms."""
    return {**PROPOSED, **terms}


def tasks(*rows: dict[str, Any]) -> dict[str, Any]:
    """Return the proposal with these rows after the tour."""
    return changed(tasks=[{"row": "tour", "label": "Rondleiding", "who": "host"}, *rows])


PHOTOS = {"row": "photos", "label": "Foto's", "who": "school"}


def test_labels_and_empty_cells_are_no_difference() -> None:
    assert differences_between(PROPOSED, tasks({**PHOTOS, "name": "", "ready_on": None})) == ()


def test_a_table_differs_row_by_row() -> None:
    other = {"row": "photos", "label": "Foto's", "who": "host"}
    assert differences_between(PROPOSED, tasks(other)) == (
        Difference("tasks", "photos", {"row": "photos", "who": "school"}, other),
    )


def test_a_row_that_is_struck_and_one_that_is_added() -> None:
    found = differences_between(PROPOSED, tasks({"row": "new-1", "label": "Lunch", "who": "school"}))
    assert [(each.row, each.before is None, each.after is None) for each in found] == [
        ("photos", False, True),
        ("new-1", True, False),
    ]


def test_a_single_term_differs_as_a_whole() -> None:
    assert differences_between(PROPOSED, changed(max_group=8)) == (Difference("max_group", None, 12, 8),)


@pytest.mark.parametrize(
    ("answer", "only_adds"),
    [
        (PROPOSED, True),
        (changed(hours_plan=10, confidential="Hal 2"), True),  # was not proposed: filled in
        (tasks({**PHOTOS, "name": "Truus", "ready_on": "2026-11-01"}), True),  # empty cells filled in
        (changed(guides=[{"row": "new-1", "job": "Monteur"}]), True),  # a table that was empty
        (changed(max_group=8), False),
        (tasks({**PHOTOS, "who": "host"}), False),
        (tasks(), False),  # struck out
        (tasks(PHOTOS, {"row": "new-1", "label": "Lunch", "who": "school"}), False),  # new work
        (tasks(PHOTOS, {"row": "debrief", "who": "school"}), True),  # a row of the form that was left open
    ],
)
def test_what_was_proposed_must_stay_as_it_is(answer: dict[str, Any], only_adds: bool) -> None:
    assert adds_only(PROPOSED, answer) is only_adds
