"""What can be wrong in what is typed or given: one clear sentence, exit code 1, no traceback, nothing written."""

import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandwich.demo.play import ACTIVITY
from sandwich.store.migrate import head
from tests.cli.conftest import EMPTY, Run, Said

GOOD = ACTIVITY.read_text(encoding="utf-8")


def is_sentence(said: Said) -> bool:
    """Whether an error was told as people read it."""
    return said.code == 1 and said.out == "" and said.err.strip() != "" and "Traceback" not in said.err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2026-11-05", "2026-08-20", "De datum 20-08-2026 is al voorbij"),
        ("16:30", "12:30", "het einde moet later zijn dan het begin"),
        ("company: B3", "company: B5", "Griendstroom Energie"),
        ("company: B3", "company: B9", "Er is geen bedrijf B9"),
        ("coordinator: C1", "coordinator: X1", "Er is niemand bekend als X1"),
        (
            "coordinator: C1",
            "coordinator: {given_name: Bo, family_name: Vis, phone: 06-00000077}",
            "Bo Vis heeft geen mailadres",
        ),
        (
            "kind: company-visit",
            "kind: company-trip",
            'Er is geen draaiboek met de naam "company-trip". Bedoelde je "company-visit"?',
        ),
        ("purpose: trends", "purpose: cake", "Het doel cake past niet bij deze soort"),
        ("group_size: 12", "group_size: many", "visit.yaml:6"),
        ("group_size: 12", "groep: 12", "visit.yaml:6"),
        ("title: Prefab bouwen bij Korteweg", "title: a: b", "visit.yaml:2"),
        ("title: Prefab bouwen bij Korteweg\n", "", "title"),
        ("teachers: [", "teachers: [nobody@nowhere.example, ", "nobody@nowhere.example"),
        ("hosts: [P3]", "hosts: [{given_name: Jo, family_name: Bos, company: B3}]", "Jo Bos van Bouwbedrijf Korteweg"),
    ],
)
def test_a_draft_that_cannot_be_started(
    small_installation: dict[str, str], here: Run, tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in GOOD
    text = GOOD.replace("hosts: [P3]\n", "") if "B5" in new or "B9" in new else GOOD
    (tmp_path / "visit.yaml").write_text(re.sub(r"\A(#.*\n)", "", text).replace(old, new), encoding="utf-8")
    said = here(small_installation, "start", "visit.yaml")
    assert is_sentence(said)
    assert told in said.err
    assert here(small_installation, "status", "--json").out.strip() == "[]", "nothing was written"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "visit.yaml:1: het bestand is niet te openen: het bestaat niet."),
        (b"\xff\xfe", "visit.yaml:1: het bestand is niet bewaard als UTF-8."),
        (b"", "visit.yaml:1: het bestand is leeg."),
        (b"- a\n- b\n", "visit.yaml:1: het bestand begint niet met een sleutel."),
        (b"title: [", "visit.yaml:"),
        (b"a: " * 60, "visit.yaml:"),
        (b"title: &a [*a]", "visit.yaml:"),
        (b"[" * 100_000, "visit.yaml:1: de blokken van dit bestand zitten te diep in elkaar."),
        (b"x" * 2_000_000, "visit.yaml:1: het bestand is groter dan 1 MB."),
    ],
)
def test_a_file_that_is_no_draft(
    small_installation: dict[str, str], here: Run, tmp_path: Path, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "visit.yaml").write_bytes(content)
    said = here(small_installation, "start", "visit.yaml")
    assert is_sentence(said)
    assert told in said.err


