"""No kind is known by its name outside its playbook: what one needs is a capability that any may ask for."""

import re
from pathlib import Path

import pytest

from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks

ROOT = Path(__file__).parents[2]
FOLDERS = ("flows", "tasks", "models", "sandwich", "templates")
STORIES = ROOT / "sandwich" / "demo" / "stories"  # what goes on in the demo's region: activities, each of some kind
KINDS = sorted(load_playbooks(Library.load()))
FILES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.is_file()
    and path.suffix in {".py", ".yaml", ".html", ".txt", ".js", ".css", ".mako"}
    and not path.is_relative_to(STORIES)
)

ANSWERS = {
    "guest-lesson": ("sandwich/rules/figures/results.py", "sandwich/rules/figures/wording.py"),
    "company-visit": ("sandwich/web/api/bodies.py",),
}
"""Where a kind's name is an answer: what came of an activity may have been such a lesson, and is counted; and what
programs send is shown by an example of some kind.
"""


def names(kind: str) -> re.Pattern[str]:
    """Return what finds a kind, however it is written: ``school-visit``, ``school_visit``, ``SchoolVisit``."""
    return re.compile(rf"(?<![\w-]){kind.replace('-', '[-_ ]?')}(?![\w-])", re.IGNORECASE)


def test_there_is_something_to_look_through() -> None:
    assert len(KINDS) == 10
    assert len(FILES) > 400
    assert names("school-visit").search("if kind == 'school_visit':")
    assert names("school-visit").search("class SchoolVisit:")
    assert not names("masterclass").search("a masterclassy thing")


@pytest.mark.parametrize("kind", KINDS)
def test_no_code_and_no_template_knows_a_kind_by_its_name(kind: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if names(kind).search(line) and str(path.relative_to(ROOT)) not in ANSWERS.get(kind, ())
    ]
    assert found == []
