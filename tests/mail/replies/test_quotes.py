"""What somebody wrote themselves, whatever program quoted our mail below it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandwich.mail.replies.plain import from_html, lines_of, tidy
from sandwich.mail.replies.quotes import cut
from sandwich.mail.replies.wishes import Wish, wish_in
from tests.mail.replies.corpus import HTMLS, TEXTS


def said(text: str) -> str:
    """Return what was said in a plain text."""
    return cut(lines_of(tidy(text))).said


@pytest.mark.parametrize("name", TEXTS)
def test_the_words_of_a_reply_are_cut_from_what_they_answer(name: str) -> None:
    text, expected = TEXTS[name]
    assert said(text) == expected


@pytest.mark.parametrize("name", HTMLS)
def test_a_reply_in_html_only_is_read_as_text(name: str) -> None:
    html, expected = HTMLS[name]
    assert said(from_html(html)) == expected


def test_there_are_forty_samples_or_more() -> None:
    assert len(TEXTS) + len(HTMLS) >= 40


def test_what_is_encrypted_is_known_as_that() -> None:
    text = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----"
    assert cut(lines_of(tidy(text))).is_encrypted


def test_what_turns_text_round_or_cannot_be_seen_is_gone() -> None:
    assert tidy("J\u202ea\u200b\x00\r\ngraag\u2028nu") == "Ja\ngraag\nnu"


@given(st.text(max_size=400))
@settings(max_examples=150)
def test_nothing_makes_reading_fail(text: str) -> None:
    cut(lines_of(tidy(text)))
    cut(lines_of(from_html(text)))


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("Later.", Wish.LATER),
        ("niet nu", Wish.LATER),
        ("Niet ik!", Wish.NOT_ME),
        ("I’m not the right person", Wish.NOT_ME),
        ("STOP", Wish.STOP),
        ("Geen mail meer a.u.b.", Wish.NO_MAIL),
        ("unsubscribe", Wish.NO_MAIL),
        ("Ik kom later", None),
        ("stop maar met duwen, ik kom", None),
        ("", None),
    ],
)
def test_a_wish_counts_only_where_it_is_all_that_was_written(words: str, wish: Wish | None) -> None:
    assert wish_in(words) is wish
