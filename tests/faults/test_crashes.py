"""Tier 1: killed at each named place and taken up again, nothing is lost, repeated or wrong; and the checkers bite."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.bugs import BUGS
from tests.faults.crashes import SEASON_PLANS
from tests.faults.story import HERE

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """Everything in one program, which imports what it needs once and forks a child for every life."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.crashes"], cwd=ROOT, capture_output=True, text=True, timeout=880
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_killed_at_every_place_of_the_list_nothing_is_lost_repeated_or_wrong(told: list[dict[str, Any]]) -> None:
    killed = {one["killed_at"]: one["report"] for one in told if "killed_at" in one}
    wrong = {place: report for place, report in killed.items() if any(report.values())}
    assert wrong == {}
    assert set(killed) - {None} == HERE
    assert None in killed, "the story did not get to its end"


def test_without_a_bug_the_same_stories_leave_every_checker_green(told: list[dict[str, Any]]) -> None:
    [sound] = [one for one in told if one.get("plan") == "sound"]
    assert sound.get("red") == [], sound


@pytest.mark.parametrize("season", SEASON_PLANS)
def test_in_every_season_and_with_a_clock_that_jumps_nothing_is_repeated_or_late(
    told: list[dict[str, Any]], season: str
) -> None:
    [found] = [one for one in told if one.get("plan") == season]
    assert found.get("red") == [], found


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_turns_its_checker_red(told: list[dict[str, Any]], bug: str) -> None:
    [found] = [one for one in told if one.get("plan") == bug]
    assert found.get("red") == [BUGS[bug].reddens], found
