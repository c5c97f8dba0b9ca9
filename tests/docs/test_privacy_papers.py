"""The register of processing and the DPIA say what the code keeps: ``make privacy-papers`` writes them anew."""

from pathlib import Path

import pytest

from models.data_kinds import DataKind
from sandwich.definitions.library import Library
from sandwich.privacy.kinds import KEPT
from sandwich.privacy.papers import ASSESSMENT, REGISTER, assessment, register

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(("name", "write"), [(REGISTER, register), (ASSESSMENT, assessment)])
def test_the_papers_are_those_that_the_code_writes(name: str, write: object, library: Library) -> None:
    assert callable(write)
    assert (DOCS / name).read_text(encoding="utf-8") == write(library), "run: make privacy-papers"


def test_how_it_works_names_every_kind_and_every_command() -> None:
    page = (DOCS / "privacy.md").read_text(encoding="utf-8")
    for kind in DataKind:
        assert f"`{kind.value}`" in page, kind
    for one in KEPT:
        assert one.title.nl in page, one.kind
    for command in ("retention show", "retention approve", "retention stop", "consent list", "consent withdraw"):
        assert f"sandwich {command}" in page
    for command in ("person export", "person erase", "person object", "person keep", "backups"):
        assert f"sandwich {command}" in page
