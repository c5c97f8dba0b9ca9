"""Activities that rest are not forgotten: half a year on hold, three months as a concept (field rule 23)."""

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.activities import ActivityStatus
from models.tables.mail import Call, CallState
from sandwich.runtime import Runtime
from sandwich.services import start, steer
from sandwich.services.halting import attend_resting
from sandwich.services.resting import HELD, LAPSED, UNBEGUN
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.driver import Play, local

pytestmark = pytest.mark.asyncio


async def concept(runtime: Runtime, cast: Cast) -> Play:
    """Make a concept, as Prefect's own page does; on 24 September."""
    days = [local("2027-02-04 13:30").date()]
    activity_id = await start.make_concept(runtime, "company-visit", "S1", "B3", "C1", days, "trends", 8)
    return Play(runtime, cast=cast, activity_id=activity_id)


@pytest.mark.chapter("asked")
async def test_half_a_year_on_hold_brings_a_call_and_never_an_end(play: Play, runtime: Runtime) -> None:
    await steer.hold(runtime, play.activity_id, "Ander bedrijf", now=await play.now(), actor=play.coordinator)
    await play.to("2027-04-05 12:00")
    assert HELD not in await play.open_calls()
    await play.to("2027-04-07 12:00")
    assert HELD in await play.open_calls()
    assert [left.at for left in play.mails if left.mail == "call"] == ["Tue 06 Apr 08:00"]
    assert (await play.activity()).status is ActivityStatus.ON_HOLD

    call = next(call for call in await play.calls() if call.what == HELD)
    await steer.finish_call(runtime, call.id, "Nog even", now=await play.now(), actor=play.coordinator)
    await play.to("2027-09-01 12:00")
    assert HELD not in await play.open_calls()
    await play.to("2027-10-08 12:00")
    assert HELD in await play.open_calls(), "as long again after it was dealt with"
    assert (await play.activity()).status is ActivityStatus.ON_HOLD
    async with runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


@pytest.mark.chapter("asked")
async def test_what_goes_on_in_time_brings_none(play: Play, runtime: Runtime) -> None:
    await steer.hold(runtime, play.activity_id, "Ander bedrijf", now=await play.now(), actor=play.coordinator)
    assert [call.what for call in await play.calls(CallState.PLANNED)].count(HELD) == 1
    await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    assert HELD not in {call.what for call in await play.calls(CallState.PLANNED, CallState.OPEN)}


async def test_a_concept_without_people_lapses_with_a_note_to_its_coordinator(runtime: Runtime, cast: Cast) -> None:
    play = await concept(runtime, cast)
    await play.to("2026-12-22 12:00")
    assert (await play.activity()).status is ActivityStatus.CONCEPT
    await play.to("2026-12-24 12:00")
    assert (await play.activity()).status is ActivityStatus.CANCELLED
    assert await play.open_calls() == [LAPSED]
    assert [(left.mail, left.to) for left in play.mails] == [("call", "C1")]
    assert await play.next() is None


async def test_a_concept_with_people_waits_for_a_person(runtime: Runtime, cast: Cast) -> None:
    play = await concept(runtime, cast)
    now = await play.now()
    await steer.add_person(runtime, play.activity_id, "P3", Role.HOST_CONTACT, now=now, actor=cast.id("C1"))
    await play.to("2026-12-24 12:00")
    assert (await play.activity()).status is ActivityStatus.CONCEPT
    assert await play.open_calls() == [UNBEGUN]
    await start.begin(runtime, play.activity_id, now=await play.now(), actor=cast.id("C1"))
    assert await play.open_calls() == []


async def test_what_an_older_release_put_to_rest_is_looked_at_too(runtime: Runtime, cast: Cast) -> None:
    play = await concept(runtime, cast)
    assert await attend_resting(runtime) == 0
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        for call in await session.scalars(select(Call).where(Call.activity_id == play.activity_id)):
            await session.delete(call)
    assert await attend_resting(runtime) == 1
    assert [call.what for call in await play.calls(CallState.PLANNED)] == [UNBEGUN]
    assert await attend_resting(runtime) == 0
