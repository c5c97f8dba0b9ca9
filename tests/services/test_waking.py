"""What is due is given school by school, so that one with a heap hides nobody else's."""

from datetime import timedelta

import pytest

from sandwich.runtime import Runtime
from sandwich.services.waking import due_wakes, schools_of
from tests.support.cast import Cast
from tests.support.driver import Play

pytestmark = pytest.mark.asyncio


async def begun(runtime: Runtime, cast: Cast, *teachers: str) -> str:
    """Start a visit for these teachers, and let a moment pass."""
    activity_id = (await Play.begin(runtime, cast, teachers=list(teachers), trip_leader=teachers[0])).activity_id
    await runtime.clock.set(await runtime.clock.now() + timedelta(minutes=1))
    return activity_id


async def test_the_first_of_every_school_then_every_second(runtime: Runtime, cast: Cast) -> None:
    heap = [await begun(runtime, cast, "T1", "T2") for _ in range(5)]  # two people of one school are one school
    few = [await begun(runtime, cast, "T6") for _ in range(2)]
    both = await begun(runtime, cast, "T7", "T3")  # the first of T3's school

    due = [wake.activity_id for wake in await due_wakes(runtime)]

    assert due == [heap[0], few[0], both, heap[1], few[1], *heap[2:]]
    assert [wake.activity_id for wake in await due_wakes(runtime, 3)] == due[:3]
    schools = await schools_of(runtime, [heap[0], few[0], both])
    assert schools == {heap[0]: {"S1"}, few[0]: {"S3"}, both: {"S1", "S2"}}
