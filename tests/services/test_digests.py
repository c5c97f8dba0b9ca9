"""New cards together: every two weeks one mail to the colleagues of a school, with what is still on their wall."""

import pytest
from sqlalchemy import select

from models.tables.mail import Message, MessageState
from models.tables.network import Person, School
from models.tables.results import ImpressionCard
from models.text import Language
from sandwich.mail.deliver import deliver_due
from sandwich.runtime import Runtime
from sandwich.services import share
from sandwich.services.digests import NEW_CARD, NEW_CARDS
from tests.mail.conftest import mailing
from tests.mail.peers import Arrived, Box, a_mailbox
from tests.services.test_after_answers import SHARED
from tests.support.cast import Cast
from tests.support.chapters import then
from tests.support.driver import Play, local, told

pytestmark = pytest.mark.asyncio


async def digests(play: Play) -> list[Message]:
    async with play.runtime.store.read() as session:
        return list(await session.scalars(select(Message).where(Message.mail == NEW_CARDS).order_by(Message.due_at)))


RELEASED = then(SHARED, "released", lambda play: play.answer("P3", "card-release", release="released"))
"""The card is on the walls of the region; the third school waits for its digest."""


async def delivered(play: Play, box: Box) -> list[Arrived]:
    runtime = mailing(play.runtime, box.port)
    while await deliver_due(runtime):
        pass
    return [mail for mail in box.mails if mail.subject.startswith("Groene Horst vmbo-groen: ")]


@pytest.mark.chapter(RELEASED)
async def test_a_school_hears_of_what_is_new_in_its_slot_and_once(play: Play, runtime: Runtime, cast: Cast) -> None:
    (row,) = await digests(play)
    assert (row.person_id, row.activity_id, row.about) == (cast.id("S3-colleagues"), None, {})
    assert told(row.due_at)[:10] == "Tue 24 Nov"
    await runtime.clock.set(local("2026-11-24 11:00"))
    async with a_mailbox() as box:
        (mail,) = await delivered(play, box)
        assert mail.subject == "Groene Horst vmbo-groen: een nieuwe kaart van collega's"
        wall = f"/wall/{cast.schools['S3'].wall_key}"
        for words in ("Dag collega's,", "Bouwbedrijf Korteweg", f"{wall}/{play.activity_id}"):
            assert words in mail.body("plain")
        assert "Later" not in mail.body("plain"), "a list has no ways out"
        assert (await digests(play))[0].state is MessageState.SENT
        # The next one has nothing that was in this one, and then it does not leave.
        async with runtime.store.change(now=local("2026-11-24 12:00"), actor="test") as session:
            due_at = local("2026-12-08 08:30")
            session.add(
                Message(
                    key="again",
                    mail=NEW_CARDS,
                    person_id=row.person_id,
                    about={},
                    needed_if="digest_says",
                    queued_at=row.queued_at,
                    due_at=due_at,
                )
            )
        await runtime.clock.set(due_at)
        assert len(await delivered(play, box)) == 1
    assert [(one.state, one.reason) for one in await digests(play)][1:] == [(MessageState.SKIPPED, "nothing")]


@pytest.mark.chapter(RELEASED)
async def test_what_was_taken_off_the_wall_meanwhile_is_left_out(play: Play, runtime: Runtime) -> None:
    await share.withdraw_card(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    await runtime.clock.set(local("2026-11-24 11:00"))
    async with a_mailbox() as box:
        assert await delivered(play, box) == []
    assert [(one.state, one.reason) for one in await digests(play)] == [(MessageState.SKIPPED, "nothing")]


@pytest.mark.chapter(SHARED)
async def test_several_cards_are_one_mail_in_the_language_of_the_list(play: Play, runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        for code in ("S1", "S2"):
            (await session.get_one(School, cast.schools[code].id)).weeks_between_digests = 4
        (await session.get_one(Person, cast.id("S3-colleagues"))).language = Language.ENGLISH
    await play.answer("P3", "card-release", release="released")
    assert play.sent(NEW_CARD) == []
    rows = await digests(play)
    assert len(rows) == 3
    assert len({row.due_at.date() for row in rows}) <= 2, "every four weeks is a day of every two"
    await runtime.clock.set(local("2026-11-24 11:00"))
    async with a_mailbox() as box:
        (mail,) = await delivered(play, box)
    assert mail.subject == "Groene Horst vmbo-groen: a new card of colleagues"
    assert "Look at the share wall" in mail.body("plain")
    async with runtime.store.read() as session:
        assert (await session.scalars(select(ImpressionCard.share_scope))).one() == "region"
