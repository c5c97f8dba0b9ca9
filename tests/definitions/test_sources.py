"""Every source that a form may name is one that the services fill."""

from sandwich.definitions.library import Library
from sandwich.definitions.sources import SOURCES
from sandwich.services.prefills import PREFILLS
from sandwich.services.sources import ROWS


def test_every_source_has_somebody_who_fills_it() -> None:
    assert set(SOURCES) == set(ROWS) | set(PREFILLS)
    assert not set(ROWS) & set(PREFILLS)


def test_rows_come_from_sources_of_rows_and_answers_from_sources_of_answers() -> None:
    for form in Library.load().forms.values():
        for question in form.questions:
            for source in (question.rows_from, question.options_from):
                assert source is None or source in ROWS, (form.key, question.key)
            assert question.prefill is None or question.prefill in PREFILLS, (form.key, question.key)


def test_every_source_is_used() -> None:
    questions = [question for form in Library.load().forms.values() for question in form.questions]
    used = {source for q in questions for source in (q.rows_from, q.options_from, q.prefill)}
    assert set(SOURCES) <= used
