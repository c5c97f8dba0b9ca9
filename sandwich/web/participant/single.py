"""A form one question at a time: the others travel along unseen, and every step keeps what was typed as a draft.

Nothing is sent from here. After the last question comes the whole form, filled in, to look through and send.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from fastapi.responses import HTMLResponse

from models.form import Question
from sandwich.rules.answer_values import content_digest, is_blank
from sandwich.rules.answers import read_answers
from sandwich.rules.conditions import has_something_to_ask, open_questions
from sandwich.web.participant.access import Visit, progress_of
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.pages import Sheet
from sandwich.web.participant.questions import QuestionView, has_files, question_views

NEXT, BACK, WHOLE = "next", "back", "whole"
"""What the buttons of the page do: to the question beside it, or to all of them on one page."""

AT = "_at"
"""The question that the page showed."""

ASKED = "q"
"""The part of an address that names the question to show: its key in the form, and nothing about a person."""

FEWEST = 4
"""A form with fewer questions is one page as it is."""


@dataclass(frozen=True)
class Single:
    """One question of a form: its place among those that are asked now, and what the others have as hidden fields."""

    view: QuestionView
    number: int
    count: int
    others: tuple[tuple[str, str], ...]
    minutes: int

    @property
    def is_last(self) -> bool:
        """Whether nothing is asked after it."""
        return self.number == self.count


def first_of(sheet: Sheet) -> str | None:
    """Return the question to begin with; ``None`` for a form that is one page: a short one, one to read beside a card
    or an agreement, one that is answered.
    """
    asked = sheet.asked
    if asked is None or asked.agreement is not None or sheet.card is not None or asked.answered is not None:
        return None
    questions = _asked(sheet)
    return questions[0].key if len(questions) >= FEWEST else None


def beside(sheet: Sheet, key: str, step: int) -> str | None:
    """Return the question so many steps after ``key``, by what is filled in; ``None`` where there is none."""
    keys = [question.key for question in _asked(sheet)]
    place = keys.index(key) + step if key in keys else len(keys)
    return keys[place] if 0 <= place < len(keys) else None


def single_page(
    visit: Visit,
    sheet: Sheet,
    key: str,
    *,
    action: str,
    problems: Mapping[str, str] | None = None,
    shown_digest: str = "",
) -> HTMLResponse | None:
    """Draw the page with one question; ``None`` where that one is not asked."""
    single = _single(sheet, key, problems or {})
    if single is None:
        return None
    reader = Reader(sheet.frame.language, sheet.frame.formal)
    return visit.html(
        "participant/one.html",
        status=422 if problems else 200,
        frame=sheet.frame,
        progress=progress_of(sheet.frame.progress),
        heading=reader.words(sheet.form.title),
        single=single,
        multipart=has_files(sheet.form),
        action=action,
        key=visit.signer.page_key(visit.link.link_id, sheet.about, shown_digest or content_digest(sheet.shown)),
    )


def _single(sheet: Sheet, key: str, problems: Mapping[str, str]) -> Single | None:
    questions = _asked(sheet)
    place = next((number for number, question in enumerate(questions) if question.key == key), None)
    if place is None:
        return None
    reader = Reader(sheet.frame.language, sheet.frame.formal)
    views = question_views(sheet.form, sheet.rows, sheet.shown, problems, reader)
    view = next(one for one in views if one.key == key)
    others = [(name, value) for name, values in sheet.shown.items() for value in values if not is_blank(value)]
    return Single(
        # Its condition holds, and what it depends on is not on this page.
        view=replace(view, shown_when=None, required_when=None, only=""),
        number=place + 1,
        count=len(questions),
        others=tuple((name, value) for name, value in others if not _belongs(name, key)),
        minutes=ceil(sheet.form.minutes * (len(questions) - place) / len(questions)),
    )


def _asked(sheet: Sheet) -> Sequence[Question]:
    """Return the questions that are asked, by what is filled in so far."""
    typed = {name: list(values) for name, values in sheet.shown.items()}
    reading = read_answers(sheet.form, typed, sheet.rows, sheet.frame.language, draft=True)
    return [one for one in open_questions(sheet.form, reading.answers) if has_something_to_ask(one, sheet.rows)]


def _belongs(name: str, key: str) -> bool:
    return name == key or name.startswith(f"{key}.")
