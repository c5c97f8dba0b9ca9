"""A form as a page shows it: every question with its control, its words and what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from models.choices import Option
from models.form import Column, Form, Question, QuestionType
from models.text import Text
from sandwich.rules.conditions import has_something_to_ask
from sandwich.rules.form_fields import Rows, opened, other_name
from sandwich.web.participant.conditions import for_script, only_if
from sandwich.web.participant.controls import Control, Reader, control
from sandwich.web.participant.grids import RowView, Typed, rows_shown


@dataclass(frozen=True)
class FileView:
    """A file that was sent already and stays unless it is unticked."""

    id: str
    name: str

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown small; every picture is kept as a JPEG and named so."""
        return self.name.endswith(".jpg")


@dataclass(frozen=True)
class QuestionView:
    """One question on the page. Exactly one of ``control``, ``rows`` and ``accept`` says how it is answered."""

    key: str
    heading: str
    label: str
    help: str
    only: str
    problem: str
    is_required: bool
    is_conditional: bool
    warns: bool
    shown_when: dict[str, object] | None
    required_when: dict[str, object] | None
    control: Control | None = None
    other: Control | None = None
    suggestion: str = ""
    is_suggested: bool = False
    rows: tuple[RowView, ...] = ()
    more_rows: tuple[RowView, ...] = ()
    accept: str = ""
    files: tuple[FileView, ...] = ()
    megabytes: int = 0
    at_most: int = 1
    is_grid: bool = False

    @property
    def anchor(self) -> str:
        """The id that the summary of errors points to."""
        return f"q-{self.key}"

    @property
    def is_folded(self) -> bool:
        """Whether it is a long list that unfolds, so that a short form looks short."""
        wrong = self.problem or (self.other is not None and (self.other.problem or self.other.is_filled))
        if self.control is None or wrong:
            return False
        return self.control.is_very_long_list or (self.control.is_long_list and not self.is_required)


def question_views(
    form: Form, rows: Rows, typed: Typed, problems: Mapping[str, str], reader: Reader
) -> list[QuestionView]:
    """Return the questions of a resolved form for one page; a grid that nobody can fill in is left out."""
    return [
        _view(form, question, rows, typed, problems, reader)
        for question in opened(form, rows).questions
        if has_something_to_ask(question, rows)
    ]


def summary(views: Sequence[QuestionView]) -> list[tuple[str, str]]:
    """Return every problem with the id of what it is about, in the order of the page."""
    found: list[tuple[str, str]] = []
    for view in views:
        single = [one for one in (view.control, view.other) if one is not None and one.problem]
        cells = [one for row in (*view.rows, *view.more_rows) for one in row.controls if one.problem]
        if view.problem and view.control is None:
            found.append((view.anchor, view.problem))
        elif cells:
            found += [(one.id, f"{view.label} {one.problem}") for one in cells]
        found += [(one.id, one.problem) for one in single]
    return found


def _view(
    form: Form, question: Question, rows: Rows, typed: Typed, problems: Mapping[str, str], reader: Reader
) -> QuestionView:
    view = QuestionView(
        key=question.key,
        heading=reader.words(question.heading) if question.heading else "",
        label=reader.words(question.label),
        help=reader.words(question.help) if question.help else "",
        only=only_if(form, question, reader),
        problem=problems.get(question.key, ""),
        is_required=question.required,
        is_conditional=question.shown_when is not None or question.required_when is not None,
        warns=QuestionType.LONG in {question.type, *(column.type for column in question.columns)},
        shown_when=for_script(question.shown_when),
        required_when=for_script(question.required_when),
    )
    if question.type is QuestionType.GRID:
        shown, more = rows_shown(question, rows, typed, problems, reader)
        return replace(view, rows=shown, more_rows=more, is_grid=True)
    if question.type is QuestionType.FILE:
        return replace(
            view,
            accept=",".join(question.accept),
            files=_files(question, rows, typed),
            megabytes=question.max_megabytes,
            at_most=question.at_most or 1,
        )
    return _one(question, view, typed, problems, reader)


def _one(
    question: Question, view: QuestionView, typed: Typed, problems: Mapping[str, str], reader: Reader
) -> QuestionView:
    suggestion = reader.words(question.suggest) if question.suggest else ""
    given = [value.strip() for value in typed.get(question.key, ()) if value.strip()]
    is_suggested = bool(suggestion) and suggestion in given
    if is_suggested:
        # It stands in the box beside the text, not in the text.
        typed = {**typed, question.key: [value for value in given if value != suggestion]}
    other = None
    if question.other:
        name = other_name(question)
        text = Column(key="text", label=_OTHER, type=QuestionType.SHORT)
        other = control(text, name, reader, typed, problems.get(name, ""))
    return replace(
        view,
        control=control(question, question.key, reader, typed, view.problem),
        other=other,
        suggestion=suggestion,
        is_suggested=is_suggested,
    )


_OTHER = Text(nl="Namelijk", en="Namely")


def _files(question: Question, rows: Rows, typed: Typed) -> tuple[FileView, ...]:
    kept = set(typed.get(question.key, ()))
    known: Sequence[Option] = rows.get(question.key, ())
    return tuple(FileView(one.key, one.label.nl) for one in known if one.key in kept)


def has_files(form: Form) -> bool:
    """Whether the page must be sent as one with files."""
    return any(question.type is QuestionType.FILE for question in form.questions)


def file_bytes(form: Form) -> int:
    """Return how many bytes the files of a form may have together."""
    questions = [question for question in form.questions if question.type is QuestionType.FILE]
    return sum((question.at_most or 1) * question.max_megabytes * 1024 * 1024 for question in questions)
