"""One whole visit, from the first question to the company to the result that it gets back."""

import pytest

from models.roles import Demand
from models.tables.activities import ActivityStatus, StepState
from sandwich.rules.dots import DotState, four_dots
from sandwich.runtime import Runtime
from sandwich.services import agree, steer
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, local

STAYED = ("T2", "T3", "T5", "T6", "T7", "T8", "T10")
GROUP = (*STAYED, "T9")


@pytest.mark.asyncio
async def test_a_visit_goes_from_request_to_result(runtime: Runtime, cast: Cast) -> None:
    """A1 as its story tells it: T4 leaves, T9 comes, P3 counters, the host releases the card."""
    play = await Play.begin(runtime, cast)
    await play.turn()
    assert (await play.activity()).status is ActivityStatus.REQUESTED
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    assert (await play.activity()).status is ActivityStatus.BEFORE

    await play.to("2026-10-01 12:00")
    await play.answer_all(TEACHERS, "registration", attend="yes")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.to("2026-10-08 12:00")
    await play.answer_all(STAYED, "goals")
    await play.to("2026-10-13 12:00")
    await play.answer("P3", "task-division", agree="changes", max_group="8", counter="Acht mensen", hours_plan="10")
    await agree.decide(runtime, play.activity_id, "accept", now=await play.now(), actor=play.coordinator)

    await play.to("2026-10-27 09:00")
    old = await play.participation("T4")
    await steer.replace(runtime, old.id, "T9", now=await play.now(), actor=play.coordinator)
    await play.turn()
    await play.answer("T9", "registration", attend="yes")
    await play.answer("T9", "goals")
    await play.answer("L1", "approval", occurrence=2)
    await play.answer("P3", "practical-information")

    await play.to("2026-11-05 13:45")
    assert (await play.activity()).status is ActivityStatus.DURING
    await play.answer("T2", "attendance")
    await play.to("2026-11-06 12:00")
    assert (await play.activity()).status is ActivityStatus.AFTER
    await play.answer_all(GROUP, "field-note")
    await play.to("2026-11-10 12:00")
    await play.answer_all(GROUP[:6], "teacher-evaluation")
    await play.answer("P3", "host-evaluation")
    await play.answer("P3", "host-hours")
    await play.answer_all(("T2", "T5"), "impressions", scope="school")
    await play.to("2026-11-18 12:00")
    await play.answer("P3", "card-release", release="released")
    assert (await play.facts()).shared
    await play.to("2026-11-20 12:00")
    assert (await play.activity()).status is ActivityStatus.FINISHED
    await play.to("2027-01-05 12:00")
    await play.answer_all(("T2", "T3"), "impact-check")
    await play.to("2027-02-01 12:00")

    facts = await play.facts()
    assert four_dots(facts) == dict.fromkeys(
        (Demand.GOALS, Demand.TASK_DIVISION, Demand.SHARE, Demand.FEEDBACK), DotState.DONE
    )
    activity = await play.activity()
    assert (activity.status, activity.wake_at) == (ActivityStatus.FINISHED, None)
    assert activity.progress == {"before": 100, "during": 100, "after": 100}
    assert {step.state for step in (await play.loaded()).steps.values()} == {StepState.DONE}
    assert play.sent("result-to-host") == [("Tue 19 Jan 08:00", "P3")]
    following = await play.next()
    assert following is None or following > local("2027-02-01 12:00")

    async with runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []
