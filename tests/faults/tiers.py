"""How much happens in each tier: the figures of the plan, and the time that they may take."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

RELEASES = sorted((Path(__file__).resolve().parents[1] / "store" / "releases").glob("*.sqlite.xz"))


@dataclass(frozen=True)
class Numbers:
    """How much happens: activities and hostile inputs over both worlds, faults in each, so that 20 kills are 40."""

    activities: int
    faults: Mapping[str, int]
    hostile: int
    clicks: int
    pause: tuple[float, float]
    settle_seconds: float
    scan_seconds: float
    minutes: float
    to_the_end: bool = False
    seasons: Mapping[str, str] = field(default_factory=dict)
    begin_with: Path | None = None  # a database of an older release, which SQLite's world takes over and upgrades


SEASONS = {
    "autumn": 0,  # weeks: the clocks go back on 25 October 2026
    "spring": 22,  # and forward on 28 March 2027
    "new-year": 10,
    "leap-day": 71,  # 29 February 2028
}
"""By how many weeks a season lies after the one of autumn 2026, with its visit on 5 November."""

MANY = min(1000, 200 * (os.cpu_count() or 1))
"""Activities of tier 3: a thousand where there are five cores. Two are kept busy for two hours and more by a thousand,
whose people press every button six times; the faults, the hostile inputs and all else stay as many.
"""

TIERS = {
    2: Numbers(
        200,
        {
            "kill": 20,
            "cut": 5,
            "freeze-deliver": 1,
            "freeze-worker": 1,
            "double": 1,
            "files": 1,
            "memory": 1,
            "disk-full": 2,
            "read-only": 1,
            "no-sync": 1,
            "locked": 1,
            "postmaster": 2,
            "no-sessions": 1,
            "prefect-gone": 1,
            "prefect-old": 1,
            "clock": 2,
        },
        hostile=1000,
        clicks=2,
        pause=(2, 5),
        settle_seconds=280,
        scan_seconds=60,
        minutes=14.6,
        seasons={"sqlite": "autumn", "postgresql": "spring"},
    ),
    3: Numbers(
        MANY,
        {
            "kill": 100,
            "cut": 30,
            "freeze-deliver": 4,
            "freeze-worker": 4,
            "double": 3,
            "files": 5,
            "memory": 5,
            "disk-full": 5,
            "read-only": 3,
            "no-sync": 3,
            "locked": 3,
            "locked-long": 1,
            "postmaster": 10,
            "no-sessions": 3,
            "prefect-gone": 2,
            "prefect-old": 2,
            "clock": 6,
        },
        hostile=10_000,
        clicks=5,  # on two buttons: of a thousand activities ten thousand
        pause=(6, 20),  # a part starts in five seconds: any closer, and two installations do nothing but start
        settle_seconds=480,  # then days go by though not everything has settled: faults go on for half of the hour
        scan_seconds=300,
        minutes=72,
        to_the_end=True,
        begin_with=RELEASES[-1] if RELEASES else None,
        seasons={"sqlite": "spring", "postgresql": "leap-day"},
    ),
}
