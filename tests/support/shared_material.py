"""A design team whose product stands on the walls of the region: the point of the story where others can take it."""

from typing import Any

from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living
from tests.support.stages import REGION, Stage

SHARED_BY = "2027-05-20 12:00"
"""A local moment at which the card is published, and everything asked until then has been answered."""

IMPRESSIONS = {"scope": "region", "materials_licence": "region"}

_TEAM: dict[str, Any] = {
    "kind": "teacher-design-team",
    "title": "Lesmateriaal over warmtepompen",
    "purpose": "make-material",
    "company": "B2",
    "hosts": ["P3"],
    "teachers": ["T1", "T4", "T7"],
    "deputy": None,
    "trip_leader": None,
    "others": {"coach": ["D1"], "reviewer": ["T2"], "professional": ["P1"]},
    "dates": [{"start": "2026-12-03 13:30", "end": "2026-12-03 16:30"}],
}


async def _shared(runtime: Runtime, _known: None) -> str:
    play = await Play.begin(runtime, await Cast.read(runtime), **_TEAM)
    there = [(await play.participation(code)).id for code in _TEAM["teachers"]]
    await Living(play, answers_of(there)).to(SHARED_BY)
    return play.activity_id


def answers_of(there: list[str]) -> dict[str, dict[str, Any]]:
    """Return how the team answers; ``there`` are the participations of those who come to every meeting."""
    return {"session-log": {"present": there}, "impressions": IMPRESSIONS}


MATERIAL_SHARED = Stage("material_shared", _shared, REGION)
