"""``make hostile``: ten thousand hostile inputs over every field, header, file name and import, and what came of it."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.world import tell
from tests.hostile.attack import attack, logged
from tests.hostile.ways import SURFACES
from tests.hostile.world import Report

KEPT = Path(__file__).parents[2] / "docs" / "hostile.txt"


def main() -> int:
    """Attack, print what came of it, and return 1 where anything is wrong."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seed", type=int, default=7)
    given.add_argument("--number", type=int, default=11_200)
    given.add_argument("--turns", type=int, default=30)
    given.add_argument("--only", nargs="*", default=None, help="surfaces, or names")
    given.add_argument("--keep", action="store_true", help="write docs/hostile.txt")
    told = given.parse_args()
    report, began = Report(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sandwich-told-") as folder, logged():
        region = tell(Path(folder))
        asyncio.run(
            attack(
                region,
                report,
                seed=told.seed,
                number=told.number,
                turns=told.turns,
                of_each=3,
                on_surface=lambda name: print(f"{time.monotonic() - began:6.0f} s  {name}", flush=True),  # noqa: T201
                only=tuple(SURFACES) if told.only is None else told.only,
            )
        )
    text = written(report, told.seed)
    print(text, f"{time.monotonic() - began:.0f} s", sep="")  # noqa: T201
    for what, example in sorted(report.wrong.items()):
        print(f"{what}\n    {example}")  # noqa: T201
    if told.keep:
        KEPT.write_text(text, encoding="utf-8")
    return 1 if report.wrong else 0


def written(report: Report, seed: int) -> str:
    """Return what came of it, as a table."""
    lines = [
        f"Written by `make hostile`: hostile inputs by surface, seed {seed}.",
        "failed: status 5xx, an error that was not foreseen, a mail that could not be worded or handled.",
        "acted: what was typed became markup, a header, a property, a formula, a link, or stands in a log.",
        "",
        f"{'surface':18}{'inputs':>8}{'judged':>8}{'failed':>8}{'acted':>8}",
    ]
    for name in sorted(set(report.sent) | set(report.judged), key=lambda one: (-report.sent[one], one)):
        counted = (report.sent[name], report.judged[name], report.failed[name], report.acted[name])
        lines.append(f"{name:18}" + "".join(f"{one:8}" for one in counted))
    sums = [sum(one.values()) for one in (report.sent, report.judged, report.failed, report.acted)]
    lines.append(f"{'all':18}" + "".join(f"{one:8}" for one in sums))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
