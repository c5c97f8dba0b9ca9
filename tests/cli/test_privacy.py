"""`sandwich retention`, `consent`, `backups`, `person export` and `keep`: what is kept, on the command line."""

import json
import zipfile
from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.test_changing import prepared

ACTIVITY = Path(__file__).resolve().parents[2] / "examples" / "a1.yaml"


def test_terms_are_shown_and_nothing_is_approved_that_nobody_can_see(
    small_installation: dict[str, str], here: Run
) -> None:
    shown = here(small_installation, "retention", "show")
    assert (shown.code, shown.err) == (0, "")
    assert "answers (Antwoorden en afspraken met een naam eraan), STO-regio De Grienden: 2 schooljaren" in shown.out
    assert "Niets over de termijn." in shown.out
    rows = json.loads(here(small_installation, "retention", "show", "mail", "--json").out)
    assert [(row["kept"], row["count"], row["waits"], row["items"]) for row in rows] == [("mail", 0, False, [])]
    refused = here(small_installation, "retention", "approve", "answers")
    assert (refused.code, "nog niets te zien" in refused.err) == (1, True)
    assert "vanzelf weg" in here(small_installation, "retention", "approve", "trail").err
    assert "Hier heeft niemand ja op gezegd" in here(small_installation, "retention", "stop", "answers").err
    assert "Er is geen regio X" in here(small_installation, "retention", "show", "--region", "X").err
    later = small_installation | {"SANDWICH_KEEP_ANSWERS_YEARS": "7"}
    assert "7 schooljaren" in here(later, "retention", "show", "answers").out
    assert "SANDWICH_KEEP_ANSWERS_YEARS" in here(
        small_installation | {"SANDWICH_KEEP_ANSWERS_YEARS": "0"}, "status"
    ).err  # fmt: skip


def test_everything_of_somebody_is_written_to_a_file_of_their_own(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    id_ = prepared(small_installation, "2026-10-09 12:00")
    said = json.loads(here(small_installation, "person", "export", "T3").out)
    assert said["name"] == "Erik Laan"
    assert id_ in said["activities"] or any(one.startswith(id_) for one in said["activities"])
    done = here(small_installation, "person", "export", "T3", "--to", "erik.zip")
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "erik.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "erik.zip") as packed:
        assert "Erik Laan" in packed.read("index.html").decode()
    assert "is er al" in here(small_installation, "person", "export", "T3", "--to", "erik.zip").err
    assert ".zip of .json" in here(small_installation, "person", "export", "T3", "--to", "erik.pdf").err
    assert here(small_installation, "person", "keep", "T3").out == "Erik Laan blijft bekend.\n"


def test_backups_say_who_is_still_in_them_and_a_restore_erases_again(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    assert here(small_installation, "backups").out == "Er is nog geen reservekopie gemaakt.\n"
    archive = tmp_path / "copy.sandwich"
    assert here(small_installation, "backup", str(archive)).code == 0
    assert "Er staat niemand in die gewist is." in here(small_installation, "backups").out
    erased = here(small_installation, "person", "erase", "T3", "--yes")
    assert "Nog in 1 reservekopieën" in erased.out
    assert "Nog in deze kopie, hoewel gewist: 1 (" in here(small_installation, "backups").out
    back = here(small_installation, "restore", str(archive), "--yes")
    assert (back.code, back.err) == (0, "")
    assert "Opnieuw gewist, want na deze kopie gewist: 1 mensen." in back.out
    assert "Erik" not in here(small_installation, "person", "export", "T2").out
    assert "Er is niemand bekend als T3" in here(small_installation, "person", "export", "T3").err
    assert here(small_installation, "audit", "verify").code == 0
    assert here(small_installation, "backups", "--throw-away").out.startswith("Weggegooid: 0")
    assert json.loads(here(small_installation, "backups", "--json").out) == []  # it was made after what it holds


def test_where_each_photo_may_be_shown_is_listed(small_installation: dict[str, str], here: Run) -> None:
    id_ = prepared(small_installation, "2026-10-09 12:00")
    listed = json.loads(here(small_installation, "consent", "list", id_, "--json").out)
    assert {line["channel"] for line in listed["consents"]} == {"internal", "website", "social"}
    assert listed["photos"] == []
    back = here(small_installation, "consent", "withdraw", "T3", "--channel", "nowhere")
    assert back.code == 2
