"""Which questions are asked, and whether all that is required is there."""

import pytest
from pydantic import JsonValue

from sandwich.rules.answers import is_filled, open_questions
from tests.rules.forms import GRID, HIDING, OPTIONS, form, rows, scale


class TestFilled:
    def test_every_required_answer_must_be_there(self) -> None:
        asked = form(
            {"type": "yesno", "required": True},
            {"type": "short", "required_when": {"question": "q1", "any_of": [True]}},
            {"type": "short"},
        )
        assert not is_filled(asked, {})
        assert is_filled(asked, {"q1": False})
        assert not is_filled(asked, {"q1": True})
        assert is_filled(asked, {"q1": True, "q2": "x"})

    def test_a_grid_must_be_whole(self) -> None:
        asked = form({**GRID, "rows_from": "own_goals", "required": True})
        whole: dict[str, JsonValue] = {"row": "g1", "label": "", "who": "a"}
        assert not is_filled(asked, {})
        assert is_filled(asked, {"q1": [whole]})
        assert not is_filled(asked, {"q1": [{"row": "g1", "label": "", "hours": 2}]})
        assert not is_filled(asked, {"q1": [whole]}, {"q1": rows("g1", "g2")})
        assert is_filled(asked, {"q1": [whole]}, {"q1": rows("g1")})
        assert is_filled(asked, {}, {})

    def test_a_hidden_question_need_not_be_answered(self) -> None:
        assert is_filled(HIDING, {"q1": False})
        assert not is_filled(HIDING, {"q1": True})


class TestConditions:
    def shown(self, first: dict[str, object], condition: dict[str, object], answer: object) -> bool:
        asked = form(first, {"type": "short", "shown_when": {"question": "q1", **condition}})
        answers = {} if answer is None else {"q1": answer}
        return len(open_questions(asked, answers)) == 2  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("condition", "answer", "expected"),
        [
            ({"any_of": ["a"]}, ["a", "b"], True),
            ({"any_of": ["a"]}, ["b"], False),
            ({"any_of": ["a"]}, None, False),
            ({"none_of": ["a"]}, ["b"], True),
            ({"none_of": ["a"]}, ["a", "b"], False),
            ({"none_of": ["a"]}, None, False),
            ({"answered": True}, ["a"], True),
            ({"answered": True}, None, False),
            ({"answered": False}, None, True),
            ({"answered": False}, ["a"], False),
        ],
    )
    def test_of_a_choice(self, condition: dict[str, object], answer: object, expected: bool) -> None:
        assert self.shown({"type": "multi", "options": OPTIONS}, condition, answer) is expected

    @pytest.mark.parametrize(("answer", "expected"), [(1, True), (2, True), (3, False), ("na", False), (None, False)])
    def test_of_a_scale(self, answer: object, expected: bool) -> None:
        first = {"type": "scale5", "scale": scale(), "not_applicable": True}
        assert self.shown(first, {"at_most": 2}, answer) is expected

    @pytest.mark.parametrize(
        ("condition", "cells", "expected"),
        [
            ({"any_of": ["a"]}, ["b", "a"], True),
            ({"any_of": ["a"]}, ["b"], False),
            ({"none_of": ["a"]}, ["a", "b"], True),
            ({"none_of": ["a"]}, ["a", "a"], False),
            ({"none_of": ["a"]}, [], False),
        ],
    )
    def test_of_a_grid_hold_for_one_cell(self, condition: dict[str, object], cells: list[str], expected: bool) -> None:
        answer = [{"row": f"r{number}", "label": "", "who": cell} for number, cell in enumerate(cells)]
        assert self.shown({**GRID, "add_rows": 3}, {"column": "who", **condition}, answer) is expected

    def test_one_is_not_yes(self) -> None:
        assert not self.shown({"type": "yesno"}, {"any_of": [True]}, 1)
