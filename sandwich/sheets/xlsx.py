"""XLSX: the first sheet of a workbook, row by row, and a workbook of one sheet whose cells are all text."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from sandwich.sheets.guard import guarded, unguarded
from sandwich.sheets.sheet import EXCEL_ERROR, FORMULA, Cell, SheetUnreadable, as_text

MOST_UNPACKED = 200_000_000
"""Bytes of a workbook when it is unpacked: a small file can hold far more than it seems."""

_TEXT = "@"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no file of XML may hold, and so no cell."""


def xlsx_rows(name: str, content: bytes) -> Iterator[Sequence[Cell]]:
    """Yield the rows of the first sheet; raises ``SheetUnreadable`` for a file that is damaged or too large."""
    broken = SheetUnreadable(
        f"{name} is damaged, or no workbook of Excel. Open it, and save it as .xlsx once more.",
        f"{name} is beschadigd, of geen werkmap van Excel. Open het, en bewaar het nog eens als .xlsx.",
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise SheetUnreadable(
                f"{name} is larger than {MOST_UNPACKED // 1_000_000} MB when it is unpacked. Split it.",
                f"{name} is uitgepakt groter dan {MOST_UNPACKED // 1_000_000} MB. Splits het.",
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a workbook has beside its cells
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except SheetUnreadable:
        raise
    except Exception as error:  # the library raises errors of many kinds over a file that is none
        raise broken from error
    try:
        sheet = book.worksheets[0]
        for row in sheet.iter_rows():
            yield [_cell(cell) for cell in row]
    except SheetUnreadable:
        raise
    except Exception as error:
        raise broken from error
    finally:
        book.close()


def write_xlsx(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write a workbook; no cell is ever a formula, and numbers keep their first zero."""
    _book({"Sandwich": rows}).save(path)


def xlsx_book(sheets: Mapping[str, Iterable[Sequence[str | float | None]]]) -> bytes:
    """Return a workbook of several sheets by their names: no text is ever a formula, numbers are numbers."""
    written = io.BytesIO()
    _book(sheets).save(written)
    return written.getvalue()


def _book(sheets: Mapping[str, Iterable[Sequence[str | float | None]]]) -> Workbook:
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for row in rows:
            sheet.append([_written(sheet, value) for value in row])
    return book


def _written(sheet: object, value: str | float | None) -> WriteOnlyCell:
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value=value)
    value = _NO_XML.sub("", value)
    # Excel takes it for text by the mark on the cell; only what looks guarded already is guarded.
    kept = guarded(value) if unguarded(value) != value else value
    cell = WriteOnlyCell(sheet, value=kept or None)
    if value:
        cell.data_type = "s"
        cell.number_format = _TEXT
        cell.quotePrefix = True
    return cell


def _cell(cell: object) -> Cell:
    kind, value = getattr(cell, "data_type", "n"), getattr(cell, "value", None)
    if kind == "f":
        return FORMULA
    if kind == "e":
        return EXCEL_ERROR.filled(value=value)
    text = as_text(value)
    return unguarded(text) if isinstance(text, str) else text
