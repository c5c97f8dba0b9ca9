"""The checker of the logs: a fault that nobody tells of is red, and so is a bare traceback of ours."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.check import Report
from tests.faults.said import SOON, check_logs
from tests.faults.world import Happened

BEGAN = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
FULL = Happened("disk-full", BEGAN, BEGAN + timedelta(seconds=5), r"StoreUnavailable|nu niet te gebruiken")


def line(at: datetime, **more: str) -> str:
    """Return a line as our parts write it."""
    return json.dumps({"part": "deliver", "at": at.isoformat(), **more}) + "\n"


def judged(folder: Path, words: str, *happened: Happened) -> list[str]:
    """Return what the checker finds in a log with these words."""
    (folder / "deliver.log").write_text(words)
    report = Report()
    check_logs(folder, happened, report)
    return report.found["unsaid"]


@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(seconds=5) + SOON])
def test_a_fault_is_told_where_a_line_says_so_in_time(tmp_path: Path, after: timedelta) -> None:
    assert judged(tmp_path, line(BEGAN + after, error="StoreUnavailable"), FULL) == []


@pytest.mark.parametrize(
    "words",
    [
        "",
        line(BEGAN + timedelta(seconds=2), error="KeyError"),
        line(BEGAN - timedelta(seconds=2), error="StoreUnavailable"),
        line(BEGAN + SOON + timedelta(seconds=6), error="StoreUnavailable"),
    ],
)
def test_a_fault_of_which_no_line_tells_in_time_is_red(tmp_path: Path, words: str) -> None:
    assert judged(tmp_path, words, FULL) == ["no log tells of disk-full at 08:00:00"]


def test_a_part_that_cannot_begin_says_so_without_a_time(tmp_path: Path) -> None:
    plain = "De database is nu niet te gebruiken: er mag alleen uit gelezen worden.\n"
    before, later = line(BEGAN - timedelta(seconds=9)), line(BEGAN + timedelta(seconds=9))
    assert judged(tmp_path, before + plain + later, FULL) == []
    assert judged(tmp_path, line(BEGAN - timedelta(hours=2)) + plain + before, FULL) != []


def test_a_traceback_of_ours_is_red_and_one_that_prefects_library_writes_is_not(tmp_path: Path) -> None:
    ours = line(BEGAN) + "Traceback (most recent call last):\nValueError\n"
    assert judged(tmp_path, ours) == ["deliver.log:2 has a bare traceback of ValueError"]
    theirs = "08:00:00.123 | ERROR   | Thread-1 | prefect - it broke\nTraceback (most recent call last):\nValueError\n"
    assert judged(tmp_path, theirs) == []
    assert judged(tmp_path, theirs + ours) == ["deliver.log:5 has a bare traceback of ValueError"]


def test_a_log_that_says_one_thing_without_end_is_red(tmp_path: Path) -> None:
    once = line(BEGAN, level="error", event="socket.accept() out of system resource")
    assert judged(tmp_path, once * 500) == []
    found = judged(tmp_path, once * 501)
    assert found == ["deliver.log says 'socket.accept() out of system resource' 501 times at 08:00"]
