"""What playbooks say of each other is held to what there is."""

from pathlib import Path

import pytest

from sandwich.definitions.library import Library
from sandwich.definitions.mistakes import DefinitionError
from sandwich.definitions.paths import check_paths
from sandwich.definitions.playbooks import PLAYBOOKS, load_playbooks

WHOLE = (PLAYBOOKS / "job-twinning.yaml").read_text(encoding="utf-8").replace("key: job-twinning", "key: whole")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "- kind: guest-lesson",
            "- kind: guest-lessen",
            'names the kind "guest-lessen", which does not exist. Did you',
        ),
        ("- kind: guest-lesson", "- kind: twin-pair", 'names the kind "twin-pair", which does not exist.'),
        ("parts: twin-pair", "parts: twin-pairs", 'names the kind "twin-pairs", which does not exist. Did you mean'),
        ("parts: twin-pair", "parts: school-visit", '"school-visit" is no part: that playbook has no only_part: true.'),
    ],
)
def test_a_name_that_does_not_exist_is_told_with_its_place(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "whole.yaml"
    assert old in WHOLE
    path.write_text(WHOLE.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_playbooks(Library.load(), [tmp_path])
    [mistake] = caught.value.mistakes
    assert sentence in mistake.to("en")
    assert mistake.line == 1 + WHOLE[: WHOLE.index(old)].count("\n")
    assert [one.to("en") for one in check_paths([path]).mistakes] == [mistake.to("en")]


def test_what_neither_a_playbook_nor_its_parts_do_is_missing(tmp_path: Path) -> None:
    part = (PLAYBOOKS / "twin-pair.yaml").read_text(encoding="utf-8").replace("key: twin-pair", "key: half")
    whole = WHOLE.replace("parts: twin-pair", "parts: half").replace("    demand: goals\n", "")
    assert "    also: goals\n" in part
    (tmp_path / "half.yaml").write_text(part.replace("    also: goals\n", ""), encoding="utf-8")
    (tmp_path / "whole.yaml").write_text(whole, encoding="utf-8")
    with pytest.raises(DefinitionError, match="asks what the participants want to learn"):
        load_playbooks(Library.load(), [tmp_path])


def test_our_own_playbooks_know_each_other() -> None:
    playbooks = load_playbooks(Library.load())
    assert playbooks["job-twinning"].parts == "twin-pair"
    assert check_paths([PLAYBOOKS]).mistakes == ()
