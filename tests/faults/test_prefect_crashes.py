"""Killed at each place between us and Prefect, an activity is carried on by one run, and every step is shown once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.story import ELSEWHERE
from tests.support.carried import Installation

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told(installation: Installation) -> list[dict[str, Any]]:
    """One program for all of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.prefect_crashes"],
        cwd=ROOT,
        env={**os.environ, **installation.environ},
        capture_output=True,
        text=True,
        timeout=580,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_killed_at_every_place_between_us_and_prefect_nothing_is_shown_twice(
    told: list[dict[str, Any]],
) -> None:
    [end] = [one for one in told if one.get("plan") == "crashes"]
    assert {name: wrong for name, wrong in end["found"].items() if wrong} == {}
    assert {one["killed_at"] for one in told if "killed_at" in one} == ELSEWHERE


def test_parking_with_a_timeout_turns_a_checker_red(told: list[dict[str, Any]]) -> None:
    [found] = [one for one in told if one.get("plan") == "pause_timeout_set"]
    assert found["red"] == ["asleep"]
