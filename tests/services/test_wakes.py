"""How often the flow of a visit must wake, and that nothing which is a row wakes it (``docs/wakes.md``)."""

import re

import pytest

from models.tables.activities import ActivityStatus
from models.tables.mail import CallState
from sandwich.runtime import Runtime
from sandwich.services import agree, steer
from tests.support.cast import Cast
from tests.support.counted import PAGE, Counted, assert_counted
from tests.support.driver import local

MOST = 20

KNOWN = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10")
NEW = [
    {"given_name": "Docent", "family_name": str(number), "mail": f"docent{number}@hetkompas.example", "school": "S2"}
    for number in range(5)
]


@pytest.mark.story
@pytest.mark.asyncio
async def test_a_visit_of_fifteen_with_everything_that_delays_it_wakes_twenty_times_at_most(
    runtime: Runtime, cast: Cast
) -> None:
    play = await Counted.begin(runtime, cast, teachers=[*KNOWN, *NEW], group_size=15)
    assert isinstance(play, Counted)
    await play.to("2026-10-01 12:00")  # the host answers after a reminder
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    await play.to("2026-10-20 12:00")  # all reminders are used, the coordinator has phoned
    await play.answer_all(KNOWN[:6], "registration", attend="yes")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer_all(KNOWN[:4], "goals")
    await play.answer("P3", "task-division", agree="changes", max_group="15", counter="Vijftien", hours_plan="10")
    await agree.decide(runtime, play.activity_id, "accept", now=await play.now(), actor=play.coordinator)
    await play.to("2026-10-27 12:00")
    await play.answer("P3", "practical-information")
    await play.to("2026-10-30 12:00")  # practical information has gone out for the first date
    span = (local("2026-11-19 13:30"), local("2026-11-19 16:30"))
    await steer.move(runtime, play.activity_id, [span], "Storm", now=await play.now(), actor=play.coordinator)
    await play.to("2026-11-06 12:00")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("P3", "practical-information")
    await play.to("2026-11-19 17:00")
    await play.answer("T2", "attendance")
    await play.to("2026-11-25 12:00")
    await play.answer_all(KNOWN[:3], "field-note")
    await play.answer_all(KNOWN[:6], "teacher-evaluation")
    await play.to("2026-11-30 12:00")
    await play.answer("P3", "host-evaluation")
    await play.answer("P3", "host-hours")
    await play.answer_all(("T2", "T5"), "impressions", scope="school")
    await play.to("2026-12-03 12:00")
    await play.answer("P3", "card-release", release="released")
    await play.to("2027-01-20 12:00")
    await play.answer_all(KNOWN[:3], "impact-check")
    await play.to("2027-03-01 12:00")

    assert (await play.activity()).status is ActivityStatus.FINISHED
    assert len(play.wakes) <= MOST
    assert all(steps for _, steps in play.wakes), "a wake in which nothing was done"
    reminders = [left for left in play.mails if left.mail == "reminder"]
    calls = await play.calls(CallState.OPEN, CallState.DONE, CallState.DROPPED)
    page = PAGE.read_text(encoding="utf-8")
    told_there = [
        (when, tuple(re.findall(r"`([a-z-]+)`", steps)))
        for when, steps in re.findall(r"^\| (\w{3} \d\d \w{3} \d\d:\d\d) \| (.*?) \|$", page, re.MULTILINE)
    ]
    assert told_there == play.wakes
    assert f"{len(play.wakes)} wakes" in page
    await assert_counted(play)
    assert f"{len(reminders)} reminders and {len(calls)} calls" in page
