"""The list of named places is what stands in the code, and off they are nothing."""

import asyncio
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sandwich import failpoints

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("flows", "tasks", "sandwich")


def test_every_place_in_the_code_is_listed_and_every_listed_place_is_in_the_code_once() -> None:
    found = Counter[str]()
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            found.update(re.findall(r"\bfailpoint\(\"([a-z-]+)\"\)", path.read_text(encoding="utf-8")))
    assert set(found) == set(failpoints.PLACES)
    assert [place for place, count in found.items() if count > 1] == []
    assert len(failpoints.PLACES) >= 40


@pytest.mark.parametrize(
    ("environment", "wanted", "code"),
    [
        ("development", "lease-given-up=kill", -9),
        ("development", "dot-sent=kill,lease-given-up=kill@2", -9),
        ("development", "lease-given-up=kill@4", 0),
        ("production", "lease-given-up=kill", 0),
    ],
)
def test_a_place_kills_where_that_was_asked_for_and_never_in_production(
    environment: str, wanted: str, code: int
) -> None:
    work = "import asyncio; from sandwich.failpoints import *\nfor _ in '123': asyncio.run(failpoint('lease-given-up'))"
    done = subprocess.run(
        [sys.executable, "-c", work],
        env={"SANDWICH_ENVIRONMENT": environment, failpoints.VARIABLE: wanted},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert ("failpoint lease-given-up: kill" in done.stderr) is (code != 0)


def test_a_place_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDWICH_ENVIRONMENT", "development")
    with pytest.raises(ValueError, match="no-such-place"):
        failpoints.arm("no-such-place=kill")


def test_off_a_place_is_passed_without_waiting() -> None:
    passing = failpoints.failpoint("dot-sent")
    with pytest.raises(StopIteration):
        passing.send(None)
    assert asyncio.run(failpoints.failpoint("no-place-at-all")) is None