@pytest.mark.parametrize("command", [["status"], ["move", "2026-11-12", "--reason", "x"], ["cancel", "--reason", "x"]])
@pytest.mark.parametrize("activity", ["zzzzzzzz", "", "1", "%", "'; --", "é"])
def test_an_id_that_does_not_exist(
    small_installation: dict[str, str], here: Run, command: list[str], activity: str
) -> None:
    if command == ["status"] and not activity:
        return  # no id means all of them
    said = here(small_installation, command[0], activity, *command[1:])
    assert is_sentence(said)
    assert said.err == f"Er is geen activiteit {activity}. `sandwich status` noemt ze.\n"


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (["tomorrow"], "'tomorrow' is niet te lezen"),
        (["2026-02-30"], "'2026-02-30' is niet te lezen"),
        (["2026-11-12 25:00"], "is niet te lezen"),
        (["2026-11-12 14:00-13:00"], "Het einde moet later zijn dan het begin"),
        (["2026-01-12"], "De datum 12-01-2026 is al voorbij"),
        (["2026-11-12", "2026-11-13", "--agreed"], "Deze activiteit heeft 1 ontmoetingen"),
        (["2026-11-13", "2026-11-12", "--agreed"], "Een ontmoeting zou vóór de vorige komen"),
        (["2026-12-22"], "22-12-2026 is een vrije dag (Kerstvakantie). Kies een andere dag, of bevestig"),
    ],
)
def test_a_date_to_which_nothing_can_move(
    small_installation: dict[str, str], here: Run, dates: list[str], told: str
) -> None:
    activity = re.search(r"\(([0-9a-z]{24})\)", here(small_installation, "start", str(ACTIVITY)).out)[1]  # type: ignore[index]
    said = here(small_installation, "move", activity, *dates, "--reason", "x")
    assert is_sentence(said)
    assert told in said.err
    assert "do 5 nov 2026" in here(small_installation, "status").out, "nothing has moved"


def test_a_beginning_that_fits_several(small_installation: dict[str, str], here: Run) -> None:
    for _number in range(2):
        here(small_installation, "start", str(ACTIVITY), "--again", "--reason", "Tweede groep")
    path = small_installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///")
    with sqlite3.connect(path) as database:
        ids = [row[0] for row in database.execute("SELECT id FROM activity")]
        database.execute("PRAGMA foreign_keys=OFF")
        for number, old in enumerate(ids):
            database.execute("UPDATE activity SET id = ? WHERE id = ?", (f"samesame{number}{old[9:]}", old))
    said = here(small_installation, "status", "samesame")
    assert is_sentence(said)
    assert said.err.startswith("Meer activiteiten beginnen met samesame: ")


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"SANDWICH_SECERT_KEY": "x"}, "SANDWICH_SECERT_KEY is geen instelling. Bedoelde je SANDWICH_SECRET_KEY?"),
        ({"SANDWICH_ENVIRONMENT": "production"}, "SANDWICH_BASE_URL: voor production is een https-adres nodig."),
        (
            {"SANDWICH_ENVIRONMENT": "production", "SANDWICH_BASE_URL": "https://s.example", "SANDWICH_SECRET_KEY": ""},
            "SANDWICH_SECRET_KEY: voor production is een geheim van 32 tekens of meer nodig.",
        ),
        ({"SANDWICH_BASE_URL": "http://school.example"}, "gewone http is alleen voor deze computer"),
        ({"SANDWICH_PORT": "0"}, "SANDWICH_PORT klopt niet: schrijf een getal van minstens 1."),
        ({"SANDWICH_SECRET_KEY_FILE": "/nowhere/key"}, "SANDWICH_SECRET_KEY_FILE: het bestand is niet te lezen."),
        (
            {"SANDWICH_PLAYBOOKS": "/nowhere/books", "SANDWICH_FORMS": "/nowhere/forms"},
            "deze map bestaat niet. Controleer de naam.",
        ),
    ],
)
def test_settings_that_are_wrong(
    small_installation: dict[str, str], here: Run, environ: dict[str, str], told: str
) -> None:
    said = here({**small_installation, **environ}, "start", str(ACTIVITY))
    assert is_sentence(said)
    assert told in said.err


def test_a_database_that_was_never_made(here: Run, tmp_path: Path) -> None:
    environ = {"SANDWICH_ENVIRONMENT": "development", "SANDWICH_DATA": str(tmp_path / "new")}
    for command in (["status"], ["start", str(ACTIVITY)], ["outbox"], ["audit", "verify"]):
        said = here(environ, *command)
        assert is_sentence(said)
        assert said.err == "De database heeft nog geen tabellen. Geef de opdracht `sandwich db upgrade`.\n"
    assert not (tmp_path / "new" / "sandwich.db").exists(), "to look makes nothing"
    made, holidays = here(environ, "db", "upgrade").out.splitlines()
    assert made == f"De database is gemaakt (versie {head()})."
    assert holidays.startswith("Vakanties die erbij kwamen: ")
    assert here(environ, "db", "upgrade").out == f"De database was al bij (versie {head()}).\n"
    assert here(environ, "status").code == 0


