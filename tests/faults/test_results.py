"""What a run prints: red for what broke off, was wrong or was not tried, and nothing of the machine that it ran on."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sandwich.definitions.library import Library
from tests.faults import breaking_data, breaking_lines, breaking_parts
from tests.faults.check import Report
from tests.faults.nemesis import FAULTS
from tests.faults.results import Result, table, without_places
from tests.faults.tiers import TIERS
from tests.faults.world import World

BREAKERS = (breaking_data, breaking_lines, breaking_parts)


@pytest.fixture
def well(tmp_path: Path, library: Library) -> Result:
    """A world that got to its end, with everything done that was to be done."""
    world = World("sqlite", tmp_path, library, random.Random(1), timedelta(), 1.0)
    numbers = replace(TIERS[2], faults={"kill": 2, "postmaster": 1})
    world.done["kill"] = 2
    return Result(world, Report(), None, numbers)


@pytest.mark.parametrize("tier", TIERS)
def test_every_fault_of_a_tier_exists_and_every_fault_is_in_the_longest_tier(tier: int) -> None:
    assert set(TIERS[tier].faults) <= set(FAULTS)
    assert set(TIERS[3].faults) == set(FAULTS)


def test_what_another_kind_of_database_has_is_not_missed(well: Result) -> None:
    assert not well.is_red
    assert well.missing == []


def test_what_was_not_tried_is_red_unless_it_says_why(well: Result) -> None:
    well.world.done["kill"] = 1
    assert well.missing == ["kill 1 of 2 times"]
    assert well.is_red
    del well.missing
    well.world.skipped.add("kill: no right to")
    assert not well.is_red
    assert "sqlite: not tried: kill: no right to" in well.lines()


def test_what_broke_off_or_is_wrong_is_red(well: Result) -> None:
    assert replace(well, end=TimeoutError()).is_red
    well.report.add("lost", "an answer")
    assert well.is_red


def test_the_table_has_a_line_for_every_figure(well: Result) -> None:
    lines = {line.split()[0]: line.split()[-1] for line in table([well])[1:]}
    assert lines["kill"] == "2/2"
    assert lines["lost"] == lines["unsaid"] == "0"


def test_no_folder_of_the_machine_is_printed() -> None:
    said = "OSError: '/tmp/x/y.db', /home/x/a:12 and …/logs and http://127.0.0.1:80/f/x"
    assert without_places(said, Path("/tmp/run")) == "OSError: '…', …:12 and …/logs and http://127.0.0.1:80/f/x"
