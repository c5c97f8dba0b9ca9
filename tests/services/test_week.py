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
from sandwich.services.weekly import MAIL, plan_overviews
from tests.mail.conftest import mailing
from tests.mail.peers import Arrived, Box, a_mailbox
from tests.support.cast import Cast
from tests.support.driver import Play, local, told

pytestmark = pytest.mark.asyncio
MONDAY = "2026-09-28 08:00"


async def planned(runtime: Runtime) -> list[str]:
    """Plan what is to be planned, and return when the overviews come that wait."""
    await plan_overviews(runtime)
    return [told(row.due_at) for row in await overviews(runtime) if row.state is MessageState.QUEUED]


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
async def test_one_waits_for_the_next_monday_at_eight_however_many_plan(runtime: Runtime, cast: Cast) -> None:
    assert await plan_overviews(runtime) == 0, "nothing goes on"
    play = await Play.begin(runtime, cast)
    await play.turn()
    assert sum(await asyncio.gather(*(plan_overviews(runtime) for _ in range(3)))) == 2
    assert await planned(runtime) == ["Mon 28 Sep 08:00", "Mon 05 Oct 08:00"]
    async with a_mailbox() as box:
        for day in ("2026-09-28", "2026-10-05"):
            await runtime.clock.set(local(f"{day} 08:00"))
            await plan_overviews(runtime)
            await delivered(play, box)
        assert await planned(runtime) == ["Mon 12 Oct 08:00", "Mon 26 Oct 08:00"], "the whole region is free between"
        assert len(await delivered(play, box)) == 2
    assert {one.key for one in await overviews(runtime)} == {
        f"week:2026-{day}:{cast.id('C1')}" for day in ("09-28", "10-05", "10-12", "10-26")
    }


async def test_the_holidays_of_the_coordinator_count(runtime: Runtime, cast: Cast) -> None:
    await Play.begin(runtime, cast)
    school = cast.schools["S1"].id
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Person, cast.id("C1"))).school_id = school
    await freed(runtime, school, "2026-09-28", "2026-10-02")
    await freed(runtime, school, "2026-10-05", "2026-10-06")
    assert await planned(runtime) == ["Wed 07 Oct 08:00", "Mon 12 Oct 08:00"]


async def test_who_belongs_to_no_school_works_as_long_as_one_of_the_region_does(runtime: Runtime, cast: Cast) -> None:
    await Play.begin(runtime, cast)
    first, *others = (school.id for school in cast.schools.values())
    for school in others:
        await freed(runtime, school, "2026-09-28", "2026-09-28")
    assert await planned(runtime) == ["Mon 28 Sep 08:00", "Mon 05 Oct 08:00"]
    await freed(runtime, first, "2026-09-28", "2026-09-28")
    await runtime.clock.set(local("2026-09-28 08:00"))
    async with a_mailbox() as box:
        assert await delivered(await again(runtime, cast), box) == []
    assert await planned(runtime) == ["Tue 29 Sep 08:00", "Mon 05 Oct 08:00"], "free days that came to be known later"


async def again(runtime: Runtime, cast: Cast) -> Play:
    """Return the play that goes on."""
    async with runtime.store.read() as session:
        activity = (await session.scalars(select(Activity))).one()
    return Play(runtime, cast=cast, activity_id=activity.id)


async def test_who_starts_something_on_monday_has_none_before_the_next(runtime: Runtime, cast: Cast) -> None:
    await runtime.clock.set(local("2026-10-05 09:00"))
    play = await Play.begin(runtime, cast)
    assert await planned(runtime) == ["Mon 12 Oct 08:00", "Mon 26 Oct 08:00"]
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        (await session.get_one(Activity, play.activity_id)).status = ActivityStatus.FINISHED
    await runtime.clock.set(local("2026-10-26 08:00"))
    async with a_mailbox() as box:
        assert await delivered(play, box) == []
    assert await planned(runtime) == [], "nothing goes on any more"


async def test_it_says_what_needs_a_hand_what_leaves_and_who_did_not_answer(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.to("2026-10-12 07:00")
    async with runtime.store.read() as session:
        week = await week_of(session, runtime.settings, cast.id("C1"), await play.now())
    assert {call.what for call in week.calls}
    assert week.silent
    async with a_mailbox() as box:
        await plan_overviews(runtime)
        await runtime.clock.set(local("2026-10-12 08:00"))
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
    await plan_overviews(runtime)
    await runtime.clock.set(local(MONDAY))
    async with a_mailbox() as box:
        assert await delivered(play, box) == []
    row, _ = await overviews(runtime)
    assert (row.state, row.reason) == (MessageState.SKIPPED, "nothing")


async def test_what_waited_for_another_week_is_not_sent(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await plan_overviews(runtime)
    await runtime.clock.set(local("2026-10-12 07:00"))
    async with a_mailbox() as box:
        assert await delivered(play, box) == []
    row, _ = await overviews(runtime)
    assert (row.state, row.reason) == (MessageState.SKIPPED, "passed")
