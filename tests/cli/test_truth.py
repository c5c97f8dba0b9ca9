"""`sandwich audit verify`, `person erase` and `outbox`, on a real database."""

import json
import sqlite3
from pathlib import Path

from sandwich.demo.play import ACTIVITY
from tests.cli.conftest import Run


def _file(installation: dict[str, str]) -> Path:
    return Path(installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))


def test_a_log_that_was_tampered_with_is_found(small_installation: dict[str, str], here: Run) -> None:
    here(small_installation, "start", str(ACTIVITY))
    assert here(small_installation, "audit", "verify").code == 0
    with sqlite3.connect(_file(small_installation)) as database:
        database.execute("UPDATE activity SET purpose = 'placement'")
    said = here(small_installation, "audit", "verify")
    assert said.code == 1
    assert "De tabel activity is niet wat het logboek zegt" in said.out
    assert "purpose" in said.out
    with sqlite3.connect(_file(small_installation)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE audit_entry SET actor = 'somebody' WHERE number = 2")
    said = here(small_installation, "audit", "verify")
    assert said.code == 1
    assert "Het logboek is niet heel" in said.out


def test_the_log_is_whole_after_an_erasure(installation: dict[str, str], here: Run) -> None:
    here(installation, "start", str(ACTIVITY))
    before = here(installation, "audit", "verify")
    assert here(installation, "person", "erase", "T5", "--yes").code == 0
    after = here(installation, "audit", "verify")
    assert (after.code, after.err) == (0, "")
    assert after.out != before.out, "the erasure itself stands in the log"


def test_a_person_is_erased_after_being_asked_once_more(small_installation: dict[str, str], sandwich: Run) -> None:
    refused = sandwich(small_installation, "person", "erase", "T5", typed="n\n")
    assert refused.code == 1
    assert "Jeroen Aldewereld" in refused.out
    done = sandwich(small_installation, "person", "erase", "j.aldewereld@hetkompas.example", "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Gewist: ")
    content = _file(small_installation).read_bytes()
    assert b"Aldewereld" not in content
    assert b"Hofstra" in content, "somebody else is still there"


def test_nobody_is_erased_who_is_not_known(small_installation: dict[str, str], here: Run) -> None:
    said = here(small_installation, "person", "erase", "T99", "--yes")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("Er is niemand bekend als T99.")


def test_the_outbox_shows_what_waits(small_installation: dict[str, str], here: Run) -> None:
    assert "Er wacht geen mail" in here(small_installation, "outbox").out
    activity = json.loads(here(small_installation, "start", str(ACTIVITY), "--json").out)["id"]
    with sqlite3.connect(_file(small_installation)) as database:
        host = database.execute("SELECT id FROM person WHERE code = 'P3'").fetchone()[0]
        for number, state in enumerate(("QUEUED", "SENT", "UNKNOWN")):
            database.execute(
                "INSERT INTO message (id, key, activity_id, person_id, mail, about, state, queued_at, due_at, attempts)"
                " VALUES (?, ?, ?, ?, 'request', '{}', ?, '2026-09-24 08:00:00', '2026-09-24 08:00:00', 0)",
                (f"m{number}", f"k{number}", activity, host, state.lower()),
            )
    told = json.loads(here(small_installation, "outbox", "--json").out)
    assert told["counts"] == {"queued": 1, "sent": 1, "unknown": 1}
    assert {mail["state"] for mail in told["mails"]} == {"queued", "unknown"}
    said = here(small_installation, "outbox").out
    assert "verzoek aan het bedrijf aan Koen Korteweg" in said
    assert len(json.loads(here(small_installation, "outbox", "--all", "--json").out)["mails"]) == 3
