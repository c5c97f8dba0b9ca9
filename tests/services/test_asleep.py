"""An activity that nothing would wake is found, whatever else it has; one that anything stirs is not."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.asking import OPEN, Invitation
from models.tables.mail import Call, CallState, Message, MessageState
from sandwich.services import steer
from sandwich.services.asleep import asleep
from tests.support.driver import Play

pytestmark = pytest.mark.asyncio


async def found(play: Play) -> list[str]:
    """Return the activities that are found asleep."""
    async with play.runtime.store.read() as session:
        return [row.id for row in await asleep(session)]


async def take(play: Play, *takings: "Taking") -> None:
    """Take away what would stir the activity, as no service does."""
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        for taking in takings:
            assert await taking(session), "there is nothing to take away"


async def wake(session: AsyncSession) -> int:
    """Take the moment at which the flow wakes."""
    rows = list(await session.scalars(select(Activity).where(Activity.wake_at.is_not(None))))
    for row in rows:
        row.wake_at = None
    return len(rows)


async def questions(session: AsyncSession) -> int:
    """Take the next moment of every open question."""
    rows = list(await session.scalars(select(Invitation).where(Invitation.state.in_(OPEN))))
    for row in rows:
        row.next_at = None
    return len(rows)


async def calls(session: AsyncSession) -> int:
    """Take every call."""
    states = (CallState.PLANNED, CallState.OPEN)
    rows = list(await session.scalars(select(Call).where(Call.state.in_(states))))
    for row in rows:
        row.state = CallState.DROPPED
    return len(rows)


async def mail(session: AsyncSession) -> int:
    """Take the mail that waits."""
    rows = list(await session.scalars(select(Message).where(Message.state == MessageState.QUEUED)))
    for row in rows:
        row.state = MessageState.SKIPPED
    return len(rows)


async def give(session: AsyncSession) -> int:
    """Let one mail wait, and give the flow a moment to wake: questions and calls are there."""
    row = (await session.scalars(select(Message).where(Message.state == MessageState.SENT))).first()
    assert row is not None
    row.state = MessageState.QUEUED
    (await session.scalars(select(Activity))).one().wake_at = row.due_at
    return 1


Taking = Callable[[AsyncSession], Awaitable[int]]
STIRS: tuple[Taking, ...] = (wake, questions, calls, mail)


@pytest.mark.parametrize("left", STIRS)
@pytest.mark.chapter("asked")
async def test_what_nothing_stirs_is_asleep_and_any_one_thing_is_enough(play: Play, left: Taking) -> None:
    await take(play, give)
    await take(play, *(taking for taking in STIRS if taking is not left))
    assert await found(play) == []
    await take(play, left)
    assert await found(play) == [play.activity_id]


@pytest.mark.chapter("asked")
async def test_what_rests_is_asleep_where_nothing_looks_at_it(play: Play) -> None:
    await steer.hold(play.runtime, play.activity_id, "Storing", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert await found(play) == []
    await take(play, calls)
    assert await found(play) == [play.activity_id]


@pytest.mark.chapter("asked")
async def test_what_has_ended_sleeps_in_peace(play: Play) -> None:
    await steer.cancel(play.runtime, play.activity_id, "Bedrijf stopt", now=await play.now(), actor=play.coordinator)
    await take(play, mail)
    assert await found(play) == []
