"""Hands that fill in forms."""

from datetime import date
from random import Random

import pytest

from sandwich.definitions.library import Library
from sandwich.rehearsal.filling import OwnHand, fill_in
from sandwich.rules.answers import read_answers


@pytest.mark.parametrize("seed", range(5))
def test_any_form_can_be_filled_in_by_any_hand(library: Library, seed: int) -> None:
    chosen = set()
    for key, form in library.forms.items():
        for variant in (None, *form.variants):
            resolved = library.resolved(key, variant)
            if any(question.rows_from or question.options_from for question in resolved.questions):
                continue  # what it is about is only known in an activity
            filled = fill_in(resolved, {}, {}, {}, OwnHand(date(2026, 11, 12), Random(f"{seed}{key}{variant}")))
            problems = read_answers(resolved, filled, {}, "nl").problems
            assert not [name for name in problems if resolved.question(name.split(".")[0]).type != "file"], (
                key,
                variant,
            )
            chosen |= {(key, variant, name, *values) for name, values in filled.items()}
    again = fill_in(library.resolved("goals"), {}, {}, {}, OwnHand(date(2026, 11, 12), Random(f"{seed}goalsNone")))
    assert {("goals", None, name, *values) for name, values in again.items()} <= chosen
