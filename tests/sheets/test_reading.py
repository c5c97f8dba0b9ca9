"""Tables as people save them, and as they should not."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from models.text import Language, Text
from sandwich.sheets.reading import read_sheet
from sandwich.sheets.sheet import MOST_ROWS, Row, SheetUnreadable

KNOWN = {"bedrijf", "voornaam", "achternaam", "telefoon"}


def written(folder: Path, content: str | bytes, name: str = "bedrijven.csv") -> Path:
    """Write a file as it is."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def book(folder: Path, rows: list[list[object]]) -> Path:
    """Write a workbook as Excel does."""
    path, made = folder / "bedrijven.xlsx", Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def refused(path: Path) -> str:
    """Return what is said of a file, in Dutch."""
    with pytest.raises(SheetUnreadable) as caught:
        read_sheet(path, KNOWN)
    english, dutch = caught.value.to(Language.ENGLISH), caught.value.to(Language.DUTCH)
    assert english != dutch
    assert "\n" not in dutch
    return dutch


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_separators_marks_and_line_endings_are_all_the_same(
    tmp_path: Path, separator: str, mark: str, ending: str
) -> None:
    lines = [["Bedrijf", "voornaam"], ["Smeding, Zn; & Co", "Zoë"], ["", ""], ["Korteweg", ""]]
    quoted = [separator.join(f'"{cell}"' if {",", ";"} & set(cell) else cell for cell in line) for line in lines]
    sheet = read_sheet(written(tmp_path, mark + ending.join(quoted) + ending), KNOWN)
    assert sheet.header == ("Bedrijf", "voornaam")
    assert sheet.rows == (Row(2, ("Smeding, Zn; & Co", "Zoë")), Row(4, ("Korteweg", "")))


def test_excels_own_first_line_is_no_header(tmp_path: Path) -> None:
    assert read_sheet(written(tmp_path, "sep=;\r\nbedrijf;voornaam\r\nA;B\r\n"), KNOWN).rows == (Row(2, ("A", "B")),)


def test_a_workbook_gives_what_a_person_would_type(tmp_path: Path) -> None:
    row: list[object] = ["Korteweg", 85, 85.0, 2.5, True, datetime(2027, 3, 1), None]  # noqa: DTZ001  Excel has no zone
    sheet = read_sheet(book(tmp_path, [["bedrijf", "a", "b", "c", "d", "e", "f"], row]), KNOWN)
    assert sheet.rows == (Row(2, ("Korteweg", "85", "85", "2.5", "ja", "2027-03-01", "")),)


def test_formulas_and_errors_are_told_apart_from_values(tmp_path: Path) -> None:
    [row] = read_sheet(book(tmp_path, [["bedrijf", "a", "b"], ["K", "=1+1", "#REF!"]]), KNOWN).rows
    assert [isinstance(cell, Text) for cell in row.cells] == [False, True, True]
    assert "formule" in row.cells[1].nl  # type: ignore[union-attr]
    assert "#REF!" in row.cells[2].nl  # type: ignore[union-attr]
    [row] = read_sheet(written(tmp_path, "bedrijf;a\nK;=1+1\n"), KNOWN).rows
    assert isinstance(row.cells[1], Text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("bedrijf;voornaam\nKorteweg;Zoë\n".encode("cp1252"), "regel 2: het teken na ‘Korteweg;Zo’"),
        ("bedrijf;voornaam\nKorteweg;Zoë\n".encode("utf-16"), "geen CSV in UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "oude soort, of heeft een wachtwoord"),
        (b"PK\x03\x04 en verder niets", "beschadigd, of geen werkmap"),
        (b"", "heeft geen kop"),
        (b"\n\n", "heeft geen kop"),
        (b'bedrijf;voornaam\n"Korteweg;Koen\n', "dubbel aanhalingsteken"),
        (b"bedrijf;voornaam\nKorteweg;Koen;06-1\n", "Rij 2 heeft 3 cellen en de kop 2"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refused(written(tmp_path, content))


def test_wrong_encodings_tell_how_to_save(tmp_path: Path) -> None:
    assert "CSV UTF-8" in refused(written(tmp_path, "bedrijf\nCafé\n".encode("cp1252")))


def test_too_many_rows_are_refused_before_all_are_read(tmp_path: Path) -> None:
    many = "bedrijf\n" + "Korteweg\n" * 50_000
    assert f"meer dan {MOST_ROWS} rijen" in refused(written(tmp_path, many))
    assert len(read_sheet(written(tmp_path, "bedrijf\n" + "Korteweg\n" * MOST_ROWS), KNOWN).rows) == MOST_ROWS


def test_a_small_workbook_that_unpacks_to_a_huge_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bom.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 201_000_000)
    assert path.stat().st_size < 1_000_000
    assert "uitgepakt groter" in refused(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "is niet te lezen" in refused(tmp_path / "geen.csv")
