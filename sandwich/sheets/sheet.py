"""One table of a spreadsheet: a header, and rows that carry the number they have for whoever looks at them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.text import Text
from sandwich.errors import BadInput

MOST_ROWS = 10_000
"""Rows of one file. No region has so many people, and while they are written nobody else can write."""

MOST_COLUMNS = 200

LONGEST_CELL = 2000
"""Characters of one cell."""

Cell = str | Text
"""What stands in a cell, or why it cannot be read."""


@dataclass(frozen=True)
class Row:
    """The cells of one row, as many as the header has; ``number`` is what the spreadsheet shows (the header is 1)."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """A whole table."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


class SheetUnreadable(BadInput):
    """{sentence}"""

    dutch = "{zin}"


def sheet_of(rows: Iterable[Sequence[Cell]]) -> Sheet:
    """Return the table of these rows, the header first; blank rows are left out, and blank cells at the end of a row.

    Raises ``SheetUnreadable`` for a table without a header, or larger than we take.
    """
    numbered = iter(enumerate(rows, start=1))
    header = _header(numbered)
    kept: list[Row] = []
    for number, cells in numbered:
        whole = _trimmed(cells)
        if not whole:
            continue
        if len(kept) == MOST_ROWS:
            raise SheetUnreadable(
                f"The file has more than {MOST_ROWS} rows. Split it into smaller files, and import them one by one.",
                f"Het bestand heeft meer dan {MOST_ROWS} rijen. Splits het in kleinere bestanden, en importeer die een "
                "voor een.",
            )
        if len(whole) > len(header):
            raise SheetUnreadable(
                f"Row {number} has {len(whole)} cells and the header {len(header)}. A text with the separator in it "
                "must stand between double quotes.",
                f"Rij {number} heeft {len(whole)} cellen en de kop {len(header)}. Een tekst met scheidingsteken erin "
                "hoort tussen dubbele aanhalingstekens.",
            )
        kept.append(Row(number, tuple(whole) + ("",) * (len(header) - len(whole))))
    return Sheet(header, tuple(kept))


def as_text(value: object) -> Cell:
    """Return what a spreadsheet keeps in a cell as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if len(text) > LONGEST_CELL:
        return _TOO_LONG
    return text


def _header(numbered: Iterator[tuple[int, Sequence[Cell]]]) -> tuple[str, ...]:
    for _, cells in numbered:
        names = _trimmed(cells)
        if not names:
            continue
        if len(names) > MOST_COLUMNS or not all(isinstance(name, str) for name in names):
            break
        return tuple(str(name).strip() for name in names)
    raise SheetUnreadable(
        "The file has no header. Its first row must name the columns; docs/network.md lists them.",
        "Het bestand heeft geen kop. De eerste rij moet de kolommen noemen; docs/network.md noemt ze.",
    )


def _trimmed(cells: Sequence[Cell]) -> list[Cell]:
    whole = [cell.strip() if isinstance(cell, str) else cell for cell in cells]
    while whole and whole[-1] == "":
        whole.pop()
    return whole


_TOO_LONG = Text(
    nl=f"er staan meer dan {LONGEST_CELL} tekens. Maak de tekst korter.",
    en=f"it has more than {LONGEST_CELL} characters. Make the text shorter.",
)
FORMULA = Text(
    nl="er staat een formule. Kopieer de cel en plak haar als waarde (Plakken speciaal, Waarden).",
    en="it is a formula. Copy the cell and paste it as a value (Paste special, Values).",
)
EXCEL_ERROR = Text(
    nl="er staat een fout van het rekenblad ({value}). Typ de waarde zelf.",
    en="it is an error of the spreadsheet ({value}). Type the value yourself.",
)
