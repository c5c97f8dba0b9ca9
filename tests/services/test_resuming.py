"""Who missed the appointment because of a hold gets it back when the activity goes on, and nobody else hears of it."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.mail import Message, MessageState
from models.text import Language
from sandwich.errors import BadInput
from sandwich.mail.case import open_case
from sandwich.mail.mails import MAILS
from sandwich.mail.render import renderer
from sandwich.services import steer
from sandwich.services.appointments import BRINGS, PUT_OFF, RESUMED
from sandwich.services.erase import erase_person
from sandwich.services.resuming import foresee_resumption
from tests.support.driver import Play, local
from tests.support.worded import in_one_line, worded

pytestmark = pytest.mark.asyncio

TEACHERS = {"T2", "T3", "T4", "T5", "T6", "T7", "T8", "T10"}


async def hold(play: Play) -> None:
    """Let the coordinator put it on hold; nothing is delivered yet."""
    await steer.hold(play.runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)


async def put_off(play: Play) -> None:
    """Put it on hold on Thursday morning, everybody hears of it, and then it is half past nine at night."""
    await hold(play)
    await play.turn()
    await play.sleep_to("2026-10-29 21:30")


async def resume(play: Play) -> None:
    """Let the coordinator go on; nothing is delivered yet."""
    await steer.resume(play.runtime, play.activity_id, now=await play.now(), actor=play.coordinator)


async def move(play: Play) -> None:
    """Move it by two weeks."""
    span = (local("2026-11-19 13:30"), local("2026-11-19 16:30"))
    await steer.move(play.runtime, play.activity_id, [span], "Storm", now=await play.now(), actor=play.coordinator)


async def messages(play: Play, mail: str, code: str) -> list[Message]:
    """Return the messages of one kind to somebody, oldest first."""
    async with play.runtime.store.read() as session:
        query = select(Message).where(Message.mail == mail, Message.person_id == play.cast.id(code))
        return list(await session.scalars(query.order_by(Message.queued_at, Message.key)))


async def fates(play: Play, code: str) -> list[tuple[MessageState, str | None]]:
    """Return what became of the mails that it goes on."""
    return [(row.state, row.reason) for row in await messages(play, RESUMED, code)]


async def put(play: Play, message: Message, state: MessageState) -> None:
    """Let delivery have got so far with a message."""
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        row = await session.get_one(Message, message.id)
        row.state, row.sent_at = state, await play.now() if state is MessageState.SENT else None


# who gets it, and what it says


@pytest.mark.chapter("ready")
async def test_whose_appointment_went_hears_at_once_that_it_goes_on(play: Play) -> None:
    await put_off(play)
    assert {to for _, to in play.sent(PUT_OFF)} == TEACHERS
    await resume(play)
    await play.turn()
    assert sorted(play.sent(RESUMED)) == sorted(("Thu 29 Oct 21:30", code) for code in TEACHERS)
    await play.sleep_to("2026-10-30 10:00")
    assert len(play.sent(RESUMED)) == len(TEACHERS)


@pytest.mark.chapter("ready")
async def test_it_says_when_and_that_the_appointment_is_back(play: Play) -> None:
    await put_off(play)
    await resume(play)
    text = in_one_line((await worded(play, RESUMED, "T3")).text)
    assert "Dag Erik, Prefab bouwen bij Korteweg was uitgesteld, maar gaat nu door:" in text
    assert "Wanneer: donderdag 5 november 2026, 13:30–16:30 uur" in text
    assert "Deze mail zet de afspraak weer in je agenda. Wat je al hebt ingevuld, blijft staan." in text
    assert "/change" in text
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        [message] = await messages(play, RESUMED, "T3")
        case = await open_case(session, play.runtime.settings, message, await play.now())
        context = await MAILS[RESUMED].load(case)
    words = renderer(play.runtime.settings.timezone)
    formal = context.model_copy(update={"formal": True})
    assert "in uw agenda. Wat u al hebt ingevuld" in in_one_line(words.render(RESUMED, Language.DUTCH, formal).text)
    english = words.render(RESUMED, Language.ENGLISH, context)
    assert english.subject == "Prefab bouwen bij Korteweg: goes ahead on Thursday 5 November"
    assert "puts the appointment back into your calendar" in in_one_line(english.text)


@pytest.mark.chapter("ready")
async def test_every_hold_takes_it_out_and_every_resumption_brings_it_back(play: Play) -> None:
    await put_off(play)
    await resume(play)
    await play.turn()
    await play.sleep_to("2026-10-29 22:00")
    await hold(play)
    await play.turn()
    await play.sleep_to("2026-10-29 22:30")
    await resume(play)
    await play.turn()
    got = [mail for _, mail in play.to_person("T3") if mail in {*BRINGS, PUT_OFF}]
    assert got == ["practical-info", PUT_OFF, RESUMED, PUT_OFF, RESUMED]


@pytest.mark.chapter("asked")
async def test_without_an_appointment_nobody_is_told(play: Play) -> None:
    await hold(play)
    await play.turn()
    assert {to for _, to in play.sent(PUT_OFF)} == TEACHERS
    await play.sleep_to("2026-10-08 11:00")
    await resume(play)
    await play.turn()
    assert await messages(play, RESUMED, "T3") == []


# a move


@pytest.mark.chapter("ready")
async def test_the_mail_of_a_move_brings_it_and_no_second_one(play: Play) -> None:
    await put_off(play)
    await move(play)
    await play.turn()
    assert play.sent("moved") == []
    await resume(play)
    await play.turn()
    assert {to for _, to in play.sent("moved")} > TEACHERS
    assert await messages(play, RESUMED, "T3") == []
    assert "zit bij deze mail" in in_one_line((await worded(play, "moved", "T3")).text)


@pytest.mark.chapter("ready")
async def test_a_move_just_after_it_goes_on_leaves_one_mail(play: Play) -> None:
    await put_off(play)
    await resume(play)
    await move(play)
    await play.turn()
    assert play.sent(RESUMED) == []
    assert await fates(play, "T3") == [(MessageState.SKIPPED, "stands")]
    assert len([to for _, to in play.sent("moved") if to == "T3"]) == 1


# who left, who came back


@pytest.mark.chapter("ready")
async def test_who_left_during_the_hold_hears_nothing_and_who_came_back_gets_it_once(play: Play) -> None:
    await put_off(play)
    for code in ("T3", "T4"):
        seat = await play.participation(code)
        await steer.withdraw(play.runtime, seat.id, now=await play.now(), actor=play.coordinator)
    await steer.add_person(
        play.runtime, play.activity_id, "T4", Role.TEACHER, now=await play.now(), actor=play.coordinator
    )
    await erase_person(play.runtime, play.cast.id("T5"), now=await play.now(), actor=play.coordinator)
    await resume(play)
    await play.sleep_to("2026-10-30 10:00")
    assert {to for _, to in play.sent(RESUMED)} == TEACHERS - {"T3", "T5"}
    brought = [mail for _, mail in play.to_person("T4") if mail in BRINGS]
    assert brought == ["practical-info", RESUMED]


# what is under way


@pytest.mark.chapter("ready")
async def test_who_was_not_told_of_the_hold_is_not_told_that_it_goes_on(play: Play) -> None:
    await hold(play)
    await resume(play)
    await play.turn()
    assert play.sent(PUT_OFF) == play.sent(RESUMED) == []
    [off] = await messages(play, PUT_OFF, "T3")
    assert (off.state, off.reason) == (MessageState.SKIPPED, "resumed")


@pytest.mark.parametrize(
    ("ends", "fate"),
    [
        (MessageState.SENT, (MessageState.SENT, None)),
        (MessageState.UNKNOWN, (MessageState.SENT, None)),
        (MessageState.FAILED, (MessageState.SKIPPED, "stands")),
        (MessageState.QUEUED, (MessageState.SKIPPED, "stands")),
    ],
)
@pytest.mark.chapter("ready")
async def test_it_waits_for_what_is_in_hand(
    play: Play, ends: MessageState, fate: tuple[MessageState, str | None]
) -> None:
    """The mail that puts it off is being sent while it goes on: nobody knows yet whether it arrives."""
    await hold(play)
    [off] = await messages(play, PUT_OFF, "T3")
    await put(play, off, MessageState.SENDING)
    await resume(play)
    await play.turn()
    assert await fates(play, "T3") == [(MessageState.QUEUED, "in-hand")]
    assert play.sent(RESUMED) == []
    await play.sleep_to("2026-10-29 10:02")
    await put(play, off, ends)
    await play.sleep_to("2026-10-29 10:06")
    assert await fates(play, "T3") == [fate]
    assert "T3" not in {to for _, to in play.sent(PUT_OFF)}


@pytest.mark.chapter("ready")
async def test_nothing_leaves_once_it_has_begun(play: Play) -> None:
    await put_off(play)
    await resume(play)
    await play.sleep_to("2026-11-05 13:30")  # delivery stood still
    assert await fates(play, "T3") == [(MessageState.SKIPPED, "passed")]


@pytest.mark.chapter("ready")
async def test_on_hold_again_before_it_left_it_comes_once_when_it_goes_on(play: Play) -> None:
    await put_off(play)
    await resume(play)
    await hold(play)
    await play.turn()
    assert await fates(play, "T3") == [(MessageState.QUEUED, "on-hold")]
    await play.sleep_to("2026-10-29 22:00")
    await resume(play)
    await play.turn()
    assert [to for _, to in play.sent(RESUMED)].count("T3") == 1
    assert len(await messages(play, RESUMED, "T3")) == 1


@pytest.mark.chapter("ready")
async def test_cancelled_before_it_left_only_the_cancellation_comes(play: Play) -> None:
    await put_off(play)
    await resume(play)
    await steer.cancel(play.runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert play.to_person("T3")[-1][1] == "cancelled"
    assert await fates(play, "T3") == [(MessageState.SKIPPED, "cancelled")]


# looking first


async def nothing(_: Play) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("during", "nl", "en"),
    [
        (
            nothing,
            "8 mensen krijgen één mail dat het doorgaat, die de afspraak weer in de agenda zet.",
            "8 people get one mail that it goes ahead, which puts the appointment back into the calendar.",
        ),
        (
            move,
            "13 mensen krijgen nu de mail met de nieuwe datum, met de afspraak voor de agenda.",
            "13 people get the mail with the new date now, with the appointment for the calendar.",
        ),
    ],
)
@pytest.mark.chapter("ready")
async def test_it_is_seen_before_it_happens(
    play: Play, during: Callable[[Play], Awaitable[None]], nl: str, en: str
) -> None:
    with pytest.raises(BadInput, match="not on hold"):
        await foresee_resumption(play.runtime, play.activity_id, now=await play.now())
    await put_off(play)
    await during(play)
    before = await play.snapshot()
    lines = await foresee_resumption(play.runtime, play.activity_id, now=await play.now())
    assert await play.snapshot() == before
    assert lines[0].nl.startswith("Vragen en herinneringen gaan weer weg")
    assert [(line.nl, line.en) for line in lines[1:]] == [(nl, en)]


@pytest.mark.chapter("asked")
async def test_it_is_seen_that_nobody_is_mailed(play: Play) -> None:
    await hold(play)
    await play.turn()
    lines = await foresee_resumption(play.runtime, play.activity_id, now=await play.now())
    assert lines[1].nl.startswith("Niemand krijgt een mail dat het doorgaat:")