@pytest.mark.parametrize("command", [["status"], ["outbox"], ["audit", "verify"], ["db", "upgrade"], ["start", "x"]])
def test_a_database_of_a_newer_release(
    small_installation: dict[str, str], here: Run, tmp_path: Path, command: list[str]
) -> None:
    """Reading is refused too: an older program would leave out what it does not know, and call that the truth."""
    (tmp_path / "x").write_text(ACTIVITY.read_text(encoding="utf-8"), encoding="utf-8")
    path = small_installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    said = here(small_installation, *command)
    assert is_sentence(said)
    assert said.err.startswith("De database is van een nieuwere versie van Sandwich (9999; deze kent tot en met")


def test_a_worker_without_a_database(here: Run, tmp_path: Path) -> None:
    """It says so at once, and does not first wait for Prefect."""
    environ = {"SANDWICH_ENVIRONMENT": "development", "SANDWICH_DATA": str(tmp_path / "new")}
    said = here(environ, "worker")
    assert is_sentence(said)
    assert said.err == "De database heeft nog geen tabellen. Geef de opdracht `sandwich db upgrade`.\n"
    assert not (tmp_path / "new" / "sandwich.db").exists()

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    said = here({**environ, "SANDWICH_DATABASE_URL": f"postgresql+asyncpg://u@127.0.0.1:{port}/none"}, "worker")
    assert is_sentence(said)
    assert "database" in said.err.lower()
    assert said.err.count("\n") == 1


@pytest.fixture
def held(small_installation: dict[str, str]) -> Iterator[None]:
    """Somebody else writes in the database and does not stop."""
    path = small_installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.rollback()
    other.close()


@pytest.mark.usefixtures("held")
def test_a_database_that_somebody_holds(small_installation: dict[str, str], here: Run) -> None:
    assert here(small_installation, "status").code == 0, "reading waits for nobody"
    said = here(small_installation, "start", str(ACTIVITY))
    assert is_sentence(said)
    assert "een ander programma houdt hem bezet" in said.err


def test_a_database_that_is_none(here: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("These are my notes. " * 100, encoding="utf-8")
    said = here(
        {"SANDWICH_ENVIRONMENT": "development", "SANDWICH_DATABASE_URL": f"sqlite+aiosqlite:///{file}"}, "db", "upgrade"
    )
    assert is_sentence(said)
    assert "is geen database" in said.err
    assert file.read_text(encoding="utf-8").startswith("These are my notes.")


def test_an_error_is_english_for_who_reads_english(small_installation: dict[str, str], here: Run) -> None:
    said = here({**small_installation, "SANDWICH_LANGUAGE": "en"}, "cancel", "zzzzzzzz", "--reason", "x")
    assert said.err == "There is no activity zzzzzzzz. `sandwich status` lists them.\n"


def test_a_port_that_is_taken(small_installation: dict[str, str], here: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        for command in (["web"], ["up"]):
            said = here({**small_installation, "SANDWICH_PORT": port}, *command)
            assert is_sentence(said)
            assert f"Poort {port} is al in gebruik" in said.err
            assert "SANDWICH_PORT" in said.err
        said = here({}, "demo", "--port", port)
        assert is_sentence(said)
        assert "--port" in said.err


def test_no_demo_here(here: Run) -> None:
    said = here({}, "--demo", "status")
    assert is_sentence(said)
    assert said.err == "In deze map staat geen demo. Start er een met `sandwich demo`.\n"


def test_something_unforeseen_is_told_without_a_traceback(small_installation: dict[str, str], sandwich: Run) -> None:
    broken = {**small_installation, "SANDWICH_TIMEZONE": "Europe/Nowhere"}
    said = sandwich(broken, "start", str(ACTIVITY))
    assert is_sentence(said)
    assert said.err.count("\n") == 1
    assert "Traceback" in sandwich(broken, "--debug", "start", str(ACTIVITY)).err


def test_prefect_that_cannot_be_reached(small_installation: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    impatient = "from sandwich.running import parts; parts.PREFECT_SECONDS = 0.1; from sandwich.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", impatient, "worker"],
        cwd=tmp_path,
        env={**EMPTY, **small_installation, "SANDWICH_PREFECT_PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert f"Prefect antwoordt niet op http://127.0.0.1:{port}/api" in done.stderr
