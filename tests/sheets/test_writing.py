"""A table that is written comes back as it was, and a spreadsheet finds no formula in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from models.text import Language
from sandwich.sheets.reading import read_sheet
from sandwich.sheets.sheet import SheetUnreadable
from sandwich.sheets.writing import write_sheet

ROWS = [
    ["bedrijf", "voornaam", "telefoon"],
    ["Smeding & Zn; bv", "Zoë", "+31 6 00000001"],
    ['=HYPERLINK("http://x.example")', "'s", "06-00000002"],
    ["'=1", "een\nregel", "-"],
]


@pytest.mark.parametrize("name", ["uit.csv", "uit.xlsx"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    write_sheet(tmp_path / name, ROWS)
    sheet = read_sheet(tmp_path / name, {"bedrijf", "voornaam", "telefoon"})
    assert [list(sheet.header), *(list(row.cells) for row in sheet.rows)] == ROWS
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_control_14_no_cell_of_a_workbook_is_a_formula_or_a_number(tmp_path: Path) -> None:
    write_sheet(tmp_path / "uit.xlsx", ROWS)
    cells = [cell for row in load_workbook(tmp_path / "uit.xlsx").active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}


def test_control_14_no_cell_of_a_csv_begins_a_formula(tmp_path: Path) -> None:
    write_sheet(tmp_path / "uit.csv", ROWS)
    text = (tmp_path / "uit.csv").read_text(encoding="utf-8-sig")
    assert not [
        cell for line in text.splitlines() for cell in line.split(";") if cell.strip('"').startswith(("=", "+"))
    ]


def test_what_no_file_may_hold_is_left_out_of_a_cell(tmp_path: Path) -> None:
    """Found by ``make hostile``: a name from a file may hold what XML may not."""
    write_sheet(tmp_path / "uit.xlsx", [["bedrijf"], ["A\x0bB\x00C\uffffD\x1eE"]])
    assert load_workbook(tmp_path / "uit.xlsx").active["A2"].value == "ABCDE"


def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    def rows() -> Iterator[list[str]]:
        yield ["bedrijf"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sheet(tmp_path / "uit.csv", rows())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [("er.csv", "bestaat al"), ("uit.ods", ".csv of .xlsx"), ("weg/uit.csv", "De map")],
)
def test_a_target_that_cannot_be(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "er.csv").write_text("van iemand", encoding="utf-8")
    with pytest.raises(SheetUnreadable) as caught:
        write_sheet(tmp_path / name, ROWS)
    assert said in caught.value.to(Language.DUTCH)
    assert (tmp_path / "er.csv").read_text(encoding="utf-8") == "van iemand"
