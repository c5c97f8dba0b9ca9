"""Somebody sets the machine's clock back a day: nothing is sent a second time, and nothing before its moment."""

import sys
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.tables.mail import Message, MessageState
from sandwich import clock
from sandwich.mail.deliver import deliver_due
from sandwich.runtime import Runtime
from sandwich.services.remind import handle_due
from sandwich.services.waking import due_wakes
from tests.mail.conftest import mailing
from tests.mail.peers import Box, a_mailbox
from tests.support.cast import Cast
from tests.support.driver import Play, local

pytestmark = pytest.mark.asyncio

DAY = timedelta(days=1)


def set_back(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let real time be earlier, wherever it is asked for; the machine's own clock is not ours to set."""
    asked = clock.real_now

    def real_now() -> datetime:
        return asked() - by

    for module in list(sys.modules.values()):
        if getattr(module, "real_now", None) is asked and module.__name__.startswith("sandwich."):
            monkeypatch.setattr(module, "real_now", real_now)


async def everything(play: Play) -> None:
    """Let everything of this moment happen, over real SMTP."""
    while True:
        steps, rows = await play.carry(), await handle_due(play.runtime)
        if not (steps + rows + await deliver_due(play.runtime)):
            return


async def messages(runtime: Runtime) -> list[Message]:
    async with runtime.store.read() as session:
        return list(await session.scalars(select(Message)))


def arrived(box: Box) -> Counter[tuple[str, str]]:
    return Counter((mail.recipients[0], mail.subject) for mail in box.mails)


async def test_a_day_that_comes_twice(runtime: Runtime, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_mailbox() as box:
        play = await Play.begin(mailing(runtime, box.port), cast, teachers=["T2", "T3"])
        await everything(play)
        await play.answer(
            "P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible", turn=False
        )
        await runtime.clock.set(local("2026-10-08 10:00"))
        await everything(play)
        before, rows = arrived(box), len(await messages(runtime))
        states = (await play.loaded()).steps

        set_back(monkeypatch, DAY)
        assert await play.now() < local("2026-10-07 11:00")
        await everything(play)
        assert await due_wakes(play.runtime) == []
        assert (arrived(box), len(await messages(runtime))) == (before, rows), "the day was lived already"
        assert {key: row.state for key, row in (await play.loaded()).steps.items()} == {
            key: row.state for key, row in states.items()
        }

        # What somebody answers on the day that comes again counts, and what follows from it leaves once.
        await play.answer("T2", "registration", attend="yes", turn=False)
        await everything(play)
        await runtime.clock.set(local("2026-10-15 10:00"))
        await everything(play)
        sent = [row for row in await messages(runtime) if row.state in {MessageState.SENT, MessageState.BUNDLED}]
        assert all(row.sent_at is not None and row.sent_at >= row.due_at for row in sent), "none before its moment"
        assert sum(arrived(box).values()) == len({row.carrier_id or row.id for row in sent}) > sum(before.values())
        assert [what for what, count in arrived(box).items() if count > before[what] and before[what]] == []
