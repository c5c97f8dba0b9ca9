"""Mails that a coordinator holds, lets leave, sends once more, throws away or adds a word to."""

import pytest
from sqlalchemy import select

from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Message, MessageState
from sandwich.mail.look import look_at_mail
from sandwich.runtime import Runtime
from sandwich.services import by_hand
from tests.support.cast import Cast
from tests.support.driver import Play, local

pytestmark = pytest.mark.asyncio

HAND = "a-coordinator"


async def waiting(play: Play, mail: str) -> Message:
    """Return the mail of a kind that is in the outbox."""
    async with play.runtime.store.read() as session:
        return (await session.scalars(select(Message).where(Message.mail == mail, Message.sent_at.is_(None)))).one()


async def asked(play: Play, message: Message) -> Invitation:
    async with play.runtime.store.read() as session:
        return await session.get_one(Invitation, message.invitation_id)


async def begun(runtime: Runtime, cast: Cast) -> Play:
    """Begin a visit and let its request stand in the outbox, to leave on the next morning that it may."""
    play = await Play.begin(runtime, cast)
    await play.carry()
    return play


async def test_a_held_mail_stays_and_nobody_is_reminded_of_it(runtime: Runtime, cast: Cast) -> None:
    play = await begun(runtime, cast)
    mail = await waiting(play, "request")
    assert await by_hand.hold_back(play.runtime, [mail.id], now=await play.now(), actor=HAND) == 1

    await play.to("2026-10-13 12:00")
    assert not [one for one in play.mails if one.mail == "request"]
    assert not [one for one in play.mails if one.mail == "reminder"]
    held = await waiting(play, "request")
    assert (held.state, held.reason) == (MessageState.HELD, by_hand.BY_HAND)

    assert await by_hand.let_leave(play.runtime, [mail.id], now=await play.now(), actor=HAND) == 1
    await play.to("2026-10-14 12:00")
    assert [one.mail for one in play.mails if one.mail == "request"] == ["request"]
    question = await asked(play, mail)
    assert question.state is InvitationState.SENT
    assert question.asked_at >= local("2026-10-13 12:00"), "its reminders count from when it left"
    assert question.next_at is not None
    assert question.next_at > local("2026-10-14 12:00")


async def test_what_is_thrown_away_counts_as_asked(runtime: Runtime, cast: Cast) -> None:
    play = await begun(runtime, cast)
    mail = await waiting(play, "request")
    assert await by_hand.throw_away(play.runtime, [mail.id], now=await play.now(), actor=HAND) == 1

    question = await asked(play, mail)
    assert question.state is InvitationState.SENT
    assert question.next_at is not None, "who was phoned instead is still reminded"
    assert await by_hand.throw_away(play.runtime, [mail.id], now=await play.now(), actor=HAND) == 0


async def test_a_word_stands_at_the_top_of_one_mail_as_it_was_typed(runtime: Runtime, cast: Cast) -> None:
    play = await begun(runtime, cast)
    mail = await waiting(play, "request")
    before = await look_at_mail(play.runtime, play.activity_id, mail.id, await play.now())
    word = "Fijn dat we elkaar spraken!\n\n<b>Tot {{ dan }}</b>"
    await by_hand.add_word(play.runtime, mail.id, word, now=await play.now(), actor=HAND)

    look = await look_at_mail(play.runtime, play.activity_id, mail.id, await play.now())
    assert "Fijn dat we elkaar spraken!" in look.text
    assert "<b>Tot {{ dan }}</b>" in look.text
    assert [line for line in before.text.splitlines() if line not in look.text.splitlines()] == []
    assert "/f/…" in look.text, "the personal link is its reader's"
    assert look.text.index("Fijn dat") < look.text.index("<b>Tot")
    assert look.skipped is None

    await play.to("2026-09-29 12:00")
    [left] = [one for one in play.mails if one.mail == "request"]
    assert left.mail == "request"


async def test_a_word_is_not_too_long_and_comes_in_time(runtime: Runtime, cast: Cast) -> None:
    play = await begun(runtime, cast)
    mail = await waiting(play, "request")
    with pytest.raises(by_hand.WordTooLong):
        await by_hand.add_word(play.runtime, mail.id, "a" * 1001, now=await play.now(), actor=HAND)
    await play.to("2026-09-29 12:00")
    with pytest.raises(by_hand.NoWordHere):
        await by_hand.add_word(play.runtime, mail.id, "te laat", now=await play.now(), actor=HAND)
    assert await by_hand.hold_back(play.runtime, [mail.id], now=await play.now(), actor=HAND) == 0
