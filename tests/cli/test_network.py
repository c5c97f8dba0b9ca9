"""Import, export and the figures of a region, as they are typed."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import EMPTY, Run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "companies.csv"
TIME_LEFT = r"\d+%\s+\d\d:\d\d:\d\d"
"""What stands behind the bar: how far it is, and hours, minutes and seconds to go."""


def test_the_example_of_the_documentation_is_imported_and_exported_and_is_unchanged(
    installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    looked = here(installation, "import", str(EXAMPLE), "--dry-run")
    assert looked.code == 0, looked.err
    rows = looked.out.splitlines()
    assert rows[0].startswith("    2  nieuw        Smeding Lasbedrijf, Ida Smeding: adres Vlamweg 1, Griendhaven; ")
    assert rows[2] == ("    4  gewijzigd    Hoflogistiek: adres Havendijk 88, Griendhaven → Havendijk 90, Griendhaven")
    assert rows[-2:] == [
        "4 rijen: 3 nieuw, 1 gewijzigd, 0 ongewijzigd, 0 geweigerd.",
        "Er is niets veranderd.",
    ]
    assert here(installation, "import", str(EXAMPLE)).out.splitlines()[-1] == f"Geïmporteerd: {EXAMPLE}."
    for name in ("uit.csv", "uit.xlsx"):
        exported = here(installation, "export", name)
        assert exported.code == 0, exported.err
        again = here(installation, "import", name, "--dry-run")
        assert (again.code, "0 nieuw, 0 gewijzigd" in again.out) == (0, True), again.out
    assert here(installation, "audit", "verify").code == 0


def test_a_refused_row_is_told_and_nothing_is_imported(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    (tmp_path / "fout.csv").write_text(
        "bedrijf;voornaam;achternaam;mailadres\nNieuw BV;Jo;Jansen;jo@nieuw\nNog een;Al;Bakker;al@nog.example\n",
        encoding="utf-8",
    )
    looked = here(small_installation, "import", "fout.csv", "--dry-run")
    assert looked.code == 1
    assert "    2  geweigerd    Nieuw BV, Jo Jansen: kolom ‘mailadres’: Dit is niet één mailadres" in looked.out
    assert "    3  nieuw        Nog een, Al Bakker" in looked.out
    said = here(small_installation, "import", "fout.csv")
    assert said.code == 1
    assert said.err.startswith("Er is niets geïmporteerd: van 2 rijen zijn er 1 niet te gebruiken.\n- rij 2: kolom")
    assert "Nog een" not in here(small_installation, "export", "uit.csv").out + (tmp_path / "uit.csv").read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("bedrijf;voornaam;achternaam\nCafé;Jo;Jansen\n".encode("cp1252"), "CSV UTF-8"),
        (b"bedrijf;schoenmaat\nA;42\n", "geen kolom ‘schoenmaat’"),
        (b"voornaam;achternaam\nJo;Jansen\n", "‘bedrijf’ (of ‘school’"),
        (b"bedrijf\n" + b"A\n" * 50_000, "meer dan 10000 rijen"),
    ],
)
def test_a_file_that_does_not_do_is_one_sentence(
    small_installation: dict[str, str], here: Run, tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "fout.csv").write_bytes(content)
    found = here(small_installation, "import", "fout.csv")
    assert found.code == 1
    assert said in found.err
    assert found.err.count("\n") == 1


def test_a_region_shows_and_keeps_its_figures(small_installation: dict[str, str], here: Run) -> None:
    assert "Uurtarief: –." in here(small_installation, "region").out
    set_ = here(small_installation, "region", "--hourly-rate", "45", "--eligible-costs", "250000")
    assert (
        "Uurtarief: € 45.00. Kosten per schooljaar die meetellen: € 250 000.00. Bijdrage van bedrijven: 10 %."
        in set_.out
    )
    assert "€ 45.00" in here(small_installation, "region", "--hourly-rate", "45").out
    assert "nieuwe kaarten: S1 0, S2 0, S3 2" in here(small_installation, "region").out
    one = here(small_installation, "region", "--weeks-between-digests", "4", "--school", "S3")
    assert "nieuwe kaarten: S1 0, S2 0, S3 4" in one.out
    assert here(small_installation, "region", "--weeks-between-digests", "4", "--school", "S77").code
    assert "Er is geen regio elders" in here(small_installation, "region", "--region", "elders").err


def test_travel_times_come_from_a_table_and_a_row_that_does_not_do_changes_nothing(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    (tmp_path / "reistijd.csv").write_text("van;naar;minuten\nS1;B7;25\nHet Kompas vmbo;B1;40\n", encoding="utf-8")
    assert "Reistijden: 2." in here(small_installation, "region", "--travel", "reistijd.csv").out
    for row, said in (
        ("S1;B99;25", "Rij 2: er is geen school of bedrijf ‘B99’"),
        ("S1;B7;ver", "‘ver’ is geen aantal"),
    ):
        (tmp_path / "fout.csv").write_text(f"van;naar;minuten\n{row}\n", encoding="utf-8")
        refused = here(small_installation, "region", "--travel", "fout.csv")
        assert (refused.code, refused.err.count("\n")) == (1, 1)
        assert said in refused.err
    (tmp_path / "fout.csv").write_text("van;minuten\nS1;5\n", encoding="utf-8")
    assert "geen kolom ‘naar’" in here(small_installation, "region", "--travel", "fout.csv").err
    assert "Reistijden: 2." in here(small_installation, "region").out


def test_starting_at_a_company_that_rests_takes_a_reason(small_installation: dict[str, str], here: Run) -> None:
    start = ("start", str(ROOT / "examples" / "a1.yaml"))
    assert here(small_installation, *start).code == 0
    refused = here(small_installation, *start, "--again")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "Weer vrij vanaf 5 november 2026." in refused.err
    assert "--reason" in refused.err
    assert "--owner-agrees" not in refused.err, "nobody keeps this contact"
    assert "Gestart:" in here(small_installation, *start, "--again", "--reason", "Tweede groep").out


def test_a_table_of_closed_days_is_tried_taken_and_shown(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    installation = small_installation
    assert here(installation, "calendar", "B3").out == "Bouwbedrijf Korteweg heeft geen eigen vrije dagen.\n"
    (tmp_path / "bouwvak.csv").write_text(
        "naam;soort;van;tot en met\nBouwvak;gesloten;26-07-2027;13-08-2027\nBrugdag;gesloten;07-05-2027;\n",
        encoding="utf-8",
    )
    would = [
        "erbij  07-05-2027: Brugdag (gesloten)",
        "erbij  26-07-2027 – 13-08-2027: Bouwvak (gesloten)",
        "Bouwbedrijf Korteweg: 2 erbij, 0 gebleven, 0 eraf.",
    ]
    looked = here(installation, "calendar", "B3", "bouwvak.csv", "--dry-run")
    assert (looked.code, looked.out.splitlines()) == (0, [*would, "Er is niets veranderd."])
    assert "geen eigen vrije dagen" in here(installation, "calendar", "B3").out
    taken = here(installation, "calendar", "B3", "bouwvak.csv")
    assert taken.out.splitlines() == [*would, "Activiteiten die lopen, rekenen er vanaf nu mee."]
    assert here(installation, "calendar", "bouwbedrijf korteweg").code == 1
    shown = here({**installation, "SANDWICH_LANGUAGE": "en"}, "calendar", "Bouwbedrijf Korteweg")
    assert shown.out.splitlines() == [
        "Bouwbedrijf Korteweg has free days of its own:",
        "- 07-05-2027: Brugdag (closed)",
        "- 26-07-2027 – 13-08-2027: Bouwvak (closed)",
    ]
    again = here(installation, "calendar", "B3", "bouwvak.csv")
    assert again.out.splitlines()[-1] == "Bouwbedrijf Korteweg: 0 erbij, 2 gebleven, 0 eraf."
    assert here(installation, "audit", "verify").code == 0


def test_a_table_of_own_free_days_that_does_not_do_changes_nothing(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    (tmp_path / "fout.csv").write_text(
        "naam;soort;van;tot en met\nCarnaval;vakantie;08-02-2027;12-02-2027\nDicht;gesloten;31-02-2027;\n",
        encoding="utf-8",
    )
    for code, told in (
        ("B3", ['fout.csv:2: "vakantie" is er alleen voor een school.', 'fout.csv:3: "31-02-2027" is geen datum']),
        ("S3", ['fout.csv:3: "31-02-2027" is geen datum', 'fout.csv:3: "gesloten" is er alleen voor een bedrijf.']),
        ("S99", ["Er is geen school of bedrijf S99. Gebruik de code of de volledige naam."]),
    ):
        for options in (["--dry-run"], []):
            refused = here(small_installation, "calendar", code, "fout.csv", *options)
            assert (refused.code, refused.out) == (1, "")
            assert [line[: len(start)] for line, start in zip(refused.err.splitlines(), told, strict=True)] == told
    assert "is niet te lezen" in here(small_installation, "calendar", "B3", "weg.csv").err
    assert here(small_installation, "calendar", "S3").out.splitlines() == [
        "Groene Horst vmbo-groen heeft eigen vrije dagen:",
        "- 11-12-2026: Studiedag (studiedag)",
    ]


MANY = 20_000


def many_rows(installation: dict[str, str], folder: Path) -> None:
    """Write a long file to import."""
    lines = [f"Bedrijf {number};Jo;Naam {number}" for number in range(9_000)]
    (folder / "veel.csv").write_text("\n".join(["bedrijf;voornaam;achternaam", *lines]), encoding="utf-8")


def many_companies(installation: dict[str, str], folder: Path) -> None:
    """Put many companies into the register, as no import could in so short a time: copies of one that is there."""
    with register(installation) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(company)")]
        other = {"id": "'copy' || n", "code": "'K' || n", "name": "'Kopie ' || n"}
        database.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) "
            f"INSERT INTO company ({', '.join(columns)}) "
            f"SELECT {', '.join(other.get(name, name) for name in columns)} "
            "FROM (SELECT * FROM company LIMIT 1), numbers"
        )


def nothing_more(installation: dict[str, str], folder: Path) -> None:
    """Prepare nothing: who rehearses brings its own people."""


def register(installation: dict[str, str]) -> sqlite3.Connection:
    """Open the database beside the command."""
    return sqlite3.connect(installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))


@pytest.mark.parametrize(
    ("prepare", "arguments", "label"),
    [
        (many_rows, ("import", "veel.csv"), "Importeren"),
        (many_companies, ("export", "uit.csv"), "Exporteren"),
        (nothing_more, ("rehearse", "company-visit", "--out", "mails"), "Repeteren"),
    ],
)
def test_a_terminal_shows_how_far_it_is_and_how_long_still_and_an_interruption_changes_nothing(
    small_installation: dict[str, str],
    tmp_path: Path,
    prepare: Callable[[dict[str, str], Path], None],
    arguments: tuple[str, ...],
    label: str,
) -> None:
    prepare(small_installation, tmp_path)
    files = set(tmp_path.rglob("*"))
    with register(small_installation) as database:
        companies = database.execute("SELECT count(*) FROM company").fetchone()
    terminal, end = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "sandwich", *arguments],
        cwd=tmp_path,
        env={**EMPTY, **small_installation, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=end,
        text=True,
    ) as command:
        os.close(end)
        seen = ""
        until = time.monotonic() + 90
        while not re.search(TIME_LEFT, seen) and time.monotonic() < until:
            seen += os.read(terminal, 4096).decode()
        command.send_signal(signal.SIGINT)
        try:
            while chunk := os.read(terminal, 4096):
                seen += chunk.decode()
        except OSError:
            pass  # the other side is closed
        assert command.wait(60) == 130, seen[-500:]
    os.close(terminal)
    assert re.search(label + r" .*" + TIME_LEFT, seen), seen[-500:]
    assert ("Afgebroken." in seen) is (label == "Importeren"), "all or nothing is said of what would have changed data"
    with register(small_installation) as database:
        assert database.execute("SELECT count(*) FROM company").fetchone() == companies
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    left = set(tmp_path.rglob("*")) - files
    assert [path for path in left if path.suffix in {".csv", ".half", ".eml"}] == []
