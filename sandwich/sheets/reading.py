"""Read a table from a file, whatever it is: CSV in UTF-8, or XLSX."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from models.text import Text
from sandwich.sheets.guard import unguarded
from sandwich.sheets.sheet import FORMULA, LONGEST_CELL, Cell, Sheet, SheetUnreadable, as_text, sheet_of

LARGEST = 20_000_000
"""Bytes of one file."""

_SEPARATORS = (";", ",", "\t")
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_SEP_LINE = "sep="


def read_sheet(path: Path, known: Collection[str]) -> Sheet:
    """Return the table in a file; ``known`` are names of columns, by which the separator is found.

    Raises ``SheetUnreadable`` with what is wrong and what to do.
    """
    content = content_of(path)
    if content.startswith(_OLD_EXCEL):
        raise SheetUnreadable(
            f"{path.name} is an Excel file of the old kind, or it has a password. Save it as .xlsx without a password.",
            f"{path.name} is een Excelbestand van de oude soort, of heeft een wachtwoord. Bewaar het als .xlsx zonder "
            "wachtwoord.",
        )
    if content.startswith(_ZIP):
        # Loaded only where it is needed: it takes a tenth of a second.
        from sandwich.sheets.xlsx import xlsx_rows

        return sheet_of(xlsx_rows(path.name, content))
    return sheet_of(_csv_rows(_decoded(path.name, content), known))


def content_of(path: Path) -> bytes:
    """Return what stands in a file; raises ``SheetUnreadable`` where it cannot be read or is too large."""
    try:
        if path.stat().st_size > LARGEST:
            raise SheetUnreadable(
                f"{path.name} is larger than {LARGEST // 1_000_000} MB. Split it into smaller files.",
                f"{path.name} is groter dan {LARGEST // 1_000_000} MB. Splits het in kleinere bestanden.",
            )
        return path.read_bytes()
    except OSError as error:
        raise SheetUnreadable(
            f"The file {path} cannot be read. Check its name, and whether you may read it.",
            f"Het bestand {path} is niet te lezen. Controleer de naam, en of je het mag lezen.",
        ) from error


def _decoded(name: str, content: bytes) -> str:
    if content.startswith(_WIDE) or b"\x00" in content[:4096]:
        raise SheetUnreadable(
            f"{name} is no CSV in UTF-8. {_SAVE.en}",
            f"{name} is geen CSV in UTF-8. {_SAVE.nl}",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        begun = content[content.rfind(b"\n", 0, error.start) + 1 : error.start]
        after = begun.decode("utf-8", "replace").strip()[-30:]
        raise SheetUnreadable(
            f"{name}, line {line}: the character after ‘{after}’ cannot be read as UTF-8. {_SAVE.en}",
            f"{name}, regel {line}: het teken na ‘{after}’ is niet te lezen als UTF-8. {_SAVE.nl}",
        ) from None
    return text.replace("\x00", "")


def _csv_rows(text: str, known: Collection[str]) -> Iterator[Sequence[Cell]]:
    first, _, rest = text.partition("\n")
    if first.strip().casefold().startswith(_SEP_LINE):
        text = rest
    separator = _separator(text, known)
    csv.field_size_limit(LONGEST_CELL * 50)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise SheetUnreadable(
                f"Line {reader.line_num} cannot be read: a double quote never ends, or stands in the middle of a text. "
                "Write it twice inside a text that stands between quotes.",
                f"Regel {reader.line_num} is niet te lezen: een dubbel aanhalingsteken houdt niet op, of staat in "
                "een tekst. Schrijf het twee keer in een tekst die tussen aanhalingstekens staat.",
            ) from None
        yield [FORMULA if cell.lstrip().startswith("=") else as_text(unguarded(cell)) for cell in row]


def _separator(text: str, known: Collection[str]) -> str:
    """Return the separator that makes the most known columns of the first line that says anything."""
    line = next((line for line in text.splitlines() if line.strip()), "")

    def found(separator: str) -> int:
        return sum(" ".join(name.strip(" \"'").casefold().split()) in known for name in line.split(separator))

    return max(_SEPARATORS, key=found)


_SAVE = Text(
    nl="Bewaar het in Excel als ‘CSV UTF-8 (door lijstscheidingstekens gescheiden)’, of als .xlsx.",
    en="Save it in Excel as ‘CSV UTF-8 (comma delimited)’, or as .xlsx.",
)
