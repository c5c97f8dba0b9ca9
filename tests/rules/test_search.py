"""What is looked for is found by its own word, its plural and its beginning; nothing that is typed is a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandwich.rules.search import LONGEST, WORDS, sought, stem, words_in

CARD = words_in(
    [
        "Een cobot last hier hele dagen",
        "Houtskeletbouw: de wanden komen kant-en-klaar uit de fabriek, vijf huizen per week.",
        "Laat leerlingen een wand uitrekenen; zet de laser op nul. Café om de hoek.",
    ]
)


@pytest.mark.parametrize(
    "typed",
    [
        "cobot",
        "COBOTS",
        "Wie is er in een fabriek met een cobot geweest?",
        "houtskelet",
        "houtskeletbouw wand",
        "huis",
        "cafe",
        "lasers",
        '"cobot"',
        "cobot*",
        "wand:cobot",
        "(wand) -huizen",
        "\u202ecobot\u202c",
        "co\u200bbot",
        "🤖 cobot",
    ],
)
def test_it_is_found(typed: str) -> None:
    assert sought(typed).words
    assert sought(typed).is_in(CARD)


@pytest.mark.parametrize("typed", ["robot", "cobot warmtepomp", "hout*bouw", "cobot NEAR huis", "bot", "lasrobot"])
def test_it_is_not_found(typed: str) -> None:
    assert not sought(typed).is_in(CARD)


def test_one_word_in_its_forms() -> None:
    for forms in ("robot robots", "las lassen", "huis huizen", "boom bomen", "company companies", "brief brieven"):
        one, *others = forms.split()
        assert {stem(other) for other in others} == {stem(one)}, forms


def test_what_says_nothing_is_left_aside_unless_it_is_all() -> None:
    assert sought("Wie is er bij een bedrijf met een cobot geweest?").typed == ("bedrijf", "cobot")
    assert sought("Who has been at a company with a cobot?").typed == ("company", "cobot")
    assert sought("de het").typed == ("de", "het")
    for nothing in ("", "   ", '"*():^~-', "🤖", "\u202e"):
        assert not sought(nothing).words


def test_a_long_question_is_cut_and_says_so() -> None:
    found = sought(" ".join(f"woord{number}" for number in range(2000)))
    assert (len(found.words), found.is_cut) == (WORDS, True)
    assert len(sought("x" * 10_000).words[0]) <= LONGEST
    assert not sought("cobot cobots Cobot").is_cut


@given(st.text(max_size=200))
def test_whatever_is_typed_is_found_in_itself(typed: str) -> None:
    assert sought(typed).is_in(words_in([typed]))
