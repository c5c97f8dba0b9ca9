"""Nothing that is exported is a formula, and what is imported is what was exported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandwich.sheets.guard import guarded, unguarded

DANGEROUS = (
    '=HYPERLINK("http://x.example";"klik")',
    *(f"{sign}1" for sign in ("+31 6 ", "-", "@SUM(A1)+", "\t=", "\r=", "\n=", "\0=", "＝", "＋", "－", "＠")),
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_control_14_what_a_spreadsheet_would_carry_out_is_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["'s-Gravenhage", "Jan", "a=b", "06-00000001", ""])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


@given(st.text(alphabet=st.sampled_from("'=+-@＝ab \t\n"), max_size=8))
def test_it_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
