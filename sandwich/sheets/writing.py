"""Write a table to a file, CSV or XLSX by its ending, at once or not at all."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from sandwich.sheets.guard import guarded
from sandwich.sheets.sheet import SheetUnreadable


def check_target(path: Path) -> None:
    """Refuse a file that we cannot write or would overwrite; raises ``SheetUnreadable``."""
    if path.suffix.lower() not in {".csv", ".xlsx"}:
        raise SheetUnreadable(
            f"{path.name} must end in .csv or .xlsx, so that we know what to write.",
            f"{path.name} moet op .csv of .xlsx eindigen, zodat we weten wat we schrijven.",
        )
    if path.exists():
        raise SheetUnreadable(
            f"The file {path} is there already. Choose another name, or remove it first.",
            f"Het bestand {path} bestaat al. Kies een andere naam, of haal het eerst weg.",
        )
    if not path.absolute().parent.is_dir():
        raise SheetUnreadable(
            f"The folder {path.parent} is not there. Make it first, or choose another.",
            f"De map {path.parent} bestaat niet. Maak haar eerst, of kies een andere.",
        )


def write_sheet(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write the rows, the header first, to a file that only its owner can read; interrupted, it leaves nothing."""
    check_target(path)
    half = path.with_name(f".{path.name}.half")
    try:
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        if path.suffix.lower() == ".csv":
            _write_csv(half, rows)
        else:
            from sandwich.sheets.xlsx import write_xlsx

            write_xlsx(half, rows)
        half.replace(path)
    except OSError as error:
        raise SheetUnreadable(
            f"The file {path} cannot be written. Check the folder and the room on the disk.",
            f"Het bestand {path} is niet te schrijven. Controleer de map en de ruimte op de schijf.",
        ) from error
    finally:
        half.unlink(missing_ok=True)


def _write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    # With the mark at the beginning and semicolons, a Dutch Excel opens it rightly with two clicks.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        for row in rows:
            writer.writerow([guarded(text) for text in row])
