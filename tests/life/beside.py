"""A second visit beside A1, with the same teachers and five days later."""

from typing import Any

from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.support.driver import Play, local

PREFAB = "Prefab bouwen bij Korteweg"
LASERS: dict[str, Any] = {
    "title": "Lasersnijden bij Verhoeven",
    "company": "B1",
    "hosts": ["P1"],
    "dates": [
        {"start": "2026-11-10 13:30", "end": "2026-11-10 16:30"},
        {"start": "2026-11-12 13:30", "end": "2026-11-12 16:30"},
    ],
}


async def begin_beside(runtime: Runtime, cast: Cast, **changes: Any) -> Play:
    """Start the second visit, with its first date chosen."""
    other = await Play.begin(runtime, cast, **{**LASERS, **changes})
    await other.turn()
    await other.answer("P1", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    return other


async def leap(moment: str, *plays: Play) -> None:
    """Let time leap to a moment, and everything happen in all activities that was missed."""
    await plays[0].runtime.clock.set(local(moment))
    for play in (*plays, *plays):
        await play.turn()
