"""Rehearsals that several tests look at, each played once."""

import pytest

from models.text import Language
from sandwich.cli.rehearsing import book_of
from sandwich.rehearsal.rehearse import Rehearsed, rehearse
from tests.support.databases import apart


@pytest.fixture(scope="session")
def visit() -> Rehearsed:
    """A company visit with ten teachers, some of each temper."""
    book = book_of("company-visit")
    work = rehearse(book, people=10, seed=1, language=Language.DUTCH, on_progress=lambda _: None)
    [played], mistakes = apart(work)
    assert not mistakes
    return played
