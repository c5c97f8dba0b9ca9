"""Several processes that handle the same due rows, or deliver the same due mail, at the same time."""

import contextlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchmarks.place import Place, until
from sandwich.runtime import Runtime


@dataclass(frozen=True)
class Together:
    """What all of them did until nothing was left: how much, in how many seconds, with which CPU seconds.

    ``besides`` is what ``costs`` told before, taken off what it told after.
    """

    done: int
    seconds: float
    cpu: float
    statements: int
    besides: tuple[float, ...]


async def work_together(
    place: Place,
    opened: Runtime,
    what: str,
    moment: datetime,
    *,
    processes: int,
    most_seconds: float = 120,
    costs: Callable[[], Sequence[float]] = tuple,
) -> Together:
    """Put the clock at ``moment`` and let so many processes (see ``benchmarks/handling.py``) do ``what`` is due."""
    with contextlib.ExitStack() as stack:
        told = [place.folder / f"{what}-{number}.json" for number in range(processes)]
        for path in told:
            path.unlink(missing_ok=True)
            arguments = ("-W", "ignore", "-m", "benchmarks.handling", what, moment.isoformat(), str(path))
            stack.enter_context(place.process(path.stem, *arguments))
        await until(lambda: all(path.with_suffix(".ready").exists() for path in told))
        for path in told:
            path.with_suffix(".ready").unlink()
        before = costs()
        await opened.clock.set(moment)
        began = time.time()
        await until(lambda: all(path.exists() for path in told), most_seconds)
        after = costs()
    found = [json.loads(path.read_text()) for path in told]
    return Together(
        done=sum(one["done"] for one in found),
        seconds=max(one["last"] for one in found) - began,
        cpu=sum(one["cpu"] for one in found),
        statements=sum(one["statements"] for one in found),
        besides=tuple(then - earlier for then, earlier in zip(after, before, strict=True)),
    )
