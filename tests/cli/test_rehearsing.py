"""`sandwich rehearse`, as somebody who writes a playbook meets it."""

import os
import re
import signal
import subprocess
import sys
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.cli.conftest import EMPTY, Run

LUNCH = Path(__file__).with_name("alumni-lunch.yaml").read_text(encoding="utf-8")
"""A playbook with forms that are there already; one that brings a form of its own is in tests/services."""
ENGLISH = {"SANDWICH_LANGUAGE": "en"}


def test_a_tenth_kind_is_rehearsed_from_its_file(here: Run, tmp_path: Path) -> None:
    (tmp_path / "alumni-lunch.yaml").write_text(LUNCH, encoding="utf-8")
    said = here(ENGLISH, "rehearse", "alumni-lunch.yaml", "--out", "mails")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Alumni lunch (alumni-lunch): 6 teachers, seed 1\n")
    lines = [line for line in said.out.splitlines() if " ask (P01) " in line and " alumni " in line]
    *day, moment, what = lines[0].split()[:7]
    assert (day, what) == (["Thu", "01", "Oct", "2026", "T-5w"], "alumni")
    assert "10:00" <= moment < "11:30", "somewhere in the slot for first requests"
    assert "busiest day of anybody" in said.out
    files = sorted((tmp_path / "mails").iterdir())
    assert said.out.splitlines()[-1] == f"Mails written: {len(files)}, in mails."
    assert len(files) > 50
    for path in files:
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert mail["Subject"]
        assert f"-{mail['To'].addresses[0].username.upper()}-" in path.name.upper()


def test_the_same_seed_gives_the_same_on_any_day_and_another_seed_something_else(sandwich: Run) -> None:
    said = [
        sandwich({**ENGLISH, "PYTHONHASHSEED": hashes}, "rehearse", "guest-lesson", "--seed", seed).out
        for hashes, seed in (("1", "1"), ("2", "1"), ("1", "2"))
    ]
    assert said[0].startswith("Guest lesson (guest-lesson)")
    assert said[0] == said[1]
    assert said[0].partition("\n")[2] != said[2].partition("\n")[2]


def test_it_speaks_dutch_too(here: Run) -> None:
    said = here({}, "rehearse", "guest-lesson")
    assert said.code == 0
    for words in ("Wie wat wanneer krijgt", "De drukste dag van iemand:", "Wat nooit voorkwam"):
        assert words in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["guest-leson"], 'Did you mean "guest-lesson"?'),
        (["walk.yaml"], "There is no file walk.yaml. Check its name, or name a kind: company-visit, guest-lesson"),
        (["guest-lesson", "--people", "40"], "Guest lesson is meant for 1 to 4 teachers. Give --people such a number."),
        (["twin-pair"], '"twin-pair" is only a part of another playbook. Rehearse the whole: job-twinning.'),
        (["guest-lesson", "--out", "full"], "full is there already and is not empty. Name a new folder for the mails."),
    ],
)
def test_what_cannot_be_rehearsed_is_told_in_one_sentence(
    here: Run, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept").write_text("mine")
    said = here(ENGLISH, "rehearse", *arguments)
    assert (said.code, said.out) == (1, "")
    assert told in said.err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["kept"]


BROKEN = {
    "a fact that no answer makes true": (
        LUNCH.replace("answers: [agreed]", "answers: [refused]"),
        "hard: [date_fixed, professionals_enough",
        'this playbook cannot end: even when everybody answers everything, gate G1 waits for "tables_agreed".',
        "Let a step bring it about, or take it out of hard.",
    ),
    "a step whose turn never comes": (
        LUNCH.replace("    at: E+15d\n", "    at: E+15d\n    needs: [has_halfway]\n"),
        "like: feedback",
        'this playbook cannot end: the turn of step "feedback" never comes, even when everybody answers.',
        "Look at its at and needs.",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_playbook_that_cannot_end_is_told_with_place_and_remedy(here: Run, tmp_path: Path, broken: str) -> None:
    text, place, told, remedy = BROKEN[broken]
    assert text != LUNCH
    (tmp_path / "alumni-lunch.yaml").write_text(text, encoding="utf-8")
    assert here(ENGLISH, "playbooks", "check", "alumni-lunch.yaml").code == 0, "only playing shows it"
    said = here(ENGLISH, "rehearse", "alumni-lunch.yaml")
    assert said.code == 1
    line = 1 + text[: text.index(place)].count("\n")
    assert said.out.splitlines()[-1] == f"alumni-lunch.yaml:{line}: {told} {remedy}"


def test_a_mistake_in_the_file_is_told_before_anything_is_played(here: Run, tmp_path: Path) -> None:
    text = LUNCH.replace("hard: [evaluation_closed,", "hard: [half_impact, evaluation_closed,")
    (tmp_path / "alumni-lunch.yaml").write_text(text, encoding="utf-8")
    said = here(ENGLISH, "rehearse", "alumni-lunch.yaml")
    assert (said.code, said.out) == (1, "")
    assert 'gate G3 waits for "half_impact", and nobody is asked the form impact-check.' in said.err


def test_more_than_two_mails_in_a_week_are_noted(here: Run) -> None:
    said = here(ENGLISH, "rehearse", "company-visit")
    assert said.code == 0
    assert "Note, more than 2 mails in a week, with what never waits: " in said.out


def test_who_stops_it_finds_nothing_left_behind(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "sandwich", "rehearse", "teacher-internship", "--out", str(tmp_path / "mails")],
        env={**EMPTY, "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        while not list(folder.glob("sandwich-rehearsal-*/rehearsal.db")):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=500)
    assert (running.returncode, out, err) == (130, b"", b"")
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "mails").exists()


def test_the_playbook_of_the_page_for_authors_goes_as_the_page_says(here: Run, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "writing-a-playbook.md").read_text(encoding="utf-8")
    (walk,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (commands,) = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    check, shorter, whole = (line.split()[1:] for line in commands.splitlines())
    assert whole[: len(shorter)] == shorter
    (tmp_path / "walk.yaml").write_text(walk, encoding="utf-8")
    assert here(ENGLISH, *check).code == 0
    said = here(ENGLISH, *whole)
    assert (said.code, said.err) == (0, "")
    for part in ("Who takes part", "Who gets what when", "How much mail", "What never came up"):
        assert part.lower() in said.out.lower()
        assert part in page
    mails = list((tmp_path / "mails").rglob("*.eml"))
    assert len(mails) > 20
    assert any(b"langslopen" in mail.read_bytes() or b"walk past" in mail.read_bytes() for mail in mails)
