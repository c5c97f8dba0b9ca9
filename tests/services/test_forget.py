"""What was asked for one day is gone thirty days after it: from answers, drafts and the log, which still holds."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.tables.asking import Draft, Submission
from models.tables.truth import PersonalValue
from sandwich.runtime import Runtime
from sandwich.services import collect, moving
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.driver import Play, local, told

pytestmark = pytest.mark.asyncio

NEEDS, PHONE, NOTE = "Kanarie-allergie", "06-00004711", "Kanarielijst met namen"
DATE = "2026-12-05 03:00"


async def holds(play: Play) -> set[str]:
    """Return which of the canaries stand anywhere that the program keeps words, having seen that the log holds."""
    async with play.runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []
        kept = [str(value) for value in await session.scalars(select(PersonalValue.value))]
        typed = [str(value) for value in await session.scalars(select(Draft.typed))]
    words = f"{await play.snapshot()} {kept} {typed}"
    if play.runtime.store.path is not None:
        await play.runtime.store.scrub()
        words += play.runtime.store.path.read_bytes().decode(errors="replace")
    return {canary for canary in (NEEDS, PHONE, NOTE) if canary in words}


async def answered(runtime: Runtime, cast: Cast) -> Play:
    """Return a visit with something to forget in two answers, one of them given twice, and in a draft."""
    play = await (await Play.begin(runtime, cast)).asked()
    await play.answer("T2", "goals", needs=f"Eerst anders: {NEEDS}", turn=False)
    await play.answer("T2", "goals", needs=NEEDS, turn=False)
    invitation = await play.invitation("T3", "goals")
    fields = await play.fields(invitation.id, needs=NEEDS)
    assert await collect.save_draft(runtime, invitation.id, fields, now=await play.now())
    await play.answer("P3", "task-division", agree="agreed")
    await play.sleep_to("2026-10-29 10:00")
    await play.answer("P3", "practical-information", phone_day=PHONE, id_needed="yes", id_needed_note=NOTE)
    return play


async def test_it_is_gone_thirty_days_after_the_day_and_the_rest_stays(runtime: Runtime, cast: Cast) -> None:
    play = await answered(runtime, cast)
    assert await holds(play) == {NEEDS, PHONE, NOTE}
    assert (await play.activity()).forget_at == local(DATE)
    before = await play.facts()
    await play.sleep_to("2026-12-05 02:59")
    assert await holds(play) == {NEEDS, PHONE, NOTE}
    await play.sleep_to(DATE)
    assert await holds(play) == set()
    assert (await play.activity()).forget_at is None
    assert (await play.facts()).day_phone_known == before.day_phone_known
    async with runtime.store.read() as session:
        answers = [row.answers for row in await session.scalars(select(Submission).where(Submission.form == "goals"))]
        assert all(given["goal_1"] and "needs" not in given for given in answers)
        (typed,) = await session.scalars(select(Draft.typed))
        assert typed["goal_1"]
    # Whoever answers after that is not kept either.
    await play.answer("T2", "goals", needs=NEEDS)
    assert await holds(play) == set()


async def test_a_move_takes_the_moment_along(runtime: Runtime, cast: Cast) -> None:
    play = await answered(runtime, cast)
    span = (local("2026-11-12 13:30"), local("2026-11-12 16:30"))
    await moving.move(runtime, play.activity_id, [span], "Ziek", now=await play.now(), actor=play.coordinator)
    assert (await play.activity()).forget_at == local(DATE) + timedelta(days=7)
    assert told(local(DATE)) == "Sat 05 Dec 03:00"
