"""`sandwich backup` and `restore`: an archive that is whole, and every wrong one refused with nothing changed."""

import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandwich.demo.play import ACTIVITY
from sandwich.store.archive import DATABASE, MANIFEST
from tests.cli.conftest import Run
from tests.support.databases import Databases, SqliteDatabases


@pytest.fixture
def elsewhere(installation: dict[str, str], databases: Databases, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A place without a database, with the same key."""
    url = databases.empty()
    yield installation | {"SANDWICH_DATABASE_URL": url, "SANDWICH_DATA": str(tmp_path / "elsewhere")}
    databases.forget(url)


@pytest.fixture
def small_elsewhere(small_installation: dict[str, str], sqlite_databases: SqliteDatabases) -> Iterator[dict[str, str]]:
    """The same on SQLite."""
    url = sqlite_databases.empty()
    yield small_installation | {"SANDWICH_DATABASE_URL": url}
    sqlite_databases.forget(url)


def test_an_installation_is_backed_up_and_put_back(
    installation: dict[str, str], elsewhere: dict[str, str], here: Run, tmp_path: Path
) -> None:
    assert here(installation, "start", str(ACTIVITY)).code == 0
    made = here(installation, "backup", "copy.sandwich")
    assert (made.code, made.err) == (0, "")
    assert "Reservekopie gemaakt: copy.sandwich" in made.out
    archive = tmp_path / "copy.sandwich"
    assert archive.stat().st_mode & 0o077 == 0, "it is full of personal data"
    assert not list(tmp_path.glob(".sandwich-*")), "nothing is left lying about"
    assert "is er al" in here(installation, "backup", "copy.sandwich").err

    put = here(elsewhere, "restore", "copy.sandwich")
    assert (put.code, put.err) == (0, "")
    assert "Hersteld op do 24 sep 2026 10:0" in put.out
    assert "Er gaat geen mail weg" in put.out
    assert here(elsewhere, "audit", "verify").code == 0
    assert json.loads(here(elsewhere, "status", "--json").out)[0]["title"]

    again = here(elsewhere, "restore", "copy.sandwich")
    assert again.code == 1
    assert "De installatie is niet leeg" in again.err
    assert here(elsewhere, "restore", "copy.sandwich", "--yes").code == 0
    assert here(elsewhere, "audit", "verify").code == 0

    assert "Hersteld op" in here(elsewhere, "outbox").out
    assert json.loads(here(elsewhere, "outbox", "--json").out)["held"]["hold"]
    behind = here(elsewhere, "outbox", "release", "--yes")
    assert behind.code == 1
    assert "Nog niet alles wat aan de beurt was" in behind.err
    assert "is niet te lezen" in here(elsewhere, "outbox", "release", "--yes", "--discard-until", "soon").err
    done = here(elsewhere, "outbox", "release", "--yes", "--anyway", "--discard-until", "now")
    assert (done.code, done.err) == (0, "")
    assert "De outbox is vrij" in done.out
    assert "Hersteld op" not in here(elsewhere, "outbox").out
    assert "niet dicht" in here(elsewhere, "outbox", "release", "--yes").err


def _spoil_manifest(**changes: Any) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            manifest, database = json.loads(archive.read(MANIFEST)), archive.read(DATABASE)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(MANIFEST, json.dumps(manifest | changes))
            archive.writestr(DATABASE, database)

    return spoil


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 50] = b"x" * 50
    path.write_bytes(content)


WRONG = {
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-2000]), "is geen gave reservekopie"),
    "some bytes changed": (_flip, "is geen gave reservekopie"),
    "something else": (lambda path: path.write_text("Beste Koen,"), "is geen gave reservekopie"),
    "not there": (lambda path: path.unlink(), "is geen gave reservekopie"),
    "a manifest that says nothing": (_spoil_manifest(made_at=None), "is geen gave reservekopie"),
    "another log than was backed up": (_spoil_manifest(head="0" * 64), "het logboek is niet heel"),
    "tables of a newer version": (_spoil_manifest(revision="9999", version="99.0"), "nieuwere versie van Sandwich"),
    "an archive of a newer version": (_spoil_manifest(format=2, version="99.0"), "nieuwere versie van Sandwich"),
    "another kind of database": (_spoil_manifest(database="postgresql"), "is van postgresql"),
    "another key": (_spoil_manifest(key_mark="0" * 64), "een andere geheime sleutel"),
}


def test_a_wrong_archive_is_refused_and_changes_nothing(
    small_installation: dict[str, str], small_elsewhere: dict[str, str], here: Run, tmp_path: Path
) -> None:
    here(small_installation, "start", str(ACTIVITY))
    archive = tmp_path / "copy.sandwich"
    assert here(small_installation, "backup", str(archive)).code == 0
    whole = archive.read_bytes()
    target = Path(small_elsewhere["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    for what, (spoil, sentence) in WRONG.items():
        archive.write_bytes(whole)
        spoil(archive)  # type: ignore[no-untyped-call]
        said = here(small_elsewhere, "restore", str(archive))
        assert said.code == 1, what
        assert sentence in said.err, (what, said.err)
        assert "Traceback" not in said.err, what
        assert not target.exists(), what
        # The same over an installation that has something: it stays as it is.
        assert here(small_installation, "restore", str(archive), "--yes").code == 1, what
    assert here(small_installation, "audit", "verify").code == 0
    assert "niet dicht" in here(small_installation, "outbox", "release", "--yes").err


def test_nothing_is_put_back_while_something_works(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    archive = str(tmp_path / "copy.sandwich")
    assert here(small_installation, "backup", archive).code == 0
    path = Path(small_installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    with sqlite3.connect(path) as database:
        database.execute("SELECT count(*) FROM person").fetchone()
        said = here(small_installation, "restore", archive, "--yes")
    database.close()
    assert said.code == 1
    assert "Er werkt nog iets met de database" in said.err
    assert here(small_installation, "restore", archive, "--yes").code == 0


def test_a_damaged_database_is_replaced_on_demand_only(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    archive = str(tmp_path / "copy.sandwich")
    assert here(small_installation, "backup", archive).code == 0
    path = Path(small_installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    path.write_bytes(b"nothing that anybody could read" * 1000)
    assert "niet kan lezen" in here(small_installation, "restore", archive).err
    assert here(small_installation, "restore", archive, "--yes").code == 0
    assert here(small_installation, "audit", "verify").code == 0


def test_with_a_new_key_the_links_are_renewed(
    small_installation: dict[str, str], small_elsewhere: dict[str, str], here: Run, tmp_path: Path
) -> None:
    archive = str(tmp_path / "copy.sandwich")
    here(small_installation, "backup", archive)
    other = small_elsewhere | {"SANDWICH_SECRET_KEY": "the only key that is left, quite long"}
    assert "andere geheime sleutel" in here(other, "restore", archive).err
    assert here(other, "restore", archive, "--new-key").code == 0
    assert here(other, "start", str(ACTIVITY)).code == 0
    assert here(other, "audit", "verify").code == 0


def test_postgresql_needs_its_own_programs(
    installation: dict[str, str], here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installation["SANDWICH_DATABASE_URL"].startswith("sqlite"):
        pytest.skip("SQLite needs none")
    monkeypatch.setenv("PATH", str(tmp_path))
    said = here(installation, "backup", "copy.sandwich")
    assert said.code == 1
    assert "Het programma pg_dump staat niet op deze machine" in said.err
    assert not (tmp_path / "copy.sandwich").exists()
