"""Grids on a page: which rows stand open, and what folds away so that a phone shows the whole table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.form import Column, Question, QuestionType
from sandwich.rules.form_fields import ROW_LABEL, STRIKE, Row, Rows, can_be_struck, cell_name, grid_rows
from sandwich.web.participant.controls import Control, Reader, control

EMPTY_ROWS = 2
"""How many empty rows stand open to be filled in; further ones unfold."""

FOLD_FROM = 4
"""From so many rows on, what may stay empty in a row folds away."""

Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class RowView:
    """One row of a grid: its name (or the control for it), and its cells, those that may stay empty apart.

    ``strike`` is the name of the field that strikes it, where it can be struck.
    """

    key: str
    name: str
    naming: Control | None
    cells: tuple[Control, ...]
    folded: tuple[Control, ...]
    is_added: bool
    strike: str = ""
    is_struck: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something stands in what is folded away."""
        return any(cell.is_filled or cell.problem for cell in self.folded)

    @property
    def controls(self) -> tuple[Control, ...]:
        """Everything in the row that can be filled in."""
        return (*((self.naming,) if self.naming else ()), *self.cells, *self.folded)

    @property
    def is_touched(self) -> bool:
        """Whether anything stands in the row."""
        return any(one.is_filled or one.problem for one in self.controls)


def rows_shown(
    question: Question, rows: Rows, typed: Typed, problems: Mapping[str, str], reader: Reader
) -> tuple[tuple[RowView, ...], tuple[RowView, ...]]:
    """Return the rows that stand open and those that unfold."""
    all_rows = grid_rows(question, rows)
    folds = sum(row.option is not None for row in all_rows) >= FOLD_FROM and any(c.required for c in question.columns)
    views = [_row(question, row, folds, typed, problems, reader) for row in all_rows]
    last = max((number for number, row in enumerate(views) if row.is_touched or not row.is_added), default=-1)
    shown = last + 1 + (EMPTY_ROWS if last < 0 else 1)
    return tuple(views[:shown]), tuple(views[shown:])


def _row(
    question: Question, row: Row, folds: bool, typed: Typed, problems: Mapping[str, str], reader: Reader
) -> RowView:
    cells: list[Control] = []
    folded: list[Control] = []
    for column in question.columns:
        name = cell_name(question, row.key, column.key)
        one = control(column, name, reader, typed, problems.get(name, ""))
        (folded if folds and not column.required else cells).append(one)
    naming = None
    if row.option is None and question.row_label:
        name = cell_name(question, row.key, ROW_LABEL)
        label = Column(key="name", label=question.row_label, type=QuestionType.SHORT)
        naming = control(label, name, reader, typed, problems.get(name, ""))
    name = reader.words(row.option.label) if row.option else ""
    strike = cell_name(question, row.key, STRIKE) if can_be_struck(question, row) else ""
    is_struck = bool(strike) and "yes" in typed.get(strike, ())
    return RowView(row.key, name, naming, tuple(cells), tuple(folded), row.option is None, strike, is_struck)
