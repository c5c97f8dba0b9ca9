"""A token is found wherever it stands, also between letters that could be of a token themselves."""

import secrets

import pytest

from tests.faults.check import _held

LINKS = {secrets.token_urlsafe(32) for _ in range(50)}


@pytest.mark.parametrize("around", ["{}", "/f/{}?x=1", "key-{}-{}", "a" * 40 + "{}_", "\\x00{}\\xff"])
def test_a_token_is_found_in_whatever_stands_around_it(around: str) -> None:
    [one, *_] = LINKS
    assert _held(around.replace("{}", one).encode(), LINKS) == {one.encode()}


def test_half_a_token_and_the_token_of_another_are_nothing() -> None:
    [one, *_] = LINKS
    assert _held((one[:-1] + " " + secrets.token_urlsafe(32)).encode(), LINKS) == set()
