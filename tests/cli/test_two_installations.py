"""Two installations on one database: whoever comes second, with a key of its own, is refused and changes nothing."""

import sqlite3
from pathlib import Path

import pytest

from sandwich.demo.play import ACTIVITY
from sandwich.running.ports import free_port
from tests.cli.conftest import Run


@pytest.mark.parametrize("part", ["up", "web", "deliver", "worker", "start", "doctor"])
def test_a_part_with_another_key_refuses(small_installation: dict[str, str], here: Run, part: str) -> None:
    first = here(small_installation, "start", str(ACTIVITY))
    assert first.code == 0, first.err
    before = _rows(small_installation)
    other = small_installation | {
        "SANDWICH_SECRET_KEY": "the key of another installation, long",
        "SANDWICH_DATA": f"{small_installation['SANDWICH_DATA']}-other",
        "SANDWICH_PORT": str(free_port("127.0.0.1")),
        "SANDWICH_PREFECT_PORT": str(free_port("127.0.0.1")),
    }
    said = here(other, part, *([str(ACTIVITY)] if part == "start" else []))
    assert said.code == 1
    assert "De database hoort bij een andere installatie" in said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert _rows(small_installation) == before


def test_who_lost_the_key_takes_the_database_over(small_installation: dict[str, str], here: Run) -> None:
    here(small_installation, "start", str(ACTIVITY))
    other = small_installation | {"SANDWICH_SECRET_KEY": "the key of another installation, long"}
    assert here(other, "db", "new-key", "--yes").code == 0
    assert here(other, "start", str(ACTIVITY), "--again", "--reason", "Nog een groep").code == 0
    assert here(small_installation, "start", str(ACTIVITY)).code == 1
    assert here(other, "audit", "verify").code == 0


def _rows(installation: dict[str, str]) -> list[int]:
    path = Path(installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    with sqlite3.connect(path) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in sorted(names)]
