"""Every kind while nobody answers anything: everybody is reminded and phoned, and it ends by itself."""

from typing import Any

import pytest

from models.playbook import CLOSING
from models.tables.activities import ActivityStatus
from models.tables.mail import CallState
from sandwich.runtime import Runtime
from sandwich.services import steer
from tests.services.test_certificates import MASTERCLASS
from tests.services.test_pairs import COHORT
from tests.services.test_rounds import EVENING
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

NOBODY: dict[str, Any] = {"company": None, "hosts": [], "deputy": None, "trip_leader": None}
DAY: dict[str, Any] = {"dates": [{"start": "2027-01-21 13:30", "end": "2027-01-21 16:30"}]}
DRAFTS: dict[str, dict[str, Any]] = {
    "company-visit": DAY,
    "masterclass": MASTERCLASS,
    "teacher-internship": {
        "variant": "exploratory",
        "purpose": "knowledge",
        "teachers": ["T2"],
        "trip_leader": None,
        "others": {"mentor": ["P1"], "reviewer": ["T7"]},
        **DAY,
    },
    "job-twinning": COHORT,
    "speeddates": EVENING,
    "school-visit": {
        **NOBODY,
        **DAY,
        "variant": "visitation",
        "purpose": "other-school",
        "hosts": ["L3"],
        "teachers": ["T1", "T2", "T3"],
        "others": {"chair": ["T3"]},
    },
    "teacher-design-team": {
        **NOBODY,
        **DAY,
        "purpose": "make-material",
        "hosts": ["P3"],
        "teachers": ["T1", "T4", "T7"],
        "others": {"coach": ["D1"], "reviewer": ["T2"], "professional": ["P1"]},
    },
    "guest-lesson": {**DAY, "purpose": "occupations", "teachers": ["T2"]},
    "hybrid-intake": {**NOBODY, **DAY, "purpose": "relation", "teachers": ["T1"], "others": {"professional": ["P1"]}},
}
ALWAYS = {"no-answer", CLOSING}
CALLED: dict[str, set[str]] = {
    "company-visit": {"no-date"},
    "masterclass": {"no-date"},
    "teacher-internship": {"no-company"},
    "job-twinning": {"no-pairs", "no-trip-leader"},
    "speeddates": {"few-professionals", "rounds", "not-ready", "no-trip-leader"},
    "school-visit": {"no-date"},
    "teacher-design-team": {"below-minimum", "no-trip-leader"},
    "guest-lesson": {"no-date"},
    "hybrid-intake": set(),
}
"""What the coordinator of each kind is called about: without a date nothing later can be missed."""


@pytest.mark.parametrize("kind", DRAFTS)
async def test_a_kind_in_which_nobody_answers_ends_by_itself(runtime: Runtime, cast: Cast, kind: str) -> None:
    play = await Play.begin(runtime, cast, words=True, **{**DRAFTS[kind], "kind": kind})
    await play.to("2028-03-01 12:00")
    assert (await play.activity()).status in {ActivityStatus.CANCELLED, ActivityStatus.FINISHED}
    assert await play.next() is None, "nothing waits for a moment any more"
    reminded = {to for mail, to, _ in play.letters if mail == "reminder"}
    assert reminded
    assert {call.what for call in await play.calls(*CallState) if call.opened_at} == {*CALLED[kind], *ALWAYS}
    most = max(sum(mail == "reminder" and to == one for mail, to, _ in play.letters) for one in reminded)
    assert most <= 12, "nobody is drowned in reminders"


@pytest.mark.parametrize("kind", DRAFTS)
async def test_every_kind_can_be_called_off_halfway(runtime: Runtime, cast: Cast, kind: str) -> None:
    play = await Play.begin(runtime, cast, words=True, **{**DRAFTS[kind], "kind": kind})
    await Living(play, {"internship-plan": {"variant": "exploratory"}}).to("2026-11-20 12:00")
    await steer.cancel(runtime, play.activity_id, "Ziekte", now=await play.now(), actor=play.coordinator)
    await play.to("2027-12-01 12:00")
    assert (await play.activity()).status is ActivityStatus.CANCELLED
    assert await play.next() is None
