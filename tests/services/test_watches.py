"""Watches: where one thing is missing the coordinator is called about it on its day, and about nothing else.

That nothing is called about where nothing is missing is looked at in ``test_kinds``, and what comes of complete silence
in ``test_silence``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from models.tables.activities import ActivityStatus
from models.tables.asking import Via
from sandwich.runtime import Runtime
from sandwich.services import collect, steer
from tests.services.test_pairs import MONDAY
from tests.services.test_series_of_a_pair import begun
from tests.services.test_silence import DRAFTS
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


class Missing(NamedTuple):
    """What is called about and when where nobody answers the forms in ``silent``, or somebody ``says`` so."""

    kind: str
    until: str
    called: list[tuple[str, str]]
    silent: tuple[str, ...]
    says: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    draft: Mapping[str, Any] = MappingProxyType({})


FEBRUARY = {"dates": [{"start": "2027-02-18 13:30", "end": "2027-02-18 14:30"}]}
VISIT = {
    "visit-question": {"question_1": "Hoe blijven zij aan het werk?"},
    "viewing-framework": {"my_question": "question_1"},
}
PLAN = {"internship-plan": {"variant": "exploratory"}}
CASES = [
    Missing(
        "guest-lesson", "2027-02-15 12:00", [("not-ready", "Mon 15 Feb 08:00")], ("guest-lesson host",), draft=FEBRUARY
    ),
    Missing(
        "job-twinning",
        "2027-01-07 12:00",
        [("no-pairs-yet", "Thu 07 Jan 08:00")],
        ("pair-proposal",),
        says={"twinning-intake": MONDAY},
    ),
    Missing("masterclass", "2026-11-12 12:00", [("no-stations", "Thu 12 Nov 08:00")], ("task-division hands-on",)),
    Missing(
        "school-visit",
        "2027-02-04 12:00",
        [("chair-late", "Mon 01 Feb 08:00"), ("no-impressions", "Thu 04 Feb 08:00")],
        ("visit-feedback", "impressions"),
        says=VISIT,
    ),
    Missing("teacher-design-team", "2027-02-11 12:00", [("no-plan", "Thu 11 Feb 08:00")], ("plan-consent",)),
    Missing("teacher-design-team", "2027-05-20 12:00", [("no-trial", "Fri 14 May 08:00")], ("trial-lesson",)),
    Missing(
        "teacher-internship",
        "2026-12-18 12:00",
        [("no-cover", "Fri 18 Dec 08:00"), ("no-plan", "Fri 18 Dec 08:00")],
        ("internship-plan mentor",),
        says={**PLAN, "approval": {"cover": "unknown"}},
    ),
]


@pytest.mark.parametrize("missing", CASES, ids=lambda case: f"{case.kind}-{case.called[0][0]}")
async def test_what_is_missing_is_called_about_on_its_day(runtime: Runtime, cast: Cast, missing: Missing) -> None:
    play = await Play.begin(
        runtime, cast, **{"place": "Spantlaan 12", **DRAFTS[missing.kind], **missing.draft, "kind": missing.kind}
    )
    there = [(await play.participation(code)).id for code in DRAFTS[missing.kind]["teachers"]]
    says = {**missing.says, "session-log": {"present": there}}
    await Living(play, says, silent=missing.silent).to(missing.until)
    assert await play.watched() == missing.called


async def test_a_pair_without_a_plan_is_called_about(runtime: Runtime, cast: Cast) -> None:
    living, part, _, _ = await begun(runtime, cast, "pair-plan")
    await living.to("2027-01-22 12:00")
    assert await part.watched() == [("no-plan", "Fri 22 Jan 08:00")]


async def test_two_days_without_a_day_log_are_a_friendly_nudge_and_no_call(runtime: Runtime, cast: Cast) -> None:
    draft = {**DRAFTS["teacher-internship"], "kind": "teacher-internship", "place": "Spantlaan 12"}
    play = await Play.begin(runtime, cast, words=True, **draft)
    await Living(play, PLAN, silent=("day-log None",)).to("2027-02-03 12:00")
    assert play.sent("tell") == [("Mon 25 Jan 08:00", "T2")], "after Thursday and Friday"
    [nudge] = [text for mail, to, text in play.letters if (mail, to) == ("tell", "T2")]
    assert "Twee dagen zonder daglog" in nudge
    assert await play.watched() == []
    assert "no-answer" not in await play.open_calls()


async def test_a_day_log_on_the_second_day_is_enough(runtime: Runtime, cast: Cast) -> None:
    draft = {**DRAFTS["teacher-internship"], "kind": "teacher-internship", "place": "Spantlaan 12"}
    play = await Play.begin(runtime, cast, **draft)
    living = Living(play, PLAN, silent=("day-log None",))
    await living.to("2027-01-22 20:00")
    [second] = [item for item in await play.invitations("T2") if item.step == "day-log-2"]
    fields = await play.fields(second.id)
    assert (await collect.submit(runtime, second.id, fields, now=await play.now(), key="k", via=Via.WEB)).accepted
    await living.to("2027-02-03 12:00")
    assert play.sent("tell") == []


async def test_where_nothing_is_shared_of_an_internship_its_school_leader_hears_it(
    runtime: Runtime, cast: Cast
) -> None:
    draft = {**DRAFTS["teacher-internship"], "kind": "teacher-internship", "place": "Spantlaan 12"}
    play = await Play.begin(runtime, cast, words=True, **draft)
    living = Living(play, PLAN, silent=("impressions",))
    await living.to("2027-02-08 07:59")
    assert play.sent("tell") == []
    await living.to("2027-02-08 12:00")
    assert play.sent("tell") == [("Mon 08 Feb 08:00", "L1")]
    assert await play.watched() == [("no-impressions", "Mon 08 Feb 08:00")]
    [told] = [text for mail, _, text in play.letters if mail == "tell"]
    assert "Bouwbedrijf Korteweg" in told
    assert "nog niets gedeeld" in told


async def test_a_chair_who_never_noted_who_came_needs_no_call(runtime: Runtime, cast: Cast) -> None:
    """Two working days after each meeting who had said yes is presumed present."""
    play = await Play.begin(runtime, cast, **{**DRAFTS["school-visit"], "kind": "school-visit"})
    living = Living(play, VISIT, silent=("attendance school",))
    await living.to("2027-01-25 07:59")
    assert (await play.loaded()).moments[0].attendance_at is None
    await living.to("2027-01-25 09:00")
    assert (await play.loaded()).moments[0].attendance_presumed
    assert (await play.activity()).status is ActivityStatus.AFTER
    assert await play.watched() == []


async def test_an_approval_that_was_waived_arranges_no_cover(runtime: Runtime, cast: Cast) -> None:
    draft = {**DRAFTS["teacher-internship"], "kind": "teacher-internship", "place": "Spantlaan 12"}
    play = await Play.begin(runtime, cast, **draft)
    living = Living(play, PLAN, silent=("approval",))
    await living.to("2026-11-20 12:00")
    approval = await play.invitation("L1", "approval")
    await steer.waive(runtime, approval.id, "Mondeling", now=await play.now(), actor=play.coordinator)
    await living.to("2026-12-18 12:00")
    assert ("no-cover", "Fri 18 Dec 08:00") in await play.watched()
