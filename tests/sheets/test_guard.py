"""Nothing that is exported is a formula, and what is imported is what was exported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandwich.sheets.guard import guarded, unguarded


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x.example";"klik")', "+31 6 1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_carry_out_is_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["'s-Gravenhage", "Jan", "a=b", "06-00000001", ""])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


@given(st.text(alphabet=st.sampled_from("'=+-@ab \t"), max_size=8))
def test_it_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
