"""A name that was typed in one piece, taken apart."""

import pytest

from sandwich.rules.names import split_name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Lisa Korteweg", ("Lisa", "", "Korteweg")),
        ("Bram  de Wit", ("Bram", "de", "Wit")),
        ("Rob van der Velde-Smit", ("Rob", "van der", "Velde-Smit")),
        ("mevrouw Berk", ("", "", "Berk")),
        ("De heer van den Berg", ("", "van den", "Berg")),
        ("dhr. Jan Berg", ("Jan", "", "Berg")),
        ("Berk", ("", "", "Berk")),
        ("van", ("", "", "van")),
        ("", ("", "", "")),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple[str, str, str]) -> None:
    assert split_name(name) == parts
