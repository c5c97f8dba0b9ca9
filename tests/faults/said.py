"""Whether the logs say of every fault what is the matter, in a line of their own and without a bare traceback."""

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.check import Report
from tests.faults.world import Happened

SOON = timedelta(seconds=25)
"""How long after a fault the line that tells of it may come: a part that waits for the database has 15 seconds."""

MOST_A_MINUTE = 500
"""How often a log may say one and the same that is not as it should be: more of it fills a disk and hides the rest."""

OURS = ("web", "deliver", "worker")
_PREFECTS = re.compile(r"^\d\d:\d\d:\d\d\.\d+ \| ")
"""How a line begins that Prefect's library writes past us."""


@dataclass(frozen=True)
class _Line:
    since: datetime
    until: datetime
    words: str


def check_logs(folder: Path, happened: Iterable[Happened], report: Report) -> None:
    """Add to ``unsaid`` what no log tells."""
    said = [line for path in _logs(folder) for line in _lines(path)]
    for one in happened:
        window = (line.words for line in said if line.since <= one.ended + SOON and one.began <= line.until)
        if one.says and not any(re.search(one.says, words) for words in window):
            report.add("unsaid", f"no log tells of {one.what} at {one.began:%H:%M:%S}")
    for path in _logs(folder):
        for (event, minute), count in Counter(_events(path)).items():
            if count > MOST_A_MINUTE:
                report.add("unsaid", f"{path.name} says {event!r} {count} times at {minute:%H:%M}")
        for number, what in _tracebacks(path):
            report.add("unsaid", f"{path.name}:{number} has a bare traceback of {what}")


def _logs(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.log")) if path.stem.removesuffix("-2") in OURS]


def _lines(path: Path) -> list[_Line]:
    """Return the lines of a log. What a part says that cannot start has no time: it lies between those beside it."""
    found: list[_Line] = []
    since, plain = datetime.min.replace(tzinfo=UTC), list[str]()
    for words in path.read_text(errors="replace").splitlines():
        try:
            at = datetime.fromisoformat(json.loads(words)["at"])
        except (ValueError, KeyError, TypeError):
            plain.append(words)
            continue
        found += [_Line(since, at, one) for one in plain]
        found.append(_Line(at, at, words))
        since, plain = at, []
    return found + [_Line(since, datetime.max.replace(tzinfo=UTC), one) for one in plain]


def _events(path: Path) -> Iterator[tuple[str, datetime]]:
    """Return what was logged, with the minute; mails and runs are many, and each has a line."""
    for line in _lines(path):
        with contextlib.suppress(ValueError):
            said = json.loads(line.words)
            if said.get("level") != "info":
                yield str(said.get("event"))[:60], line.since.replace(second=0, microsecond=0)


def _tracebacks(path: Path) -> Iterator[tuple[int, str]]:
    """Return the line of every traceback that stands there by itself, and the error at its end."""
    writer_is_prefect = False
    lines = path.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            writer_is_prefect = False
        elif _PREFECTS.match(line):
            writer_is_prefect = True
        elif line.startswith("Traceback") and not writer_is_prefect:
            yield number, next((end[:200] for end in lines[number:] if not end.startswith(" ")), "?")
