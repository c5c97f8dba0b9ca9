"""Activities by the command line: start, status, move, cancel, on both databases."""

import json
import re
import sqlite3
from collections import Counter
from pathlib import Path

from sandwich.demo.play import ACTIVITY
from tests.cli.conftest import Run, Said


def test_an_activity_is_started_and_shown_by_real_processes(installation: dict[str, str], sandwich: Run) -> None:
    started = sandwich(installation, "start", str(ACTIVITY))
    assert (started.code, started.err) == (0, "")
    assert "Prefab bouwen bij Korteweg" in started.out
    assert "do 24 sep 2026 10:00" in started.out, "the first mail leaves on the first day at ten"
    seen = sandwich(installation, "status")
    assert (seen.code, seen.err) == (0, "")
    assert _id(started)[:8] in seen.out
    assert "do 5 nov 2026, 13:30–16:30 (voorstel)" in seen.out
    assert "○ ○ ○ ○" in seen.out
    assert max(map(len, seen.out.splitlines())) <= 100


def test_an_activity_is_shown_in_full_moved_and_cancelled(installation: dict[str, str], here: Run) -> None:
    activity_id = _id(here(installation, "start", str(ACTIVITY)))
    shown = here({**installation, "SANDWICH_LANGUAGE": "en"}, "status", activity_id[:6])
    assert shown.code == 0
    assert "Company visit" in shown.out
    assert "Thu 24 Sept 2026 10:00" in shown.out
    told = json.loads(here(installation, "status", activity_id, "--json").out)
    assert told["line"]["id"] == activity_id
    assert told["line"]["dots"] == {"goals": "open", "task_division": "open", "share": "open", "feedback": "open"}
    roles = Counter(person["role"] for person in told["people"])
    assert roles == {
        "coordinator": 1,
        "deputy": 1,
        "host_contact": 1,
        "teacher": 8,
        "trip_leader": 1,
        "school_leader": 3,
        "timetabler": 1,
    }

    tried = here(installation, "move", activity_id, "2026-12-22 14:00-17:00", "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "zou naar di 22 dec 2026, 14:00–17:00 gaan. Er is nog niets veranderd." in tried.out
    assert "- 22-12-2026 is een vrije dag: Kerstvakantie." in tried.out
    assert re.search(r"^- Bedankt!: was \w\w \d+ nov, wordt \w\w \d+ \w+\.$", tried.out, re.MULTILINE)
    assert "do 5 nov 2026" in here(installation, "status").out
    moved = here(installation, "move", activity_id, "2026-11-12 14:00-17:00", "--reason", "Koen is op cursus")
    assert (moved.code, moved.err) == (0, "")
    assert "do 12 nov 2026, 14:00–17:00" in moved.out
    for command, would in (("cancel", "geannuleerd"), ("hold", "uitgesteld")):
        tried = here(installation, command, activity_id, "--reason", "Het bedrijf verhuist", "--dry-run")
        assert (tried.code, tried.err) == (0, "")
        assert f"zou {would} worden. Er is nog niets veranderd." in tried.out
        assert "\n- " in tried.out
    cancelled = here(installation, "cancel", activity_id, "--reason", "Het bedrijf verhuist")
    assert (cancelled.code, cancelled.err) == (0, "")
    assert "Er zijn geen activiteiten." in here(installation, "status").out
    ended = here(installation, "status", "--ended", "--json")
    assert [line["status"] for line in json.loads(ended.out)] == ["cancelled"]
    again = here(installation, "cancel", activity_id, "--reason", "nog eens")
    assert again.code == 1
    assert again.err == "Deze activiteit is geannuleerd. Er valt niets meer aan te veranderen.\n"
    english = {**installation, "SANDWICH_LANGUAGE": "en"}
    late = here(english, "move", activity_id, "2026-11-19", "--dry-run")
    assert late.err == "This activity was cancelled. Nothing about it can be changed any more.\n"
    assert here(installation, "audit", "verify").out.startswith("Het logboek klopt: ")


def _id(started: Said) -> str:
    found = re.search(r"\(([0-9a-z]{24})\)", started.out)
    assert found
    return found[1]


def test_the_same_activity_starts_again_only_when_that_is_meant(small_installation: dict[str, str], here: Run) -> None:
    assert here(small_installation, "start", str(ACTIVITY)).code == 0
    refused = here(small_installation, "start", str(ACTIVITY))
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "05-11-2026 is al begonnen" in refused.err
    assert "--again" in refused.err
    assert "--reason" in here(small_installation, "start", str(ACTIVITY), "--again").err, (
        "and it asks the company twice"
    )
    assert here(small_installation, "start", str(ACTIVITY), "--again", "--reason", "Tweede groep").code == 0


def test_a_script_gets_json_alone(small_installation: dict[str, str], here: Run) -> None:
    started = json.loads(here(small_installation, "start", str(ACTIVITY), "--json").out)
    assert started["title"] == "Prefab bouwen bij Korteweg"
    lines = json.loads(here(small_installation, "status", "--json").out)
    assert [line["id"] for line in lines] == [started["id"]]
    assert lines[0]["progress"] == {"before": 0, "during": 0, "after": 0}
    outbox = json.loads(here(small_installation, "outbox", "--json").out)
    assert outbox == {"counts": {}, "mails": [], "held": None}


def test_a_move_ends_the_call_that_there_is_no_date(small_installation: dict[str, str], here: Run) -> None:
    activity_id = json.loads(here(small_installation, "start", str(ACTIVITY), "--json").out)["id"]
    now = "2026-10-01 08:00:00.000000"
    file = Path(small_installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    with sqlite3.connect(file) as database:
        database.execute(
            "INSERT INTO call (id, key, activity_id, what, state, due_at, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            ("c" * 24, "no-date", activity_id, "no-date", "open", now, now),
        )
    moved = here(small_installation, "move", activity_id, "2026-11-12", "--reason", "x")
    assert (moved.code, moved.err) == (0, "")
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT state, done_by_id FROM call WHERE key = 'no-date'").fetchall() == [
            ("done", None)
        ]


def test_a_move_keeps_what_is_not_typed(small_installation: dict[str, str], here: Run) -> None:
    activity_id = json.loads(here(small_installation, "start", str(ACTIVITY), "--json").out)["id"]
    assert (
        "do 12 nov 2026, 13:30–16:30"
        in here(small_installation, "move", activity_id, "2026-11-12", "--reason", "x").out
    )
    assert (
        "vr 13 nov 2026, 09:00–12:00"
        in here(small_installation, "move", activity_id, "2026-11-13 9:00", "--reason", "x").out
    )


def test_dates_are_local_also_when_summer_time_ends_in_between(small_installation: dict[str, str], here: Run) -> None:
    activity_id = json.loads(here(small_installation, "start", str(ACTIVITY), "--json").out)["id"]
    here(small_installation, "move", activity_id, "2026-10-22 13:30", "--reason", "x", "--in-holiday")
    told = json.loads(here(small_installation, "status", activity_id, "--json").out)
    assert told["line"]["moments"] == [["2026-10-22T11:30:00+00:00", "2026-10-22T14:30:00+00:00"]]
    here(small_installation, "move", activity_id, "2026-10-29", "--reason", "x")
    told = json.loads(here(small_installation, "status", activity_id, "--json").out)
    assert told["line"]["moments"] == [["2026-10-29T12:30:00+00:00", "2026-10-29T15:30:00+00:00"]]


def test_the_file_of_the_documentation_starts(small_installation: dict[str, str], here: Run, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "starting.md").read_text(encoding="utf-8")
    whole, people = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "visit.yaml"
    file.write_text(re.sub(r"teachers: .*\n", people, whole), encoding="utf-8")
    started = here(small_installation, "start", str(file), "--json")
    assert started.err == ""
    told = json.loads(here(small_installation, "status", json.loads(started.out)["id"], "--json").out)
    assert "Iris Blom" in {person["name"] for person in told["people"]}
