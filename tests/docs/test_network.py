"""``docs/network.md`` lists every column of an import by both its names, in order, and nothing else."""

import re
from pathlib import Path

from sandwich.definitions.library import Library
from sandwich.services.importing.columns import OFFER, Columns
from sandwich.sheets.reading import read_sheet
from sandwich.sheets.sheet import MOST_ROWS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "network.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (.+?) \| (.+?) \|", re.MULTILINE)


def test_every_column_is_there(library: Library) -> None:
    listed = [(nl.replace("*", ""), en.replace("*", "")) for nl, en in ROW.findall(PAGE)][1:]
    options = library.lists["offers"].options
    first = options[0].label
    fields = [
        field
        for field in Columns.of(library).fields
        if field.of != OFFER or field.key.startswith(f"{OFFER}.{options[0].key}.")
    ]
    names = [
        (field.name.nl.replace(first.nl, "vorm"), field.name.en.replace(first.en, "form"))
        if field.of == OFFER
        else (field.name.nl, field.name.en)
        for field in fields
    ]
    assert listed == names


def test_the_example_has_a_column_of_every_kind(library: Library) -> None:
    sheet = read_sheet(ROOT / "examples" / "companies.csv", Columns.of(library).names)
    assert {field.of for field in Columns.of(library).read_header(sheet.header)} == {
        "company",
        "profile",
        "offer",
        "person",
    }


def test_the_largest_number_of_rows_is_told() -> None:
    assert f"{MOST_ROWS:,} rows" in PAGE
