"""What a program does in somebody's name, such as the command line: it is no person, and stands in the log alone."""

import pytest

from models.roles import Stage
from models.tables.activities import ActivityStatus
from models.tables.mail import CallState
from sandwich.runtime import Runtime
from sandwich.services import agree, steer
from sandwich.services.calls import open_call
from tests.support.cast import Cast
from tests.support.driver import Play, local

pytestmark = pytest.mark.asyncio

COMMAND_LINE = "command-line"


@pytest.mark.chapter("asked")
async def test_every_steering_by_a_program(play: Play, runtime: Runtime, cast: Cast) -> None:
    now, id_ = await play.now(), play.activity_id
    await play.answer("P3", "task-division", agree="changes", max_group="8", counter="Minder mensen")
    await agree.decide(runtime, id_, "amend", {"max_group": 9}, now=now, actor=COMMAND_LINE)
    async with runtime.store.change(now=now, actor="test", stream=id_) as session:
        activity = await play.loaded()
        for what in ("no-date", "change-stop", "low-score", "not-ready"):
            call = await open_call(
                session, activity.activity, what, key=what, now=now, person_id=cast.id("T3"), mail=None
            )
            assert call is not None
    ids = {call.what: call.id for call in await play.calls()}

    await steer.waive(
        runtime, (await play.invitation("P3", "task-division")).id, "Aan de telefoon", now=now, actor=COMMAND_LINE
    )
    await steer.finish_call(runtime, ids["low-score"], "Gebeld", now=now, actor=COMMAND_LINE)
    await steer.withdraw(runtime, (await play.participation("T3")).id, now=now, actor=COMMAND_LINE)
    await steer.override_gate(runtime, id_, Stage.BEFORE, "Mondeling geregeld", now=now, actor=COMMAND_LINE)
    span = (local("2026-11-26 13:30"), local("2026-11-26 16:30"))
    await steer.move(runtime, id_, [span], "Storm", now=now, actor=COMMAND_LINE)

    done = {call.what: call.done_by_id for call in await play.calls(CallState.DONE)}
    assert done == dict.fromkeys(
        ("no-date", "change-stop", "low-score", "not-ready", "gate-before", "counter-proposal")
    )
    assert (await play.activity()).status is not ActivityStatus.CANCELLED
