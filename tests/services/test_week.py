"""The overview of Monday: once a week, at eight on the first working day, if there is anything to say (rule 56)."""

import asyncio

import pytest
from sqlalchemy import select

from models.tables.activities import Activity, ActivityStatus
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.mail import Message, MessageState
from models.tables.network import Person
from sandwich.mail.deliver import deliver_due
from sandwich.runtime import Runtime
from sandwich.services.week import week_of
from sandwich.services.weekly import MAIL, queue_overviews
from tests.mail.conftest import mailing
from tests.mail.peers import Arrived, Box, a_mailbox
from tests.support.cast import Cast
from tests.support.driver import Play, local

pytestmark = pytest.mark.asyncio
MONDAY = "2026-10-05 08:00"


async def at(play: Play, moment: str) -> int:
    """Return how many overviews are written at a moment."""
    await play.runtime.clock.set(local(moment))
    return await queue_overviews(play.runtime)


async def overviews(runtime: Runtime) -> list[Message]:
    async with runtime.store.read() as session:
        return list(await session.scalars(select(Message).where(Message.mail == MAIL).order_by(Message.due_at)))


async def delivered(play: Play, box: Box) -> list[Arrived]:
    """Deliver what is due and return the overviews that arrived."""
    runtime = mailing(play.runtime, box.port)
    while await deliver_due(runtime):
        pass
    return [mail for mail in box.mails if mail.subject.startswith("Sandwich: ")]


async def freed(runtime: Runtime, school_id: str, first: str, last: str) -> None:
    """Give a school days off."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        session.add(
            CalendarBlock(
                kind=BlockKind.HOLIDAY,
                first_on=local(f"{first} 00:00").date(),
                last_on=local(f"{last} 00:00").date(),
                school_id=school_id,
                name="vrij",
            )
        )


@pytest.mark.both
async def test_it_goes_once_a_week_at_eight_however_many_look(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    assert await at(play, "2026-10-05 07:59") == 0
    await runtime.clock.set(local(MONDAY))
    assert sum(await asyncio.gather(*(queue_overviews(runtime) for _ in range(3)))) == 1
    assert await at(play, "2026-10-05 12:00") == 0
    assert await at(play, "2026-10-06 08:00") == 0
    assert await at(play, "2026-10-12 08:00") == 1
    assert [one.key for one in await overviews(runtime)] == [
        f"week:2026-10-05:{cast.id('C1')}",
        f"week:2026-10-12:{cast.id('C1')}",
    ]


async def test_an_outage_on_monday_makes_it_tuesday_and_no_later(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    assert await at(play, "2026-10-07 08:00") == 0
    assert await at(play, "2026-10-13 15:00") == 1
    assert await at(play, "2026-10-17 09:00") == 0, "a Saturday"


async def test_the_holidays_of_the_coordinator_count(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        (await session.get_one(Person, cast.id("C1"))).school_id = cast.schools["S1"].id
    await freed(runtime, cast.schools["S1"].id, "2026-10-05", "2026-10-06")
    assert await at(play, MONDAY) == 0
    assert await at(play, "2026-10-06 08:00") == 0
    assert await at(play, "2026-10-07 08:00") == 1
    await freed(runtime, cast.schools["S1"].id, "2026-10-12", "2026-10-16")
    for day in range(12, 17):
        assert await at(play, f"2026-10-{day} 08:00") == 0


async def test_who_belongs_to_no_school_works_as_long_as_one_of_the_region_does(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    for school in cast.schools.values():
        await freed(runtime, school.id, "2026-10-05", "2026-10-05")
    assert await at(play, MONDAY) == 0
    assert await at(play, "2026-10-06 08:00") == 1


async def test_who_starts_something_today_gets_none_today(runtime: Runtime, cast: Cast) -> None:
    await runtime.clock.set(local("2026-10-05 09:00"))
    play = await Play.begin(runtime, cast)
    assert await at(play, "2026-10-05 10:00") == 0
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        (await session.get_one(Activity, play.activity_id)).status = ActivityStatus.FINISHED
    assert await at(play, "2026-10-12 08:00") == 0, "nothing goes on any more"


async def test_it_says_what_needs_a_hand_what_leaves_and_who_did_not_answer(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.to("2026-10-12 07:00")
    async with runtime.store.read() as session:
        week = await week_of(session, runtime.settings, cast.id("C1"), await play.now())
    assert {call.what for call in week.calls}
    assert week.silent
    async with a_mailbox() as box:
        assert await at(play, "2026-10-12 08:00") == 1
        [mail] = await delivered(play, box)
    assert mail.recipients == (cast.mail("C1"),)
    text = " ".join(mail.body("plain").split())
    assert {one.title for one in week.silent} == {"Prefab bouwen bij Korteweg"}
    assert "Prefab bouwen bij Korteweg" in text
    for call in week.calls:
        assert call.heading.nl in text
    for one in week.silent:
        assert one.what.nl in text
        assert one.names[0] in text
    assert "/board" in text
    assert "List-Id" not in mail.message, "it is about no single activity"


async def test_a_week_without_anything_brings_no_mail(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        (await session.get_one(Activity, play.activity_id)).status = ActivityStatus.ON_HOLD
    assert await at(play, MONDAY) == 1
    async with a_mailbox() as box:
        assert await delivered(play, box) == []
    [row] = await overviews(runtime)
    assert (row.state, row.reason) == (MessageState.SKIPPED, "nothing")


async def test_what_waited_for_another_week_is_not_sent(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    assert await at(play, MONDAY) == 1
    await runtime.clock.set(local("2026-10-12 07:00"))
    async with a_mailbox() as box:
        assert await delivered(play, box) == []
    [row] = await overviews(runtime)
    assert (row.state, row.reason) == (MessageState.SKIPPED, "passed")
