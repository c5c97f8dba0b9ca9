"""``make hostile``: hostile inputs over every way in, on both kinds of database, and what came of them."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.hostile.attack import WHOLE, attack, logged
from tests.hostile.homes import a_home
from tests.hostile.ways import SURFACES
from tests.hostile.world import Report

ON = ("SQLite", "PostgreSQL")

HEAD = """Written by `make hostile`: hostile inputs by surface, seed {seed}, on both kinds of database.
taken: where a hostile text can be taken for what it seems (a body, a mail), how often it was.
failed: status 5xx, an error that was not foreseen, a mail that could not be worded or handled.
acted: what was typed became markup, a header, a property, a formula, a link, a second mail, or stands in a log.
"""

KEPT = Path(__file__).parents[2] / "docs" / "hostile.txt"


def main() -> int:
    """Attack, print what came of it, and return 1 where anything is wrong."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seed", type=int, default=7)
    given.add_argument("--number", type=int, default=WHOLE)
    given.add_argument("--turns", type=int, default=30)
    given.add_argument("--only", nargs="*", default=None, help="surfaces, or names")
    given.add_argument("--on", nargs="*", choices=ON, default=ON, help="databases")
    given.add_argument("--keep", action="store_true", help="write docs/hostile.txt")
    told = given.parse_args()
    began, reports = time.monotonic(), dict[str, Report]()
    for kind in told.on:
        report = reports[kind] = Report()
        with (
            tempfile.TemporaryDirectory(prefix="sandwich-told-") as folder,
            logged(),
            a_home(Path(folder), on_postgresql=kind == "PostgreSQL") as home,
        ):

            def on_surface(name: str, kind: str = kind) -> None:
                print(f"{time.monotonic() - began:6.0f} s  {kind} {name}", flush=True)  # noqa: T201

            asyncio.run(
                attack(
                    home,
                    report,
                    seed=told.seed,
                    number=told.number,
                    turns=told.turns,
                    of_each=3,
                    on_surface=on_surface,
                    only=tuple(SURFACES) if told.only is None else told.only,
                )
            )
    text = f"{HEAD.format(seed=told.seed)}\n" + "\n".join(written(kind, report) for kind, report in reports.items())
    print(text, f"{time.monotonic() - began:.0f} s", sep="")  # noqa: T201
    wrong = [(kind, *one) for kind, report in reports.items() for one in sorted(report.wrong.items())]
    for kind, what, example in wrong:
        print(f"{kind}: {what}\n    {example}")  # noqa: T201
    if told.keep:
        KEPT.write_text(text, encoding="utf-8")
    return 1 if wrong else 0


def written(kind: str, report: Report) -> str:
    """Return what came of it on one kind of database, as a table."""
    lines = [f"{kind:18}{'inputs':>8}{'taken':>8}{'judged':>8}{'failed':>8}{'acted':>8}"]
    for name in sorted(set(report.sent) | set(report.judged), key=lambda one: (-report.sent[one], one)):
        taken = report.taken.get(name, "")
        lines.append(
            f"{name:18}{report.sent[name]:8}{taken:8}{report.judged[name]:8}{report.failed[name]:8}{report.acted[name]:8}"
        )
    sums = [sum(one.values()) for one in (report.sent, report.taken, report.judged, report.failed, report.acted)]
    lines.append(f"{'all':18}" + "".join(f"{one:8}" for one in sums))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
