"""Taking activities over to a new version of their playbook by the command line, and a version that cannot be."""

import json
from pathlib import Path

from sandwich.definitions.playbooks import PLAYBOOKS
from sandwich.demo.play import ACTIVITY
from tests.cli.conftest import Run

OWN = PLAYBOOKS / "company-visit.yaml"


def _write(folder: Path, version: int, *changes: tuple[str, str]) -> None:
    text = OWN.read_text(encoding="utf-8").replace("key: company-visit", "key: own-visit")
    text = text.replace("version: 1", f"version: {version}", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "own-visit.yaml").write_text(text, encoding="utf-8")


def test_activities_of_a_kind_are_taken_over_after_a_look(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    own = {**small_installation, "SANDWICH_PLAYBOOKS": str(tmp_path)}
    _write(tmp_path, 1)
    draft = tmp_path / "draft"
    draft.write_text(ACTIVITY.read_text(encoding="utf-8").replace("company-visit", "own-visit"), encoding="utf-8")
    activity_id = json.loads(here(own, "start", str(draft), "--json").out)["id"]
    newest = here(own, "playbooks", "take-over", "own-visit")
    assert (newest.code, newest.out) == (0, "Geen lopende activiteit van own-visit heeft een oudere versie.\n")
    newest = here(own, "playbooks", "take-over", activity_id)
    assert (newest.code, newest.err) == (1, "De activiteit heeft de nieuwste versie van haar draaiboek al (1).\n")

    _write(tmp_path, 2, ("at: E+1wd", "at: E+2wd"))
    tried = here(own, "playbooks", "take-over", "own-visit", "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert f"Prefab bouwen bij Korteweg ({activity_id[:8]}) zou van versie 1 naar versie 2 gaan:" in tried.out
    assert "- 21 mails blijven, 1 schuift; " in tried.out
    assert "- Bedankt!: was vr 6 nov, wordt ma 9 nov." in tried.out
    assert tried.out.endswith("Er is nog niets veranderd.\n")
    told = json.loads(here(own, "playbooks", "take-over", activity_id[:6], "--json").out)
    assert [(item["old"], item["new"], item["refused"]) for item in told] == [(1, 2, None)]
    assert told[0]["changes"]["mails"] == {"kept": 21, "moved": 1, "new": 0, "dropped": 0}
    assert "Geen lopende activiteit" in here(own, "playbooks", "take-over", "own-visit").out
    verified = here(own, "audit", "verify")
    assert verified.code == 0, verified


def test_what_is_wrong_is_one_sentence(small_installation: dict[str, str], here: Run, tmp_path: Path) -> None:
    own = {**small_installation, "SANDWICH_PLAYBOOKS": str(tmp_path)}
    _write(tmp_path, 1)
    draft = tmp_path / "draft"
    draft.write_text(ACTIVITY.read_text(encoding="utf-8").replace("company-visit", "own-visit"), encoding="utf-8")
    activity_id = json.loads(here(own, "start", str(draft), "--json").out)["id"]
    said = here(own, "playbooks", "take-over", "no-such-kind")
    assert (said.code, said.out) == (1, "")
    assert said.err == "Er is geen activiteit no-such-kind. `sandwich status` noemt ze.\n"
    (tmp_path / "own-visit.yaml").unlink()
    said = here(own, "playbooks", "take-over", activity_id)
    assert (said.code, said.out) == (1, "")
    assert said.err == "Er is geen draaiboek own-visit meer. De activiteit gaat verder met de versie die ze heeft.\n"
